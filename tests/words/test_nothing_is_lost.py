"""Every word of content ends in a field; only the words listed here may vanish, and some only with their field."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from importable import tokens, words
from phrasings import DEVELOPED, FRESH, HELD_OUT, ROOMS

WRAPPING = frozenset(
    {
        *(
            "a",
            "an",
            "the",
            "some",
            "any",
            "and",
            "or",
            "but",
            "in",
            "on",
            "at",
            "to",
            "for",
            "of",
            "with",
            "by",
            "about",
        ),
        *(
            "is",
            "are",
            "be",
            "it",
            "that",
            "this",
            "which",
            "so",
            "it's",
            "here",
            "now",
            "another",
            "get",
            "surprise",
            "my",
            "our",
            "your",
            "his",
            "her",
        ),
        *(
            "i",
            "i'd",
            "i'm",
            "we",
            "we'd",
            "we'll",
            "me",
            "us",
            "you",
            "let",
            "let's",
            "how",
            "what",
            "ok",
            "okay",
            "please",
        ),
        *(
            "could",
            "can",
            "would",
            "will",
            "do",
            "think",
            "should",
            "like",
            "love",
            "want",
            "have",
            "need",
            "hear",
            "feel",
        ),
        *(
            "hey",
            "hi",
            "hello",
            "mixtape",
            "make",
            "create",
            "write",
            "play",
            "compose",
            "generate",
            "sing",
            "put",
            "give",
        ),
        *("song", "songs", "music", "track", "tune", "piece", "number", "something", "lasts", "long"),
        *("called", "titled", "tells", "story", "celebrating", "sung", "key", "tempo", "mood", "genre", "time"),
    }
)
"""What may always vanish: this list is the test's own, not the vocabulary's."""
MEASURES = {
    "bpm": r"\d+|bpm|beats|per|minute|one|two|ten|twenty|hundred|house|tempo|at",
    "key": r"[a-g][#b]?|m|sharp|flat|major|minor",
    "time_signature": r"\d|three|four|quarter|time",
    "duration": r"\d+|around|under|one|two|three|four|five|ten|thirty|half|couple|or|second|seconds|minute|minutes|min|m|s|lasting|lasts",
    "language": r"german|french|spanish|italian|latin|lyrics|sung",
    "instrumental": r"no|without|vocals|singing|lyrics|instrumental",
    "room": r"living|room|rooms?|lounge|kitchen|nursery|bedroom|bathroom|office|study|garden|anna's|baby's|speakers",
}


def split(text: str) -> list[str]:
    return re.findall(r"[^\W\d_]+(?:'[^\W\d_]+)*[#♯♭]?|\d+", text.casefold().replace("\u2019", "'"))


def missing(text: str) -> Counter[str]:
    """Words of a wish that no field accounts for."""
    parsed = words.parse(text, rooms=ROOMS)
    kept = Counter(split(f"{parsed.topic or ''} {parsed.caption or ''}"))
    if parsed.title is not None and parsed.title not in (parsed.topic or ""):
        kept += Counter(split(parsed.title))
    kept += Counter(split(f"{parsed.genre or ''} {parsed.mood or ''}"))
    lost = Counter(split(text)) - kept
    for field, pattern in MEASURES.items():
        if getattr(parsed, field) is not None:
            lost = Counter({word: count for word, count in lost.items() if not re.fullmatch(pattern, word)})
    return Counter({word: count for word, count in lost.items() if word not in WRAPPING})


@pytest.mark.parametrize("text", [text for text, _ in DEVELOPED + HELD_OUT + FRESH])
def test_every_word_of_the_phrasings_is_in_some_field(text: str) -> None:
    assert not missing(text)


CARRIERS = [
    "",
    "create",
    "please write me",
    "hey, could you make",
    "I'd like",
    "sing me",
    "how about",
    "we want to hear",
]
NOUNS = ["song", "a tune", "something", "music", "piece"]
KNOWN = [
    "jazz", "rock", "hip-hop", "techno", "bossa nova", "relaxing", "sad", "energetic", "waltz", "ballad", "slow", "piano",
    "with soft drums", "without drums", "not too fast", "not sad", "in a jazz style", "for studying", "with a fast beat", "no vocals", "instrumental",
    "in the kitchen", "for the living room", "for the garage", "three minutes", "for two minutes", "at 120 bpm", "in F minor", "in 3/4", "in German", "90s",
    "about", "for", "for my", "with", "without", "called", "and", ",", ".", "? ", "to", "that is", "in the", "the", "he is", ":", '"', "(", ")", "-", "please", "not",
]  # fmt: skip
SPOKEN = {word for phrase in [*KNOWN, *CARRIERS, *NOUNS] for word in split(phrase)}


def unknown(word: str) -> bool:
    return split(word) == [word] and word not in SPOKEN | WRAPPING


# Invented words, long enough to be in no vocabulary, in several scripts.
INVENTED = st.one_of(
    st.text("xqzvkj", min_size=4, max_size=9),
    st.text("абвгдежз", min_size=3, max_size=8),
    st.text("אבגדהוזח", min_size=3, max_size=8),
    st.text("あいうえお", min_size=2, max_size=6),
).filter(unknown)


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from(CARRIERS),
    st.lists(
        st.one_of(st.sampled_from(KNOWN), st.sampled_from(NOUNS), INVENTED, st.sampled_from("🎉🦄🌈")),
        min_size=1,
        max_size=14,
    ),
)
@example("sing me", ["qqqq", "a tune"])
@example("", ["about", "kkkk", "for", "zzzz", "called", "vvvv"])
@example("", ["called", "kkkk", ".", "called", "zzzz", "about", "vvvv"])
def test_invented_words_and_emoji_survive_anywhere(carrier: str, fragments: list[str]) -> None:
    text = " ".join([carrier, *fragments])
    parsed = words.parse(text, rooms=ROOMS)
    told = f"{parsed.topic or ''} {parsed.caption or ''} {parsed.title or ''}"
    for fragment in fragments:
        if unknown(fragment) or fragment in "🎉🦄🌈":
            assert fragment in told


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=200))
@example("\u200fאבג\u200f jazz")
@example("e\u0301 about e\u0301")
@example('“«„"”»“')
@example("\U0001f469\u200d\U0001f467 for me")
def test_any_text_is_understood_or_refused(text: str) -> None:
    try:
        parsed = words.parse(text, rooms=ROOMS)
    except words.WordsError as error:
        if error.field not in {"text", "bpm", "duration", "key"}:
            raise
        return
    assert parsed == words.parse(text, rooms=ROOMS)
    told = Counter(f"{parsed.topic or ''}{parsed.caption or ''}{parsed.title or ''}")
    symbols = Counter(char for char in text if unicodedata.category(char) in {"So", "Lo", "Mn", "Mc"})
    assert not symbols - told


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=200))
def test_tokens_cover_all_but_white_space_and_inner_hyphens(text: str) -> None:
    covered = {index for token in tokens.tokenise(text) for index in range(token.start, token.end)}
    assert all(char.isspace() or char in "\x1c\x1d\x1e\x1f-" for index, char in enumerate(text) if index not in covered)
