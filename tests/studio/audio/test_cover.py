from __future__ import annotations

from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from mixtape_studio.audio.cover import cover_jpeg, settable
from mixtape_studio.audio.motifs import MOTIFS
from mixtape_studio.audio.palette import PALETTES

FACTS = {"title": "Blue Hour", "artist": "Home", "genre": "jazz", "mood": "relaxing", "key": "F minor", "bpm": 92.4}
PEAKS = [int(value) for value in np.random.default_rng(2).integers(0, 256, 800)]


def draw(**changes) -> bytes:
    return cover_jpeg(**{**FACTS, "seed": 7, "peaks": PEAKS, **changes})


def pixels(jpeg: bytes) -> np.ndarray:
    return np.asarray(Image.open(BytesIO(jpeg)).convert("RGB"), np.int16)


def test_it_is_a_jpeg_of_800_and_always_the_same():
    picture = Image.open(BytesIO(draw()))
    assert (picture.format, picture.size) == ("JPEG", (800, 800))
    assert draw() == draw()


def test_each_family_has_a_palette():
    assert MOTIFS.keys() == PALETTES.keys()


@pytest.mark.parametrize("genre", MOTIFS)
def test_each_genre_draws_the_waveform(genre):
    flat = pixels(draw(genre=genre, peaks=[128] * 800))
    lively = pixels(draw(genre=genre))
    changed = np.abs(flat - lively).max(axis=2) > 40
    assert changed[:520].mean() > 0.005


def test_genres_look_different():
    looks = [pixels(draw(genre=genre)).mean(axis=(0, 1)) for genre in MOTIFS]
    assert all(np.abs(a - b).max() > 4 for i, a in enumerate(looks) for b in looks[:i])


def test_the_title_is_written_and_key_and_mood_colour_it():
    plain = pixels(draw(title=""))
    titled = pixels(draw())
    assert (np.abs(titled - plain)[560:680].max(axis=2) > 90).mean() > 0.02
    assert np.abs(pixels(draw(key="B minor")) - titled).mean() > 1
    assert np.abs(pixels(draw(mood="energetic")) - titled).mean() > 0.5


@pytest.mark.parametrize("genre", ["", "hip hop", "lo-fi rap", "bossa nova", "Gqom", "日本", "x" * 60])
@pytest.mark.parametrize("title", ["", "שלום עולם", "🎉🎵", "夜曲", "W" * 200, "a b " * 50])
def test_any_words_give_a_cover(genre, title):
    jpeg = draw(genre=genre, title=title, artist=title, mood=genre, key=None, bpm=None)
    assert Image.open(BytesIO(jpeg)).size == (800, 800)


@pytest.mark.parametrize("peaks", [[], [0], [255], [0] * 800, [255] * 800, [3, 200, 9]])
@pytest.mark.parametrize("genre", MOTIFS)
def test_any_waveform_gives_a_cover(genre, peaks):
    assert Image.open(BytesIO(draw(genre=genre, peaks=peaks))).size == (800, 800)


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("Blue Hour", "Blue Hour"),
        ("Étude", "Etude"),
        ("Straße nach Łódź", "Strasse nach Lodz"),
        ("Café 🎵 time", "Cafe time"),
        ("שלום עולם", ""),
        ("שלום Hello", ""),
        ("夜曲", ""),
        ("🎉", ""),
        ("a\x07b\u202ec", "abc"),
    ],
)
def test_text_that_the_typeface_lacks_is_plain_or_left_out(text, kept):
    assert settable(text) == kept
