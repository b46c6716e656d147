"""Keys, scales, chords from Roman numerals, and voice leading.

Own tables instead of a library: what is needed of music theory here is this module, while music21 brings
NumPy-sized dependencies and seconds of import for a notation model nobody reads here.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

TONICS = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
SCALES = {
    "major": (0, 2, 4, 5, 7, 9, 11),
    "minor": (0, 2, 3, 5, 7, 8, 10),
    "major pentatonic": (0, 2, 4, 7, 9),
    "minor pentatonic": (0, 3, 5, 7, 10),
}
QUALITIES = {
    "": (0, 4, 7),
    "m": (0, 3, 7),
    "dim": (0, 3, 6),
    "aug": (0, 4, 8),
    "5": (0, 7),
    "sus2": (0, 2, 7),
    "sus4": (0, 5, 7),
    "6": (0, 4, 7, 9),
    "m6": (0, 3, 7, 9),
    "69": (0, 4, 7, 9, 14),
    "7": (0, 4, 7, 10),
    "maj7": (0, 4, 7, 11),
    "m7": (0, 3, 7, 10),
    "mmaj7": (0, 3, 7, 11),
    "ø7": (0, 3, 6, 10),
    "dim7": (0, 3, 6, 9),
    "7sus4": (0, 5, 7, 10),
    "add9": (0, 4, 7, 14),
    "madd9": (0, 3, 7, 14),
    "9": (0, 4, 7, 10, 14),
    "maj9": (0, 4, 7, 11, 14),
    "m9": (0, 3, 7, 10, 14),
    "7b9": (0, 4, 7, 10, 13),
    "13": (0, 4, 7, 10, 14, 21),
    "m11": (0, 3, 7, 10, 14, 17),
}
_DEGREES = {"i": 0, "ii": 1, "iii": 2, "iv": 3, "v": 4, "vi": 5, "vii": 6}
_NUMERAL = re.compile(r"([#b]?)(VII|VI|V|IV|III|II|I|vii|vi|v|iv|iii|ii|i)([^/@]*)(?:@(\d))?(?:/([#b]?[ivIV]+))?")
# How much an extension is missed when a voicing has room for fewer notes than the chord has.
_COLOUR_ORDER = (4, 3, 10, 11, 9, 14, 13, 6, 8, 5, 2, 21, 17, 7, 0)


@dataclass(frozen=True, slots=True)
class Key:
    tonic: int
    """Pitch class, C is 0."""
    mode: str
    """"major" or "minor"."""

    @property
    def scale(self) -> tuple[int, ...]:
        """Pitch classes from the tonic up."""
        return tuple((self.tonic + step) % 12 for step in SCALES[self.mode])


@dataclass(frozen=True, slots=True)
class Chord:
    symbol: str
    root: int
    """Pitch class."""
    intervals: tuple[int, ...]
    """Semitones above the root, extensions above 12."""
    bass: int
    """Pitch class of the lowest note."""

    @property
    def tones(self) -> frozenset[int]:
        return frozenset((self.root + interval) % 12 for interval in self.intervals)

    @property
    def third(self) -> int:
        """Pitch class of the third, or of what stands in its place."""
        return (self.root + self.intervals[1]) % 12

    @property
    def fifth(self) -> int:
        fifth = next((interval for interval in self.intervals if interval in (6, 7, 8)), 7)
        return (self.root + fifth) % 12

    @property
    def seventh(self) -> int | None:
        seventh = next((interval for interval in self.intervals if interval in (9, 10, 11)), None)
        return None if seventh is None else (self.root + seventh) % 12


def parse_key(text: str) -> Key:
    """``"F# minor"`` → ``Key(6, "minor")``; takes what ``contract.normalise_key`` gives."""
    name, _, mode = text.partition(" ")
    return Key((TONICS[name[0]] + name.count("#") - name[1:].count("b")) % 12, mode or "major")


@lru_cache(maxsize=4096)
def parse_chord(symbol: str, key: Key) -> Chord:
    """A Roman numeral in a key: ``ii7``, ``V7/vi``, ``bVII``, ``I@3`` (third in the bass).

    Degrees are those of the key's own scale (in minor, VI is the minor sixth); lower case is minor.

    Raises:
        ValueError: not a numeral, or an unknown quality.
    """
    match = _NUMERAL.fullmatch(symbol)
    if match is None:
        raise ValueError(f"{symbol!r} is not a chord")
    accidental, numeral, quality, inversion, target = match.groups()
    if target is not None:
        home = parse_chord(target, key)
        chord = parse_chord(accidental + numeral + quality, Key(home.root, "major"))
        return Chord(symbol, chord.root, chord.intervals, chord.root)
    minor_already = quality.startswith(("dim", "ø")) or (quality.startswith("m") and not quality.startswith("maj"))
    if numeral.islower() and not minor_already:
        quality = "m" + quality
    if quality not in QUALITIES:
        raise ValueError(f"{symbol!r} has the unknown quality {quality!r}")
    step = SCALES[key.mode][_DEGREES[numeral.lower()]]
    root = (key.tonic + step + {"": 0, "#": 1, "b": -1}[accidental]) % 12
    intervals = QUALITIES[quality]
    bass = root if inversion is None else (root + intervals[int(inversion) // 2]) % 12
    return Chord(symbol, root, intervals, bass)


@lru_cache(maxsize=4096)
def chord_scale(chord: Chord, key: Key) -> frozenset[int]:
    """The key's scale bent to the chord: a chord tone displaces the scale tones a semitone from it."""
    kept = [tone for tone in key.scale if tone in chord.tones]
    for tone in key.scale:
        foreign = [other for other in chord.tones if other not in key.scale]
        if tone not in kept and not any((tone - other) % 12 in (1, 11) for other in foreign):
            kept.append(tone)
    return frozenset(kept) | chord.tones


