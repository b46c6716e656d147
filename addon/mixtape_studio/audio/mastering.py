"""From an engine's samples to the master: 48 kHz stereo, -14 LUFS, true peak under -1 dBTP.

One linear gain, and a true-peak limiter only where that gain would break the ceiling. A limiter
takes loudness away, so the gain is found by iterating on a prediction (the momentary loudness of
the input, weighted by what the limiter leaves of each 100 ms) and then checked on the real meter.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Self

import numpy as np
import numpy.typing as npt

from mixtape_studio.audio.frames import Samples, resample
from mixtape_studio.audio.limiter import NODE, TIMINGS, Curve, Timing, apply_gain, gain_curve, true_peaks
from mixtape_studio.audio.loudness import (
    SILENCE_LUFS,
    Loudness,
    decibels,
    integrated,
    measure_loudness,
    momentary_loudness,
)

__all__ = ["MASTER_RATE", "TARGET_LUFS", "Loudness", "Master", "UnusableAudioError", "master", "measure_loudness"]

TARGET_LUFS: Final = -14.0
MASTER_RATE: Final = 48_000
CEILING_DBTP: Final = -1.5
"""Half a decibel under what the FLAC may have: room for what MP3 adds."""
MAX_TRUE_PEAK: Final = -1.0

_TOLERANCE = 0.15
_MAX_LIMITING = 30.0
"""Decibels taken off the highest peak; what needs more (lone clicks) stays quieter than the target."""
_TRIM_LEVEL = 10 ** (-60 / 20)
_TRIM_LEAD = 0.02
_TRIM_TAIL = 0.25


Levels = npt.NDArray[np.float64]


class UnusableAudioError(ValueError):
    """An engine returned something that is not sound; the message says what."""


@dataclass(frozen=True)
class Master:
    samples: Samples
    """Shape (2, samples)."""
    sample_rate: int
    loudness: Loudness


def master(samples: npt.NDArray[np.floating], sample_rate: int, *, trim_silence: bool) -> Master:
    """Make the master; its length is the input's unless ``trim_silence``.

    Silence stays silence. What cannot be made loud enough without limiting more than
    ``_MAX_LIMITING`` stays quieter than ``TARGET_LUFS``.

    Raises:
        UnusableAudioError: no samples, not one or two channels, or values that are not numbers.
    """
    sound = _prepare(samples, sample_rate)
    if trim_silence:
        sound = _trim(sound)
    song = _Song.measure(sound)
    ceiling, goal = CEILING_DBTP, TARGET_LUFS
    for _ in range(5):
        gain, curve, full = song.fit(goal, ceiling)
        result = apply_gain(sound, _linear(gain), curve)
        loudness = measure_loudness(result, MASTER_RATE)
        excess = loudness.true_peak - MAX_TRUE_PEAK
        missing = TARGET_LUFS - loudness.lufs
        if excess <= 0 and (abs(missing) <= _TOLERANCE or (full and missing > 0)):
            return Master(result, MASTER_RATE, loudness)
        # The meter's oversampling differs from the limiter's close to the Nyquist frequency, and the
        # prediction knows no frequencies at all.
        ceiling -= excess + 0.1 if excess > 0 else 0.0
        goal += 0.0 if full and missing > 0 else missing
    # Limiting can tip blocks over the meter's gate, so that loudness jumps past the target: plain gain cannot.
    down = max(excess + 0.1 if excess > 0 else 0.0, -missing)
    if down > 0:
        result = result * np.float32(_linear(-down))
        loudness = measure_loudness(result, MASTER_RATE)
    return Master(result, MASTER_RATE, loudness)


@dataclass(frozen=True)
class _Song:
    """What the limiter's effect is predicted from, all before any gain."""

    peaks: npt.NDArray[np.float32]
    """True peak of each node, linear."""
    energy: Levels
    """Of each node."""
    momentary: Levels
    """LUFS each 100 ms."""

    @classmethod
    def measure(cls, sound: Samples) -> Self:
        momentary = momentary_loudness(sound, MASTER_RATE)
        level = integrated(momentary)
        gain = 0.0 if level <= SILENCE_LUFS else TARGET_LUFS - level
        # Between samples below half the ceiling no music has a peak above it; were it so, the meter would tell.
        return cls(true_peaks(sound, _linear(CEILING_DBTP - gain) / 2), _node_energy(sound), momentary)

    def fit(self, goal: float, ceiling: float) -> tuple[float, Curve, bool]:
        """Gain in decibels, the limiter's curve at it, and whether more gain is out of the question."""
        level = integrated(self.momentary)
        if level <= SILENCE_LUFS:
            # Too short or too quiet for the meter: never amplified, only kept under the ceiling.
            return 0.0, gain_curve(self.peaks, _linear(ceiling), MASTER_RATE), True
        plain = goal - level
        most = max(plain, ceiling - decibels(float(self.peaks.max())) + _MAX_LIMITING)
        for timing in TIMINGS:
            gain, curve, reached = self._fit(goal=goal, gain=plain, most=most, ceiling=ceiling, timing=timing)
            if reached > goal - _TOLERANCE:
                return gain, curve, False
        return gain, curve, True

    def _fit(
        self, *, goal: float, gain: float, most: float, ceiling: float, timing: Timing
    ) -> tuple[float, Curve, float]:
        """Gain, curve, and the predicted loudness: ``goal``, unless that takes more than ``most``."""
        earlier: tuple[float, float] | None = None
        for _ in range(12):
            curve = gain_curve(self.peaks, _linear(ceiling - gain), MASTER_RATE, timing)
            level = self._loudness(gain, curve)
            missing = goal - level
            if abs(missing) < 0.02 or (missing > 0 and gain >= most):
                break
            # Secant; a decibel of gain gives at most one of loudness, and next to none once all is limited.
            slope = 1.0 if earlier is None or gain == earlier[0] else (level - earlier[1]) / (gain - earlier[0])
            earlier = (gain, level)
            gain = min(most, gain + missing / min(1.0, max(0.1, slope)))
        return gain, curve, level

    def _loudness(self, gain: float, curve: Curve) -> float:
        """Integrated loudness after gain and limiter, from the share of each 400 ms' energy that they leave."""
        per_block = MASTER_RATE // 10 // NODE
        blocks = self.momentary.size
        nodes = np.zeros((2, blocks * per_block))
        count = min(self.energy.size, nodes.shape[1])
        nodes[0, :count] = self.energy[:count]
        nodes[1, :count] = self.energy[:count] * curve[:count] ** 2
        before, after = nodes.reshape(2, blocks, per_block).sum(axis=2)
        window = np.ones(4)
        share = np.convolve(after, window)[:blocks] / np.maximum(np.convolve(before, window)[:blocks], 1e-20)
        return integrated(self.momentary + gain + 10 * np.log10(np.clip(share, 1e-12, 1.0)))


