"""From an engine's samples to the master: 48 kHz stereo, -14 LUFS, true peak under -1 dBTP.

One linear gain, and a true-peak limiter only where that gain would break the ceiling. A limiter
takes loudness away, so the gain is found by iterating on a prediction (the momentary loudness of
the input, weighted by what the limiter leaves of each 100 ms) and then checked on the real meter.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from mixtape_studio.audio.frames import Samples, resample
from mixtape_studio.audio.limiter import NODE, Curve, apply_gain, gain_curve, true_peaks
from mixtape_studio.audio.loudness import (
    SILENCE_LUFS,
    Loudness,
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

_TOLERANCE = 0.2
_MAX_LIMITING = 24.0
"""Decibels taken off the highest peak; what needs more (lone clicks) stays quieter than the target."""
_TRIM_LEVEL = 10 ** (-60 / 20)
_TRIM_LEAD = 0.02
_TRIM_TAIL = 0.25


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
    momentary = momentary_loudness(sound, MASTER_RATE)
    wanted = TARGET_LUFS - integrated(momentary)
    if wanted >= TARGET_LUFS - SILENCE_LUFS:
        # Too short or too quiet for the meter: never amplified, only kept under the ceiling.
        return _finish(sound, momentary, wanted=0.0, limit_only=True)
    return _finish(sound, momentary, wanted=wanted, limit_only=False)


def _finish(sound: Samples, momentary: npt.NDArray[np.float64], *, wanted: float, limit_only: bool) -> Master:
    ceiling = CEILING_DBTP
    peaks = true_peaks(sound, _linear(ceiling - wanted) / 3)
    highest = 20 * np.log10(max(float(peaks.max()), 1e-30))
    most = ceiling - highest + _MAX_LIMITING
    energy = _node_energy(sound)
    goal = TARGET_LUFS
    for _ in range(4):
        gain, curve = (
            (0.0, gain_curve(peaks, _linear(ceiling), MASTER_RATE))
            if limit_only
            else _fit(peaks, energy, momentary, goal=goal, gain=min(wanted, most), most=most, ceiling=ceiling)
        )
        result = apply_gain(sound, _linear(gain), curve)
        loudness = measure_loudness(result, MASTER_RATE)
        missing = TARGET_LUFS - loudness.lufs
        too_high = loudness.true_peak - MAX_TRUE_PEAK
        if too_high <= 0 and (limit_only or abs(missing) <= _TOLERANCE or (missing > 0 and gain >= most)):
            break
        if too_high > 0:
            ceiling -= too_high + 0.1
        if not limit_only:
            goal += missing
    if too_high > 0:
        result = result * np.float32(_linear(-too_high - 0.1))
        loudness = measure_loudness(result, MASTER_RATE)
    return Master(result, MASTER_RATE, loudness)


def _fit(
    peaks: npt.NDArray[np.float32],
    energy: npt.NDArray[np.float64],
    momentary: npt.NDArray[np.float64],
    *,
    goal: float,
    gain: float,
    most: float,
    ceiling: float,
) -> tuple[float, Curve]:
    """The gain in decibels, and the limiter's curve at it, whose predicted loudness is ``goal``."""
    scaled = _linear(ceiling)
    low, low_level = -np.inf, -np.inf
    curve = gain_curve(peaks, scaled / _linear(gain), MASTER_RATE)
    for _ in range(12):
        level = _predict(energy, momentary + gain, curve)
        missing = goal - level
        if abs(missing) < 0.02 or (missing > 0 and gain >= most):
            break
        # Secant between this gain and the last; a plain step first, and wherever the slope is too flat.
        slope = (level - low_level) / (gain - low) if np.isfinite(low) and gain != low else 1.0
        low, low_level = gain, level
        gain = min(most, gain + missing / min(1.0, max(0.15, slope)))
        curve = gain_curve(peaks, scaled / _linear(gain), MASTER_RATE)
    return gain, curve


def _predict(energy: npt.NDArray[np.float64], momentary: npt.NDArray[np.float64], curve: Curve) -> float:
    """Integrated loudness once ``curve`` is applied, from each 400 ms' share of energy that it leaves."""
    per_block = MASTER_RATE // 10 // NODE
    blocks = momentary.size
    nodes = np.zeros((2, blocks * per_block))
    count = min(energy.size, nodes.shape[1])
    nodes[0, :count] = energy[:count]
    nodes[1, :count] = energy[:count] * curve[:count] ** 2
    before, after = nodes.reshape(2, blocks, per_block).sum(axis=2)
    window = np.ones(4)
    share = np.convolve(after, window)[:blocks] / np.maximum(np.convolve(before, window)[:blocks], 1e-20)
    return integrated(momentary + 10 * np.log10(np.clip(share, 1e-12, 1.0)))


def _node_energy(sound: Samples) -> npt.NDArray[np.float64]:
    nodes = -(-sound.shape[1] // NODE)
    total = np.zeros(nodes * NODE, np.float32)
    np.einsum("cn,cn->n", sound, sound, out=total[: sound.shape[1]])
    return total.reshape(nodes, NODE).sum(axis=1).astype(np.float64)


def _prepare(samples: npt.NDArray[np.floating], sample_rate: int) -> Samples:
    """48 kHz, two channels, no direct current."""
    sound = np.atleast_2d(np.asarray(samples, dtype=np.float32))
    if sound.ndim != 2 or sound.shape[0] not in (1, 2):
        msg = f"sound has one or two channels, not the shape {np.shape(samples)}"
        raise UnusableAudioError(msg)
    if sound.shape[1] == 0:
        msg = "there are no samples"
        raise UnusableAudioError(msg)
    if not np.isfinite(sound.sum(dtype=np.float64)):
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


def _linear(decibels: float) -> float:
    return float(10 ** (decibels / 20))
