from __future__ import annotations

import pytest
from importable import words


@pytest.mark.parametrize(
    ("text", "field", "code", "value"),
    [
        ("", "text", "empty", ""),
        (" \n\t", "text", "empty", ""),
        ("a" * 2001, "text", "too_long", "2001"),
        ("a jazz song " * 8334, "text", "too_long", "100008"),
        ("a jazz\x00 song", "text", "control_character", "U+0000"),
        ("a jazz\x1b[31m song", "text", "control_character", "U+001B"),
        ("a jazz\r\nsong", "text", "control_character", "U+000D"),
        ("a jazz song\x7f", "text", "control_character", "U+007F"),
        ("a jazz song\ud800", "text", "control_character", "U+D800"),
        ("jazz at 999 bpm", "bpm", "out_of_range", "999"),
        ("0 bpm", "bpm", "out_of_range", "0"),
        ("a song at -1 bpm", "bpm", "out_of_range", "-1"),
        ("a song at minus ten bpm", "bpm", "out_of_range", "-10"),
        ("a song at 1,000,000,000 beats per minute", "bpm", "out_of_range", "1000000000"),
        ("a song with a tempo of thirty", "bpm", "out_of_range", "30"),
        ("a song at " + "9" * 400 + " bpm", "bpm", "out_of_range", "inf"),
        ("a jazz song for 0 seconds", "duration", "out_of_range", "0"),
        ("a five second song", "duration", "out_of_range", "5"),
        ("a song about pirates, twenty minutes", "duration", "out_of_range", "1200"),
        ("601 seconds of jazz", "duration", "out_of_range", "601"),
        ("half an hour of ambient", "duration", "out_of_range", "1800"),
        ("jazz, 99:00", "duration", "out_of_range", "5940"),
        ("a song in H minor", "key", "unknown_key", "H minor"),
        ("a song in the key of X major", "key", "unknown_key", "X major"),
        ("a song about " + "la " * 500, "topic", "too_long", "1499"),
        ("a song with " + "la " * 500, "caption", "too_long", "1504"),
        ('a song called "' + "la " * 100 + '"', "title", "too_long", "300"),
    ],
)
def test_refused_with_the_field(text: str, field: str, code: str, value: str) -> None:
    with pytest.raises(words.WordsError) as raised:
        words.parse(text)
    error = raised.value
    assert (error.field, error.code, error.value) == (field, code, value)
    assert field in str(error)
    assert (error.low is None) == (error.high is None) == (code not in {"out_of_range", "too_long"})


@pytest.mark.parametrize(("text", "low", "high"), [("300 bpm", 40, 220), ("an hour of jazz", 10, 600)])
def test_limits_are_told(text: str, low: float, high: float) -> None:
    with pytest.raises(words.WordsError) as raised:
        words.parse(text)
    assert (raised.value.low, raised.value.high) == (low, high)
    assert f"{low} to {high}" in str(raised.value)


@pytest.mark.parametrize(
    "text", ["10 seconds of jazz", "ten minutes of jazz", "jazz at 40 bpm", "jazz at 220 bpm", "x" * 1000]
)
def test_limits_themselves_are_allowed(text: str) -> None:
    words.parse(text)
