"""One behaviour each, beyond the table of phrasings."""

from __future__ import annotations

import pytest
from importable import words
from phrasings import ROOMS, Fields


def heard(text: str, **options: object) -> Fields:
    parsed = words.parse(text, **{"rooms": ROOMS, **options})
    fields = {name: getattr(parsed, name) for name in parsed.__slots__ if name != "text"}
    language = fields.pop("language")
    return {name: value for name, value in fields.items() if value is not None} | (
        {"language": language} if language != "en" else {}
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("title: Blue Train, topic: my garden", {"title": "Blue Train", "topic": "my garden"}),
        ("song length: 2:30, tempo: 90", {"duration": 150, "bpm": 90}),
        ("time signature: 3/4, key: F# minor", {"time_signature": "3/4", "key": "F# minor"}),
        ("room: kitchen, genre: jazz", {"room": "kitchen", "genre": "jazz"}),
        ("a song about: dogs", {"topic": "dogs"}),
    ],
)
def test_labels(text: str, expected: Fields) -> None:
    assert heard(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('a song about "love, in the kitchen, at 120 bpm"', {"topic": "love, in the kitchen, at 120 bpm"}),
        ("a song titled “Rain” about my garden", {"title": "Rain", "topic": "my garden"}),
        ("a song about my garden called “Rain, rain”", {"title": "Rain, rain", "topic": "my garden"}),
        ('jazz with "blue" in it', {"genre": "jazz", "mood": "melancholic", "caption": 'with "blue" in it'}),
        ('"something jazzy" rock', {"genre": "rock", "caption": "something jazzy"}),
        ('a song about a 12" record', {"topic": 'a 12" record'}),
    ],
)
def test_quotation_marks(text: str, expected: Fields) -> None:
    assert heard(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a song about J. R. Hartley", {"topic": "J. R. Hartley"}),
        ("a song about my cat (Minka) in the kitchen", {"topic": "my cat (Minka)", "room": "kitchen"}),
        ("a song about pirates. Make it happy!", {"topic": "pirates", "mood": "happy"}),
        ("a song about pirates. It should be relaxing.", {"topic": "pirates", "mood": "relaxing"}),
        ("a song about pirates. They sing sad songs.", {"topic": "pirates. They sing sad songs"}),
        ("a song about cats and make it short", {"topic": "cats", "caption": "short"}),
        ("a song about cats and in F minor", {"topic": "cats", "key": "F minor"}),
        ("a song about pirates, with banjo", {"topic": "pirates", "caption": "with banjo"}),
        ("a song about pirates, not sad", {"topic": "pirates", "caption": "not sad"}),
        ("a song about pirates, about treasure", {"topic": "pirates, treasure"}),
        ("a song about pirates in a jazz style", {"topic": "pirates", "genre": "jazz", "caption": "in a jazz style"}),
        ("a song about the sea with soft piano", {"topic": "the sea", "mood": "relaxing", "caption": "with soft piano"}),
        ("a song about a girl with a guitar", {"topic": "a girl with a guitar"}),
        ("a song for my wife about our trip to Rome", {"topic": "our trip to Rome", "caption": "for my wife"}),
        ("a song for Tom, Anna and Bob", {"topic": "Tom, Anna and Bob"}),
        ("a song for piano and strings", {"caption": "for piano and strings"}),
        ("a song for the king", {"topic": "the king"}),
        ("a song for spring", {"topic": "spring"}),
        ("a song for my mum please in the kitchen", {"topic": "my mum", "room": "kitchen"}),
        ("pop song for me please", {"genre": "pop"}),
        ("make the kids a funny song about broccoli", {"mood": "playful", "topic": "broccoli", "caption": "the kids, funny"}),
        ("about", {"topic": "about"}),
        ("a song about cats, happy please", {"topic": "cats", "mood": "happy"}),
        ("a song about cats. Please, thanks", {"topic": "cats"}),
        ("a song about cats, please", {"topic": "cats"}),
        ("a jazz song for the lounge and announce it", {"genre": "jazz", "room": "living"}),
        ("a song about a (small cat", {"topic": "a (small cat"}),
        ("the cat that ate my homework", {"topic": "the cat that ate my homework"}),
        ("a song called Blue, called Red", {"title": "Blue", "topic": "Blue", "caption": "called Red"}),
    ],
)  # fmt: skip
def test_topics(text: str, expected: Fields) -> None:
    assert heard(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a song in a minor mood", {"caption": "in a minor mood"}),
        ("jazz in a minor", {"genre": "jazz", "key": "A minor"}),
        ("a minor song", {"caption": "minor"}),
        ("Am, 90 bpm", {"key": "A minor", "bpm": 90}),
        ("a piece in A", {"key": "A major"}),
        ("a song in e flat", {"key": "Eb major"}),
        ("e minor rock", {"key": "E minor", "genre": "rock"}),
        ("a song in E sharp minor", {"key": "F minor"}),
        ("a song in B♭ minor", {"key": "Bb minor"}),
        ("a song in D dorian", {"caption": "in D dorian"}),
        ("jazz in F minor and in C major", {"genre": "jazz", "key": "F minor", "caption": "in C major"}),
        ("jazz at 120 bpm, no, 90 bpm", {"genre": "jazz", "bpm": 120, "caption": "no, 90 bpm"}),
        ("jazz at 120.6 bpm", {"genre": "jazz", "bpm": 121}),
        ("jazz, bpm: one oh eight", {"genre": "jazz", "bpm": 108}),
        ("tempo 3 minutes", {"duration": 180, "caption": "tempo"}),
        ("a second song about love", {"topic": "love", "caption": "second"}),
        ("a song at 7:30", {"caption": "at 7:30"}),
        ("jazz 2m30s", {"genre": "jazz", "duration": 150}),
        ("jazz 2½ minutes", {"genre": "jazz", "duration": 150}),
        ("jazz 3-4 minutes", {"genre": "jazz", "duration": 210}),
        ("jazz, 2:30 minutes", {"genre": "jazz", "duration": 150}),
        ("two minutes 50 bpm", {"duration": 120, "bpm": 50}),
        ("two minutes and drums", {"duration": 120, "caption": "drums"}),
        ("a 30 s jingle", {"caption": "30 s jingle"}),
        ("jazz, 1,5 minutes", {"genre": "jazz", "duration": 90}),
    ],
)
def test_measures(text: str, expected: Fields) -> None:
    assert heard(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a song for the kitchen and the living room", {"room": "kitchen", "caption": "living room"}),
        ("living room", {"room": "living"}),
        ("jazz on these speakers", {"genre": "jazz"}),
        ("lo-fi to study to", {"genre": "hip-hop", "caption": "lo-fi to study to"}),
        ("jazz to the study", {"genre": "jazz", "room": "office"}),
        (
            "jazz for the whole house",
            {"genre": "jazz", "unknown_room": "whole house", "caption": "for the whole house"},
        ),
    ],
)
def test_rooms(text: str, expected: Fields) -> None:
    assert heard(text) == expected


