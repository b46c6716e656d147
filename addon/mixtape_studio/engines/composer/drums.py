"""Drums: grooves of the genre by intensity, fills into the next section, crashes on arrivals."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from mixtape_studio.engines.composer.rhythm import by_intensity, pick, repeat_steps
from mixtape_studio.engines.composer.score import Section
from mixtape_studio.engines.composer.styles import Drums, Groove

KEYS = {
    "kick": 36,
    "rim": 37,
    "snare": 38,
    "clap": 39,
    "swirl": 40,
    "tom3": 43,
    "hat": 42,
    "pedal": 44,
    "tom2": 47,
    "open": 46,
    "crash": 49,
    "tom1": 50,
    "ride": 51,
    "bell": 53,
    "tambourine": 54,
    "cowbell": 56,
    "bongo": 60,
    "conga": 63,
    "shaker": 70,
    "claves": 75,
    "triangle": 81,
}
TIMPANI = (41, 53)
"""The orchestra kit's keys that sound at their own pitch: ``timpani`` in a groove follows the harmony."""
Hits = Iterator[tuple[float, str, float]]
"""(start, drum, accent)."""


def _pattern(groove: Groove, bar: int, start: float, end: float) -> Hits:
    for drum, pattern in groove.items():
        for step in repeat_steps(pattern, bar, start, end):
            yield step.start, drum, step.accent


def drum_section(
    drums: Drums, section: Section, following: Section | None, intensity: float, *, bar: int, rng: np.random.Generator
) -> Hits:
    """One groove for the section, a fill in its last bar, a small one halfway through long sections."""
    signature = f"{bar}/4"
    groove = by_intensity(drums.grooves[signature], intensity, rng)
    start = float(section.first_bar * bar)
    end = start + section.bars * bar
    filled = [end - bar] if following is not None and section.bars > 1 else []
    if section.bars >= 8:
        filled += [at for at in np.arange(start + 4 * bar - bar, end - bar - 1, 4.0 * bar) if rng.random() < 0.45]
    yield from _with_fills(groove, drums.fills[signature], sorted(filled), start, end, bar=bar, rng=rng)
    if intensity > 0.5 and section.first_bar:
        yield start, "crash", 0.95
        yield start, "kick", 1.0


def _with_fills(
    groove: Groove,
    fills: Sequence[Groove],
    filled: Sequence[float],
    start: float,
    end: float,
    *,
    bar: int,
    rng: np.random.Generator,
) -> Hits:
    cuts: list[tuple[float, float]] = []
    for at in filled:
        fill = pick(rng, fills)
        hits = sorted(_pattern(fill, bar, at, at + bar))
        # The groove stops where the drummer's hands begin the fill: at its first beat with more than a kick.
        begin = min((hit[0] for hit in hits if hit[1] not in ("kick", "ride", "hat")), default=at)
        begin = float(np.floor(begin))
        cuts.append((begin, at + bar))
        yield from (hit for hit in hits if hit[0] >= begin - 1e-6)
    for hit in _pattern(groove, bar, start, end):
        if not any(begin - 1e-6 <= hit[0] < until - 1e-6 for begin, until in cuts):
            yield hit
