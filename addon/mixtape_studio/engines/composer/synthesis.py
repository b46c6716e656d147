"""Parts to sound: each part plays on its own clone of the SoundFont, so that it can be mixed by itself.

Every note gets a channel of its own, in turn: a channel has a volume, and with it notes are evened out that the
SoundFont and tinysoundfont together play at the wrong level (TinySoundFont issues 97 and 113).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from math import sqrt
from statistics import median

import numpy as np
import numpy.typing as npt
from tinysoundfont._tinysoundfont import OutputMode, SoundFont

from mixtape_studio.engines.composer.score import Note, Part, Score

SAMPLE_RATE = 48_000
_REFERENCE = 0.05
"""Weighted RMS of a part with level 0 dB."""
_WINDOW = 5 * SAMPLE_RATE // 2
_SHORTEST_NOTE = 0.04
_CHANNELS = 16
_FULL_VELOCITY = {(0, 0), (0, 1), (0, 3), (8, 0)}
"""Bank and program of the pianos, of which only the loudest layer plays right: struck full, dynamics by volume."""

Samples = npt.NDArray[np.float32]
Event = tuple[int, int, int, int, float, float]
"""(sample, 1 on or 0 off, channel, key, velocity 0 … 1, volume)."""


class Player:
    """Renders one part, chunk after chunk."""

    def __init__(self, soundfont: SoundFont, part: Part, score: Score) -> None:
        self.part = part
        self._soundfont = soundfont
        evened = self._evened()
        self._events = _events(part, score, lambda note: self._touch(note, evened))
        self._synth = self._fresh()
        self._next = 0
        self._position = 0

    def _fresh(self) -> SoundFont:
        # Cloning shares the samples.
        synth = SoundFont(self._soundfont)
        synth.set_output(OutputMode.StereoInterleaved, SAMPLE_RATE, 0.0)
        synth.set_max_voices(96)
        drums = self.part.role == "drums"
        for channel in range(_CHANNELS):
            synth.channel_set_bank(channel, 0 if drums else self.part.bank)
            synth.channel_set_preset_number(channel, self.part.program, drums)
        return synth

    def _strike(self, velocity: float) -> tuple[float, float]:
        """How a note of this velocity is struck, and with which volume."""
        if (self.part.bank, self.part.program) in _FULL_VELOCITY and self.part.role != "drums":
            return 1.0, velocity**1.6
        return velocity, 1.0

    def _evened(self) -> dict[int, float]:
        """Volume per pitch: what sticks out by more than 3 dB from the instrument's median is brought near to it."""
        if self.part.role == "drums":
            return {}
        struck, volume = self._strike(median(note.velocity for note in self.part.notes) / 127)
        levels: dict[int, float] = {}
        for pitch in sorted({note.pitch for note in self.part.notes}):
            synth = self._fresh()
            out = np.zeros((SAMPLE_RATE // 2, 2), np.float32)
            synth.channel_set_volume(0, volume)
            synth.channel_note_on(0, pitch, struck)
            synth.render(out)
            loudness = _rms(out.mean(axis=1)) if self.part.role == "bass" else _weighted_rms(out.mean(axis=1))
            levels[pitch] = 20 * np.log10(loudness + 1e-7)
        middle = median(levels.values())
        off = {pitch: middle - level for pitch, level in levels.items()}
        return {
            pitch: 10 ** (float(np.sign(by)) * min(20.0, max(0.0, abs(by) - 3.0)) / 20) for pitch, by in off.items()
        }

    def render(self, count: int) -> Samples:
        """The next ``count`` samples, shape (count, 2)."""
        out = np.zeros((count, 2), np.float32)
        self._next = _play(self._synth, self._events, self._next, self._position, out)
        self._position += count
        return out

    def loudness(self) -> float:
        """Weighted RMS of the part where it is loudest: the fullest seconds of each quarter are listened to."""
        starts = np.array([event[0] for event in self._events if event[1]], np.int64)
        totals = np.cumsum(np.concatenate(([0.0], [event[4] * event[5] for event in self._events if event[1]])))
        fullness = totals[np.searchsorted(starts, starts + _WINDOW)] - totals[: len(starts)]
        quarters: Iterable[npt.NDArray[np.int64]] = np.array_split(np.arange(len(starts)), min(4, len(starts)))
        return max(self._listen(int(starts[quarter[np.argmax(fullness[quarter])]])) for quarter in quarters)

    def _listen(self, begin: int) -> float:
        events = [event for event in self._events if begin <= event[0] < begin + _WINDOW]
        out = np.zeros((_WINDOW, 2), np.float32)
        _play(self._fresh(), events, 0, begin, out)
        return _weighted_rms(out.mean(axis=1))

    def _touch(self, note: Note, evened: dict[int, float]) -> tuple[float, float]:
        struck, volume = self._strike(note.velocity / 127)
        return struck, volume * evened.get(note.pitch, 1.0)


def _events(part: Part, score: Score, play: Callable[[Note], tuple[float, float]]) -> list[Event]:
    last = round(score.duration * SAMPLE_RATE) - 1
    events: list[Event] = []
    for index, note in enumerate(part.notes):
        begin = max(0.0, score.seconds(note.start) + note.shift)
        end = max(begin + _SHORTEST_NOTE, score.seconds(note.start + note.length) + note.shift)
        channel = index % _CHANNELS
        struck, volume = play(note)
        events.append((min(last, round(begin * SAMPLE_RATE)), 1, channel, note.pitch, struck, volume))
        events.append((min(last, round(end * SAMPLE_RATE)), 0, channel, note.pitch, 0.0, 0.0))
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
        _, on, channel, key, struck, volume = events[following]
        if on:
            synth.channel_set_volume(channel, volume)
            synth.channel_note_on(channel, key, struck)
        else:
            synth.channel_note_off(channel, key)
        following += 1


def _rms(mono: Samples) -> float:
    return sqrt(float(np.mean(mono**2)))


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
