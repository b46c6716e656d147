"""NumPy samples in and out of FFmpeg's frames and filters."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import chain

import av
import numpy as np
import numpy.typing as npt
from av.filter import Graph

_DRAINED = (av.error.BlockingIOError, av.error.EOFError)
_LAYOUTS = {1: "mono", 2: "stereo"}

Samples = npt.NDArray[np.float32]
"""Shape (channels, samples), full scale ±1."""


def to_frames(
    samples: npt.NDArray[np.generic], sample_rate: int, sample_format: str, *, begin: int = 0
) -> Iterator[av.AudioFrame]:
    """Cut planar ``samples`` (channels, n) into frames of a second, the first at sample ``begin``.

    ``sample_format`` is FFmpeg's name.
    """
    layout = _LAYOUTS[samples.shape[0]]
    packed = not sample_format.endswith("p")
    for start in range(0, samples.shape[1], sample_rate):
        block = samples[:, start : start + sample_rate]
        # A packed format is one plane of interleaved samples.
        plane = block.T.reshape(1, -1) if packed else block
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(plane), format=sample_format, layout=layout)
        frame.sample_rate = sample_rate
        frame.pts = begin + start
        frame.time_base = Fraction(1, sample_rate)
        yield frame


def run_filter(
    samples: Samples, sample_rate: int, name: str, options: str, *, silence_after: int = 0
) -> Iterator[av.AudioFrame]:
    """Pass ``samples``, and then so many of silence, through one FFmpeg audio filter; yields what comes out."""
    graph = Graph()
    source = graph.add_abuffer(
        sample_rate=sample_rate,
        format="fltp",
        layout=_LAYOUTS[samples.shape[0]],
        time_base=Fraction(1, sample_rate),
    )
    audio_filter = graph.add(name, options)
    sink = graph.add("abuffersink")
    source.link_to(audio_filter)
    audio_filter.link_to(sink)
    graph.configure()
    silence = np.zeros((samples.shape[0], silence_after), np.float32)
    sound = to_frames(samples, sample_rate, "fltp")
    rest = to_frames(silence, sample_rate, "fltp", begin=samples.shape[1])
    for frame in chain(sound, rest, [None]):
        graph.push(frame)
        while True:
            try:
                out = graph.pull()
            except _DRAINED:
                break
            if isinstance(out, av.AudioFrame):
                yield out


def resample(samples: Samples, sample_rate: int, new_rate: int) -> Samples:
    """Change the sample rate; the result has exactly ``round(n * new_rate / sample_rate)`` samples."""
    if sample_rate == new_rate:
        return samples
    length = round(samples.shape[1] * new_rate / sample_rate)
    out = np.zeros((samples.shape[0], length), np.float32)
    position = 0
    for frame in run_filter(samples, sample_rate, "aresample", f"{new_rate}:filter_size=64:out_sample_fmt=fltp"):
        block = frame.to_ndarray()[:, : length - position]
        out[:, position : position + block.shape[1]] = block
        position += block.shape[1]
    return out
