from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from mixtape_studio.contract import MAX_BPM, MIN_BPM, normalise_key
from mixtape_studio.engines.composer import suggest
from mixtape_studio.engines.composer.drums import KEYS
from mixtape_studio.engines.composer.styles import GENRES, Style, moods, nearest_mood, nearest_style, styles
from mixtape_studio.engines.composer.theory import Key, parse_chord

if TYPE_CHECKING:
    from collections.abc import Iterator

WANTED = {"rock", "pop", "jazz", "electronic", "classical", "hip-hop", "country", "ambient", "lullaby"}


def test_every_file_is_a_genre() -> None:
    assert set(styles()) >= WANTED
    assert len(styles()) == len(list(GENRES.glob("*.toml")))


def _patterns(style: Style, signature: str) -> Iterator[str]:
    for level in style.melody.rhythms[signature]:
        yield from level
    for part in style.parts:
        for level in part.patterns.get(signature, []):
            yield from (pattern for pattern in level if pattern != "walking")
    if style.drums is not None:
        for level in style.drums.grooves[signature]:
            for groove in level:
                yield from groove.values()
        for fill in style.drums.fills[signature]:
            yield from fill.values()


@pytest.mark.parametrize("name", sorted(styles()))
def test_genre_data_is_playable(name: str) -> None:
    style = styles()[name]
    for signature, beats in (("4/4", 4), ("3/4", 3)):
        for pattern in _patterns(style, signature):
            for bar in pattern.split("|"):
                assert len(bar.replace(" ", "")) % (4 * beats) == 0, f"{name} {signature}: {pattern}"
    for mode, table in (("major", style.harmony.major), ("minor", style.harmony.minor)):
        lists = [*table.values(), style.harmony.final[mode], style.harmony.cadence[mode]]
        lists.append(style.harmony.turnaround.get(mode, []))
        for symbol in re.split(r"[|\s]+", " ".join(" ".join(options) for options in lists).strip()):
            parse_chord(symbol, Key(0, mode))
    if style.drums is not None:
        names = {
            drum for levels in style.drums.grooves.values() for level in levels for groove in level for drum in groove
        }
        names |= {drum for fills in style.drums.fills.values() for fill in fills for drum in fill}
        assert names <= set(KEYS) | {"timpani"}
    for part in style.parts:
        assert part.range[1] - part.range[0] >= 12
        assert part.role in ("lead", "counter") or set(part.patterns) == {"3/4", "4/4"}
    assert MIN_BPM <= style.tempo[0] < style.tempo[1] <= MAX_BPM


@pytest.mark.parametrize(
    ("words", "name"),
    [
        ("jazz", "jazz"),
        ("Bossa Nova", "jazz"),
        ("HIP HOP", "hip-hop"),
        ("hip-hop", "hip-hop"),
        ("lo-fi beats to study to", "hip-hop"),
        ("heavy metal", "rock"),
        ("dark synth pop", "pop"),
        ("drum and bass", "electronic"),
        ("film score", "classical"),
        ("folk", "country"),
        ("clasical", "classical"),
        ("a song for meditation", "ambient"),
        ("nursery rhyme", "lullaby"),
        ("zydeco-klezmer", "pop"),
        ("jazz piano", "jazz"),
        ("acoustic rock", "rock"),
        ("relaxing piano", "classical"),
        ("", "pop"),
        ("音楽", "pop"),
    ],
)
def test_any_words_find_a_genre(words: str, name: str) -> None:
    assert nearest_style(words).name == name


@pytest.mark.parametrize(
    ("words", "name"),
    [("relaxed", "relaxing"), ("very sad", "melancholic"), ("Joyful", "happy"), ("qwertz", "neutral"), ("", "neutral")],
)
def test_any_words_find_a_mood(words: str, name: str) -> None:
    assert nearest_mood(words).name == name


@pytest.mark.parametrize("genre", sorted(styles()))
def test_suggestions_follow_genre_and_mood(genre: str) -> None:
    low, high = styles()[genre].tempo
    made = {mood: [suggest(genre, mood, seed) for seed in range(40)] for mood in moods()}
    for suggestions in made.values():
        for suggestion in suggestions:
            assert low <= suggestion.bpm <= high
            assert normalise_key(suggestion.key) == suggestion.key
            assert suggestion.time_signature in ("3/4", "4/4")

    def tempo(mood: str) -> float:
        return sum(suggestion.bpm for suggestion in made[mood]) / 40

    def majors(mood: str) -> int:
        return sum(suggestion.key.endswith("major") for suggestion in made[mood])

    assert tempo("calm") < tempo("romantic") < tempo("uplifting") < tempo("energetic")
    assert majors("dark") < majors("neutral") < majors("happy")
    assert len(set(made["neutral"])) > 10


def test_suggestions_are_seeded() -> None:
    assert suggest("pop", "happy", 7) == suggest("pop", "happy", 7)
