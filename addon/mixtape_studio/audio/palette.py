"""Colours of a cover: the genre's palette, turned by the key and tempered by the mood."""

from __future__ import annotations

import colorsys
from dataclasses import dataclass, fields
from typing import Final

Colour = tuple[int, int, int]


@dataclass(frozen=True)
class Palette:
    top: Colour
    bottom: Colour
    """The background runs from top to bottom; text stands on the bottom."""
    ink: Colour
    """Text and fine lines; readable on ``bottom``."""
    accent: Colour
    second: Colour


_JAZZ = Palette((58, 28, 32), (17, 12, 18), (246, 232, 208), (232, 163, 61), (184, 70, 48))
_ROCK = Palette((28, 26, 28), (14, 13, 14), (245, 238, 224), (217, 43, 43), (240, 228, 204))
_POP = Palette((255, 118, 117), (126, 44, 142), (255, 250, 240), (255, 224, 102), (255, 255, 255))
_ELECTRONIC = Palette((36, 10, 80), (8, 6, 26), (226, 246, 255), (255, 64, 160), (40, 226, 240))
_CLASSICAL = Palette((244, 236, 220), (226, 212, 188), (52, 40, 36), (146, 42, 42), (52, 40, 36))
_HIP_HOP = Palette((244, 180, 60), (186, 88, 40), (30, 20, 22), (34, 26, 34), (250, 238, 208))
_COUNTRY = Palette((252, 196, 122), (70, 44, 58), (255, 244, 224), (255, 236, 180), (198, 96, 70))
_AMBIENT = Palette((16, 48, 66), (6, 16, 30), (222, 240, 240), (126, 220, 208), (148, 160, 240))
_LULLABY = Palette((40, 48, 104), (18, 20, 50), (246, 240, 220), (255, 232, 170), (150, 160, 220))

PALETTES: Final = {
    "jazz": _JAZZ,
    "rock": _ROCK,
    "pop": _POP,
    "electronic": _ELECTRONIC,
    "classical": _CLASSICAL,
    "hip-hop": _HIP_HOP,
    "country": _COUNTRY,
    "ambient": _AMBIENT,
    "lullaby": _LULLABY,
}

_VIVID_MOODS = {"uplifting", "energetic", "happy", "joyful", "playful", "epic", "triumphant"}
_MUTED_MOODS = {"melancholic", "sad", "dark", "relaxing", "calm", "dreamy", "mysterious", "nostalgic"}
_FIFTHS = {name: step for step, name in enumerate(("C", "G", "D", "A", "E", "B", "F#", "Db", "Ab", "Eb", "Bb", "F"))}
_SAME_NOTE = {"C#": "Db", "D#": "Eb", "Gb": "F#", "G#": "Ab", "A#": "Bb", "Cb": "B"}


def palette_for(family: str, mood: str, key: str | None) -> Palette:
    """``family`` is one of ``PALETTES``; the key turns the hue by up to ±20° along the circle of fifths."""
    tonic, _, mode = (key or "C major").partition(" ")
    step = _FIFTHS.get(_SAME_NOTE.get(tonic, tonic), 0)
    turn = (step if step <= 6 else step - 12) / 6 * 20 / 360
    vivid = 1.12 if mood.lower() in _VIVID_MOODS else 0.8 if mood.lower() in _MUTED_MOODS else 1.0
    light = 0.92 if mode == "minor" else 1.0
    base = PALETTES[family]
    return Palette(*(_shift(getattr(base, field.name), turn, vivid, light) for field in fields(base)))


def mix(one: Colour, other: Colour, share: float) -> Colour:
    """``share`` 0 is all ``one``, 1 all ``other``."""
    red, green, blue = (round(a + (b - a) * min(1.0, max(0.0, share))) for a, b in zip(one, other, strict=True))
    return red, green, blue


def luminance(colour: Colour) -> float:
    """Relative luminance after WCAG 2, 0..1."""
    linear = [(c / 255 / 12.92) if c <= 10 else ((c / 255 + 0.055) / 1.055) ** 2.4 for c in colour]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _shift(colour: Colour, turn: float, vivid: float, light: float) -> Colour:
    hue, lightness, saturation = colorsys.rgb_to_hls(*(c / 255 for c in colour))
    # Near-white and near-black carry the contrast: they keep their lightness.
    if 0.15 < lightness < 0.85:
        lightness *= light
    red, green, blue = colorsys.hls_to_rgb((hue + turn) % 1, lightness, min(1.0, saturation * vivid))
    return round(red * 255), round(green * 255), round(blue * 255)