def _node_energy(sound: Samples) -> Levels:
    nodes = -(-sound.shape[1] // NODE)
    total = np.zeros(nodes * NODE, np.float32)
    np.einsum("cn,cn->n", sound, sound, out=total[: sound.shape[1]])
    return np.asarray(total.reshape(nodes, NODE).sum(axis=1), np.float64)


def _prepare(samples: npt.NDArray[np.floating], sample_rate: int) -> Samples:
    """48 kHz, two channels, no direct current."""
    sound = np.atleast_2d(np.asarray(samples, dtype=np.float32))
    if sound.ndim != 2 or sound.shape[0] not in (1, 2):
        msg = f"sound has one or two channels, not the shape {np.shape(samples)}"
        raise UnusableAudioError(msg)
    if sound.shape[1] == 0:
        msg = "there are no samples"
        raise UnusableAudioError(msg)
    if not np.isfinite(sound).all():
        msg = "some samples are not numbers"
        raise UnusableAudioError(msg)
    sound = resample(sound, sample_rate, MASTER_RATE)
    offset = sound.mean(axis=1, keepdims=True, dtype=np.float64).astype(np.float32)
    if np.abs(offset).max() > 1e-4:
        sound = sound - offset
    return np.repeat(sound, 2, axis=0) if sound.shape[0] == 1 else sound


def _trim(sound: Samples) -> Samples:
    """Cut leading and trailing silence, leaving a breath; what is silent throughout stays."""
    loud = np.flatnonzero(np.abs(sound).max(axis=0) > _TRIM_LEVEL)
    if not loud.size:
        return sound
    start = max(0, loud[0] - round(_TRIM_LEAD * MASTER_RATE))
    end = min(sound.shape[1], loud[-1] + 1 + round(_TRIM_TAIL * MASTER_RATE))
    return sound[:, start:end]


def _linear(level: float) -> float:
    return float(10 ** (level / 20))
