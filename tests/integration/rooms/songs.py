"""Songs for the library of a test."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from custom_components.mixtape.library import Song, SongFile

if TYPE_CHECKING:
    from pathlib import Path


def make_song(name: str, duration: float = 30.0, formats: tuple[str, ...] = ("flac", "mp3"), **changes: object) -> Song:
    files = tuple(
        SongFile(
            audio_format=audio_format,
            mime_type={"flac": "audio/flac", "mp3": "audio/mpeg"}[audio_format],
            size=1,
            sha256="0" * 64,
            name=f"{name}.{audio_format}",
        )
        for audio_format in formats
    )
    values = {
        "id": name,
        "title": f"The {name} song",
        "artist": "Our home",
        "genre": "jazz",
        "mood": "relaxing",
        "caption": "soft piano",
        "engine": "composer",
        "engine_label": "Built-in composer",
        "seed": 1,
        "language": "en",
        "time_signature": "4/4",
        "duration": duration,
        "lufs": -14.0,
        "true_peak": -1.0,
        "created_at": datetime(2026, 11, 21, tzinfo=UTC),
        "token": f"token-of-{name}-3kd8Ls",
        "files": files,
    }
    return Song(**(values | changes))


def write_tone(path: Path, seconds: float, hertz: float = 440.0) -> None:
    """Real audio in the format that the suffix names, encoded by PyAV."""
    import av
    import numpy as np

    rate = 48_000
    times = np.arange(int(seconds * rate)) / rate
    samples = (0.2 * np.sin(2 * np.pi * hertz * times) * 32767).astype(np.int16)
    codec = {"flac": "flac", "mp3": "libmp3lame"}[path.suffix[1:]]
    with av.open(str(path), "w", format=path.suffix[1:]) as container:
        stream = container.add_stream(codec, rate=rate, layout="stereo")
        stream.format = "s16" if codec == "flac" else "s16p"
        for start in range(0, len(samples), rate):
            block = samples[start : start + rate]
            frame = av.AudioFrame.from_ndarray(np.stack([block, block], axis=1).reshape(1, -1), "s16", "stereo")
            frame.sample_rate, frame.pts = rate, start
            resampler = av.AudioResampler(format=stream.format.name, layout="stereo", rate=rate)
            for ready in resampler.resample(frame):
                container.mux(stream.encode(ready))
        container.mux(stream.encode(None))
