"""The artwork of a cover: one motif per family of genres, each drawing the song's own waveform.

All draw on ``CANVAS`` by ``CANVAS`` pixels, twice the cover, and are scaled down afterwards, since Pillow draws
without anti-aliasing. The lower third belongs to the text.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Final

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw

from mixtape_studio.audio.palette import Palette, mix

CANVAS: Final = 1600
HORIZON: Final = 1040
"""Where the artwork ends and the text begins."""

Outline = npt.NDArray[np.float64]
"""The waveform's peaks, 0..1."""
Motif = Callable[[Image.Image, Palette, Outline, np.random.Generator], None]


def bins(outline: Outline, count: int) -> Outline:
    """``count`` means along the song, stretched to 0..1 so that a steady song still has a shape."""
    edges = np.linspace(0, outline.size, count + 1)
    total = np.concatenate([[0.0], np.cumsum(outline)])
    at = np.interp(edges, np.arange(total.size), total)
    means = np.diff(at) / np.diff(edges)
    low, high = float(means.min()), float(means.max())
    if high <= 0:
        return np.zeros(count)
    return np.asarray(0.15 + 0.85 * (means - low) / max(high - low, 0.15 * high), np.float64)


def _smooth(values: Outline, width: int) -> Outline:
    window = np.hanning(width + 2)[1:-1]
    padded = np.pad(values, width, mode="edge")
    return np.asarray(np.convolve(padded, window / window.sum(), mode="same")[width:-width], np.float64)


def _disc(draw: ImageDraw.ImageDraw, x: float, y: float, radius: float, **style: object) -> None:
    draw.ellipse((x - radius, y - radius, x + radius, y + radius), **style)  # type: ignore[arg-type]


def vinyl(image: Image.Image, palette: Palette, outline: Outline, _random: np.random.Generator) -> None:
    """A record whose grooves are the song, from the rim inwards."""
    draw = ImageDraw.Draw(image)
    x, y, radius = 980.0, 600.0, 660.0
    black = mix(palette.bottom, (0, 0, 0), 0.55)
    _disc(draw, x, y, radius, fill=black)
    for ring, level in enumerate(bins(outline, 64)):
        shade = mix(black, palette.ink, 0.03 + 0.13 * float(level))
        _disc(draw, x, y, radius - 14 - ring * 6.4, outline=shade, width=2)
    levels = bins(outline, 240)
    middle = radius * 0.66
    for i, level in enumerate(levels):
        angle = 2 * math.pi * i / levels.size - math.pi / 2
        reach = 16 + 128 * float(level)
        cos, sin = math.cos(angle), math.sin(angle)
        ends = (
            x + (middle - reach) * cos,
            y + (middle - reach) * sin,
            x + (middle + reach) * cos,
            y + (middle + reach) * sin,
        )
        draw.line(ends, fill=mix(palette.accent, palette.second, i / levels.size), width=7)
    _disc(draw, x, y, radius * 0.3, fill=palette.accent)
    _disc(draw, x, y, radius * 0.3 - 14, outline=mix(palette.accent, palette.bottom, 0.5), width=3)
    _disc(draw, x, y, radius * 0.13, fill=palette.second)
    _disc(draw, x, y, 16, fill=palette.bottom)


def ridges(image: Image.Image, palette: Palette, outline: Outline, _random: np.random.Generator) -> None:
    """The song cut into lines that stand behind one another."""
    draw = ImageDraw.Draw(image)
    rows, columns = 22, 120
    levels = bins(outline, rows * 36).reshape(rows, 36)
    across = np.linspace(0, 1, columns)
    bell = np.exp(-(((across - 0.5) / 0.22) ** 2))
    for row in range(rows):
        shape = _smooth(np.interp(across, np.linspace(0, 1, 36), levels[row]), 7)
        y = 330 + (HORIZON - 330) * row / (rows - 1)
        heights = y - (12 + 230 * shape * bell * (0.6 + 0.4 * row / rows)) + 12
        points = [(160 + 1280 * float(a), float(h)) for a, h in zip(across, heights, strict=True)]
        base = mix(palette.top, palette.bottom, y / CANVAS)
        draw.polygon([*points, (1440, y + 40), (160, y + 40)], fill=base)
        draw.line(points, fill=mix(palette.second, palette.accent, row / rows), width=6, joint="curve")


