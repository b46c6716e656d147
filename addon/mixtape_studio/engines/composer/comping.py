"""Chord parts: comping, arpeggios and pads.

Pattern marks: X x o a chord; H its upper notes; L its lowest; r rolled; 1-9 one note of it, counted from below.
"""

from __future__ import annotations

from collections.abc import Iterator

from mixtape_studio.engines.composer.harmony import ChordTrack
from mixtape_studio.engines.composer.rhythm import Step, repeat_steps
from mixtape_studio.engines.composer.score import Section
from mixtape_studio.engines.composer.styles import PartStyle
from mixtape_studio.engines.composer.theory import nearest, voice

ROLL = 0.028
"""Seconds between the notes of a rolled chord."""
Strokes = Iterator[tuple[float, float, int, float, float]]
"""(start, length, pitch, accent, seconds late)."""


class Comper:
    """Keeps the last voicing, so that chords are led from section to section."""

    def __init__(self, part: PartStyle, chords: ChordTrack, strict: float) -> None:
        self.part = part
        self.chords = chords
        self.strict = strict
        self.voicing: tuple[int, ...] | None = None

    def voicing_at(self, beat: float) -> tuple[int, ...]:
        low, high = self.part.range
        chord = self.chords.at(beat)
        if self.part.shape == "power":
            root = nearest(low + 4, frozenset({chord.root}), low, high)
            fifth = root + (chord.fifth - root) % 12
            self.voicing = (root, fifth, root + 12)[: self.part.voices]
            return self.voicing
        self.voicing = voice(
            chord, self.voicing, low, high, self.part.voices, rootless=self.part.rootless, strict=self.strict
        )
        return self.voicing

    def final(self, beat: float) -> tuple[int, ...]:
        """The last chord, with its root."""
        self.part = self.part.model_copy(update={"rootless": False})
        return self.voicing_at(beat)

    def play(self, pattern: str, section: Section, bar: int) -> Strokes:
        start, end = float(section.first_bar * bar), float((section.first_bar + section.bars) * bar)
        changes = [span.start for span in self.chords.between(start, end)]
        for step in repeat_steps(pattern, bar, start, end):
            change = next((at for at in changes if at > step.start + 1e-6), end)
            # A stroke just before a change belongs to the chord that it anticipates.
            early = change - step.start <= 0.5 and step.length >= 0.5 and step.start + step.length > change - 1e-6
            if early and change < end:
                yield from self._stroke(step, change, step.length)
                continue
            yield from self._stroke(step, step.start, min(step.length, change - step.start))
            while change < min(step.start + step.length, end) - 0.24:
                following = next((at for at in changes if at > change + 1e-6), end)
                tied = Step(change, min(step.start + step.length, following) - change, step.mark)
                yield from self._stroke(tied, change, tied.length)
                change = following

    def _stroke(self, step: Step, chord_at: float, length: float) -> Strokes:
        notes = self.voicing_at(chord_at)
        if step.mark.isdigit():
            index = int(step.mark) - 1
            octave, place = divmod(index, len(notes))
            yield step.start, length, notes[place] + 12 * octave, 0.95, 0.0
            return
        if step.mark == "L":
            notes = notes[:1]
        elif step.mark == "H":
            notes = notes[1:]
        delay = ROLL if step.mark == "r" else 0.004
        for index, pitch in enumerate(notes):
            yield step.start, length, pitch, step.accent * (1.0 if index == len(notes) - 1 else 0.92), index * delay
