"""Step patterns: the rhythm language of the genre files, and the hands that play it.

A pattern is a string of equal steps, bars separated by ``|``. A mark starts a note, ``-`` holds it, ``.`` is silence.
Capital letters are accents, ``o`` is soft, ``g`` is a ghost note; other marks mean what their player says.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeVar
from zlib import crc32

import numpy as np

ACCENTS = {"X": 1.12, "x": 0.92, "o": 0.72, "g": 0.42, "R": 1.1, "r": 0.85}
Choice = TypeVar("Choice")


@dataclass(frozen=True, slots=True)
class Step:
    start: float
    """Beats from the pattern's start."""
    length: float
    mark: str

    @property
    def accent(self) -> float:
        return ACCENTS.get(self.mark, 1.0)


@lru_cache(maxsize=2048)
def parse_steps(pattern: str, beats_per_bar: int) -> tuple[tuple[Step, ...], float]:
    """The steps and the pattern's length in beats."""
    steps: list[Step] = []
    origin = 0.0
    for bar in pattern.split("|"):
        cells = bar.replace(" ", "")
        unit = beats_per_bar / len(cells)
        for index, mark in enumerate(cells):
            if mark == "-" and steps:
                last = steps[-1]
                steps[-1] = Step(last.start, last.length + unit, last.mark)
            elif mark not in ".-":
                steps.append(Step(origin + index * unit, unit, mark))
        origin += beats_per_bar
    return tuple(steps), origin


def repeat_steps(pattern: str, beats_per_bar: int, start: float, end: float) -> Iterator[Step]:
    """The pattern repeated from ``start`` to ``end``, positions absolute, nothing beyond the end."""
    steps, length = parse_steps(pattern, beats_per_bar)
    origin = start
    while origin < end - 1e-6:
        for step in steps:
            at = origin + step.start
            if at < end - 1e-6:
                yield Step(at, min(step.length, end - at), step.mark)
        origin += length


def stream(seed: int, *names: str) -> np.random.Generator:
    """Random numbers of their own for every decision, so that one decision does not disturb another."""
    return np.random.default_rng([seed, *(crc32(name.encode()) for name in names)])


def pick(rng: np.random.Generator, options: Sequence[Choice]) -> Choice:
    return options[int(rng.integers(len(options)))]


def by_intensity(levels: Sequence[Sequence[Choice]], intensity: float, rng: np.random.Generator) -> Choice:
    """One of the alternatives of the level (calm … busy) that the intensity 0 … 1 asks for."""
    level = min(len(levels) - 1, max(0, int(intensity * len(levels))))
    return pick(rng, levels[level])


def velocity(base: float, accent: float, rng: np.random.Generator, spread: float = 4.0) -> int:
    """MIDI velocity, a little uneven as hands are."""
    return max(1, min(127, round(base * accent + spread * float(rng.standard_normal()))))
