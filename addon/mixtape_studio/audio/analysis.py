"""Tempo and key as measured on the rendered samples, and the waveform's outline.

NumPy only: librosa and madmom bring numba, SciPy and scikit-learn (hundreds of megabytes and
seconds of import) for two numbers. The methods are in ``tempo`` and ``tonality``; their error over
50 songs is in ``docs/analysis.md``.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mixtape_studio.audio.tempo import estimate_tempo
from mixtape_studio.audio.tonality import estimate_key


@dataclass(frozen=True)
class Analysis:
    bpm: float | None
    """To a tenth; None where no pulse was found."""
    bpm_confidence: float
    key: str | None
    """As the contract writes it: ``"F minor"``; None where nothing is tonal."""
    key_confidence: float


def analyse(samples: npt.NDArray[np.float32], sample_rate: int) -> Analysis:
    """Measure (channels, n) samples of any length; silence has neither tempo nor key."""
    mono = np.asarray(samples, np.float32).mean(axis=0)
    tempo = estimate_tempo(mono, sample_rate)
    tonality = estimate_key(mono, sample_rate)
    return Analysis(tempo.bpm, tempo.confidence, tonality.key, tonality.confidence)


def waveform_peaks(samples: npt.NDArray[np.float32], count: int = 800) -> list[int]:
    """The outline of the mono sum: ``count`` highest magnitudes, 0-255, the song's loudest at 255."""
    mono = np.abs(np.asarray(samples, np.float32).mean(axis=0))
    if mono.size == 0 or not mono.max() > 0:
        return [0] * count
    edges = np.linspace(0, mono.size, count + 1).astype(np.int64)[:-1]
    highest = np.maximum.reduceat(mono, np.minimum(edges, mono.size - 1))
    return [int(value) for value in np.rint(highest / mono.max() * 255)]
