"""What is composed, judged on the score: no sound is needed for it."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pytest

from mixtape_studio.engines.composer.arrangement import compose
from mixtape_studio.engines.composer.form import Stanza, bars_for, parse_lyrics, section_kind
from mixtape_studio.engines.composer.harmony import ChordTrack
from mixtape_studio.engines.composer.score import FIRST_BEAT, Note, Score
from mixtape_studio.engines.composer.styles import moods, styles
from mixtape_studio.engines.composer.theory import chord_scale, parse_chord

if TYPE_CHECKING:
    from conftest import Order


GENRES = sorted(styles())


def notes(score: Score, *roles: str) -> list[Note]:
    return [note for part in score.parts if not roles or part.role in roles for note in part.notes]


def track(score: Score) -> ChordTrack:
    return ChordTrack(score.chords, parse_chord(str(score.details["final_chord"]), score.key))


@pytest.mark.parametrize("genre", GENRES)
@pytest.mark.parametrize("signature", ["3/4", "4/4"])
@pytest.mark.parametrize("bpm", [40, 97, 220])
@pytest.mark.parametrize("duration", [10.0, 10.01, 59.7, 600.0])
def test_any_order_fills_its_duration(order: Order, genre: str, signature: str, bpm: int, duration: float) -> None:
    if duration == 600 and (genre not in ("jazz", "electronic") or bpm == 97):
        duration = 121.3
    score = compose(order(genre, bpm=bpm, time_signature=signature, duration=duration))
    beats = int(signature[0])
    assert score.bpm == bpm
    assert score.beats_per_bar == beats
    assert sum(section.bars for section in score.sections) == score.bars
    assert score.sections[0].first_bar == 0
    for before, after in pairwise(score.sections):
        assert after.first_bar == before.first_bar + before.bars
    # The final chord falls on a downbeat, rings at least two seconds, and nothing begins long after it.
    final = score.seconds(score.end_beat)
    assert final == pytest.approx(FIRST_BEAT + score.bars * beats * 60 / bpm)
    assert 1.9 <= duration - final <= max(0.25 * duration, 7.0) + beats * 60 / bpm + 0.01
    last = [note for note in notes(score) if note.start >= score.end_beat - 1e-6]
    assert len(last) >= 2
    assert all(score.seconds(note.start) < duration - 0.3 for note in notes(score))
    assert all(score.seconds(note.start + note.length) <= duration + 0.01 for note in last)
    # The harmony covers every beat.
    assert score.chords[0].start == 0
    for before, after in pairwise(score.chords):
        assert after.start == pytest.approx(before.end)
    assert score.chords[-1].end == score.end_beat


@pytest.mark.parametrize("genre", GENRES)
def test_players_keep_the_grid(order: Order, genre: str) -> None:
    score = compose(order(genre, bpm=113, time_signature="4/4"))
    for note in notes(score):
        assert (note.start * 8) % 1 == pytest.approx(0, abs=1e-6) or note.start >= score.end_beat
        assert abs(note.shift) <= 0.15
    # Beats are where the tempo says, swung or not; on average the players are there too.
    on_beat = [note for note in notes(score, "bass", "drums") if note.start % 1 == 0]
    for note in on_beat:
        assert score.seconds(note.start) == pytest.approx(FIRST_BEAT + note.start * 60 / 113)
    late = [note.shift for note in on_beat]
    assert abs(np.mean(late)) < 0.004 or not late
    assert any(note.start % 1 == 0 for note in notes(score))


def test_swing_moves_only_what_lies_between_the_beats(order: Order) -> None:
    score = compose(order("jazz", bpm=120))
    beat = 60 / 120
    assert score.seconds(5) == pytest.approx(FIRST_BEAT + 5 * beat)
    assert FIRST_BEAT + 5.6 * beat < score.seconds(5.5) < FIRST_BEAT + 5.7 * beat
    fast = compose(order("jazz", bpm=220))
    assert fast.swing < score.swing
    assert compose(order("rock", bpm=120)).seconds(5.5) == pytest.approx(FIRST_BEAT + 5.5 * beat)


@pytest.mark.parametrize("genre", GENRES)
@pytest.mark.parametrize("key", ["F# major", "Bb minor"])
def test_the_key_is_kept(order: Order, genre: str, key: str) -> None:
    score = compose(order(genre, key=key, duration=120.0))
    chords = track(score)
    pitched = notes(score, "lead", "counter", "comp", "pad", "bass")
    inside = sum(note.pitch % 12 in score.key.scale for note in pitched) / len(pitched)
    assert inside > (0.78 if genre in ("jazz", "rock") else 0.85)
    strange = [
        note
        for note in pitched
        if note.pitch % 12 not in score.key.scale
        # A note may anticipate the next chord.
        and all(note.pitch % 12 not in chord_scale(chords.at(note.start + at), score.key) for at in (0, 0.5))
    ]
    assert len(strange) / len(pitched) < 0.05
    # It ends at home.
    bass = [note for note in notes(score, "bass") if note.start == score.end_beat]
    assert all(note.pitch % 12 == score.key.tonic for note in bass)
    third = (score.key.tonic + (4 if key.endswith("major") else 3)) % 12
    final = {note.pitch % 12 for note in notes(score) if note.start == score.end_beat}
    assert score.key.tonic in final
    assert (third in final) or genre == "rock"


@pytest.mark.parametrize("genre", GENRES)
def test_the_tune_fits_its_chords(order: Order, genre: str) -> None:
    strong = fitting = 0
    for seed in range(4):
        score = compose(order(genre, seed=seed, duration=120.0))
        chords = track(score)
        for note in notes(score, "lead"):
            if note.start % 1 == 0:
                strong += 1
                fitting += note.pitch % 12 in chords.at(note.start + 0.49 * min(note.length, 1)).tones
    assert strong > 50
    assert fitting / strong > 0.82


@pytest.mark.parametrize("genre", GENRES)
def test_parts_stay_in_their_ranges_and_the_tune_is_singable(order: Order, genre: str) -> None:
    score = compose(order(genre, duration=120.0))
    ranges = {part.name: part.range for part in styles()[genre].parts}
    leaps = []
    for part in score.parts:
        if part.role == "drums":
            continue
        low, high = ranges[part.name]
        # An arpeggio may climb into the next octave, and the bass may approach from just outside.
        margin = {"comp": 13, "bass": 2}.get(part.role, 0)
        assert all(low - 2 <= note.pitch <= high + margin for note in part.notes), part.name
        assert all(1 <= note.velocity <= 127 for note in part.notes)
        if part.role == "lead":
            leaps += [abs(after.pitch - before.pitch) for before, after in pairwise(part.notes)]
    assert np.mean([leap <= 5 for leap in leaps]) > 0.7
    assert np.mean([leap > 12 for leap in leaps]) < 0.04


@pytest.mark.parametrize("genre", GENRES)
def test_the_motif_returns(order: Order, genre: str) -> None:
    """Within a song some rhythm of a bar of the tune comes back again and again."""
    score = compose(order(genre, mood="neutral", duration=150.0))
    bars: dict[int, list[float]] = {}
    for note in notes(score, "lead"):
        bars.setdefault(int(note.start // score.beats_per_bar), []).append(note.start % score.beats_per_bar)
    rhythms = Counter(tuple(bar) for bar in bars.values())
    assert rhythms.most_common(1)[0][1] >= 4
    assert len(rhythms) >= 3
    # And the tune breathes: it is silent somewhere within the sections that it plays in.
    covered = sum(note.length for note in notes(score, "lead"))
    assert covered < 0.97 * len(bars) * score.beats_per_bar


@pytest.mark.parametrize("genre", GENRES)
def test_choruses_are_fuller_than_verses(order: Order, genre: str) -> None:
    score = compose(
        order(genre, lyrics="[verse]\na\nb\nc\nd\n[chorus]\na\nb\nc\nd\n[verse]\na\nb\nc\nd\n[chorus]\na\nb\nc\nd")
    )

    def fullness(kind: str) -> float:
        """Players times how hard they play."""
        playing: dict[tuple[int, str], list[int]] = {}
        for part in score.parts:
            for note in part.notes:
                section = score.section_at(note.start)
                if section.kind == kind and note.start < score.end_beat:
                    playing.setdefault((section.first_bar, part.name), []).append(note.velocity)
        return sum(float(np.mean(velocities)) for velocities in playing.values())

    assert fullness("chorus") > 1.15 * fullness("verse")


@pytest.mark.parametrize("genre", GENRES)
@pytest.mark.parametrize("mood", ["calm", "neutral", "energetic", "melancholic"])
def test_there_is_always_music(order: Order, genre: str, mood: str) -> None:
    for seed in range(3):
        score = compose(order(genre, mood=mood, seed=seed))
        spans = sorted((score.seconds(note.start), score.seconds(note.start + note.length)) for note in notes(score))
        assert spans[0][0] == FIRST_BEAT
        sounding = 0.0
        for begin, end in spans:
            assert begin - sounding < 1.5 * 60 / score.bpm + 0.8, f"silent from {sounding:.1f} to {begin:.1f} s"
            sounding = max(sounding, end)
        lead = {score.section_at(note.start).first_bar for note in notes(score, "lead")}
        sung = {section.first_bar for section in score.sections if section.kind in ("verse", "chorus", "solo")}
        assert sung <= lead


def test_drums_fill_into_sections(order: Order) -> None:
    score = compose(order("rock", duration=90.0))
    drums = next(part for part in score.parts if part.role == "drums")
    plain, filled = [], []
    for section in score.sections[:-1]:
        end = (section.first_bar + section.bars) * 4
        filled.append({(note.start % 4, note.pitch) for note in drums.notes if end - 4 <= note.start < end})
        plain.append({(note.start % 4, note.pitch) for note in drums.notes if end - 8 <= note.start < end - 4})
    assert sum(fill != bar for fill, bar in zip(filled, plain, strict=True)) >= len(filled) - 1


def test_the_same_order_gives_the_same_score(order: Order) -> None:
    assert compose(order("pop", seed=5)) == compose(order("pop", seed=5))


@pytest.mark.parametrize("genre", GENRES)
def test_seeds_differ_in_tune_harmony_and_form(order: Order, genre: str) -> None:
    tunes, harmonies, forms = set(), set(), set()
    for seed in range(8):
        score = compose(order(genre, seed=seed, bpm=110, key="C minor", time_signature="4/4", duration=150.0))
        tune = notes(score, "lead")[:24]
        tunes.add(tuple((after.start - before.start, after.pitch - before.pitch) for before, after in pairwise(tune)))
        harmonies.add(tuple(span.chord.symbol for span in score.chords))
        forms.add(score.details["form"])
    assert len(tunes) == 8
    assert len(harmonies) == 8
    assert len(forms) >= 6


@pytest.mark.parametrize("genre", GENRES)
def test_moods_change_what_is_played(order: Order, genre: str) -> None:
    def features(mood: str) -> tuple[float, float, float, frozenset[tuple[int, int]]]:
        pitch, dynamics, density, programs = [], [], [], set()
        for seed in range(2):
            score = compose(
                order(genre, mood=mood, seed=seed, bpm=100, key="D minor", time_signature="4/4", duration=50.0)
            )
            pitch += [note.pitch for note in notes(score, "lead")]
            dynamics += [note.velocity for note in notes(score)]
            density.append(len(notes(score, "lead", "bass", "drums")))
            programs |= {(part.bank, part.program) for part in score.parts}
        return float(np.mean(pitch)), float(np.mean(dynamics)), float(np.mean(density)), frozenset(programs)

    made = {mood: features(mood) for mood in moods()}
    assert made["uplifting"][0] > made["dark"][0]
    assert made["energetic"][1] > made["neutral"][1] > made["calm"][1]
    assert made["energetic"][2] > made["relaxing"][2]
    assert made["angry"][2] > made["melancholic"][2]
    assert len({features[3] for features in made.values()}) >= 3
    assert len(set(made.values())) == len(made)


SONG = """[Intro]

