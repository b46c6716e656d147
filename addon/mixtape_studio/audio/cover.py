"""A song's cover, drawn from the song's own data."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO

from PIL import Image, ImageDraw, ImageFont

SIZE = 800


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
    """800 by 800 JPEG; the same song gives the same bytes."""
    image = Image.new("RGB", (SIZE, SIZE), (24, 26, 38))
    draw = ImageDraw.Draw(image)
    step = max(1, len(peaks) // 100)
    for i, peak in enumerate(list(peaks)[::step][:100]):
        height = 4 + peak
        draw.rectangle((8 * i + 2, 400 - height // 2, 8 * i + 6, 400 + height // 2), fill=(220, 120, 90))
    draw.text((60, 620), title[:40], font=ImageFont.load_default(44), fill=(245, 240, 230))
    out = BytesIO()
    image.save(out, "JPEG", quality=88)
    return out.getvalue()
