"""A song's cover, drawn from the song's own data: its waveform, genre, mood, key, tempo and title.

Text is set in the typeface that ships inside Pillow (Aileron). It has no Arabic, Hebrew, Chinese,
Japanese, Korean or emoji, and few accents: an accented letter is set plain, and what it cannot set
at all is left out rather than printed as boxes. Tags and library keep the title as it is.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from io import BytesIO
from typing import Final

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from mixtape_studio.audio.motifs import CANVAS, MOTIFS, Outline
from mixtape_studio.audio.palette import Palette, luminance, palette_for
from mixtape_studio.contract import PEAKS

SIZE: Final = 800

_MARGIN = 110
_TEXT_WIDTH = CANVAS - 2 * _MARGIN
_TITLE_SIZES = (150, 128, 108, 92, 78)
_QUALITY = 88

_FAMILIES: Final = {
    "hip-hop": ("hip hop", "rap", "trap", "lo fi", "lofi", "funk", "r&b"),
    "jazz": ("jazz", "blues", "soul", "swing", "bossa", "latin", "bebop"),
    "rock": ("rock", "metal", "punk", "grunge", "indie"),
    "electronic": ("electronic", "dance", "house", "techno", "trance", "edm", "disco", "synth", "drum and bass"),
    "classical": ("classical", "orchestr", "piano", "baroque", "symphon", "cinematic", "waltz"),
    "country": ("country", "folk", "acoustic", "bluegrass", "americana", "reggae"),
    "ambient": ("ambient", "drone", "meditat", "new age", "chill"),
    "lullaby": ("lullaby", "sleep", "cradle"),
    "pop": ("pop",),
}
"""Words in a genre's name, the looks tried in this order."""

_PLAIN: Final = dict(zip("ßøØæÆœŒłŁđĐ", ("ss", "o", "O", "ae", "AE", "oe", "OE", "l", "L", "d", "D"), strict=True))
"""Letters that have no decomposition in Unicode."""

Font = ImageFont.FreeTypeFont | ImageFont.ImageFont


