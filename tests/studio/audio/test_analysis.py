"""Tempo, key and outline of sounds whose truth is known."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from mixtape_studio.audio.analysis import Analysis, analyse, waveform_peaks
from mixtape_studio.engines.base import RenderRequest
from mixtape_studio.engines.composer import ComposerEngine

from .conftest import RATE

SOUNDFONT = Path(__file__).parents[3] / ".tools/soundfont/MuseScore_General_Lite.sf3"
MAJOR, MINOR = (0, 2, 4, 5, 7, 9, 11), (0, 2, 3, 5, 7, 8, 10)


def note(pitch: float, seconds: float, rate: int = RATE):
    time = np.arange(int(rate * seconds)) / rate
    frequency = 440 * 2 ** ((pitch - 69) / 12)
    partials = sum(np.sin(2 * np.pi * frequency * h * time) * 0.5**h for h in range(1, 6))
    return partials * np.exp(-time * 3)


def play(bpm: float, tonic: int, mode: str, *, seconds: float = 16, rate: int = RATE, cents: float = 0.0):
    """I-vi-IV-V (i-VI-iv-V in minor), a chord each beat, a bass note each bar and a drum on each beat."""
    random = np.random.default_rng(tonic)
    scale = MAJOR if mode == "major" else MINOR
    sound = np.zeros(int(rate * (seconds + 3)))
    for beat in range(int(seconds * bpm / 60)):
        start = int(beat * 60 / bpm * rate)
        degree = (0, 5, 3, 4)[beat // 4 % 4]
        pitches = [scale[(degree + step) % 7] + 12 * ((degree + step) // 7) for step in (0, 2, 4)]
        if mode == "minor" and degree == 4:
            pitches[1] += 1
        tones = [48 + tonic + pitch for pitch in pitches] + ([36 + tonic + pitches[0] % 12] if beat % 4 == 0 else [])
        for tone in tones:
            wave = note(tone + cents / 100, 1.0, rate) * (0.25 if beat % 4 == 0 else 0.12)
            sound[start : start + wave.size] += wave
        drum = random.standard_normal(rate // 10) * np.exp(-np.arange(rate // 10) / rate * 60)
        sound[start : start + drum.size] += drum * (0.5 if beat % 2 else 0.3)
    return np.tile(sound[: int(rate * seconds)], (2, 1)).astype(np.float32) * 0.3


@pytest.mark.parametrize("bpm", [76.0, 90.0, 104.5, 120.0, 137.3, 150.0])
def test_tempo_to_a_fraction(bpm):
    found = analyse(play(bpm, 0, "major"), RATE)
    assert found.bpm == pytest.approx(bpm, abs=0.3)
    assert found.bpm_confidence > 0.3


@pytest.mark.parametrize(
    ("tonic", "mode", "name"),
    [
        (0, "major", "C major"),
        (1, "minor", "C# minor"),
        (3, "major", "Eb major"),
        (5, "minor", "F minor"),
        (6, "major", "F# major"),
        (8, "minor", "G# minor"),
        (10, "major", "Bb major"),
        (11, "minor", "B minor"),
    ],
)
def test_key(tonic, mode, name):
    found = analyse(play(100, tonic, mode), RATE)
    assert found.key == name
    assert found.key_confidence > 0.3


@pytest.mark.parametrize("cents", [-40, 35])
def test_detuned_music_keeps_its_key(cents):
    assert analyse(play(100, 2, "major", cents=cents), RATE).key == "D major"


@pytest.mark.parametrize("rate", [22_050, 44_100, 96_000])
def test_other_rates(rate):
    found = analyse(play(110, 7, "major", rate=rate), rate)
    assert found.bpm == pytest.approx(110, abs=0.3)
    assert found.key == "G major"


@pytest.mark.parametrize("length", [0, 1, 1000, RATE])
def test_silence_has_neither(length):
    assert analyse(np.zeros((2, length), np.float32), RATE) == Analysis(None, 0.0, None, 0.0)


def test_noise_has_neither_with_any_confidence():
    noise = np.random.default_rng(3).standard_normal((2, 10 * RATE)).astype(np.float32) * 0.1
    found = analyse(noise, RATE)
    assert found.bpm is None
    assert found.key_confidence < 0.3


def test_a_held_note_has_no_pulse():
    tone = np.sin(2 * np.pi * 220 * np.arange(10 * RATE) / RATE)
    assert analyse(np.tile(tone, (2, 1)).astype(np.float32) * 0.3, RATE).bpm is None


def test_a_moment_of_music_has_a_key_but_no_tempo():
    found = analyse(play(120, 0, "major", seconds=2), RATE)
    assert found.bpm is None
    assert found.key is not None


def test_song_of_the_composer():
    soundfont = Path(os.environ.get("MIXTAPE_SOUNDFONT", SOUNDFONT))
    assert soundfont.is_file(), f"the SoundFont {soundfont} is missing: run scripts/setup"
    request = RenderRequest(
        caption="",
        genre="pop",
        mood="uplifting",
        bpm=117,
        key="Eb major",
        time_signature="4/4",
        duration=25.0,
        instrumental=True,
        language="en",
        lyrics=None,
        seed=4,
    )
    take = ComposerEngine(soundfont).render(request, lambda _: None, lambda: False)[0]
    found = analyse(take.samples, take.sample_rate)
    assert found.bpm == pytest.approx(117, abs=0.5)
    assert found.key == "Eb major"


def test_peaks_follow_the_outline():
    sound = np.zeros((2, 80_000), np.float32)
    sound[:, 40_000:60_000] = 0.25
    sound[:, 60_000:] = -0.5
    peaks = waveform_peaks(sound)
    assert len(peaks) == 800
    assert (peaks[399], peaks[400], peaks[599], peaks[600], peaks[799]) == (0, 128, 128, 255, 255)
    assert all(type(peak) is int for peak in peaks)


@pytest.mark.parametrize("length", [0, 1, 7, 799, 801])
def test_peaks_of_short_sounds(length):
    peaks = waveform_peaks(np.full((1, length), 0.1, np.float32))
    assert len(peaks) == 800
    assert set(peaks) <= {0, 255}
    assert waveform_peaks(np.zeros((2, length), np.float32), 10) == [0] * 10