def sunburst(image: Image.Image, palette: Palette, outline: Outline, _random: np.random.Generator) -> None:
    """The song once around a sun."""
    draw = ImageDraw.Draw(image)
    x, y, inner = 800.0, 560.0, 240.0
    levels = bins(outline, 96)
    for i, level in enumerate(levels):
        angle = 2 * math.pi * i / levels.size - math.pi / 2
        cos, sin = math.cos(angle), math.sin(angle)
        outer = inner + 60 + 210 * float(level)
        colour = mix(palette.accent, palette.second, float(level))
        draw.line((x + (inner + 30) * cos, y + (inner + 30) * sin, x + outer * cos, y + outer * sin), colour, width=13)
        _disc(draw, x + outer * cos, y + outer * sin, 6.5, fill=colour)
    _disc(draw, x, y, inner, fill=palette.accent)
    _disc(draw, x, y, inner * 0.78, fill=mix(palette.accent, palette.top, 0.45))
    _disc(draw, x, y, inner * 0.52, fill=mix(palette.accent, palette.bottom, 0.6))
    _disc(draw, x, y, inner * 0.2, fill=palette.second)


def cassette(image: Image.Image, palette: Palette, outline: Outline, _random: np.random.Generator) -> None:
    """A cassette with the song printed on its label."""
    draw = ImageDraw.Draw(image)
    left, top, right, bottom = 170.0, 200.0, 1430.0, 1000.0
    draw.rounded_rectangle(
        (left + 18, top + 26, right + 18, bottom + 26), 56, fill=mix(palette.bottom, (0, 0, 0), 0.35)
    )
    draw.rounded_rectangle((left, top, right, bottom), 56, fill=palette.accent)
    for x, y in ((left + 46, top + 46), (right - 46, top + 46), (left + 46, bottom - 46), (right - 46, bottom - 46)):
        _disc(draw, x, y, 14, fill=mix(palette.accent, palette.second, 0.35))
    draw.rounded_rectangle((left + 90, top + 70, right - 90, bottom - 170), 28, fill=palette.second)
    stripe = mix(palette.top, palette.second, 0.1)
    draw.rectangle((left + 90, bottom - 300, right - 90, bottom - 260), fill=stripe)
    draw.rectangle((left + 90, bottom - 240, right - 90, bottom - 220), fill=mix(stripe, palette.accent, 0.4))
    levels = bins(outline, 100)
    for i, level in enumerate(levels):
        x = left + 130 + i * (right - left - 260) / levels.size
        reach = 4 + 66 * float(level)
        draw.rectangle((x, top + 170 - reach, x + 5, top + 170 + reach), fill=palette.accent)
    draw.rounded_rectangle((left + 320, top + 270, right - 320, top + 480), 105, fill=palette.accent)
    for x, wound in ((left + 430, 86), (right - 430, 60)):
        _disc(draw, x, top + 375, wound, fill=mix(palette.accent, palette.bottom, 0.55))
        _disc(draw, x, top + 375, 46, fill=palette.second)
        for tooth in range(6):
            angle = math.pi * tooth / 3
            _disc(draw, x + 34 * math.cos(angle), top + 375 + 34 * math.sin(angle), 8, fill=palette.accent)
    foot = [(left + 260, bottom), (left + 310, bottom - 120), (right - 310, bottom - 120), (right - 260, bottom)]
    draw.polygon(foot, fill=mix(palette.accent, palette.second, 0.14))
    for x in (left + 380, right - 380):
        _disc(draw, x, bottom - 55, 18, fill=palette.bottom)


def skyline(image: Image.Image, palette: Palette, outline: Outline, _random: np.random.Generator) -> None:
    """A city of the song's bars before a setting sun, over a grid that runs to the horizon."""
    draw = ImageDraw.Draw(image)
    ground = 900
    for row in range(720):
        y = 180 + row
        half = math.sqrt(max(0.0, 360**2 - (y - 540) ** 2))
        # The sun's slits widen towards the horizon.
        if row > 300 and row % 72 < (row - 300) / 9:
            continue
        draw.line((800 - half, y, 800 + half, y), fill=mix((255, 214, 110), palette.accent, row / 660))
    levels = bins(outline, 64)
    for i, level in enumerate(levels):
        x = i * CANVAS / levels.size
        right, roof = x + CANVAS / levels.size - 5, ground - 30 - 300 * float(level)
        draw.rectangle((x, roof, right, ground), fill=mix(palette.bottom, palette.second, 0.16))
        draw.rectangle((x, roof, right, roof + 6), fill=palette.second)
    draw.rectangle((0, ground, CANVAS, CANVAS), fill=palette.bottom)
    line = mix(palette.bottom, palette.second, 0.55)
    for i in range(-24, 25):
        draw.line((800 + i * 60, ground, 800 + i * 320, CANVAS), fill=line, width=3)
    for i in range(9):
        y = ground + 6 + 700 * (i / 8) ** 2.2
        draw.line((0, y, CANVAS, y), fill=line, width=3)
    draw.rectangle((0, ground - 3, CANVAS, ground + 3), fill=palette.second)


