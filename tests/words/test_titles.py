from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from importable import titles, words


def variants(**fields: str | None) -> set[str]:
    wanted = {"topic": None, "genre": "jazz", "mood": "relaxing", **fields}
    return {titles.song_title(**wanted, seed=seed) for seed in range(60)}


@pytest.mark.parametrize(
    ("topic", "title"),
    [
        ("juggling pirates", "Juggling Pirates"),
        ("our cat Minka", "Our Cat Minka"),
        ("a mouse in the house", "A Mouse in the House"),
        ("a mouse in the house", "Mouse in the House"),
        ("my dog. He is brown and likes cheese", "My Dog"),
        ("who let the dogs out?", "Who Let the Dogs Out"),
        ("the iPhone of grandma", "The iPhone of Grandma"),
        ("🦄 and 🌈", "🦄 and 🌈"),
        ("שלום עולם", "שלום עולם"),
        ("x" * 90, "X" + "x" * 59),
        ("one " * 40, ("One " * 15).strip()),
    ],
)
def test_a_topic_becomes_a_title(topic: str, title: str) -> None:
    assert title in variants(topic=topic)


def test_seeds_vary_the_title() -> None:
    assert len(variants(topic="juggling pirates")) >= 3
    assert "Relaxing Jazz" in variants()
    assert len(variants()) >= 6


def test_the_same_seed_gives_the_same_title() -> None:
    first = titles.song_title(topic=None, genre="hip-hop", mood="dark", seed=7)
    assert first == titles.song_title(topic=None, genre="hip-hop", mood="dark", seed=7, language="en-GB")


@pytest.mark.parametrize("mood", words.MOODS)
def test_every_mood_has_titles_of_its_own(mood: str) -> None:
    assert not variants(mood=mood) & variants(mood="unheard of")


@pytest.mark.parametrize(("genre", "mood", "title"), [("", "", "Untitled"), ("jazz", "", "Jazz"), ("", "dark", "Dark")])
def test_a_title_is_never_empty(genre: str, mood: str, title: str) -> None:
    assert variants(genre=genre, mood=mood) == {title}


@given(st.one_of(st.none(), st.text(max_size=300)), st.integers(0, 2**32 - 1))
def test_any_topic_gives_a_short_title(topic: str | None, seed: int) -> None:
    title = titles.song_title(topic=topic, genre="jazz", mood="relaxing", seed=seed)
    assert 0 < len(title) <= 100
    assert title == " ".join(title.split())


@pytest.mark.parametrize("topic", ["our cat Minka", "the sea", "my dog"])
def test_nothing_is_put_before_a_determiner(topic: str) -> None:
    assert not [title for title in variants(topic=topic) if title.startswith(("The Our", "The The", "The My"))]
