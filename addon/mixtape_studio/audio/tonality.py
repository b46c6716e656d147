"""Key from the sound's pitch classes.

- Pitch classes: spectral peaks at their interpolated frequencies, each given to the nearest semitone of the
  tuning found in the song itself (Gómez 2006), compressed and whitened frame by frame so that neither loud notes nor
  broad noise rule; part of each harmonic is credited to its fundamental.
- Key: correlation with the 24 rotations of a major and a minor profile (Krumhansl & Schmuckler 1990). The profiles
  are Albrecht & Shanahan's (2013), counted in a corpus, the best of six pairs on our own songs.
- A song's bass, and its first and last two seconds, name the tonic more plainly than the rest, and are
  what tells a minor key from its relative major: they are correlated too, with less weight.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mixtape_studio.audio.frames import Samples, resample

_RATE = 12_000
_SIZE = 8192
_HOP = 2048
_LOW, _HIGH = 24, 96
"""MIDI notes: C1 to C7."""
_BASS_TOP = 57
_MELODY_LOW = 45
_BASS_WEIGHT, _END_WEIGHT, _START_WEIGHT = 0.6, 0.5, 0.4
_EDGE_FRAMES = 11
"""Frames of beginning and end: two seconds."""
_HARMONICS = ((12, 0.2), (19, 0.04), (24, 0.008))
"""Semitones above the fundamental, and the share credited to it."""
_LEAST_FIT = 0.35
_TONICS = ("C", "Db", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")
_MINOR_TONICS = ("C", "C#", "D", "Eb", "E", "F", "F#", "G", "G#", "A", "Bb", "B")
_MAJOR = (0.238, 0.006, 0.111, 0.006, 0.137, 0.094, 0.016, 0.214, 0.009, 0.080, 0.008, 0.081)
_MINOR = (0.220, 0.006, 0.104, 0.123, 0.019, 0.103, 0.012, 0.214, 0.062, 0.022, 0.061, 0.052)

Curve = npt.NDArray[np.float64]


def _rotations() -> Curve:
    """(24, 12): twelve major profiles and twelve minor, each of mean zero and length one."""
    rows = np.array([np.roll(profile, tonic) for profile in (_MAJOR, _MINOR) for tonic in range(12)])
    rows -= rows.mean(axis=1, keepdims=True)
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), np.float64)


_PROFILES = _rotations()


@dataclass(frozen=True)
class Tonality:
    key: str | None
    """None where nothing is tonal."""
    confidence: float
    """0..1: how well the key fits, and how far ahead of the next."""


def estimate_key(mono: npt.NDArray[np.float32], sample_rate: int) -> Tonality:
    notes = note_salience(mono, sample_rate)
    if notes is None:
        return Tonality(None, 0.0)
    overall = notes.mean(axis=0)
    fit = _fit(overall, low=_MELODY_LOW)
    if fit.max() < _LEAST_FIT:
        return Tonality(None, 0.0)
    score = (
        fit
        + _BASS_WEIGHT * _fit(overall, high=_BASS_TOP)
        + _END_WEIGHT * _fit(notes[-_EDGE_FRAMES:].mean(axis=0))
        + _START_WEIGHT * _fit(notes[:_EDGE_FRAMES].mean(axis=0))
    )
    order = np.argsort(score)
    best = int(order[-1])
    lead = float(score[best] - score[order[-2]])
    name = f"{_TONICS[best]} major" if best < 12 else f"{_MINOR_TONICS[best - 12]} minor"
    confidence = float(np.clip(fit[best], 0, 1)) * min(1.0, 0.35 + 1.5 * lead)
    return Tonality(name, round(confidence, 3))


def note_salience(mono: npt.NDArray[np.float32], sample_rate: int) -> Curve | None:
    """(frames, notes from ``_LOW`` to ``_HIGH``), each frame of sum one or less; silent ends cut. None for silence."""
    sound = resample(mono[None, :], sample_rate, _RATE)[0]
    frames = np.lib.stride_tricks.sliding_window_view(np.pad(sound, _SIZE // 2), _SIZE)[::_HOP]
    window = np.hanning(_SIZE).astype(np.float32)
    # A few frames at a time stay in the processor's cache.
    parts = [np.abs(np.fft.rfft(frames[start : start + 32] * window)) for start in range(0, len(frames), 32)]
    spectrum = np.concatenate(parts).astype(np.float32, copy=False)
    if spectrum.max() < 1e-3:
        return None
    frame, pitch, magnitude = _peaks(spectrum)
    # The song's own tuning: the mean deviation from the nearest semitone, on a circle of one semitone.
    tuning = float(np.angle(np.sum(magnitude * np.exp(2j * np.pi * pitch)))) / (2 * np.pi)
    pitch = pitch - tuning
    note = np.rint(pitch).astype(np.int64)
    weight = magnitude * np.cos(np.pi * (pitch - note)) ** 2
    width = _HIGH - _LOW + 1
    inside = (note >= _LOW) & (note <= _HIGH)
    place = frame[inside] * width + note[inside] - _LOW
    level = np.sqrt(np.bincount(place, weight[inside], len(frames) * width).reshape(len(frames), width))
    level = np.maximum(level - level.mean(axis=1, keepdims=True), 0)
    salience = level.copy()
    for semitones, share in _HARMONICS:
        salience[:, :-semitones] += share * level[:, semitones:]
    total = salience.sum(axis=1)
    if not total.any():
        return None
    sounding = np.flatnonzero(total > 0.1 * total.max())
    # The constant keeps near-silent frames from counting as much as the rest.
    salience /= (total + 0.05 * total.max())[:, None]
    return np.asarray(salience[sounding[0] : sounding[-1] + 1], np.float64)


def _peaks(spectrum: Samples) -> tuple[npt.NDArray[np.intp], Curve, Curve]:
    """Frame, MIDI pitch and magnitude of each local maximum, its frequency by parabolic interpolation."""
    middle = spectrum[:, 1:-1]
    summit = (middle > spectrum[:, :-2]) & (middle >= spectrum[:, 2:]) & (middle > 1e-3 * spectrum.max())
    frame, place = np.nonzero(summit)
    before, at, after = (np.log(spectrum[frame, place + k] + 1e-9).astype(np.float64) for k in (0, 1, 2))
    offset = np.clip(0.5 * (before - after) / np.minimum(before - 2 * at + after, -1e-9), -0.5, 0.5)
    frequency = (place + 1 + offset) * _RATE / _SIZE
    return frame, 69 + 12 * np.log2(frequency / 440), np.exp(at)


def _fit(notes: Curve, low: int = _LOW, high: int = _HIGH) -> Curve:
    """Correlation with each of the 24 keys of the notes from ``low`` to ``high``."""
    span = np.arange(low, high + 1)
    chroma = np.bincount(span % 12, notes[span - _LOW], 12)
    chroma = chroma - chroma.mean()
    return np.asarray(_PROFILES @ chroma / max(float(np.linalg.norm(chroma)), 1e-12), np.float64)
