from __future__ import annotations

import pytest

from mixtape_studio.engines.composer.theory import Key, chord_scale, nearest, parallels, parse_chord, parse_key, voice

C_MAJOR, A_MINOR = Key(0, "major"), Key(9, "minor")


@pytest.mark.parametrize(
    ("text", "tonic", "mode"),
    [("C major", 0, "major"), ("F# minor", 6, "minor"), ("Bb major", 10, "major"), ("Gb minor", 6, "minor")],
)
def test_key(text: str, tonic: int, mode: str) -> None:
    assert parse_key(text) == Key(tonic, mode)


@pytest.mark.parametrize(
    ("symbol", "key", "tones"),
    [
        ("ii7", C_MAJOR, {2, 5, 9, 0}),
        ("V7", C_MAJOR, {7, 11, 2, 5}),
        ("Imaj7", C_MAJOR, {0, 4, 7, 11}),
        ("iv6", C_MAJOR, {5, 8, 0, 2}),
        ("bVII", C_MAJOR, {10, 2, 5}),
        ("V7/vi", C_MAJOR, {4, 8, 11, 2}),
        ("bII7/V", C_MAJOR, {8, 0, 3, 6}),
        ("i", A_MINOR, {9, 0, 4}),
        ("VI", A_MINOR, {5, 9, 0}),
        ("iiø7", A_MINOR, {11, 2, 5, 9}),
        ("V7", A_MINOR, {4, 8, 11, 2}),
        ("imaj7", A_MINOR, {9, 0, 4, 8}),
    ],
)
def test_chord(symbol: str, key: Key, tones: set[int]) -> None:
    assert parse_chord(symbol, key).tones == tones


def test_inversion_has_its_tone_in_the_bass() -> None:
    assert parse_chord("I@3", C_MAJOR).bass == 4
    assert parse_chord("I@5", C_MAJOR).bass == 7
    assert parse_chord("V7@3", C_MAJOR).bass == 11


@pytest.mark.parametrize("symbol", ["", "H7", "Iwrong", "8", "i/q"])
def test_what_is_no_chord_is_refused(symbol: str) -> None:
    with pytest.raises(ValueError, match=r"chord|quality"):
        parse_chord(symbol, C_MAJOR)


def test_chord_scale_bends_to_the_chord() -> None:
    scale = chord_scale(parse_chord("V7/vi", C_MAJOR), C_MAJOR)
    assert 8 in scale
    assert 7 not in scale


def test_chords_are_led_by_small_steps() -> None:
    before = None
    for symbol in ("I", "vi", "ii", "V7", "I"):
        after = voice(parse_chord(symbol, C_MAJOR), before, 50, 72, 4, rootless=False, strict=4.0)
        assert {pitch % 12 for pitch in after} <= parse_chord(symbol, C_MAJOR).tones
        assert all(50 <= pitch <= 72 for pitch in after)
        if before is not None:
            assert sum(abs(new - old) for new, old in zip(after, before, strict=True)) <= 10
            assert parallels(before, after) == 0
        before = after


def test_parallels_are_counted() -> None:
    assert parallels((48, 55), (50, 57)) == 1
    assert parallels((48, 55), (48, 55)) == 0
    assert parallels((48, 60), (50, 62)) == 1
    assert parallels((48, 55), (47, 55)) == 0


def test_nearest_stays_in_range() -> None:
    assert nearest(61.2, frozenset({0}), 50, 70) == 60
    assert nearest(90, frozenset({0}), 50, 70) == 60
    assert nearest(90, frozenset({0}), 61, 63) == 63


def test_a_narrow_range_still_gives_a_chord() -> None:
    assert voice(parse_chord("I", C_MAJOR), None, 60, 66, 4, rootless=False, strict=0.0)
