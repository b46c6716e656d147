"""Files, decoded again."""

from __future__ import annotations

import errno
from pathlib import Path

import numpy as np
import pytest
from mutagen.flac import FLAC
from mutagen.mp3 import MP3, BitrateMode

from mixtape_studio.audio.encoding import decode, encode
from mixtape_studio.audio.mastering import master
from mixtape_studio.contract import AudioFormat

from .conftest import RATE, band, integrated, true_peak


@pytest.fixture(scope="module")
def mastered(song):
    return master(song, RATE, trim_silence=False).samples


def test_flac_is_the_master_to_16_bit(tmp_path, mastered):
    path = tmp_path / "song.flac"
    encode(path, AudioFormat.FLAC, mastered, RATE)
    decoded, rate = decode(path)
    assert rate == RATE
    assert decoded.shape == mastered.shape
    assert np.abs(decoded - mastered).max() <= 1.6 / 32768
    info = FLAC(path).info
    assert (info.total_samples, info.bits_per_sample, info.channels) == (mastered.shape[1], 16, 2)
    assert integrated(decoded) == pytest.approx(-14.0, abs=0.5)
    assert true_peak(decoded) <= -1.0


def test_dither_is_noise_and_not_distortion(tmp_path):
    # Half a step of sine vanishes in plain rounding, and survives dither at its own level.
    time = np.arange(4 * RATE) / RATE
    tone = np.sin(2 * np.pi * 1000 * time)
    encode(tmp_path / "quiet.flac", AudioFormat.FLAC, np.tile(tone * 0.4 / 32768, (2, 1)).astype(np.float32), RATE)
    decoded, _ = decode(tmp_path / "quiet.flac")
    level = 2 * float(np.mean(decoded[0] * tone)) * 32768
    assert level == pytest.approx(0.4, abs=0.02)


@pytest.mark.parametrize("length", [RATE, 3 * RATE + 17, 1151, 1152 * 50])
def test_mp3_decodes_to_the_same_length_in_time(tmp_path, length):
    sound = band(4)[:, :length]
    path = tmp_path / "song.mp3"
    encode(path, AudioFormat.MP3, sound, RATE)
    decoded, rate = decode(path)
    assert rate == RATE
    # The header cannot say less than 529 samples of padding, which leaves up to a millisecond.
    assert length <= decoded.shape[1] <= length + (46 if 0 < length % 1152 < 47 else 0)
    assert np.corrcoef(decoded[0, :length], sound[0])[0, 1] > 0.98


def test_mp3_loudness_bitrate_and_peak(tmp_path, mastered):
    path = tmp_path / "song.mp3"
    encode(path, AudioFormat.MP3, mastered, RATE)
    decoded, _ = decode(path)
    assert integrated(decoded) == pytest.approx(-14.0, abs=0.5)
    assert true_peak(decoded) <= -0.3
    info = MP3(path).info
    assert (info.bitrate, info.bitrate_mode) == (192_000, BitrateMode.CBR)


@pytest.mark.parametrize("seed", [1, 2])
def test_mp3_peak_is_lowered_where_coding_lifted_it(tmp_path, seed):
    # Clipped noise at full scale comes out of the decoder far over it.
    random = np.random.default_rng(seed)
    sound = np.clip(random.standard_normal((2, 3 * RATE)) * 0.6, -0.95, 0.95).astype(np.float32)
    path = tmp_path / "hot.mp3"
    encode(path, AudioFormat.MP3, sound, RATE)
    assert true_peak(decode(path)[0]) <= -0.3


@pytest.mark.parametrize("audio_format", list(AudioFormat))
def test_same_samples_same_bytes(tmp_path, mastered, audio_format):
    for name in ("one", "two"):
        encode(tmp_path / name, audio_format, mastered[:, :RATE], RATE)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


@pytest.mark.parametrize("audio_format", list(AudioFormat))
def test_silence_and_mono(tmp_path, audio_format):
    encode(tmp_path / "x", audio_format, np.zeros((1, RATE), np.float32), RATE)
    decoded, _ = decode(tmp_path / "x")
    assert decoded.shape == (1, RATE)
    assert np.abs(decoded).max() < 1e-4


@pytest.mark.parametrize("audio_format", list(AudioFormat))
def test_full_disk_is_an_os_error(mastered, audio_format):
    with pytest.raises(OSError) as caught:  # noqa: PT011 - errno is checked below
        encode(Path("/dev/full"), audio_format, mastered[:, :RATE], RATE)
    assert caught.value.errno == errno.ENOSPC


def test_what_is_not_audio_is_refused(tmp_path):
    (tmp_path / "text.mp3").write_text("not a song")
    with pytest.raises(ValueError, match="not an audio file"):
        decode(tmp_path / "text.mp3")
    with pytest.raises(FileNotFoundError):
        decode(tmp_path / "missing.flac")
