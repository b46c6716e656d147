"""The mix, chunk after chunk: panning, high-pass, room, echo, pumping, bus compression, saturation, fade."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from mixtape_studio.engines.composer.score import Part, Score
from mixtape_studio.engines.composer.styles import Mood, Style
from mixtape_studio.engines.composer.synthesis import SAMPLE_RATE, Samples

BLOCK = 1 << 17
"""Samples that are mixed at a time."""
_FFT = 1 << 18
_FILTER = 4096
_LONGEST_ROOM = _FFT - BLOCK - _FILTER - 1
_SPREAD = 1.35
_ROOM_WIDTH = 0.85
"""Side over middle of the room; 1 would leave little of it in mono."""
_DETECTOR = 240
"""Samples per step of the compressor's level detector."""

Spectrum = npt.NDArray[np.complex64]


def _minimum_phase(magnitude: npt.NDArray[np.float64]) -> Spectrum:
    """Spectrum (for ``_FFT``) of the minimum-phase filter with this magnitude at 0 … Nyquist."""
    size = 2 * (len(magnitude) - 1)
    cepstrum = np.fft.irfft(np.log(np.maximum(magnitude, 1e-5)), size)
    cepstrum[1 : size // 2] *= 2
    cepstrum[size // 2 + 1 :] = 0
    impulse = np.fft.irfft(np.exp(np.fft.rfft(cepstrum)), size)[:_FILTER]
    impulse *= np.cos(np.linspace(0, np.pi / 2, _FILTER)) ** 0.5
    return np.fft.rfft(impulse.astype(np.float32), _FFT).astype(np.complex64)


def _frequencies() -> npt.NDArray[np.float64]:
    return np.asarray(np.fft.rfftfreq(1 << 15, 1 / SAMPLE_RATE), np.float64)


def high_pass(corner: float) -> Spectrum:
    """Second order."""
    frequency = _frequencies()
    return _minimum_phase(frequency**2 / (frequency**2 + corner**2))


def shelf(decibels: float, corner: float = 3500.0) -> Spectrum:
    """Treble up or down by ``decibels`` above ``corner``."""
    frequency = _frequencies()
    share = frequency**2 / (frequency**2 + corner**2)
    return _minimum_phase(10 ** (decibels * share / 20))


def room(seconds: float, seed: int = 7) -> Samples:
    """A stereo impulse response (2, n): early reflections, then noise that decays faster the brighter it is."""
    count = min(_LONGEST_ROOM, int(seconds * SAMPLE_RATE))
    rng = np.random.default_rng(seed)
    time = np.arange(count) / SAMPLE_RATE
    frequency = np.fft.rfftfreq(count, 1 / SAMPLE_RATE)
    response = np.zeros((2, count))
    bands = ((120.0, 500.0, 0.9), (500.0, 2200.0, 1.0), (2200.0, 5500.0, 0.72), (5500.0, 12000.0, 0.42))
    for low, high, share in bands:
        noise = np.fft.rfft(rng.normal(size=(2, count)), axis=1)
        noise *= (frequency >= low) & (frequency < high)
        decay = np.exp(-6.9 * time / (seconds * share))
        response += np.fft.irfft(noise, count, axis=1) * decay * (1.0 if high < 5000 else 0.7)
    predelay = int(0.018 * SAMPLE_RATE)
    attack = np.clip((np.arange(count) - predelay) / (0.03 * SAMPLE_RATE), 0, 1)
    response *= attack
    # 0 dB is where the music is; by its whole energy the response would be much too loud there.
    heard = np.abs(np.fft.rfft(response, axis=1)[:, (frequency > 300) & (frequency < 2000)])
    response /= np.sqrt(np.mean(heard**2, axis=1, keepdims=True))
    for _ in range(9):
        channel, at = int(rng.integers(2)), int(rng.uniform(0.006, 0.055) * SAMPLE_RATE)
        response[channel, at] += float(rng.choice([-1, 1])) * 0.12 * np.exp(-at / (0.04 * SAMPLE_RATE))
    middle, side = response[0] + response[1], response[0] - response[1]
    response = np.stack((middle + _ROOM_WIDTH * side, middle - _ROOM_WIDTH * side)) / np.sqrt(2 + 2 * _ROOM_WIDTH**2)
    response *= np.cos(np.linspace(0, np.pi / 2, count)) ** 0.25
    return np.asarray(response, np.float32)


class Echo:
    """A delay line in time with the song."""

    def __init__(self, beat_seconds: float) -> None:
        delay = 0.75 * beat_seconds
        while delay > 0.6:
            delay /= 2
        self._delay = int(delay * SAMPLE_RATE)
        self._line = np.zeros(self._delay, np.float32)

    def process(self, send: Samples) -> Samples:
        out = np.empty_like(send)
        for begin in range(0, len(send), self._delay):
            piece = send[begin : begin + self._delay]
            out[begin : begin + len(piece)] = self._line[: len(piece)]
            fed = piece + np.float32(0.38) * self._line[: len(piece)]
            self._line = np.concatenate((self._line[len(piece) :], fed))
        return out


class Compressor:
    """Feed-forward, stereo-linked; its level detector works on RMS."""

    def __init__(self, ratio: float, threshold: float = -19.0) -> None:
        self._slope = 1 - 1 / ratio
        self._threshold = threshold
        self._reduction = 0.0
        step = _DETECTOR / SAMPLE_RATE
        self._attack = float(np.exp(-step / 0.012))
        self._release = float(np.exp(-step / 0.16))

    def process(self, mix: Samples) -> None:
        """In place, shape (2, n)."""
        count = mix.shape[1]
        edges = np.arange(0, count, _DETECTOR)
        power = np.add.reduceat((mix * mix).sum(axis=0), edges) / (2 * _DETECTOR)
        level = 10 * np.log10(power + 1e-10)
        over = level - self._threshold
        # A soft knee, 8 dB wide.
        wanted = self._slope * np.where(over > 4, over, np.where(over < -4, 0, (over + 4) ** 2 / 16))
        reductions = np.empty(len(wanted) + 1)
        reductions[0] = self._reduction
        for index, target in enumerate(wanted):
            keep = self._attack if target > self._reduction else self._release
            self._reduction = target + (self._reduction - target) * keep
            reductions[index + 1] = self._reduction
        curve = np.interp(np.arange(count), np.append(edges, count), reductions)
        mix *= (10 ** (-curve / 20)).astype(np.float32)


class Mixer:
    def __init__(self, score: Score, style: Style, mood: Mood) -> None:
        self._score = score
        seconds = min(2.6, style.mix.reverb_seconds * (1 + 0.12 * max(-1.0, mood.reverb)))
        tone = shelf(style.mix.brightness + mood.brightness)
        response = room(seconds) * np.float32(10 ** ((style.mix.reverb_level + mood.reverb) / 20))
        self._room = np.fft.rfft(response, _FFT, axis=1).astype(np.complex64) * tone
        self._upper = high_pass(110.0) * tone
        self._lower = high_pass(30.0) * tone
        self._tail = np.zeros((2, _FFT - BLOCK), np.float32)
        self._echo = Echo(60 / score.bpm)
        self._compressor = Compressor(style.mix.compress)
        self._drive = np.float32(style.mix.drive)
        self._kicks = np.array(
            [
                score.seconds(note.start)
                for part in score.parts
                if part.role == "drums"
                for note in part.notes
                if note.pitch == 36 and note.velocity > 50
            ]
        )
        self._fade_from = score.seconds(score.end_beat) * 0.85 + score.duration * 0.15

    def process(self, position: int, stems: Sequence[tuple[Part, Samples]]) -> Samples:
        """One block: gained stems (n, 2) in, mixed (2, n) out."""
        count = len(stems[0][1])
        lower, upper = np.zeros((2, count), np.float32), np.zeros((2, count), np.float32)
        send, echo_send = np.zeros(count, np.float32), np.zeros(count, np.float32)
        duck = self._duck(position, count) if any(part.pump for part, _ in stems) else None
        for part, stem in stems:
            left, right = _pan(part.pan)
            if not stem.any():
                continue
            bus = lower if part.low else upper
            sound = _narrowed(stem)
            if part.pump and duck is not None:
                sound = sound * (1 - np.float32(part.pump) * duck)
            bus[0] += sound[0] * left
            bus[1] += sound[1] * right
            mono = np.float32(0.8) * (sound[0] + sound[1])
            if part.reverb:
                send += mono * np.float32(part.reverb)
            if part.delay:
                echo_send += mono * np.float32(part.delay)
        echo = self._echo.process(echo_send)
        send += echo * np.float32(0.6)
        upper += echo * np.float32(0.5)
        mix = self._convolve(lower, upper, send, count)
        self._compressor.process(mix)
        mix *= self._drive
        np.tanh(mix, out=mix)
        self._fade(position, mix)
        return mix

    def _convolve(self, lower: Samples, upper: Samples, send: Samples, count: int) -> Samples:
        room_input = np.fft.rfft(send, _FFT)
        out = np.empty((2, count), np.float32)
        for channel in range(2):
            spectrum = np.fft.rfft(lower[channel], _FFT) * self._lower
            spectrum += np.fft.rfft(upper[channel], _FFT) * self._upper
            spectrum += room_input * self._room[channel]
            wave = np.fft.irfft(spectrum, _FFT)
            wave[: _FFT - BLOCK] += self._tail[channel]
            out[channel] = wave[:count]
            self._tail[channel] = wave[count : count + _FFT - BLOCK]
        return out

    def _duck(self, position: int, count: int) -> Samples:
        """1 right after a kick, back to 0 before the next beat."""
        time = (position + np.arange(0, count, 64)) / SAMPLE_RATE
        if not len(self._kicks):
            return np.zeros(count, np.float32)
        last = np.searchsorted(self._kicks, time, side="right") - 1
        since = np.where(last >= 0, time - self._kicks[np.maximum(last, 0)], 9.0)
        depth = np.exp(-since / 0.11) * np.clip(since / 0.004, 0, 1)
        return np.repeat(depth.astype(np.float32), 64)[:count]

    def _fade(self, position: int, mix: Samples) -> None:
        """The final chord sinks into silence, whoever holds it."""
        total = round(self._score.duration * SAMPLE_RATE)
        begin = int(self._fade_from * SAMPLE_RATE)
        if position + mix.shape[1] <= begin:
            return
        place = np.clip((position + np.arange(mix.shape[1]) - begin) / max(1, total - 1 - begin), 0, 1)
        mix *= (np.cos(place * np.pi / 2) ** 3).astype(np.float32)


def _narrowed(stem: Samples) -> Samples:
    """(n, 2) → (2, n) with four fifths of the width: samples are recorded wide for solo listening, and a mix pans them."""
    narrow = np.empty((2, len(stem)), np.float32)
    np.multiply(stem[:, 0], np.float32(0.9), out=narrow[0])
    np.multiply(stem[:, 1], np.float32(0.9), out=narrow[1])
    narrow[0] += np.float32(0.1) * stem[:, 1]
    narrow[1] += np.float32(0.1) * stem[:, 0]
    return narrow


def _pan(position: float) -> tuple[np.float32, np.float32]:
    """Equal power; positions are spread as far as the widest part allows."""
    angle = (max(-1.0, min(1.0, _SPREAD * position)) + 1) * np.pi / 4
    return np.float32(np.sqrt(2) * np.cos(angle)), np.float32(np.sqrt(2) * np.sin(angle))
