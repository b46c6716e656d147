"""The master's loudness and peaks, seen by other meters than the one that made it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mixtape_studio.audio.loudness import SILENCE_DBTP, SILENCE_LUFS
from mixtape_studio.audio.mastering import UnusableAudioError, master, measure_loudness

from .conftest import RATE, band, integrated, true_peak


def test_meter_agrees_with_pyloudnorm(song):
    measured = measure_loudness(song, RATE)
    assert measured.lufs == pytest.approx(integrated(song), abs=0.1)
    assert measured.true_peak == pytest.approx(true_peak(song), abs=0.3)


def test_meter_sees_a_peak_in_the_last_samples():
    sound = np.zeros((2, RATE + 1234), np.float32)
    sound[:, -2] = 0.5
    assert measure_loudness(sound, RATE).true_peak == pytest.approx(-6.0, abs=0.3)


@pytest.mark.parametrize("rate", [22_050, 44_100, 96_000])
def test_meter_at_other_rates(rate):
    sound = band(3, rate)
    assert measure_loudness(sound, rate).lufs == pytest.approx(integrated(sound, rate), abs=0.1)


@pytest.mark.parametrize("crest", [0.5, 6.0, 30.0, 100.0])
@pytest.mark.parametrize("level", [0.001, 0.05, 4.0])
def test_target_is_met_whatever_the_level_and_the_crest(crest, level):
    sound = band(8, crest=crest, level=level)
    result = master(sound, RATE, trim_silence=False)
    assert result.samples.shape == sound.shape
    assert result.samples.dtype == np.float32
    assert integrated(result.samples) == pytest.approx(-14.0, abs=0.5)
    assert result.loudness.true_peak <= -1.0
    assert true_peak(result.samples) <= -0.9


def test_clipped_square_wave_is_turned_down_untouched():
    sound = np.sign(band(5, level=40)).astype(np.float32)
    result = master(sound, RATE, trim_silence=False)
    assert integrated(result.samples) == pytest.approx(-14.0, abs=0.5)
    assert np.corrcoef(result.samples[0], sound[0])[0, 1] > 0.9999


def test_limiter_leaves_what_needs_none_linear():
    sound = band(6, crest=0.1)
    result = master(sound, RATE, trim_silence=False).samples
    gain = float(result[0, 1000] / sound[0, 1000])
    np.testing.assert_allclose(result, sound * gain, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("sound", [np.zeros((2, RATE), np.float32), np.full((2, RATE), 0.7, np.float32)])
def test_silence_and_direct_current_become_silence(sound):
    result = master(sound, RATE, trim_silence=True)
    assert result.samples.shape == sound.shape
    assert np.abs(result.samples).max() < 1e-6
    assert (result.loudness.lufs, result.loudness.true_peak) == (SILENCE_LUFS, SILENCE_DBTP)


def test_direct_current_is_removed_from_music(song):
    shifted = master(song + np.float32(0.3), RATE, trim_silence=False)
    assert abs(float(shifted.samples.mean())) < 1e-4
    assert integrated(shifted.samples) == pytest.approx(-14.0, abs=0.5)


def test_lone_click_stays_under_the_ceiling_and_is_not_blown_up():
    sound = np.zeros((2, 3 * RATE), np.float32)
    sound[:, RATE] = 1.0
    result = master(sound, RATE, trim_silence=False)
    assert result.loudness.true_peak <= -1.0
    assert np.isfinite(result.samples).all()
    assert np.abs(result.samples[:, 2 * RATE :]).max() == 0


def test_loud_sound_too_short_for_the_meter_is_only_limited():
    sound = band(0.2, level=2.0)
    result = master(sound, RATE, trim_silence=False)
    assert result.samples.shape == sound.shape
    assert result.loudness.true_peak <= -1.0


def test_noise_up_to_the_nyquist_frequency_keeps_the_ceiling():
    random = np.random.default_rng(5)
    time = np.arange(6 * RATE) / RATE
    noise = (random.standard_normal((2, time.size)) * np.exp(-(time % 0.7) * 60)).astype(np.float32)
    result = master(noise, RATE, trim_silence=False)
    assert result.loudness.true_peak <= -1.0
    assert measure_loudness(result.samples, RATE) == result.loudness


def test_mono_becomes_two_equal_channels(song):
    one = master(song[:1], RATE, trim_silence=False)
    flat = master(song[0], RATE, trim_silence=False)
    assert one.samples.shape == (2, song.shape[1])
    np.testing.assert_array_equal(one.samples[0], one.samples[1])
    np.testing.assert_array_equal(one.samples, flat.samples)
    assert integrated(one.samples) == pytest.approx(-14.0, abs=0.5)


@pytest.mark.parametrize("rate", [16_000, 44_100, 96_000])
def test_other_rates_are_resampled_in_time_and_pitch(rate):
    time = np.arange(4 * rate + 123) / rate
    tone = np.tile(np.sin(2 * np.pi * 1000 * time) * 0.2, (2, 1)).astype(np.float32)
    result = master(tone, rate, trim_silence=False)
    assert result.sample_rate == RATE
    assert result.samples.shape[1] == round(tone.shape[1] * RATE / rate)
    expected = np.sin(2 * np.pi * 1000 * np.arange(result.samples.shape[1]) / RATE)
    middle = slice(RATE, 3 * RATE)
    assert np.corrcoef(result.samples[0, middle], expected[middle])[0, 1] > 0.999


def test_silence_is_trimmed_only_when_asked(song):
    padded = np.pad(song, ((0, 0), (2 * RATE, 3 * RATE)))
    kept = master(padded, RATE, trim_silence=False)
    cut = master(padded, RATE, trim_silence=True)
    assert kept.samples.shape[1] == padded.shape[1]
    assert song.shape[1] <= cut.samples.shape[1] < song.shape[1] + RATE // 2


@pytest.mark.parametrize(
    ("sound", "words"),
    [
        (np.zeros((2, 0), np.float32), "no samples"),
        (np.zeros((6, 100), np.float32), "channels"),
        (np.zeros((2, 3, 4), np.float32), "channels"),
        (np.array([[0.0, np.nan, 0.0]]), "not numbers"),
        (np.array([[0.0, np.inf, -np.inf]]), "not numbers"),
    ],
)
def test_what_is_not_sound_is_refused(sound, words):
    with pytest.raises(UnusableAudioError, match=words):
        master(sound, RATE, trim_silence=False)


@pytest.mark.parametrize(
    ("seconds", "rate", "crest", "level", "seed"),
    [(2.5, 48_000, 109.0, 1.0, 938), (0.327, 32_000, 100.0, 0.542, 961), (1.837, 48_000, 100.0, 0.0227, 152)],
)
def test_loudness_that_jumps_at_the_gate_ends_below_the_target(seconds, rate, crest, level, seed):
    result = master(band(seconds, rate, crest, level, seed), rate, trim_silence=False)
    assert result.loudness.lufs <= -13.5
    assert result.loudness.true_peak <= -1.0


@settings(max_examples=25, deadline=None)
@given(
    seconds=st.floats(0.01, 2.5),
    level=st.floats(1e-6, 100),
    crest=st.floats(0, 200),
    channels=st.sampled_from([1, 2]),
    rate=st.sampled_from([32_000, 48_000]),
    seed=st.integers(0, 1000),
)
def test_invariants(seconds, level, crest, channels, rate, seed):
    sound = band(seconds, rate, crest, level, seed)[:channels]
    result = master(sound, rate, trim_silence=False)
    assert result.samples.shape == (2, round(sound.shape[1] * RATE / rate))
    assert np.isfinite(result.samples).all()
    assert result.loudness.true_peak <= -1.0
    assert result.loudness.lufs <= -13.5
    again = master(sound, rate, trim_silence=False)
    np.testing.assert_array_equal(result.samples, again.samples)