[Verse 1]
one
two
three
four

[Pre-Chorus]
lift
lift

[Chorus]
sing
sing
sing
sing

[Verse 2]
one
two
three
four
[Chorus]
sing
sing
sing
sing
[Bridge]
turn
turn
[Guitar Solo]
[Chorus]
sing
sing
sing
sing
[Outro]
"""


def test_the_form_follows_the_lyrics(order: Order) -> None:
    score = compose(order("pop", lyrics=SONG, duration=180.0))
    kinds = [section.kind for section in score.sections]
    wanted = ["intro", "verse", "prechorus", "chorus", "verse", "chorus", "bridge", "solo", "chorus", "outro"]
    assert kinds == wanted
    verse = next(section for section in score.sections if section.kind == "verse")
    lift = next(section for section in score.sections if section.kind == "prechorus")
    assert verse.bars > lift.bars


def test_more_sections_than_bars(order: Order) -> None:
    score = compose(order("pop", lyrics="[verse]\na\n[chorus]\nb\n" * 40, duration=10.0))
    assert len(score.sections) <= score.bars


def test_lyrics_without_headings() -> None:
    words = "first\nverse\n\nhey\nho\n\nsecond\nverse\n\nhey\nho\n"
    assert [stanza.kind for stanza in parse_lyrics(words)] == ["verse", "chorus", "verse", "chorus"]
    assert parse_lyrics(None) == []
    assert parse_lyrics("  \n\n") == []
    assert parse_lyrics("[chorus]\na\n\nb\n[verse]") == [Stanza("chorus", 2), Stanza("verse", 0)]


@pytest.mark.parametrize(
    ("heading", "kind"),
    [
        ("Verse 2", "verse"),
        ("PRE-CHORUS", "prechorus"),
        ("Hook (x2)", "chorus"),
        ("Guitar solo", "solo"),
        ("Strofa", "verse"),
    ],
)
def test_headings(heading: str, kind: str) -> None:
    assert section_kind(heading) == kind


def test_there_is_always_a_bar() -> None:
    assert bars_for(10.0, 40, 4, 7.0) == 1
    assert bars_for(600.0, 220, 3, 2.4) == int((600 - FIRST_BEAT - 2.4) / (180 / 220))