def nearest(pitch: float, classes: frozenset[int], low: int, high: int) -> int:
    """The pitch nearest to ``pitch`` with one of the pitch classes, within the range where possible."""
    candidates = [candidate for candidate in range(low, high + 1) if candidate % 12 in classes]
    if not candidates:
        return max(low, min(high, round(pitch)))
    return min(candidates, key=lambda candidate: (abs(candidate - pitch), candidate))


def _voicing_classes(chord: Chord, voices: int, rootless: bool) -> list[int]:
    order = [interval for interval in _COLOUR_ORDER if interval in chord.intervals]
    if rootless and len(order) > 3:
        order.remove(0)
    if not rootless and 0 in order and voices <= 4:
        order = [order[0], 0, *[interval for interval in order[1:] if interval != 0]]
    classes = [(chord.root + interval) % 12 for interval in order[:voices]]
    while len(classes) < voices:
        classes.append((chord.root, chord.fifth)[len(classes) % 2])
    return classes


def _candidates(classes: Sequence[int], low: int, high: int) -> list[tuple[int, ...]]:
    """Close and open positions of every inversion within the range."""
    found: set[tuple[int, ...]] = set()
    ordered = sorted(classes)
    for turn in range(len(ordered)):
        rotated = ordered[turn:] + ordered[:turn]
        for bottom in range(low, high + 1):
            if bottom % 12 != rotated[0]:
                continue
            close = [bottom]
            for tone in rotated[1:]:
                above = close[-1] + (tone - close[-1]) % 12
                close.append(above if above > close[-1] else above + 12)
            drop = sorted([*close[:-2], close[-2] - 12, close[-1]]) if len(close) > 3 else close
            found.update(tuple(shape) for shape in (close, drop) if shape[0] >= low and shape[-1] <= high)
    return sorted(found)


def parallels(before: Sequence[int], after: Sequence[int]) -> int:
    """Number of voice pairs that move in parallel fifths, octaves or unisons."""
    count = 0
    for one in range(len(before)):
        for two in range(one + 1, min(len(before), len(after))):
            interval = (before[two] - before[one]) % 12
            moved = after[one] != before[one] and after[two] != before[two]
            if interval in (0, 7) and (after[two] - after[one]) % 12 == interval and moved:
                count += 1
    return count


@lru_cache(maxsize=8192)
def voice(
    chord: Chord, previous: tuple[int, ...] | None, low: int, high: int, voices: int, *, rootless: bool, strict: float
) -> tuple[int, ...]:
    """The voicing nearest to the previous one; ``strict`` is the price in semitones of one parallel."""
    candidates = _candidates(_voicing_classes(chord, voices, rootless), low, high)
    if not candidates:
        return tuple(sorted(nearest((low + high) / 2, frozenset({tone}), low, high) for tone in chord.tones))[:voices]
    centre = (low + high) / 2

    def cost(candidate: tuple[int, ...]) -> float:
        price = 0.25 * abs(sum(candidate) / len(candidate) - centre)
        # Seconds at the bottom of a voicing sound like mud.
        price += sum(3.0 for lower, upper in pairwise(candidate) if upper - lower < 3 and lower < 55)
        if previous is not None and len(previous) == len(candidate):
            price += sum(abs(new - old) for new, old in zip(candidate, previous, strict=True))
            price += strict * parallels(previous, candidate)
        return price

    return min(candidates, key=cost)
