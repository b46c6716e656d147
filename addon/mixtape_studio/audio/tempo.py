"""Tempo from the onsets of the sound.

- Onset strength: spectral flux, the positive differences of log energy in mel-spaced bands, its slow trend taken
  away (Bello et al. 2005; Böck & Widmer 2013).
- Periodicity, measured twice since the two err in opposite directions (Peeters 2006): the
  autocorrelation of 12 s windows summed over a comb of the beat's multiples (Percival & Tzanetakis
  2014), which also likes slower tempi, and the Fourier tempogram of the whole song (Grosche & Müller 2011),
  which also likes faster ones.
- The octave: a log-normal preference around 108 BPM, as listeners have (Ellis 2007).
- To a tenth of a BPM: the tempo next to the winner whose beat, half and quarter fit the whole song best.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from mixtape_studio.audio.frames import Samples
from mixtape_studio.contract import MAX_BPM, MIN_BPM

RATE: Final = 100.0
"""Onset strengths a second."""

_BANDS = 80
_FRAMES = 512
"""Transformed together; fewer keep the matrix library's threads waiting for one another."""
_TOP_HZ = 16_000.0
_COMPRESSION = 100.0
_WINDOW = 12.0
_COMB = (1, 2, 4)
_FOURIER = {1: 1.0, 2: 0.75, 4: 0.25}
_FOURIER_SIZE = 1 << 18
_PREFERRED_BPM = 108.0
_SPREAD_OCTAVES = 1.1
_LEAST_STRENGTH = 0.12
_LEAST_CONFIDENCE = 0.07
"""White noise reaches 0.05."""
_LEAST_SECONDS = 4.0
_CANDIDATES = np.exp2(np.arange(np.log2(MIN_BPM), np.log2(MAX_BPM) + 1e-9, 1 / 120))
_PREFERENCE = np.exp(-0.5 * (np.log2(_CANDIDATES / _PREFERRED_BPM) / _SPREAD_OCTAVES) ** 2)

Curve = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Tempo:
    bpm: float | None
    """None where there is no pulse."""
    confidence: float
    """0..1: how strong the pulse is and how far ahead of every other tempo."""


def estimate_tempo(mono: npt.NDArray[np.float32], sample_rate: int) -> Tempo:
    onsets = onset_strength(mono, sample_rate)
    if onsets.size < _LEAST_SECONDS * RATE or not onsets.any():
        return Tempo(None, 0.0)
    spectrum = np.abs(np.fft.rfft(onsets, _FOURIER_SIZE)) / np.sqrt(np.sum(onsets**2) * onsets.size)
    strength = np.maximum(_comb(onsets) + _fourier(spectrum), 0) * _PREFERENCE
    best = int(np.argmax(strength))
    if strength[best] < _LEAST_STRENGTH:
        return Tempo(None, 0.0)
    apart = np.abs(np.log2(_CANDIDATES / _CANDIDATES[best])) > np.log2(1.04)
    lead = 1 - float(strength[apart].max()) / float(strength[best])
    confidence = min(1.0, float(strength[best])) * min(1.0, 0.4 + 2 * lead)
    if confidence < _LEAST_CONFIDENCE:
        return Tempo(None, 0.0)
    return Tempo(round(_refine(spectrum, float(_CANDIDATES[best])), 1), round(confidence, 3))


def onset_strength(mono: npt.NDArray[np.float32], sample_rate: int) -> Curve:
    """One value each 10 ms."""
    size = 1 << round(np.log2(sample_rate * 0.0427))
    hop = round(sample_rate / RATE)
    if mono.size < size or not mono.any():
        return np.zeros(0)
    frames = np.lib.stride_tricks.sliding_window_view(np.pad(mono, size // 2), size)[::hop]
    window = np.hanning(size).astype(np.float32)
    bands = _mel_bands(size, sample_rate)
    energies = np.concatenate(
        [
            np.abs(np.fft.rfft(frames[start : start + _FRAMES] * window)[:, : bands.shape[0]]) @ bands
            for start in range(0, len(frames), _FRAMES)
        ]
    )
    level = np.log1p(energies * (_COMPRESSION / energies.max()))
    flux = np.maximum(np.diff(level, axis=0), 0).mean(axis=1, dtype=np.float64)
    trend = np.convolve(flux, np.full(round(RATE), 1 / RATE), mode="same")[: flux.size]
    return np.asarray(np.maximum(flux - trend, 0), np.float64)


def _mel_bands(size: int, sample_rate: int) -> Samples:
    """Triangles evenly spaced in mel from 30 Hz, (bins, bands), each of sum one."""
    frequencies = np.fft.rfftfreq(size, 1 / sample_rate)
    frequencies = frequencies[frequencies <= min(_TOP_HZ, sample_rate / 2)]
    mel = 2595 * np.log10(1 + frequencies / 700)
    edges = np.linspace(2595 * np.log10(1 + 30 / 700), mel[-1], _BANDS + 2)
    weights = np.maximum(0, 1 - np.abs((mel[:, None] - edges[None, 1:-1]) / (edges[1] - edges[0])))
    total = weights.sum(axis=0)
    return np.asarray(weights[:, total > 0] / total[total > 0], np.float32)


def _comb(onsets: Curve) -> Curve:
    """Mean autocorrelation at the multiples of each candidate's beat, 1 for a perfect pulse."""
    size = min(onsets.size, round(_WINDOW * RATE))
    lags = min(size - 1, round(max(_COMB) * 60 / MIN_BPM * RATE) + 1)
    total = np.zeros(lags + 1)
    for start in range(0, onsets.size - size + 1, max(1, size // 2)):
        part = onsets[start : start + size] - onsets[start : start + size].mean()
        total += np.fft.irfft(np.abs(np.fft.rfft(part, 2 * size)) ** 2)[: lags + 1]
    total /= 1 - np.arange(lags + 1) / size
    correlation = total / max(float(total[0]), 1e-12)
    beat = 60 / _CANDIDATES * RATE
    values = np.array([np.interp(beat * m, np.arange(lags + 1), correlation, right=np.nan) for m in _COMB])
    return np.asarray(np.nan_to_num(np.nanmean(values, axis=0)), np.float64)


def _fourier(spectrum: Curve) -> Curve:
    """Weighted magnitude at each candidate's frequency and its harmonics, the highest within 0.6 %."""
    total = np.zeros(_CANDIDATES.size)
    for harmonic, weight in _FOURIER.items():
        near = [_at(spectrum, harmonic * _CANDIDATES * (1 + shift)) for shift in (-0.006, -0.003, 0, 0.003, 0.006)]
        total += weight * np.max(near, axis=0)
    return total


def _at(spectrum: Curve, bpm: Curve) -> Curve:
    return np.interp(bpm / 60 / RATE * _FOURIER_SIZE, np.arange(spectrum.size), spectrum)


def _refine(spectrum: Curve, bpm: float) -> float:
    grid = bpm * np.linspace(0.98, 1.02, 801)
    fit = sum(_at(spectrum, harmonic * grid) for harmonic in (1, 2, 4))
    return float(grid[int(np.argmax(fit))])
