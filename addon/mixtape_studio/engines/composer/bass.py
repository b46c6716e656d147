"""Bass lines. Pattern marks: R r root (accented, soft), 3, 5, 7, 8 (octave), a approach to the next chord."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from mixtape_studio.engines.composer.harmony import ChordTrack
from mixtape_studio.engines.composer.rhythm import ACCENTS, repeat_steps
from mixtape_studio.engines.composer.score import Section
from mixtape_studio.engines.composer.theory import Chord, Key, chord_scale, nearest

Line = Iterator[tuple[float, float, int, float]]
"""(start, length, pitch, accent)."""


def bass_line(
    pattern: str,
    section: Section,
    chords: ChordTrack,
    key: Key,
    bar: int,
    *,
    low: int,
    high: int,
    rng: np.random.Generator,
) -> Line:
    start, end = float(section.first_bar * bar), float((section.first_bar + section.bars) * bar)
    if pattern == "walking":
        yield from _walking(start, end, chords, key, low=low, high=high, rng=rng)
        return
    root = _root(chords.at(start), None, low, high)
    roots = {span.start: span for span in chords.between(start, end)}
    for step in repeat_steps(pattern, bar, start, end):
        chord = chords.at(step.start)
        root = _root(chord, root, low, high)
        change = next((at for at in sorted(roots) if at > step.start + 1e-6), end)
        length = min(step.length, change - step.start)
        if step.mark == "a":
            target = _root(chords.at(change), root, low, high)
            pitch = target + int(rng.choice([-1, 1, -2, 2], p=[0.45, 0.2, 0.2, 0.15]))
            if (pitch % 12) not in chord_scale(chord, key) and abs(pitch - target) > 1:
                pitch = target - 1
        else:
            pitch = _tone(step.mark, chord, root, low, high)
        yield step.start, length, pitch, ACCENTS.get(step.mark, 0.95)
        # A chord that changes under a held note is played again.
        if change < step.start + step.length - 0.24 and change < end:
            yield change, step.start + step.length - change, _root(chords.at(change), root, low, high), 0.95


def _root(chord: Chord, previous: int | None, low: int, high: int) -> int:
    wanted = (low + min(high, low + 14)) / 2 if previous is None else 0.6 * previous + 0.4 * (low + 8)
    return nearest(wanted, frozenset({chord.bass}), low, high)


def _tone(mark: str, chord: Chord, root: int, low: int, high: int) -> int:
    if mark == "8":
        return root + 12 if root + 12 <= high else root
    classes = {"5": chord.fifth, "3": chord.third, "7": chord.seventh}
    tone = classes.get(mark)
    if tone is None:
        return root
    below = root - (root - tone) % 12
    above = root + (tone - root) % 12
    return below if mark == "5" and below >= low and root > low + 7 else (above if above <= high else below)


def _walking(
    start: float, end: float, chords: ChordTrack, key: Key, *, low: int, high: int, rng: np.random.Generator
) -> Line:
    """Quarter notes: the root on the change, chord and scale tones between, a half step into the next root."""
    pitch = nearest((low + high) / 2 - 3, frozenset({chords.at(start).bass}), low, high)
    direction = 1
    for span in chords.between(start, end):
        beats = round(span.length)
        following = chords.at(span.end)
        pitch = nearest(pitch + direction, frozenset({span.chord.bass}), low, high)
        for beat in range(beats):
            at = span.start + beat
            if beat:
                target = nearest(pitch + direction * 2, frozenset({following.bass}), low, high)
                if beat == beats - 1 and following.root != span.chord.root:
                    pitch = target + (1 if (pitch > target or target - 1 < low) and target < high else -1)
                else:
                    if pitch > high - 5 or pitch < low + 4:
                        direction = -1 if pitch > high - 5 else 1
                    elif rng.random() < 0.2:
                        direction = -direction
                    classes = span.chord.tones if beat % 2 == 0 or rng.random() < 0.45 else chord_scale(span.chord, key)
                    new = nearest(pitch + direction * float(rng.choice([2.0, 3.0, 4.0])), classes, low, high)
                    pitch = new if new != pitch else nearest(pitch - direction * 3, classes, low, high)
            ghost = rng.random() < 0.08
            yield at, 0.62 if ghost else 0.96, pitch, 1.04 if beat % 2 else 0.96
            if ghost:
                yield at + 0.5, 0.25, pitch, 0.55
