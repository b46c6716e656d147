"""What has been understood of a wish so far, and how it is put together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

from .claims import HERE, UNKNOWN_ROOM
from .measures import Claim, check_duration
from .tokens import Kind, Token

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .vocabulary import Vocabulary

_DROPPED: Final = 0
_KEPT: Final = 1
_SOFT: Final = 2
"""Kept between kept tokens, dropped at the edge of a phrase."""


class _Found(NamedTuple):
    start: int
    end: int
    value: str
    group: int


@dataclass(slots=True)
class _Told:
    start: int
    end: int
    lead: int
    """First token of the words before it ("for")."""


class Parts:
    """Collects; every token ends as dropped, part of the caption, or part of the topic."""

    def __init__(self, text: str, tokens: Sequence[Token], vocabulary: Vocabulary) -> None:
        self.fields: dict[str, str | float | bool] = {}
        self._text = text
        self._tokens = tokens
        self._words = vocabulary
        self._state = [_DROPPED] * len(tokens)
        self._apart = [False] * len(tokens)
        self._genres: list[_Found] = []
        self._faint_genres: list[_Found] = []
        self._inner_genres: list[_Found] = []
        self._moods: list[_Found] = []
        self._inner_moods: list[_Found] = []
        self._topics: list[_Told] = []
        self._dedications: list[_Told] = []
        self._titles: list[_Told] = []
        self.about_music = False
        """Whether any word of the wish is about music; without one, the wish is a topic."""

    def claim(self, claim: Claim) -> None:
        """Fill a field; the words of a second, different value stay in the caption.

        Raises:
            WordsError: a duration that cannot be.
        """
        self.about_music = True
        if claim.field == HERE:
            return
        if claim.field == "duration":
            check_duration(float(claim.value))
        if self.fields.setdefault(claim.field, claim.value) != claim.value or claim.field == UNKNOWN_ROOM:
            self.keep(claim.start, claim.end, apart=True)
        if claim.field == "language":
            self.fields.setdefault("instrumental", False)

    def sung(self) -> None:
        self.fields.setdefault("instrumental", False)

    def keep(self, start: int, end: int, *, apart: bool = False) -> None:
        for index in range(start, end):
            self._state[index] = _KEPT
        self._apart[start] = self._apart[start] or apart

    def soften(self, index: int) -> None:
        self._state[index] = _SOFT

    def add_genre(self, start: int, end: int, value: str, group: int, *, faint: bool = False) -> None:
        self.about_music = True
        self.keep(start, end)
        (self._faint_genres if faint else self._genres).append(_Found(start, end, value, group))

    def add_mood(self, start: int, end: int, value: str, group: int) -> None:
        self.about_music = True
        self.keep(start, end)
        self._moods.append(_Found(start, end, value, group))

    def add_inner(self, genre: str | None, mood: str | None, start: int, end: int) -> None:
        """A genre or mood inside a description that stays as it is: "with jazz guitar"."""
        self.about_music = self.about_music or genre is not None or mood is not None
        if genre is not None:
            self._inner_genres.append(_Found(start, end, genre, 0))
        if mood is not None:
            self._inner_moods.append(_Found(start, end, mood, 0))

    def add_topic(self, start: int, end: int) -> None:
        self._topics.append(_Told(start, end, start))

    def add_dedication(self, lead: int, start: int, end: int) -> None:
        self._dedications.append(_Told(start, end, lead))

    def add_title(self, lead: int, start: int, end: int) -> None:
        self._titles.append(_Told(start, end, lead))

    def extend_told(self, end: int) -> None:
        """Let the topic or dedication that was told last go on to here."""
        told = [*self._topics[-1:], *self._dedications[-1:]]
        last = max(told, key=lambda part: part.end)
        last.end = end

    def word(self, field: str) -> str | None:
        value = self.fields.get(field)
        if value is None and field == "time_signature":
            for token, state in zip(self._tokens, self._state, strict=True):
                if state and token.norm in self._words.implied_metres:
                    return self._words.implied_metres[token.norm]
        return None if value is None else str(value)

    def _chosen_genre(self) -> _Found | None:
        """The last of the first noun phrase that has one: "jazzy hip-hop" is hip-hop."""
        first = [found for found in self._genres if found.group == self._genres[0].group]
        for candidates in (first[-1:], self._inner_genres, self._faint_genres):
            if candidates:
                return candidates[0]
        return None

    def _chosen_mood(self) -> _Found | None:
        return next(iter([*self._moods, *self._inner_moods]), None)

    def genre(self) -> str | None:
        chosen = self._chosen_genre()
        return None if chosen is None else chosen.value

    def mood(self) -> str | None:
        chosen = self._chosen_mood()
        return None if chosen is None else chosen.value

    def title(self) -> str | None:
        return self._source(self._titles[0].start, self._titles[0].end) if self._titles else None

    def told(self) -> tuple[str | None, str | None]:
        """Topic and caption."""
        topics = list(self._topics)
        spare = list(self._titles[1:])
        dedications = list(self._dedications)
        if not topics and self._titles:
            topics.append(self._titles[0])
        if not topics and dedications:
            topics.append(dedications.pop(0))
        spare += dedications
        for part in spare:
            self.keep(part.lead, part.end, apart=True)
            if part.end < len(self._apart):
                self._apart[part.end] = True
        self._drop_understood()
        caption = self._caption()
        if not topics and caption is not None and not self.about_music:
            first = next(index for index, state in enumerate(self._state) if state != _DROPPED)
            last = max(index for index, state in enumerate(self._state) if state == _KEPT)
            return self._source(first, last + 1), None
        topic = ", ".join(filter(None, (self._source(part.start, part.end) for part in topics)))
        return topic or None, caption

    def _drop_understood(self) -> None:
        """A genre or mood said by its canonical name needs no place in the caption."""
        genre, mood = self._chosen_genre(), self._chosen_mood()
        for chosen, sure in ((genre, self._genres), (mood, self._moods)):
            if chosen is None or chosen not in sure:
                continue
            for found in sure:
                said = "".join(token.norm for token in self._tokens[found.start : found.end])
                if said == chosen.value.replace("-", ""):
                    for index in range(found.start, found.end):
                        self._state[index] = _DROPPED

    def _caption(self) -> str | None:
        phrases: list[tuple[int, int]] = []
        start: int | None = None
        for index in range(len(self._tokens) + 1):
            ends = index == len(self._tokens) or self._state[index] == _DROPPED or self._apart[index]
            if ends and start is not None:
                phrases += self._trimmed(start, index)
                start = None
            if index < len(self._tokens) and self._state[index] != _DROPPED and start is None:
                start = index
        pieces: list[str] = []
        last = -1
        for first, end in phrases:
            between = range(last, first)
            if pieces and between and all(self._tokens[index].kind is Kind.MARK for index in between):
                gap = self._text[self._tokens[last - 1].end : self._tokens[first].start]
                pieces.append(" ".join(gap.split()) + " " if gap[-1:].isspace() else gap)
            elif pieces:
                pieces.append(", ")
            pieces.append(self._source(first, end))
            last = end
        return "".join(pieces) or None

    def _trimmed(self, start: int, end: int) -> list[tuple[int, int]]:
        while end > start and self._state[end - 1] == _SOFT:
            end -= 1
        while start < end and self._state[start] == _SOFT and self._tokens[start].norm not in self._words.prepositions:
            start += 1
        return [(start, end)] if start < end else []

    def _source(self, start: int, end: int) -> str:
        """The words as they were said, white space made single."""
        while start < end and self._tokens[start].kind is Kind.MARK:
            start += 1
        while end > start and self._tokens[end - 1].kind is Kind.MARK:
            end -= 1
        if start == end:
            return ""
        found = " ".join(self._text[self._tokens[start].start : self._tokens[end - 1].end].split())
        if "(" in found and end < len(self._tokens) and self._tokens[end].text.startswith(")"):
            found += ")"
        quotes = {'"': '"', "“": "”", "«": "»", "„": "“"}
        if len(found) > 2 and quotes.get(found[0]) == found[-1] and found[0] not in found[1:-1]:
            return found[1:-1]
        return found
