from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from mixtape_studio.engines.base import RenderRequest
from mixtape_studio.engines.composer import ComposerEngine, suggest

ROOT = Path(__file__).resolve().parents[3]
SOUNDFONT = Path(os.environ.get("MIXTAPE_SOUNDFONT", ROOT / ".tools" / "soundfont" / "MuseScore_General_Lite.sf3"))

Order = Callable[..., RenderRequest]


@pytest.fixture(scope="session")
def engine() -> ComposerEngine:
    assert SOUNDFONT.is_file(), f"{SOUNDFONT} is missing: run scripts/setup"
    engine = ComposerEngine(SOUNDFONT)
    engine.load()
    return engine


@pytest.fixture(scope="session")
def order() -> Order:
    """A request with its gaps filled as the plan step fills them."""

    def make(genre: str = "jazz", mood: str = "relaxing", seed: int = 1, **fields: object) -> RenderRequest:
        suggestion = suggest(genre, mood, seed)
        values = {
            "caption": "",
            "genre": genre,
            "mood": mood,
            "bpm": suggestion.bpm,
            "key": suggestion.key,
            "time_signature": suggestion.time_signature,
            "duration": 60.0,
            "instrumental": True,
            "language": "en",
            "lyrics": None,
            "seed": seed,
        }
        return RenderRequest(**values | fields)

    return make
