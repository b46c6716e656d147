"""How far a topic, a title or a description goes on, and what can end it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from .measures import Claim
    from .tokens import Token
    from .vocabulary import Vocabulary

_OPENING: Final = {"“": "”", "«": "»", "„": "“"}
_NEAR: Final = 4
"""Tokens within which "with … drums" or "in a … style" is complete."""


def quoted_tokens(tokens: Sequence[Token]) -> list[bool]:
    """Which tokens stand inside a pair of quotation marks, the marks included."""
    quoted = [False] * len(tokens)
    opened, closing = -1, ""
    for index, token in enumerate(tokens):
        if closing and token.text == closing:
            quoted[opened : index + 1] = [True] * (index + 1 - opened)
            closing = ""
        elif not closing and token.text in {'"', *_OPENING}:
            opened, closing = index, _OPENING.get(token.text, '"')
    return quoted


class Spans:
    """Reads one clause at a time: ``enter`` it first."""

    def __init__(
        self,
        tokens: Sequence[Token],
        vocabulary: Vocabulary,
        claims: Mapping[int, Claim],
        quoted: Sequence[bool],
    ) -> None:
        self._tokens = tokens
        self._words = vocabulary
        self._claims = claims
        self._quoted = quoted
        self._closes: list[bool] = []
        self._offset = 0

    def enter(self, start: int, end: int) -> None:
        """Look at a clause from its end: from which tokens on does nothing follow but claims and style?

        A claim that is not sure ("for five minutes") counts inside a topic only from there on.
        """
        self._offset = start
        closes = [False] * (end - start) + [True]
        for index in range(end - 1, start - 1, -1):
            claim = self._claims.get(index)
            tail = self._words.tails.at(self._tokens, index, end)
            closes[index - start] = (
                (claim is not None and claim.end <= end and closes[claim.end - start])
                or (tail is not None and closes[tail[0] - start])
                or (self._tokens[index].norm in self._words.conjunctions and closes[index + 1 - start])
                or self.style_follows(index, end)
                or self._words.topic_leads.at(self._tokens, index, end) is not None
            )
        self._closes = closes

    def honoured(self, index: int) -> bool:
        claim = self._claims.get(index)
        return claim is not None and (claim.sure or self._closes[claim.end - self._offset])

    def style_follows(self, index: int, end: int) -> bool:
        """Whether words about the sound begin here, that no topic would go on with."""
        if self._words.style_closers.at(self._tokens, index, end) is not None:
            return True
        lead = self._words.style_leads.at(self._tokens, index, end)
        if lead is None or lead[1] == "joined":
            return False
        if self._tokens[index].norm in self._words.with_words:
            if self._tokens[lead[0]].norm in self._words.articles if lead[0] < end else True:
                return False
            near = range(lead[0], min(lead[0] + _NEAR, end))
            return any(
                self._words.style_words.at(self._tokens, at, end) is not None
                or self._tokens[at].norm in self._words.voices
                for at in near
            )
        near = range(lead[0], min(lead[0] + _NEAR, end))
        return any(self._tokens[at].norm in self._words.style_nouns for at in near)

    def restarts(self, index: int, end: int) -> bool:
        """Whether the wish starts anew within a clause: "something jazzy", "and make it short"."""
        norm = self._tokens[index].norm
        if norm in self._words.restarts:
            return self.musical(index + 1, end) is not None
        carrier = self._words.carriers.at(self._tokens, index + 1, end) if norm in self._words.conjunctions else None
        return carrier is not None and carrier[1] == "it"

    def end_of(self, start: int, end: int, *, topic: bool = True) -> int:
        """Where a topic (or description) that starts here ends."""
        for index in range(start, end):
            if self._quoted[index]:
                continue
            if self.honoured(index) or (index > start and self.style_follows(index, end)):
                return index
            if index > start and self.restarts(index, end):
                return index
            title = self._words.title_leads.at(self._tokens, index, end)
            if title is not None and index > start and title[0] < end and self._quoted[title[0]]:
                return index
            if not topic and index > start and self._words.topic_leads.at(self._tokens, index, end) is not None:
                return index
        return end

    def after_tails(self, index: int, end: int) -> int:
        for _ in range(_NEAR):
            tail = self._words.tails.at(self._tokens, index, end)
            if tail is None:
                break
            index = tail[0]
        return index

    def trimmed(self, start: int, end: int) -> int:
        """The end without "please" and "and"."""
        for width in range(_NEAR, 0, -1):
            first = end - width
            if first > start and self.after_tails(first, end) == end:
                end = first
                break
        while end > start + 1 and self._tokens[end - 1].norm in self._words.conjunctions:
            end -= 1
        return end

    def musical(self, index: int, end: int) -> int | None:
        words = self._words
        for phrases in (words.genre_words, words.mood_words, words.song_words, words.style_words, words.faint_genres):
            found = phrases.at(self._tokens, index, end)
            if found is not None:
                return found[0]
        return None

    def end_of_quotation(self, start: int, end: int) -> int:
        closing = _OPENING.get(self._tokens[start].text, '"')
        for index in range(start + 1, end):
            if self._tokens[index].text == closing:
                return index + 1
        return end
