"""A second voice: it answers in the tune's rests, holds guide tones, and runs along below it in full choruses."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mixtape_studio.engines.composer.harmony import ChordTrack
from mixtape_studio.engines.composer.melody import Sung
from mixtape_studio.engines.composer.score import Section
from mixtape_studio.engines.composer.theory import Key, chord_scale, nearest

HARMONISED = 0.84
"""Section energy from which the tune is doubled in thirds and sixths."""


def counterline(
    section: Section,
    tune: Sequence[Sung],
    chords: ChordTrack,
    key: Key,
    bar: int,
    *,
    low: int,
    high: int,
    rng: np.random.Generator,
) -> list[Sung]:
    if section.energy >= HARMONISED and tune:
        return _below(tune, chords, low, high)
    start, end = section.first_bar * bar, (section.first_bar + section.bars) * bar
    line: list[Sung] = []
    pitch = (low + high) / 2
    for at in range(start, end, bar):
        sounding = [note for note in tune if note.start < at + bar and note.start + note.length > at]
        last = max((note.start + note.length for note in sounding), default=float(at))
        rest_from = float(np.ceil(last * 2) / 2)
        room = at + bar - rest_from
        chord = chords.at(at)
        if sounding and room >= 1.5:
            steps = int(min(3, room / 0.5 - 1))
            direction = int(rng.choice([-1, 1]))
            for index in range(steps):
                beat = rest_from + 0.5 * index
                classes = chords.at(beat).tones if index in (0, steps - 1) else chord_scale(chords.at(beat), key)
                pitch = float(nearest(pitch + direction * 2, classes, low, high))
                length = 0.5 if index < steps - 1 else at + bar - beat
                line.append(Sung(beat, length, int(pitch), 0.9))
        elif (at - start) // bar % 2 == 0 or not sounding:
            guide = frozenset({chord.third} | ({chord.seventh} if chord.seventh is not None else {chord.fifth}))
            pitch = float(nearest(pitch, guide, low, high))
            change = min((span.start for span in chords.between(at + 0.5, at + bar)), default=float(at + bar))
            line.append(Sung(float(at), change - at, int(pitch), 0.8))
    return line


def _below(tune: Sequence[Sung], chords: ChordTrack, low: int, high: int) -> list[Sung]:
    line = []
    for note in tune:
        if note.length < 0.5:
            continue
        chord = chords.at(note.start)
        below = [pitch for pitch in range(note.pitch - 9, note.pitch - 2) if pitch % 12 in chord.tones]
        pitch = max(below, default=note.pitch - 12)
        while pitch > high:
            pitch -= 12
        while pitch < low:
            pitch += 12
        line.append(Sung(note.start, note.length, pitch, note.weight * 0.9))
    return line
