"""Tempo from the onsets of the sound.

Onset strength: positive differences of log band energies (spectral flux over mel-spaced bands, as
Böck & Widmer's SuperFlux without its vibrato filter). Periodicity: autocorrelation of that strength over
windows, summed over a comb of multiples (Percival & Tzanetakis 2014) and weighted by a
log-normal preference of listeners (Ellis 2007). Refinement: the Fourier tempogram (Grosche &
Müller 2011) of the whole song around the winner and its multiples.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

_HOP = 0.01
_BANDS = 36
_MIN_BPM, _MAX_BPM = 40.0, 220.0
_PREFERRED_BPM = 115.0
_SPREAD_OCTAVES = 0.9

Signal = npt.NDArray[np.float32]


def estimate_tempo(mono: Signal, sample_rate: int) -> tuple[float | None, float]:
    """Beats per minute to a tenth and confidence 0..1; None where there is no pulse."""
    onsets = onset_strength(mono, sample_rate)
    rate = 1 / _HOP
    if onsets.size < 4 * rate or not onsets.any():
        return None, 0.0
    candidates = np.exp2(np.arange(np.log2(_MIN_BPM), np.log2(_MAX_BPM), 1 / 120))
    correlation = _autocorrelation(onsets, rate)
    strength = _comb(correlation, candidates, rate)
    preference = np.exp(-0.5 * (np.log2(candidates / _PREFERRED_BPM) / _SPREAD_OCTAVES) ** 2)
    score = np.maximum(strength, 0) * preference
    best = int(np.argmax(score))
    if score[best] <= 0.02:
        return None, 0.0
    bpm = _refine(onsets, float(candidates[best]), rate)
    return round(bpm, 1), float(np.clip(strength[best] * 2, 0, 1))


def onset_strength(mono: Signal, sample_rate: int) -> Signal:
    """One value each 10 ms, its slow trend taken away."""
    size = 1 << round(np.log2(sample_rate * 0.04))
    hop = round(sample_rate * _HOP)
    padded = np.pad(mono, (size // 2, size // 2))
    if padded.size < size + hop or not mono.any():
        return np.zeros(0, np.float32)
    frames = np.lib.stride_tricks.sliding_window_view(padded, size)[::hop]
    window = np.hanning(size).astype(np.float32)
    bands = _mel_bands(size, sample_rate)
    energies = np.concatenate(
        [
            (np.abs(np.fft.rfft(frames[i : i + 1024] * window)).astype(np.float32)) @ bands
            for i in range(0, len(frames), 1024)
        ]
    )
    level = np.log1p(energies / (np.median(energies[energies > 0]) + 1e-9))
    flux = np.maximum(level[2:] - level[:-2], 0).mean(axis=1)
    width = round(1 / _HOP)
    trend = np.convolve(flux, np.ones(width) / width, mode="same")
    return np.asarray(np.maximum(flux - trend, 0), np.float32)


def _mel_bands(size: int, sample_rate: int) -> npt.NDArray[np.float32]:
    """Triangles evenly spaced in mel, 30 Hz to 16 kHz, each of weight one."""
    frequencies = np.fft.rfftfreq(size, 1 / sample_rate)
    top = min(16_000.0, sample_rate / 2)
    mels = np.linspace(_mel(30.0), _mel(top), _BANDS + 2)
    position = (_mel(frequencies)[:, None] - mels[None, 1:-1]) / (mels[1] - mels[0])
    weights = np.maximum(0, 1 - np.abs(position))
    return np.asarray(weights / np.maximum(weights.sum(axis=0), 1e-9), np.float32)


def _mel(frequency: npt.NDArray[np.float64] | float) -> npt.NDArray[np.float64]:
    return np.asarray(2595 * np.log10(1 + np.asarray(frequency) / 700))


def _autocorrelation(onsets: Signal, rate: float) -> npt.NDArray[np.float64]:
    """Mean over windows of 12 s of the unbiased autocorrelation, 1 at lag 0, up to 6.5 s."""
    size = min(onsets.size, round(12 * rate))
    lags = min(size - 1, round(6.5 * rate))
    total = np.zeros(lags + 1)
    for start in range(0, onsets.size - size + 1, max(1, size // 2)):
        part = onsets[start : start + size].astype(np.float64)
        part = part - part.mean()
        spectrum = np.fft.rfft(part, 2 * size)
        total += np.fft.irfft(np.abs(spectrum) ** 2)[: lags + 1]
    total /= 1 - np.arange(lags + 1) / size
    return total / max(total[0], 1e-12)


def _comb(
    correlation: npt.NDArray[np.float64], candidates: npt.NDArray[np.float64], rate: float
) -> npt.NDArray[np.float64]:
    lag = 60 / candidates * rate
    total = np.zeros(candidates.size)
    weight = np.zeros(candidates.size)
    positions = np.arange(correlation.size)
    for multiple, share in ((1, 1.0), (2, 0.7), (4, 0.5), (8, 0.3)):
        inside = lag * multiple < correlation.size - 1
        value = np.interp(lag * multiple, positions, correlation)
        total += np.where(inside, share * value, 0)
        weight += np.where(inside, share, 0)
    return total / weight


def _refine(onsets: Signal, bpm: float, rate: float) -> float:
    """The tempo within 3 % whose pulse and its halves fit the whole song best."""
    grid = bpm * np.linspace(0.97, 1.03, 241)
    time = np.arange(onsets.size) / rate
    fit = np.zeros(grid.size)
    for multiple in (1, 2, 4):
        phase = np.exp((-2j * np.pi * multiple / 60) * grid[:, None] * time[None, :]).astype(np.complex64)
        fit += np.abs(phase @ onsets)
    return float(grid[int(np.argmax(fit))])
