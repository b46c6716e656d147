"""Sounds for the audio tests, and instruments independent of those under test."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyloudnorm
import pytest

RATE = 48_000


def band(seconds: float, rate: int = RATE, crest: float = 6.0, level: float = 0.05, seed: int = 1):
    """A chord with drum hits: ``crest`` is how far the hits stand out."""
    random = np.random.default_rng(seed)
    time = np.arange(round(rate * seconds)) / rate
    chord = sum(np.sin(2 * np.pi * f * time) for f in (110.0, 220.0, 277.18, 329.63))
    noise = np.convolve(random.standard_normal(time.size), np.ones(4) / 4, mode="same")
    hits = noise * np.exp(-(time % 0.5) * 30) * crest
    return (np.stack([chord + hits, 0.9 * chord + 0.8 * hits]) * level).astype(np.float32)


def integrated(samples: npt.NDArray[np.float32], rate: int = RATE) -> float:
    """LUFS by pyloudnorm."""
    return float(pyloudnorm.Meter(rate).integrated_loudness(samples.T.astype(np.float64)))


def true_peak(samples: npt.NDArray[np.float32]) -> float:
    """dBTP by 8 times oversampling of overlapping blocks in the frequency domain."""
    block, edge = 1 << 16, 1024
    fade = np.ones(block + 2 * edge)
    fade[:edge] = np.hanning(2 * edge)[:edge]
    fade[-edge:] = fade[:edge][::-1]
    highest = 1e-9
    for channel in samples:
        padded = np.pad(channel.astype(np.float64), (edge, edge + block))
        for start in range(0, channel.size, block):
            part = padded[start : start + block + 2 * edge] * fade[: padded[start:].size]
            fine = np.fft.irfft(np.fft.rfft(part), 8 * part.size) * 8
            highest = max(highest, float(np.abs(fine[8 * edge : -8 * edge]).max()))
    return 20 * float(np.log10(highest))


@pytest.fixture(scope="session")
def song() -> npt.NDArray[np.float32]:
    return band(12)
