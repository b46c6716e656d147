"""Key from the sound's pitch classes.

A long-window spectrum is mapped to semitones (tuning estimated first), each frame whitened so that loud
notes and broad noise do not rule, harmonics credited to their fundamentals (Gómez 2006), and the
mean chroma compared with key profiles in all 24 rotations (Krumhansl & Schmuckler; the
profiles are Temperley's).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from mixtape_studio.audio.frames import resample

_RATE = 12_000
_SIZE = 8192
_HOP = 2048
_LOW, _HIGH = 33, 96
_TONICS = ("C", "Db", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")
_MINOR_TONICS = ("C", "C#", "D", "Eb", "E", "F", "F#", "G", "G#", "A", "Bb", "B")
_MAJOR = np.array([5.0, 2.0, 3.5, 2.0, 4.5, 4.0, 2.0, 4.5, 2.0, 3.5, 1.5, 4.0])
_MINOR = np.array([5.0, 2.0, 3.5, 4.5, 2.0, 4.0, 2.0, 4.5, 3.5, 2.0, 1.5, 4.0])


def estimate_key(mono: npt.NDArray[np.float32], sample_rate: int) -> tuple[str | None, float]:
    """The key and confidence 0..1; None where nothing is tonal."""
    chroma = mean_chroma(mono, sample_rate)
    if chroma is None:
        return None, 0.0
    scores = np.array([[_fit(chroma, np.roll(p, tonic)) for tonic in range(12)] for p in (_MAJOR, _MINOR)])
    mode, tonic = np.unravel_index(int(np.argmax(scores)), scores.shape)
    ordered = np.sort(scores.ravel())
    if ordered[-1] < 0.2:
        return None, 0.0
    name = f"{_TONICS[tonic]} major" if mode == 0 else f"{_MINOR_TONICS[tonic]} minor"
    return name, float(np.clip(ordered[-1] * (0.5 + 5 * (ordered[-1] - ordered[-2])), 0, 1))


def _fit(chroma: npt.NDArray[np.float64], profile: npt.NDArray[np.float64]) -> float:
    return float(np.corrcoef(chroma, profile)[0, 1])


def mean_chroma(mono: npt.NDArray[np.float32], sample_rate: int) -> npt.NDArray[np.float64] | None:
    """Share of each pitch class, C first; None for silence."""
    sound = resample(mono[None, :], sample_rate, _RATE)[0]
    if sound.size < _SIZE:
        sound = np.pad(sound, (0, _SIZE - sound.size))
    frames = np.lib.stride_tricks.sliding_window_view(sound, _SIZE)[::_HOP]
    spectrum = np.abs(np.fft.rfft(frames * np.hanning(_SIZE).astype(np.float32))).astype(np.float32)
    if not spectrum.max() > 1e-4:
        return None
    level = spectrum @ _semitone_filters(0.0)
    level = np.sqrt(level)
    level -= level.mean(axis=1, keepdims=True)
    level = np.maximum(level, 0)
    salience = level.mean(axis=0).astype(np.float64)
    if not salience.any():
        return None
    chroma = np.zeros(12)
    np.add.at(chroma, np.arange(_LOW, _HIGH + 1) % 12, salience)
    return np.asarray(chroma / chroma.sum(), np.float64)


def _semitone_filters(tuning: float) -> npt.NDArray[np.float32]:
    """Columns: what each semitone hears, Gaussian in pitch; ``tuning`` in semitones."""
    frequencies = np.fft.rfftfreq(_SIZE, 1 / _RATE)
    pitch = 69 + 12 * np.log2(np.maximum(frequencies, 1.0) / 440) - tuning
    notes = np.arange(_LOW, _HIGH + 1)
    return np.asarray(np.exp(-0.5 * ((pitch[:, None] - notes[None, :]) / 0.2) ** 2), np.float32)
