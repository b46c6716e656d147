"""Tunes: a motif that returns, is varied, and is fitted to the chords."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from mixtape_studio.engines.composer.harmony import ChordTrack
from mixtape_studio.engines.composer.rhythm import Step, by_intensity, parse_steps, pick, stream
from mixtape_studio.engines.composer.score import Section
from mixtape_studio.engines.composer.styles import Mood, Style
from mixtape_studio.engines.composer.theory import SCALES, Key, chord_scale, nearest

# One letter a bar: a motif, s its sequence, i its inversion, r its rhythm varied, A the motif in augmentation
# (two bars), b the second motif, f a fragment, c cadence, "." rest.
_PHRASES = ("asbc", "abac", "aisc", "arsc", "asac", "ffac", "abrc", "Abc", "afsc")
_CHORUS_PHRASES = ("aasc", "asac", "abac", "Asc", "aarc")
_FIXED = {"intro": (".a.s", "..a."), "breakdown": ("a.s.", "A..", "a.i."), "outro": ("a.Ac", "a.sc", "ar.c")}
_LIFT = {"intro": 0, "verse": 0, "prechorus": 1, "chorus": 3, "bridge": 2, "solo": 1, "breakdown": -1, "outro": 0}
_WALK = ((-3, 0.05), (-2, 0.14), (-1, 0.3), (0, 0.08), (1, 0.28), (2, 0.1), (3, 0.05))


@dataclass(frozen=True, slots=True)
class Tone:
    """A melody note before it has a pitch: ``height`` counts steps of the scale."""

    start: float
    length: float
    height: int
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Sung:
    start: float
    length: float
    pitch: int
    weight: float


@dataclass(frozen=True, slots=True)
class Motif:
    steps: tuple[Step, ...]
    contour: tuple[int, ...]

    def tones(self, at: float, height: int) -> list[Tone]:
        return [
            Tone(at + step.start, step.length, height + rise, step.accent)
            for step, rise in zip(self.steps, self.contour, strict=True)
        ]

    @property
    def inverted(self) -> Motif:
        return replace(self, contour=tuple(2 * self.contour[0] - rise for rise in self.contour))

    @property
    def augmented(self) -> Motif:
        return replace(self, steps=tuple(Step(2 * step.start, 2 * step.length, step.mark) for step in self.steps))

    def fragment(self, beats: float) -> Motif:
        kept = [index for index, step in enumerate(self.steps) if step.start < beats] or [0]
        return Motif(tuple(self.steps[index] for index in kept), tuple(self.contour[index] for index in kept))

    def varied(self, rng: np.random.Generator) -> Motif:
        """One long note divided, or two notes made one."""
        long = [index for index, step in enumerate(self.steps) if step.length >= 1]
        steps, contour = list(self.steps), list(self.contour)
        if long and (rng.random() < 0.6 or len(steps) < 3):
            at = pick(rng, long)
            step, half = steps[at], steps[at].length / 2
            steps[at : at + 1] = [Step(step.start, half, step.mark), Step(step.start + half, half, "o")]
            contour[at : at + 1] = [contour[at], contour[at] + int(rng.choice([-1, 1]))]
        elif len(steps) > 2:
            at = int(rng.integers(1, len(steps)))
            end = steps[at].start + steps[at].length
            steps[at - 1 : at + 1] = [Step(steps[at - 1].start, end - steps[at - 1].start, steps[at - 1].mark)]
            del contour[at]
        return Motif(tuple(steps), tuple(contour))


def make_motif(pattern: str, beats_per_bar: int, rng: np.random.Generator) -> Motif:
    steps, _ = parse_steps(pattern, beats_per_bar)
    moves, chances = zip(*_WALK, strict=True)
    contour, last = [0], 0
    drift = int(rng.choice([-1, 1]))
    for _ in steps[1:]:
        move = int(rng.choice(moves, p=np.array(chances) / sum(chances)))
        if abs(last) >= 2:  # After a leap, a step back.
            move = -int(np.sign(last))
        elif move == 0 or (abs(move) == 1 and rng.random() < 0.35):
            move = drift
        contour.append(int(np.clip(contour[-1] + move, -4, 5)))
        last = contour[-1] - contour[-2]
    return Motif(steps, tuple(contour))


class Melodist:
    """Writes the tunes of one song; sections of a kind share theirs."""

    def __init__(
        self, style: Style, mood: Mood, key: Key, beats_per_bar: int, chords: ChordTrack, *, seed: int
    ) -> None:
        self.style = style
        self.mood = mood
        self.key = key
        self.bar = beats_per_bar
        self.chords = chords
        self.seed = seed
        self.rng = stream(seed, "motif", style.name)
        rhythms = style.melody.rhythms[f"{beats_per_bar}/4"]
        calm, busy = 0.35 + mood.density * 0.8, 0.6 + mood.density
        self.motif = make_motif(by_intensity(rhythms, calm, self.rng), beats_per_bar, self.rng)
        self.second = make_motif(by_intensity(rhythms, busy, self.rng), beats_per_bar, self.rng)
        self.hook = make_motif(by_intensity(rhythms, (calm + busy) / 2, self.rng), beats_per_bar, self.rng)
        scale = SCALES[f"{key.mode} pentatonic" if style.melody.scale == "pentatonic" else key.mode]
        self.scale = tuple((key.tonic + step) % 12 for step in scale)

    def _ladder(self, low: int, high: int) -> list[int]:
        return [pitch for pitch in range(low, high + 1) if pitch % 12 in self.scale]

    def _motifs(self, kind: str) -> tuple[Motif, Motif]:
        if kind == "chorus":
            return self.hook, self.motif.fragment(self.bar / 2)
        if kind == "bridge":
            return self.second.inverted, self.motif
        if kind == "prechorus":
            return self.second, self.second.fragment(self.bar / 2)
        return self.motif, self.second

    def plan(self, section: Section) -> list[Tone]:
        """The section's tune in steps of the scale, positions relative to its start."""
        rng = stream(self.seed, "tune", section.kind)
        first, second = self._motifs(section.kind)
        phrases = _FIXED.get(section.kind) or (_CHORUS_PHRASES if section.kind == "chorus" else _PHRASES)
        opening, answer = pick(rng, phrases), pick(rng, phrases)
        rises = (0, int(rng.choice([1, 2])), int(rng.choice([2, 3, -1])), int(rng.choice([0, 1])))
        tones: list[Tone] = []
        bar = 0
        while bar < section.bars:
            phrase = opening if (bar // 4) % 2 == 0 or rng.random() < 0.5 else answer
            room = section.bars - bar
            if room < 4:
                phrase = {1: "c", 2: "ac", 3: "asc"}[room]
            place = 0
            for letter in phrase:
                at, height = float((bar + place) * self.bar), _LIFT[section.kind] + rises[place % 4]
                tones += self._letter(letter, at, height, first, second, rng=rng)
                place += 2 if letter == "A" else 1
            bar += min(4, room)
        return tones

    def _letter(
        self, letter: str, at: float, height: int, first: Motif, second: Motif, *, rng: np.random.Generator
    ) -> list[Tone]:
        shift = int(rng.choice([-2, -1, 1, 2]))
        variation = rng.spawn(1)[0]
        match letter:
            case "a":
                tones = first.tones(at, height)
            case "s":
                tones = first.tones(at, height + shift)
            case "i":
                tones = first.inverted.tones(at, height)
            case "r":
                tones = first.varied(variation).tones(at, height)
            case "A":
                tones = first.augmented.tones(at, height)
            case "b":
                tones = second.tones(at, height)
            case "f":
                tones = first.fragment(self.bar / 2).tones(at, height)
            case "c":
                tones = self._cadence(at, height, first, variation)
            case _:
                tones = []
        if letter in "asirb" and len(tones) > 2 and variation.random() < self.style.melody.rest:
            tones = tones[:-1] if variation.random() < 0.6 else tones[1:]
        return tones

    def _cadence(self, at: float, height: int, first: Motif, rng: np.random.Generator) -> list[Tone]:
        """The motif's first notes lead to a long one, then breath."""
        lead_in = [tone for tone in first.fragment(1.0).tones(at, height) if tone.start < at + 1]
        lead_in = [replace(tone, length=min(tone.length, at + 1 - tone.start)) for tone in lead_in]
        held = self.bar - 1.0 - float(rng.choice([0.5, 1.0]))
        if rng.random() < 0.35:
            return [Tone(at, self.bar - 1.0, height, 1.05)]
        return [*lead_in, Tone(at + 1, held, height - 1, 1.0)]

    def realise(self, tones: Sequence[Tone], origin: float, low: int, high: int, closes: bool) -> list[Sung]:
        """Pitches: strong tones on the chord, weak ones on the scale between, leaps kept singable."""
        rng = stream(self.seed, "realise", str(origin))
        ladder = self._ladder(low, high)
        # Leave room above for the chorus and for sequences.
        middle = int(len(ladder) * 0.42)
        sung: list[Sung] = []
        for index, tone in enumerate(tones):
            start = origin + tone.start
            chord = self.chords.at(start + 0.49 * min(tone.length, 1.0))
            wanted = float(ladder[int(np.clip(middle + tone.height, 0, len(ladder) - 1))])
            strong = tone.length >= 1 or start % 1 == 0 or not sung
            previous = sung[-1] if sung and start - sung[-1].start - sung[-1].length < self.bar else None
            following = tones[index + 1] if index + 1 < len(tones) else None
            if previous is not None and abs(wanted - previous.pitch) > 9:
                wanted -= 12 * np.sign(wanted - previous.pitch) if low + 12 <= wanted <= high - 12 else 0
            if closes and following is None:
                pitch = nearest(wanted, frozenset({chord.root, chord.third}), low, high)
            elif strong:
                if previous is not None:  # Of two chord tones, the nearer to where the tune is.
                    wanted = 0.7 * wanted + 0.3 * previous.pitch
                pitch = nearest(wanted, chord.tones, low, high)
            else:
                pitch = nearest(wanted, chord_scale(chord, self.key), low, high)
            if previous is not None and pitch == previous.pitch and len(sung) > 1 and sung[-2].pitch == pitch:
                classes = chord.tones if strong else chord_scale(chord, self.key)
                pitch = nearest(pitch + (4 if tone.height >= 0 else -4), classes, low, high)
            sung.append(Sung(start, tone.length, pitch, tone.weight))
        return self._leaning(self._approached(sung, rng), high, rng)

    def _leaning(self, sung: list[Sung], high: int, rng: np.random.Generator) -> list[Sung]:
        """Some long tones arrive late: the scale tone above sounds on the beat and falls into them."""
        result: list[Sung] = []
        for index, note in enumerate(sung):
            room = note.length >= 1 and 0 < index < len(sung) - 1
            if room and rng.random() < self.style.melody.appoggiatura:
                classes = chord_scale(self.chords.at(note.start), self.key)
                above = next((pitch for pitch in (note.pitch + 1, note.pitch + 2) if pitch % 12 in classes), None)
                if above is not None and above <= high and above != result[-1].pitch:
                    half = min(1.0, note.length / 2)
                    result += [
                        replace(note, length=half, pitch=above),
                        Sung(note.start + half, note.length - half, note.pitch, 0.9),
                    ]
                    continue
            result.append(note)
        return result

    def _approached(self, sung: list[Sung], rng: np.random.Generator) -> list[Sung]:
        """Weak notes a whole step below their strong successor may lean in chromatically."""
        for index in range(len(sung) - 1):
            note, target = sung[index], sung[index + 1]
            weak = note.length <= 0.5 and note.start % 1 != 0
            if (
                weak
                and target.start % 1 == 0
                and target.pitch - note.pitch == 2
                and rng.random() < self.style.melody.chromatic
            ):
                sung[index] = replace(note, pitch=target.pitch - 1)
        return sung

    def tune(self, section: Section, low: int, high: int) -> list[Sung]:
        """The section's tune on its chords; later sections of a kind ornament it."""
        origin = float(section.first_bar * self.bar)
        low, high = self._register(low, high)
        if section.kind == "solo":
            return self.improvise(section, low, high)
        tones = self.plan(section)
        if section.occurrence:
            tones = self._ornamented(tones, stream(self.seed, "ornament", str(section.first_bar)))
        return self.realise(tones, origin, low, high, closes=section.kind in ("verse", "chorus", "outro"))

    def _register(self, low: int, high: int) -> tuple[int, int]:
        shift = round(self.mood.lift)
        return (low + shift, high) if shift > 0 else (low, high + shift)

    def _ornamented(self, tones: list[Tone], rng: np.random.Generator) -> list[Tone]:
        result: list[Tone] = []
        for tone in tones:
            if tone.length >= 1 and rng.random() < 0.22:
                half = tone.length / 2
                step = int(rng.choice([-1, 1]))
                result += [replace(tone, length=half), Tone(tone.start + half, half, tone.height + step, 0.85)]
            elif not (tone.length <= 0.5 and rng.random() < 0.08):
                result.append(tone)
        return result

    def improvise(self, section: Section, low: int, high: int) -> list[Sung]:
        """Lines over the changes: chord tones on the beats, scale and chromatic tones between."""
        rng = stream(self.seed, "solo", str(section.first_bar))
        rhythms = self.style.melody.rhythms[f"{self.bar}/4"]
        sung: list[Sung] = []
        pitch, direction = (low + high) / 2, 1
        for bar in range(section.bars):
            arc = bar / max(1, section.bars - 1)
            if bar % 4 == 3 and rng.random() < 0.65:
                steps = parse_steps(pick(rng, rhythms[0]), self.bar)[0][:2]
            else:
                steps = parse_steps(by_intensity(rhythms, 0.45 + 0.5 * arc + self.mood.density, rng), self.bar)[0]
            for step in steps:
                start = (section.first_bar + bar) * self.bar + step.start
                chord = self.chords.at(start + 0.49 * min(step.length, 1.0))
                if pitch > high - 4 or pitch < low + 4:
                    direction = 1 if pitch < low + 4 else -1
                elif rng.random() < 0.22:
                    direction = -direction
                strong = start % 1 == 0 or step.length >= 1
                leap = float(rng.choice([1.5, 2.0, 3.0, 4.0, 7.0], p=[0.3, 0.3, 0.2, 0.15, 0.05]))
                classes = chord.tones if strong else chord_scale(chord, self.key)
                pitch = float(nearest(pitch + direction * leap, classes, low, high))
                if sung and sung[-1].pitch == pitch:
                    pitch = float(nearest(pitch + direction * 3, classes, low, high))
                sung.append(Sung(start, step.length, int(pitch), step.accent * (0.9 + 0.2 * arc)))
        return self._approached(sung, rng)