def test_without_rooms_a_room_is_an_unknown_one() -> None:
    expected = {"genre": "jazz", "unknown_room": "kitchen", "caption": "for the kitchen"}
    assert heard("jazz for the kitchen", rooms={}) == expected


def test_a_language_without_a_vocabulary_is_read_as_english_and_kept() -> None:
    assert heard("a jazz song", language="de-CH") == {"genre": "jazz", "language": "de-CH"}
    assert heard("a song sung in french", language="de") == {"language": "fr", "instrumental": False}


def test_words_come_out_as_they_went_in() -> None:
    text = "  a POP song about  Zoë\u2019s\n«Straße» & the 1ˢᵗ of May — ½ 😀!  "
    parsed = words.parse(text)
    assert parsed.topic == "Zoë\u2019s «Straße» & the 1ˢᵗ of May — ½ 😀"
    assert parsed.text == text.strip()


@pytest.mark.parametrize("names", [words.GENRES, words.MOODS])
def test_every_name_of_a_genre_or_mood_is_understood(names: dict[str, tuple[str, ...]]) -> None:
    field = "genre" if names is words.GENRES else "mood"
    for value, others in names.items():
        assert getattr(words.parse(f"{value} music"), field) == value
        for other in others:
            assert getattr(words.parse(f"a {other} song about pirates"), field) == value, other


@pytest.mark.parametrize(
    "text",
    [
        "a song called for the kitchen",
        "a song about in the kitchen",
        "a song for, in the kitchen",
        "a song for in the kitchen",
    ],
)
def test_a_lead_with_nothing_after_it_makes_no_empty_field(text: str) -> None:
    assert heard(text) == {"room": "kitchen"}
