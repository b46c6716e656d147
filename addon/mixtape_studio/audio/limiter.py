"""A look-ahead true-peak limiter, vectorised.

The true peak is interpolated (windowed sinc, 8 times oversampled, as ITU-R BS.1770-4 annex 2
asks for at least 4) around those local maxima only that can matter. The gain reduction needed is
held over a look-ahead, released at a constant rate in decibels and smoothed with a Hann window,
all at a control rate of one node per ``NODE`` samples, between which gain runs linearly. The
smoothing never asks for less reduction than a peak needs, so the ceiling holds by construction.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from mixtape_studio.audio.frames import Samples

NODE: Final = 16
"""Samples between two nodes of the gain curve."""

_LOOKAHEAD = 0.005
"""Seconds; also how early gain starts to fall."""
_RELEASE = 50.0
"""Decibels per second."""
_HALF_WIDTH = 12
_OFFSETS = np.array([-4, -3, -2, -1, 1, 2, 3, 4]) / 8

Curve = npt.NDArray[np.float64]


def _interpolator() -> npt.NDArray[np.float32]:
    """Columns of taps that give the signal at each of ``_OFFSETS`` from the middle sample."""
    distance = _OFFSETS[None, :] - np.arange(-_HALF_WIDTH, _HALF_WIDTH + 1)[:, None]
    window = np.cos(np.pi * distance / (2 * _HALF_WIDTH + 2)) ** 2
    taps = np.sinc(distance) * window
    return np.asarray(taps / taps.sum(axis=0), np.float32)


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
        loud = np.flatnonzero(magnitude > floor)
        before = magnitude[np.maximum(loud - 1, 0)]
        after = magnitude[np.minimum(loud + 1, magnitude.size - 1)]
        summits = loud[(magnitude[loud] >= before) & (magnitude[loud] >= after)]
        windows = np.lib.stride_tricks.sliding_window_view(padded, 2 * _HALF_WIDTH + 1)
        for start in range(0, summits.size, 100_000):
            some = summits[start : start + 100_000]
            np.maximum.at(peaks, some // NODE, np.abs(windows[some] @ _TAPS).max(axis=1))
    return peaks


def gain_curve(peaks: npt.NDArray[np.float32], ceiling: float, sample_rate: int) -> Curve:
    """Gain at each node, and one past the end, that keeps ``peaks`` (linear) under ``ceiling``."""
    if peaks.size == 0 or peaks.max() <= ceiling:
        return np.ones(peaks.size + 1)
    reduction = 20 * np.log10(np.maximum(peaks, ceiling) / ceiling).astype(np.float64)
    reach = max(2, round(_LOOKAHEAD * sample_rate / NODE))
    held = _sliding_max(np.pad(reduction, (reach, reach + 1)), reach + 1)
    fall = _RELEASE * NODE / sample_rate * np.arange(held.size)
    released = np.maximum.accumulate(held + fall) - fall
    window = np.hanning(2 * reach + 1)
    smooth = np.convolve(released, window / window.sum(), mode="same")
    return 10 ** (-smooth[reach : reach + peaks.size + 1] / 20)


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
