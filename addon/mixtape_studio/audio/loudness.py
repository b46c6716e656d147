"""Loudness after ITU-R BS.1770-4 / EBU R 128, measured by FFmpeg's ``ebur128`` filter."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from mixtape_studio.audio.frames import Samples, run_filter

SILENCE_LUFS: Final = -70.0
"""What silence measures: the standard's absolute gate, below which nothing counts."""
SILENCE_DBTP: Final = -120.0

_RELATIVE_GATE = -10.0


@dataclass(frozen=True)
class Loudness:
    """Always finite: ``SILENCE_LUFS`` and ``SILENCE_DBTP`` stand for nothing at all."""

    lufs: float
    """Integrated loudness, LUFS."""
    true_peak: float
    """dBTP, oversampled to 192 kHz."""


def decibels(amplitude: float) -> float:
    return max(SILENCE_DBTP, 20 * float(np.log10(max(amplitude, 1e-30))))


def measure_loudness(samples: Samples, sample_rate: int) -> Loudness:
    """Integrated loudness and true peak of one or two channels."""
    lufs, peak = SILENCE_LUFS, 0.0
    for metadata in _measurements(samples, sample_rate, "metadata=1:peak=true:framelog=quiet"):
        lufs = float(metadata["lavfi.r128.I"])
        peak = float(metadata["lavfi.r128.true_peak"])
    return Loudness(max(SILENCE_LUFS, lufs), decibels(peak))


def momentary_loudness(samples: Samples, sample_rate: int) -> npt.NDArray[np.float64]:
    """LUFS of the 400 ms that end at each 100 ms; three times faster than with true peak."""
    options = "metadata=1:framelog=quiet"
    return np.array([float(item["lavfi.r128.M"]) for item in _measurements(samples, sample_rate, options)])


def integrated(momentary: npt.NDArray[np.float64]) -> float:
    """Both gates of BS.1770-4 over momentary loudnesses: integrated LUFS."""
    loud = momentary[momentary > SILENCE_LUFS]
    if not loud.size:
        return SILENCE_LUFS
    gate = _mean_level(loud) + _RELATIVE_GATE
    return max(SILENCE_LUFS, _mean_level(loud[loud > gate]))


def _mean_level(levels: npt.NDArray[np.float64]) -> float:
    return 10 * float(np.log10(np.mean(10 ** (levels / 10))))


def _measurements(samples: Samples, sample_rate: int, options: str) -> list[dict[str, str]]:
    # The filter reports at each full 100 ms, and its oversampler holds a few samples back:
    # without this silence the last moment's peak would go unseen.
    block = sample_rate // 10
    padding = -(samples.shape[1] + 64) % block + 64
    frames = run_filter(samples, sample_rate, "ebur128", options, silence_after=padding)
    metadata = (frame.metadata for frame in frames)
    return [item for item in metadata if "lavfi.r128.I" in item]
