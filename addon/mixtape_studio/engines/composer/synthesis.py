"""Parts to sound: each part plays on its own clone of the SoundFont, so that it can be mixed by itself."""

from __future__ import annotations

from math import sqrt

import numpy as np
import numpy.typing as npt
from tinysoundfont._tinysoundfont import OutputMode, SoundFont

from mixtape_studio.engines.composer.score import Part, Score

SAMPLE_RATE = 48_000
_REFERENCE = 0.05
"""Weighted RMS of a part with level 0 dB."""
_PROBE_SECONDS = 6.0
_SHORTEST_NOTE = 0.04

Samples = npt.NDArray[np.float32]


class Player:
    """Renders one part, chunk after chunk."""

    def __init__(self, soundfont: SoundFont, part: Part, score: Score) -> None:
        self.part = part
        self._soundfont = soundfont
        self._events = _events(part, score)
        self._synth = self._fresh()
        self._next = 0
        self._position = 0

    def _fresh(self) -> SoundFont:
        # Cloning shares the samples.
        synth = SoundFont(self._soundfont)
        synth.set_output(OutputMode.StereoInterleaved, SAMPLE_RATE, 0.0)
        synth.set_max_voices(96)
        drums = self.part.role == "drums"
        synth.channel_set_bank(0, 0 if drums else self.part.bank)
        synth.channel_set_preset_number(0, self.part.program, drums)
        return synth

    def render(self, count: int) -> Samples:
        """The next ``count`` samples, shape (count, 2)."""
        out = np.zeros((count, 2), np.float32)
        self._next = _play(self._synth, self._events, self._next, self._position, out)
        self._position += count
        return out

    def loudness(self) -> float:
        """Weighted RMS of the part's fullest seconds, so that levels mean the same for every instrument."""
        starts = np.array([event[0] for event in self._events if event[1]], np.int64)
        weights = np.array([event[3] for event in self._events if event[1]])
        window = int(_PROBE_SECONDS * SAMPLE_RATE)
        totals = np.cumsum(np.concatenate(([0.0], weights)))
        ends = np.searchsorted(starts, starts + window)
        first = int(np.argmax(totals[ends] - totals[: len(starts)]))
        begin = int(starts[first])
        events = [event for event in self._events if begin <= event[0] < begin + window]
        out = np.zeros((window, 2), np.float32)
        _play(self._fresh(), events, 0, begin, out)
        return _weighted_rms(out.mean(axis=1))


Event = tuple[int, int, int, float]
"""(sample, 1 on or 0 off, key, velocity 0 … 1)."""


def _events(part: Part, score: Score) -> list[Event]:
    last = round(score.duration * SAMPLE_RATE) - 1
    events: list[Event] = []
    for note in part.notes:
        begin = max(0.0, score.seconds(note.start) + note.shift)
        end = max(begin + _SHORTEST_NOTE, score.seconds(note.start + note.length) + note.shift)
        events.append((min(last, round(begin * SAMPLE_RATE)), 1, note.pitch, note.velocity / 127))
        events.append((min(last, round(end * SAMPLE_RATE)), 0, note.pitch, 0.0))
    return sorted(events)


def _play(synth: SoundFont, events: list[Event], following: int, position: int, out: Samples) -> int:
    """Fill ``out``, which begins at ``position``; returns the index of the first event not yet played."""
    done, count = 0, len(out)
    while True:
        at = events[following][0] - position if following < len(events) else count
        stop = min(count, at)
        if stop > done:
            synth.render(out[done:stop])
            done = stop
        if at >= count:
            return following
        _, on, key, strength = events[following]
        if on:
            synth.channel_note_on(0, key, strength)
        else:
            synth.channel_note_off(0, key)
        following += 1


def _weighted_rms(mono: Samples) -> float:
    """RMS of the sounding blocks, weighted roughly as the ear and BS.1770 do: less bass, more presence."""
    spectrum = np.fft.rfft(mono)
    frequency = np.fft.rfftfreq(len(mono), 1 / SAMPLE_RATE)
    weight = (frequency**2 / (frequency**2 + 70.0**2)) * (1 + 0.58 * frequency**2 / (frequency**2 + 1700.0**2))
    weighted = np.fft.irfft(spectrum * weight, len(mono))
    blocks = weighted[: len(weighted) // 4800 * 4800].reshape(-1, 4800)
    power = np.mean(blocks**2, axis=1)
    return sqrt(float(np.mean(power[power >= 0.1 * power.max()]))) if power.max() > 0 else 0.0


def gain(player: Player) -> float:
    """What brings the part to its level in the mix."""
    loudness = player.loudness()
    return _REFERENCE * 10 ** (player.part.level / 20) / loudness if loudness > 1e-7 else 0.0
