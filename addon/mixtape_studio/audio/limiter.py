"""A look-ahead true-peak limiter, vectorised.

The true peak is interpolated (windowed sinc, 4 times oversampled as in ITU-R BS.1770-4 annex 2)
only around the samples loud enough to matter. The gain reduction needed is held over a look-ahead,
let go exponentially and smoothed with a Hann window, all at a control rate of one node per
``NODE`` samples, between which gain runs linearly. The smoothing never asks for less reduction
than a peak needs, so the ceiling holds by construction.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from mixtape_studio.audio.frames import Samples

NODE: Final = 16
"""Samples between two nodes of the gain curve."""

_HALF_WIDTH = 24
_OFFSETS = np.array([0.25, 0.5, 0.75])

Curve = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Timing:
    """How fast the limiter moves, in seconds."""

    lookahead: float
    """How early gain starts to fall."""
    release: float
    """Time constant at which the reduction, in decibels, lets go."""


TIMINGS: Final = (Timing(0.005, 0.12), Timing(0.003, 0.04), Timing(0.0015, 0.012))
"""From gentle to dense: the faster it lets go, the more loudness is left."""


def _interpolator() -> npt.NDArray[np.float32]:
    """Columns of taps that give the signal at each of ``_OFFSETS`` past the middle sample."""
    distance = _OFFSETS[None, :] - np.arange(1 - _HALF_WIDTH, _HALF_WIDTH + 1)[:, None]
    taps = np.sinc(distance) * np.cos(np.pi * distance / (2 * _HALF_WIDTH + 1)) ** 2
    return np.asarray(taps, np.float32)


_TAPS = _interpolator()


def true_peaks(samples: Samples, floor: float) -> npt.NDArray[np.float32]:
    """The highest true peak of any channel in each ``NODE`` samples.

    Peaks of less than ``floor`` are given as sampled, not interpolated.
    """
    nodes = -(-samples.shape[1] // NODE)
    peaks = np.zeros(nodes, np.float32)
    for channel in samples:
        padded = np.zeros(nodes * NODE + 2 * _HALF_WIDTH, np.float32)
        padded[_HALF_WIDTH : _HALF_WIDTH + channel.size] = channel
        magnitude = np.abs(padded[_HALF_WIDTH:-_HALF_WIDTH])
        np.maximum(peaks, magnitude.reshape(nodes, NODE).max(axis=1), out=peaks)
        loud = magnitude > floor
        loud[:-1] |= loud[1:]
        positions = np.flatnonzero(loud)
        windows = np.lib.stride_tricks.sliding_window_view(padded[1:], 2 * _HALF_WIDTH)
        for start in range(0, positions.size, 50_000):
            some = positions[start : start + 50_000]
            np.maximum.at(peaks, some // NODE, np.abs(windows[some] @ _TAPS).max(axis=1))
    return peaks


def gain_curve(peaks: npt.NDArray[np.float32], ceiling: float, sample_rate: int, timing: Timing = TIMINGS[0]) -> Curve:
    """Gain at each node, and one past the end, that keeps ``peaks`` (linear) under ``ceiling``."""
    if peaks.size == 0 or peaks.max() <= ceiling:
        return np.ones(peaks.size + 1)
    reduction = 20 * np.log10(np.maximum(peaks, ceiling) / ceiling).astype(np.float64)
    reach = max(2, round(timing.lookahead * sample_rate / NODE))
    held = _sliding_max(np.pad(reduction, (reach, reach + 1)), reach + 1)
    # An exponential release is a straight fall of the logarithm, hence one running maximum.
    fall = np.arange(held.size) * (NODE / sample_rate / timing.release)
    released = np.exp(np.maximum.accumulate(np.log(np.maximum(held, 1e-4)) + fall) - fall)
    window = np.hanning(2 * reach + 1)
    smooth = np.convolve(released, window / window.sum(), mode="same")
    return np.asarray(10 ** (-smooth[reach : reach + peaks.size + 1] / 20), np.float64)


def _sliding_max(values: Curve, reach: int) -> Curve:
    """Maximum over ``reach`` neighbours to either side."""
    width = 2 * reach + 1
    padded = np.pad(values, reach)
    step = 1
    while 2 * step <= width:
        padded = np.maximum(padded[: padded.size - step], padded[step:])
        step *= 2
    rest = width - step
    return np.maximum(padded[: values.size], padded[rest : rest + values.size])


def apply_gain(samples: Samples, gain: float, curve: Curve) -> Samples:
    """``samples`` times ``gain`` times the interpolated ``curve``."""
    if (curve == 1).all():
        return np.asarray(samples * np.float32(gain), np.float32)
    length = samples.shape[1]
    nodes = (curve * gain).astype(np.float32)
    ramp = np.arange(NODE, dtype=np.float32) / NODE
    steps = (nodes[:-1, None] + np.diff(nodes)[:, None] * ramp).reshape(-1)[:length]
    return np.asarray(samples * steps, np.float32)
