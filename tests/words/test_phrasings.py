from __future__ import annotations

import pytest
from importable import words
from phrasings import DEVELOPED, FRESH, HELD_OUT, ROOMS, Fields

FIELDS = (
    "genre",
    "mood",
    "bpm",
    "key",
    "time_signature",
    "duration",
    "topic",
    "title",
    "instrumental",
    "room",
    "unknown_room",
    "caption",
)


def test_there_are_enough_phrasings() -> None:
    assert len({text for text, _ in DEVELOPED + HELD_OUT + FRESH}) >= 150


@pytest.mark.parametrize(("text", "expected"), DEVELOPED + HELD_OUT + FRESH)
def test_phrasing(text: str, expected: Fields) -> None:
    parsed = words.parse(text, rooms=ROOMS)
    fields = {name: getattr(parsed, name) for name in (*FIELDS, "language")}
    assert fields == {**dict.fromkeys(FIELDS), "language": "en", **expected}
    assert parsed.text == text
