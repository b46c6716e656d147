"""Audio files: FLAC as the master copy, MP3 because every speaker takes it."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Final

import av
import numpy as np
import numpy.typing as npt
from av.audio.stream import AudioStream

from mixtape_studio.audio.frames import Samples, to_frames
from mixtape_studio.audio.limiter import apply_gain, gain_curve, true_peaks
from mixtape_studio.contract import AudioFormat

MP3_BITRATE: Final = 192_000
MAX_MP3_TRUE_PEAK: Final = -0.3
"""dBTP after decoding; lossy coding moves peaks, so it can only be known afterwards."""

_DITHER_SEED = 0
_MARGIN = 0.1
"""Decibels: how far the limiter's interpolation may stay under the true peak of hot noise."""
_NOT_AUDIO = (av.error.FFmpegError, IndexError)


def encode(path: Path, audio_format: AudioFormat, samples: Samples, sample_rate: int) -> None:
    """Write ``samples`` (channels, n) to ``path``; the same samples give the same bytes.

    FLAC keeps the exact length. So does MP3 by its gapless header, but for up to 46 samples more where the
    last frame has too little padding to say so.

    The file is made in memory and written in one go: FFmpeg hides a failed last flush, Python does not.

    Raises:
        OSError: the file could not be written; ``errno`` is ``ENOSPC`` on a full disk.
    """
    data = _flac(samples, sample_rate) if audio_format is AudioFormat.FLAC else _mp3_under_ceiling(samples, sample_rate)
    path.write_bytes(data)


def decode(path: Path) -> tuple[Samples, int]:
    """All samples of a file (channels, n) and their rate.

    Raises:
        OSError: the file could not be read.
        ValueError: it is not audio.
    """
    return _decode(BytesIO(path.read_bytes()))


def _flac(samples: Samples, sample_rate: int) -> bytes:
    return _encode(_dither(samples), sample_rate, container="flac", codec="flac", sample_format="s16", options={})


def _dither(samples: Samples) -> npt.NDArray[np.int16]:
    """16 bit with triangular dither of ±1 step, from a fixed seed so that files can be compared."""
    random = np.random.default_rng(_DITHER_SEED)
    out = np.empty(samples.shape, np.int16)
    for start in range(0, samples.shape[1], 1 << 18):
        block = samples[:, start : start + (1 << 18)]
        noise = random.random(block.shape, np.float32) - random.random(block.shape, np.float32)
        noise += block * np.float32(32768)
        out[:, start : start + (1 << 18)] = np.clip(np.rint(noise, out=noise), -32768, 32767)
    return out


def _mp3_under_ceiling(samples: Samples, sample_rate: int) -> bytes:
    """Encode, decode, and where coding lifted a peak too high, limit by as much and encode again."""
    limit = 10 ** ((MAX_MP3_TRUE_PEAK - _MARGIN) / 20)
    ceiling = 1.0
    current = samples
    for _ in range(4):
        data = _mp3(current, sample_rate)
        decoded, _rate = _decode(BytesIO(data))
        highest = float(true_peaks(decoded, limit / 3).max(initial=0.0))
        if highest <= limit:
            break
        peaks = true_peaks(current, limit / 3)
        ceiling = float(peaks.max()) * limit / highest * 10 ** (-0.05 / 20)
        current = apply_gain(current, 1.0, gain_curve(peaks, ceiling, sample_rate))
    else:
        data = _mp3(current * np.float32(limit / highest * 10 ** (-0.3 / 20)), sample_rate)
    return data


def _mp3(samples: Samples, sample_rate: int) -> bytes:
    # Level 7 takes half the time of the default and sounds the same at this bit rate.
    options = {"compression_level": "7"}
    return _encode(samples, sample_rate, container="mp3", codec="libmp3lame", sample_format="fltp", options=options)


def _encode(
    samples: npt.NDArray[np.generic],
    sample_rate: int,
    *,
    container: str,
    codec: str,
    sample_format: str,
    options: dict[str, str],
) -> bytes:
    sink = BytesIO()
    with av.open(sink, "w", format=container) as output:
        layout = "mono" if samples.shape[0] == 1 else "stereo"
        stream = output.add_stream(codec, rate=sample_rate, layout=layout, format=sample_format, options=options)
        assert isinstance(stream, AudioStream)  # noqa: S101 - tells the type checker which kind of stream it is
        if codec == "libmp3lame":
            stream.bit_rate = MP3_BITRATE
        for frame in to_frames(samples, sample_rate, sample_format):
            output.mux(stream.encode(frame))
        output.mux(stream.encode(None))
    return sink.getvalue()


def _decode(source: BytesIO) -> tuple[Samples, int]:
    try:
        with av.open(source, "r") as container:
            stream = container.streams.audio[0]
            planar = av.AudioResampler(format="fltp")
            blocks = [out.to_ndarray() for frame in container.decode(stream) for out in planar.resample(frame)]
            rate = int(stream.codec_context.sample_rate)
    except _NOT_AUDIO as err:
        msg = "not an audio file"
        raise ValueError(msg) from err
    return (np.concatenate(blocks, axis=1) if blocks else np.zeros((1, 0), np.float32)), rate