def cover_jpeg(
    *,
    title: str,
    artist: str,
    genre: str,
    mood: str,
    key: str | None,
    bpm: float | None,
    seed: int,
    peaks: Sequence[int],
) -> bytes:
    """800 by 800 JPEG; the same song gives the same bytes.

    ``peaks`` are 0-255; an unknown ``genre`` gets one of the known looks, always the same for the same name.
    """
    family = _family(genre)
    palette = palette_for(family, mood, key)
    random = np.random.default_rng(seed)
    outline = _outline(peaks)
    image = _background(palette)
    MOTIFS[family](image, palette, outline, random)
    _ground(image, palette)
    tonic, _, mode = (key or "").partition(" ")
    facts = [genre.upper(), mood.upper(), f"{tonic} {mode.upper()}", f"{bpm:.0f} BPM" if bpm is not None else ""]
    _write(image, palette, title=title, artist=artist, facts=facts)
    small = np.asarray(image.reduce(CANVAS // SIZE), np.int16)
    # A little grain keeps the gradients from banding in JPEG.
    grain = random.integers(-4, 5, (SIZE, SIZE, 1), np.int16)
    out = BytesIO()
    Image.fromarray(np.clip(small + grain, 0, 255).astype(np.uint8)).save(out, "JPEG", quality=_QUALITY)
    return out.getvalue()


def _outline(peaks: Sequence[int]) -> Outline:
    """As many points as every motif needs, however many there are."""
    values = np.asarray(peaks if len(peaks) else [0], np.float64) / 255
    return np.asarray(np.interp(np.linspace(0, 1, PEAKS), np.linspace(0, 1, values.size), values), np.float64)


def _family(genre: str) -> str:
    name = genre.lower().replace("-", " ")
    for family, words in _FAMILIES.items():
        if any(word in name for word in words):
            return family
    families = list(MOTIFS)
    return families[sum(name.encode()) % len(families)]


def _background(palette: Palette) -> Image.Image:
    ramp = Image.linear_gradient("L").resize((CANVAS, CANVAS), Image.Resampling.BILINEAR)
    return Image.composite(Image.new("RGB", ramp.size, palette.bottom), Image.new("RGB", ramp.size, palette.top), ramp)


def _ground(image: Image.Image, palette: Palette) -> None:
    """Let the artwork sink into the background where the text stands."""
    depth = np.clip((np.arange(CANVAS) - 930) / 260, 0, 1) ** 1.2 * 245
    mask = Image.fromarray(np.repeat(depth.astype(np.uint8)[:, None], CANVAS, axis=1))
    image.paste(palette.bottom, (0, 0), mask)


def _write(image: Image.Image, palette: Palette, *, title: str, artist: str, facts: Sequence[str]) -> None:
    draw = ImageDraw.Draw(image)
    accent = _readable(palette)
    small = ImageFont.load_default(44)
    facts_line = "  ·  ".join(fact for fact in map(settable, facts) if fact)
    draw.text((_MARGIN, CANVAS - 122), _shorten(facts_line, small), font=small, fill=accent, anchor="ls")
    by = ImageFont.load_default(58)
    draw.text((_MARGIN, CANVAS - 200), _shorten(settable(artist), by), font=by, fill=palette.ink, anchor="ls")
    lines, font = _fit_title(settable(title))
    height = font.size * 1.08 if isinstance(font, ImageFont.FreeTypeFont) else 0.0
    for i, line in enumerate(reversed(lines)):
        position = (_MARGIN - 4, CANVAS - 292 - i * height)
        draw.text(position, line, font=font, fill=palette.ink, anchor="ls", stroke_width=2, stroke_fill=palette.ink)


def _readable(palette: Palette) -> tuple[int, int, int]:
    """The accent, or the ink where the accent is too close to the ground (WCAG contrast under 3)."""
    one, other = sorted((luminance(palette.accent), luminance(palette.bottom)))
    return palette.accent if (other + 0.05) / (one + 0.05) >= 3 else palette.ink


def _fit_title(title: str) -> tuple[list[str], Font]:
    """At most two lines in the largest size that holds them; what is longer ends in an ellipsis."""
    for size in _TITLE_SIZES:
        font = ImageFont.load_default(size)
        lines = _wrap(title, font)
        if len(lines) == 1 or (len(lines) == 2 and size <= _TITLE_SIZES[1]):
            return lines, font
    return [lines[0], _shorten(" ".join(lines[1:]), font)] if lines else [], font


def _wrap(text: str, font: Font) -> list[str]:
    lines: list[str] = []
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and font.getlength(longer) <= _TEXT_WIDTH:
            lines[-1] = longer
        else:
            lines.append(_shorten(word, font))
    return lines


def _shorten(text: str, font: Font) -> str:
    if font.getlength(text) <= _TEXT_WIDTH:
        return text
    while text and font.getlength(text + "…") > _TEXT_WIDTH:
        text = text[:-1]
    return text.rstrip() + "…"


def settable(text: str) -> str:
    """What of ``text`` the typeface has, plain letters for accented ones that it lacks.

    Nothing at all when most of the letters would be missing.
    """
    composed = unicodedata.normalize("NFC", text)
    kept = "".join(char if char.isspace() else _settable_char(char) for char in composed)
    letters = sum(char.isalnum() for char in composed)
    left = sum(char.isalnum() for char in kept)
    return " ".join(kept.split()) if left and left >= 0.7 * letters else ""


def _settable_char(char: str) -> str:
    if _has_glyph(char):
        return char
    plain = _PLAIN.get(char) or unicodedata.normalize("NFD", char)[0]
    return plain if plain != char and all(map(_has_glyph, plain)) else ""


@lru_cache(maxsize=4096)
def _has_glyph(char: str) -> bool:
    if unicodedata.category(char).startswith("C"):
        return False
    font = ImageFont.load_default(32)
    # FreeType draws every character that a typeface lacks as the same box, which U+FFFF is sure to be.
    return bytes(font.getmask(char)) != bytes(font.getmask("\uffff"))
