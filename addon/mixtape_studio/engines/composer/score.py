"""What is composed, before it sounds. Positions and lengths are in beats (quarter notes) from the first downbeat."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import floor

from mixtape_studio.engines.composer.theory import Chord, Key

FIRST_BEAT = 0.1
"""Seconds from the start of the file to the first downbeat: room for notes that are played early."""


@dataclass(frozen=True, slots=True)
class Note:
    start: float
    length: float
    pitch: int
    """MIDI number; for drums the key of the kit."""
    velocity: int
    """1-127."""
    shift: float = 0.0
    """Seconds that the player is off the grid."""


@dataclass(frozen=True, slots=True)
class ChordSpan:
    start: float
    length: float
    chord: Chord

    @property
    def end(self) -> float:
        return self.start + self.length


@dataclass(frozen=True, slots=True)
class Section:
    kind: str
    """intro, verse, prechorus, chorus, bridge, solo, breakdown, outro."""
    first_bar: int
    bars: int
    occurrence: int
    """0 for the first section of its kind."""
    energy: float
    """0 … 1."""
    last: bool = False
    """The last of its kind."""


@dataclass(frozen=True, slots=True)
class Part:
    """One instrument of the score and its place in the mix."""

    name: str
    role: str
    """lead, counter, comp, pad, bass, drums."""
    bank: int
    program: int
    notes: tuple[Note, ...]
    level: float
    """Loudness relative to the other parts, dB."""
    pan: float
    """-1 left … 1 right."""
    reverb: float
    delay: float
    pump: float
    """How far the kick ducks it, 0 … 1."""

    @property
    def low(self) -> bool:
        """Keeps its bass; all other parts are high-passed."""
        return self.role in ("bass", "drums")


@dataclass(frozen=True, slots=True)
class Score:
    bpm: int
    beats_per_bar: int
    key: Key
    duration: float
    """Seconds of the file."""
    bars: int
    """Bars before the final chord, which falls on the next downbeat."""
    swing: float
    """Share of the swung pair that its first half takes; 0.5 is straight."""
    swing_unit: float
    """Length of the swung pair in beats: 1 for swung eighths, 0.5 for swung sixteenths."""
    sections: tuple[Section, ...]
    chords: tuple[ChordSpan, ...]
    parts: tuple[Part, ...]
    details: dict[str, str | int | float | bool] = field(default_factory=dict)

    @property
    def end_beat(self) -> int:
        """Where the final chord falls."""
        return self.bars * self.beats_per_bar

    def swung(self, beat: float) -> float:
        """The beat with swing: pairs keep their place, what lies between them moves."""
        pair = floor(beat / self.swing_unit + 1e-9)
        place = beat / self.swing_unit - pair
        bent = place * 2 * self.swing if place < 0.5 else self.swing + (place - 0.5) * 2 * (1 - self.swing)
        return (pair + bent) * self.swing_unit

    def seconds(self, beat: float) -> float:
        return FIRST_BEAT + self.swung(beat) * 60 / self.bpm

    def section_at(self, beat: float) -> Section:
        bar = int(beat // self.beats_per_bar)
        return next((section for section in reversed(self.sections) if section.first_bar <= bar), self.sections[0])