def hills(image: Image.Image, palette: Palette, outline: Outline, random: np.random.Generator) -> None:
    """Fields one behind the other, each a stretch of the song."""
    draw = ImageDraw.Draw(image)
    _disc(draw, 1080, 500, 190, fill=palette.accent)
    layers = 5
    across = np.linspace(0, CANVAS, 161)
    for layer in range(layers):
        levels = bins(outline[layer * outline.size // layers : (layer + 1) * outline.size // layers], 24)
        heights = np.interp(across, np.linspace(0, CANVAS, 24), levels)
        heights = _smooth(heights, 31) + 0.18 * np.sin(across / 210 + float(random.uniform(0, 6)))
        y = 640 + 105 * layer - 190 * heights + 90
        colour = mix(palette.second, palette.bottom, (layer + 0.4) / layers)
        points = [(float(a), float(b)) for a, b in zip(across, y, strict=True)]
        draw.polygon([*points, (CANVAS, CANVAS), (0, CANVAS)], fill=colour)


def shards(image: Image.Image, palette: Palette, outline: Outline, _random: np.random.Generator) -> None:
    """The song in bold slanted bars."""
    draw = ImageDraw.Draw(image)
    levels = bins(outline, 26)
    width, slant = CANVAS / 22, 260
    for i, level in enumerate(levels):
        x = (i - 2) * width
        reach = 70 + 430 * float(level)
        y = 600
        lean = slant * reach / 500
        corners = [
            (x + lean, y - reach),
            (x + lean + width * 0.66, y - reach),
            (x - lean + width * 0.66, y + reach),
            (x - lean, y + reach),
        ]
        draw.polygon(corners, fill=palette.second if i % 5 == 2 else palette.accent)
    draw.rectangle((0, 588, CANVAS, 612), fill=palette.bottom)


def strings(image: Image.Image, palette: Palette, outline: Outline, _random: np.random.Generator) -> None:
    """Five strings that swing as the song does."""
    draw = ImageDraw.Draw(image)
    across = np.linspace(0, 1, 400)
    levels = _smooth(bins(outline, 400), 25)
    for string in range(5):
        y = 310 + 150 * string
        modes = string + 2
        for turn in range(9):
            swing = math.cos(math.pi * turn / 8)
            shape = 78 * levels * np.sin(np.pi * across) ** 0.6 * np.sin(np.pi * modes * across * 2 + string)
            heights = y + swing * shape
            points = [(100 + 1400 * float(a), float(h)) for a, h in zip(across, heights, strict=True)]
            edge = turn in (0, 8)
            colour = palette.accent if edge and string == 2 else mix(palette.top, palette.ink, 0.75 if edge else 0.22)
            draw.line(points, fill=colour, width=5 if edge else 2, joint="curve")
    for x in (100, 1500):
        draw.line((x, 270, x, 950), fill=palette.ink, width=6)


def moon(image: Image.Image, palette: Palette, outline: Outline, random: np.random.Generator) -> None:
    """A moon, the song as hills of cloud, and a star for each of its loudest moments."""
    draw = ImageDraw.Draw(image)
    levels = bins(outline, 90)
    for level in levels:
        x, y = float(random.uniform(60, 1540)), float(random.uniform(60, 760))
        size = 2 + 7 * float(level) ** 3
        _disc(draw, x, y, size, fill=mix(palette.top, palette.ink, 0.35 + 0.65 * float(level)))
    _disc(draw, 1060, 420, 250, fill=palette.accent)
    _disc(draw, 1150, 360, 225, fill=mix(palette.top, palette.bottom, 0.24))
    across = np.linspace(0, CANVAS, 33)
    for layer in range(3):
        puffs = bins(outline, 33 + layer * 6)[layer * 3 : layer * 3 + 33]
        colour = mix(palette.second, palette.bottom, 0.35 + 0.25 * layer)
        for x, puff in zip(across, puffs, strict=True):
            _disc(draw, float(x), 930 + 90 * layer, 70 + 110 * float(puff), fill=colour)
        draw.rectangle((0, 930 + 90 * layer, CANVAS, CANVAS), fill=colour)


MOTIFS: Final[dict[str, Motif]] = {
    "jazz": vinyl,
    "rock": shards,
    "pop": sunburst,
    "electronic": skyline,
    "classical": strings,
    "hip-hop": cassette,
    "country": hills,
    "ambient": ridges,
    "lullaby": moon,
}
"""The same names as ``palette.PALETTES``."""
