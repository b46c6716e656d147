"""The work grows with the length of the wish and no faster: counted, not timed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from importable import parser, tokens, words
from phrasings import ROOMS

READS_PER_TOKEN = 200
"""The worst of the adversaries below takes 120."""


class Counting(Sequence[Any]):
    def __init__(self, items: Sequence[Any]) -> None:
        self.items = items
        self.reads = 0

    def __len__(self) -> int:
        return len(self.items)

    def __getitem__(self, index: Any) -> Any:
        found = self.items[index]
        self.reads += len(found) if isinstance(index, slice) else 1
        return found


ADVERSARIES = [
    "about ", "for ", "for the ", "with ", "in a ", "in the ", "not ", "no ", "please ", "and ", "called ", "a ", "one hundred and ", "two and a half ",
    "minutes ", "about about two minutes to ", "1:", "1 ", "1-", "- ", ", ", ". ", "a. ", "st. ", '"', "“ ", "„“ ", "( ", "about x, ", "for x, ", "about x. he ", "could you ",
    "i would like to ", "make me ", "for the living ", "in three four ", "in f sharp ", "the the ", "drum and ", "not too very so ", "or nor ", "tempo of ", "for me please ",
    "about three minutes and ", "with lyrics in ", "jazz ", "sad ", "called “", "'", "a'", "#", "🎉", "e\u0301", "\u200f", "x", "1", "1,", "1.", "-1", "ab-", "about dogs for two minutes and ",
]  # fmt: skip


def reads(text: str, monkeypatch: pytest.MonkeyPatch) -> tuple[int, int]:
    made: list[Counting] = []

    def counting(text: str) -> Counting:
        made.append(Counting(tokens.tokenise(text)))
        return made[0]

    with monkeypatch.context() as patched:
        patched.setattr(parser, "tokenise", counting)
        try:
            words.parse(text, rooms=ROOMS)
        except words.WordsError as error:
            if error.code not in {"out_of_range", "too_long"}:
                raise
    return made[0].reads, len(made[0])


@pytest.mark.parametrize("adversary", ADVERSARIES)
def test_reads_grow_linearly(adversary: str, monkeypatch: pytest.MonkeyPatch) -> None:
    half_times = 400 // len(adversary)
    for prefix in ("", "a song about ", "a song for "):
        whole, count = reads(prefix + adversary * (2 * half_times), monkeypatch)
        half, _ = reads(prefix + adversary * half_times, monkeypatch)
        assert whole <= READS_PER_TOKEN * count
        assert whole <= 2.05 * half + 200


def test_the_token_pattern_repeats_nothing_inside_a_repetition_of_the_same_characters() -> None:
    """Nested groups start with a separator that their own content cannot match, so there is one way to match."""
    pattern = tokens._TOKEN.pattern
    assert pattern.count(")*") == 2
    assert r"(?:[.,:/]\d+)*" in pattern
    assert r"(?:['\u2019][^\W\d_]+)*" in pattern
