"""From the request to the score: who plays what, when and how loud."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from math import log2

import numpy as np

from mixtape_studio.engines.base import RenderRequest
from mixtape_studio.engines.composer.bass import bass_line
from mixtape_studio.engines.composer.comping import Comper
from mixtape_studio.engines.composer.counterline import counterline
from mixtape_studio.engines.composer.drums import KEYS, TIMPANI, drum_section
from mixtape_studio.engines.composer.form import bars_for, make_form
from mixtape_studio.engines.composer.harmony import ChordTrack, harmonise
from mixtape_studio.engines.composer.melody import Melodist, Sung
from mixtape_studio.engines.composer.rhythm import by_intensity, pick, stream, velocity
from mixtape_studio.engines.composer.score import FIRST_BEAT, Note, Part, Score, Section
from mixtape_studio.engines.composer.styles import Mood, PartStyle, Style, nearest_mood, nearest_style
from mixtape_studio.engines.composer.theory import Chord, nearest, parse_key

_LOOSENESS = {"drums": 0.45, "bass": 0.6, "comp": 0.9, "pad": 1.0, "lead": 1.1, "counter": 1.1}
_MOST_LATE = 0.03


class Arranger:
    """Holds what all players of one song share."""

    def __init__(self, request: RenderRequest) -> None:
        self.request = request
        self.style: Style = nearest_style(request.genre)
        self.mood: Mood = nearest_mood(request.mood)
        self.key = parse_key(request.key)
        self.bar = int(request.time_signature[0])
        self.seed = request.seed
        self.bars = bars_for(request.duration, request.bpm, self.bar, self.style.tail)
        self.sections = make_form(self.style, self.mood, bars=self.bars, lyrics=request.lyrics, seed=self.seed)
        spans, final = harmonise(self.style, self.sections, self.key, self.bar, self.seed)
        self.chords = ChordTrack(spans, final)
        self.melodist = Melodist(self.style, self.mood, self.key, self.bar, self.chords, seed=self.seed)
        self.end = float(self.bars * self.bar)
        self.tail = (request.duration - FIRST_BEAT) * request.bpm / 60 - self.end
        self.tunes: dict[int, list[Sung]] = defaultdict(list)
        """The lead of each section, by its first bar."""

    def intensity(self, section: Section) -> float:
        """How busy the patterns are: fuller sections are busier, a fast tempo asks for fewer notes."""
        middle = sum(self.style.tempo) / 2
        haste = log2(self.request.bpm / middle)
        return float(np.clip(section.energy + 0.6 * self.mood.density - 0.35 * haste, 0.02, 0.98))

    def loudness(self, section: Section, beat: float) -> float:
        """Base velocity: the section's energy, the phrase's arc, a crescendo where the form leads on."""
        bars = beat / self.bar - section.first_bar
        arc = 1 + 0.07 * np.sin(np.pi * (bars % 4) / 4)
        grows = section.kind in ("intro", "prechorus") or (section.kind == "bridge" and section.bars >= 4)
        grown = 0.94 + 0.14 * bars / section.bars if grows else 1.0
        return float((54 + 44 * section.energy + 48 * self.mood.dynamics) * arc * grown)

    def note(
        self,
        start: float,
        length: float,
        pitch: int,
        accent: float,
        role: str,
        *,
        rng: np.random.Generator,
        late: float = 0.0,
    ) -> Note:
        section = self.sections[-1]
        for candidate in self.sections:
            if candidate.first_bar * self.bar <= start + 1e-6:
                section = candidate
        loose = self.style.humanise * _LOOSENESS[role]
        shift = loose * max(-2.0, min(2.0, float(rng.standard_normal()))) + late
        level = velocity(self.loudness(section, min(start, self.end - 0.01)), accent, rng)
        return Note(start, max(0.05, length), max(0, min(127, pitch)), level, min(shift, _MOST_LATE + late))

    def instrument(self, part: PartStyle) -> int:
        programs = part.programs.get(self.mood.colour) or part.programs["default"]
        return pick(stream(self.seed, "instrument", part.name), programs)

    def pattern(self, part: PartStyle, section: Section) -> str:
        # Several basses play one line.
        rng = stream(self.seed, "pattern", part.role if part.role == "bass" else part.name, section.kind)
        return by_intensity(part.patterns[f"{self.bar}/4"], self.intensity(section), rng)

    def entry_energy(self, section: Section) -> float:
        """What decides who plays: a mood makes a band quieter or louder more than it makes it smaller or larger."""
        return section.energy - 0.6 * self.mood.energy

    def playing(self, part: PartStyle) -> list[Section]:
        return [section for section in self.sections if part.plays_in(section.kind, self.entry_energy(section))]

    def lead(self, part: PartStyle, others: set[int]) -> list[Note]:
        """The tune in the sections that no other lead has taken."""
        rng = stream(self.seed, "play", part.name)
        notes: list[Note] = []
        for section in self.playing(part):
            if section.first_bar in others:
                continue
            others.add(section.first_bar)
            tune = self.melodist.tune(section, *part.range)
            self.tunes[section.first_bar] = tune
            notes += self.sing(tune, part.role, rng)
        if notes and notes[-1].start >= self.sections[-1].first_bar * self.bar - self.bar:
            pitch = nearest(notes[-1].pitch, frozenset({self.chords.final.root, self.chords.final.third}), *part.range)
            notes.append(self.note(self.end, self.tail * 0.6, pitch, 0.9, part.role, rng=rng))
        return notes

    def sing(self, tune: list[Sung], role: str, rng: np.random.Generator) -> list[Note]:
        notes = []
        for index, sung in enumerate(tune):
            length = sung.length * min(1.0, self.mood.legato) * 0.97
            if index + 1 < len(tune):
                length = min(
                    length if self.mood.legato <= 1 else length * self.mood.legato,
                    tune[index + 1].start - sung.start + 0.03,
                )
            top = 1 + 0.008 * (sung.pitch - 67)
            notes.append(self.note(sung.start, length, sung.pitch, 1.04 * sung.weight * top, role, rng=rng, late=0.004))
        return notes

    def counter(self, part: PartStyle) -> list[Note]:
        rng = stream(self.seed, "play", part.name)
        notes: list[Note] = []
        for section in self.playing(part):
            tune, (low, high) = self.tunes[section.first_bar], part.range
            line = counterline(section, tune, self.chords, self.key, self.bar, low=low, high=high, rng=rng)
            notes += self.sing(line, part.role, rng)
        return notes

    def chordal(self, part: PartStyle, take: int = 0) -> list[Note]:
        rng = stream(self.seed, "play", part.name, str(take))
        comper = Comper(part, self.chords, self.style.strict)
        legato = min(1.0, 0.5 + 0.5 * self.mood.legato) if part.role == "comp" else 1.0
        notes = []
        playing = self.playing(part)
        for section in playing:
            strokes = comper.play(self.pattern(part, section), section, self.bar)
            notes += [
                self.note(start, length * legato * 0.98, pitch, accent, part.role, rng=rng, late=late)
                for start, length, pitch, accent, late in strokes
            ]
        if playing and playing[0].first_bar == 0 and all(note.start > 0 for note in notes):
            # The song begins on its first beat.
            until = min((note.start for note in notes), default=float(self.bar))
            notes += [self.note(0.0, until, pitch, 0.9, part.role, rng=rng) for pitch in comper.voicing_at(0.0)]
        if part.role == "pad":
            notes = _tied(notes)
        if self.ends(playing):
            for index, pitch in enumerate(comper.final(self.end)):
                notes.append(self.note(self.end, self.tail * 0.8, pitch, 0.95, part.role, rng=rng, late=index * 0.03))
                # A long ending is not left empty: the chord once more, an octave up, broken and soft.
                echo = self.end + self.bar / 2 + 0.5 * index
                if part.role == "comp" and echo < self.end + 0.45 * self.tail:
                    notes.append(
                        self.note(echo, self.end + 0.8 * self.tail - echo, pitch + 12, 0.5, part.role, rng=rng)
                    )
        return notes

    def ends(self, playing: list[Section]) -> bool:
        """Whether the player is there for the final chord."""
        return bool(playing) and playing[-1] is self.sections[-1]

    def bass(self, part: PartStyle) -> list[Note]:
        rng = stream(self.seed, "play", part.name)
        low, high = part.range
        notes = []
        playing = self.playing(part)
        for section in playing:
            line = bass_line(
                self.pattern(part, section), section, self.chords, self.key, self.bar, low=low, high=high, rng=rng
            )
            notes += [
                self.note(start, length * 0.97, pitch, accent, "bass", rng=rng) for start, length, pitch, accent in line
            ]
        if notes:
            root = nearest(notes[-1].pitch - 2, frozenset({self.chords.final.bass}), low, high)
            notes.append(self.note(self.end, self.tail * 0.8, root, 1.0, "bass", rng=rng))
        return notes

    def drums(self) -> list[Note]:
        drums = self.style.drums
        if drums is None:
            return []
        rng = stream(self.seed, "play", "drums")
        notes = []
        playing = [section for section in self.sections if self.entry_energy(section) >= drums.enter]
        for section in playing:
            index = self.sections.index(section)
            following = self.sections[index + 1] if index + 1 < len(self.sections) else None
            groove = stream(self.seed, "groove", section.kind)
            hits = drum_section(drums, section, following, self.intensity(section), bar=self.bar, rng=groove)
            notes += [
                self.note(start, 0.24, self.drum_key(drum, start), accent, "drums", rng=rng)
                for start, drum, accent in hits
            ]
        if self.ends(playing):
            pitched = any("timpani" in groove for level in drums.grooves[f"{self.bar}/4"] for groove in level)
            full = ("kick", "crash") if self.sections[-1].energy > 0.45 else ("kick", "ride")
            for drum in ("timpani",) if pitched else full:
                notes.append(self.note(self.end, self.tail * 0.8, self.drum_key(drum, self.end), 0.8, "drums", rng=rng))
        return notes

    def drum_key(self, drum: str, beat: float) -> int:
        if drum != "timpani":
            return KEYS[drum]
        chord = self.chords.at(beat)
        tone = self.key.tonic if self.key.tonic in chord.tones else chord.root
        return nearest(sum(TIMPANI) / 2, frozenset({tone}), *TIMPANI)

    def parts(self) -> Iterable[Part]:
        taken: set[int] = set()
        # The tune first: the second voice listens to it.
        order = sorted(self.style.parts, key=lambda part: ("lead", "counter", "comp", "pad", "bass").index(part.role))
        for part in order:
            if part.role == "lead":
                yield from _part(part, self.instrument(part), self.lead(part, taken))
            elif part.role == "counter":
                yield from _part(part, self.instrument(part), self.counter(part))
            elif part.role == "bass":
                yield from _part(part, self.instrument(part), self.bass(part))
            elif part.double:
                for take, side in ((0, -1.0), (1, 1.0)):
                    notes = self.chordal(part, take)
                    yield from _part(part, self.instrument(part), notes, pan=side * abs(part.pan), level=part.level - 3)
            else:
                yield from _part(part, self.instrument(part), self.chordal(part))
        drums, notes = self.style.drums, self.drums()
        if drums is not None and notes:
            kit = drums.kits.get(self.mood.colour, drums.kits["default"])
            yield Part(
                "drums", "drums", 128, kit, _sorted(notes), drums.level, drums.pan, drums.reverb, 0.0, drums.pump
            )


def _sorted(notes: list[Note]) -> tuple[Note, ...]:
    return tuple(sorted(notes, key=lambda note: (note.start, note.pitch)))


def _tied(notes: list[Note]) -> list[Note]:
    """Common tones of following chords are held, as a string section does."""
    held: dict[int, Note] = {}
    result: list[Note] = []
    for note in sorted(notes, key=lambda note: note.start):
        before = held.get(note.pitch)
        if before is not None and note.start - before.start - before.length < 0.2:
            held[note.pitch] = replace(before, length=note.start + note.length - before.start)
            continue
        if before is not None:
            result.append(before)
        held[note.pitch] = note
    return [*result, *held.values()]


def _part(
    part: PartStyle, program: int, notes: list[Note], pan: float | None = None, level: float | None = None
) -> Iterable[Part]:
    if notes:
        yield Part(
            part.name,
            part.role,
            part.bank,
            program,
            _sorted(notes),
            part.level if level is None else level,
            part.pan if pan is None else pan,
            part.reverb,
            part.delay,
            part.pump,
        )


def compose(request: RenderRequest) -> Score:
    """The whole song as notes; the same request gives the same score."""
    arranger = Arranger(request)
    style = arranger.style
    # Fast swing flattens out, as players do it.
    swing = 0.5 + (style.swing - 0.5) * float(np.clip((270 - request.bpm) / 110, 0.35, 1.0))
    final: Chord = arranger.chords.final
    parts = tuple(arranger.parts())
    return Score(
        bpm=request.bpm,
        beats_per_bar=arranger.bar,
        key=arranger.key,
        duration=request.duration,
        bars=arranger.bars,
        swing=swing,
        swing_unit=style.swing_unit,
        sections=arranger.sections,
        chords=arranger.chords.spans,
        parts=parts,
        details={
            "style": style.name,
            "mood": arranger.mood.name,
            "form": " ".join(f"{section.kind}:{section.bars}" for section in arranger.sections),
            "final_chord": final.symbol,
            "bars": arranger.bars,
            "first_beat": FIRST_BEAT,
        },
    )
