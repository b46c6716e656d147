"""Finds the parts of a wish that say one thing each, wherever they stand: measures, voices, language, room."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .measures import Claim, Reader
from .tokens import Kind, Phrases, Token

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from .vocabulary import Vocabulary

HERE = "here"
UNKNOWN_ROOM = "unknown_room"


class Finder:
    """Looks for claims; every look reads a bounded number of tokens."""

    def __init__(self, tokens: Sequence[Token], vocabulary: Vocabulary, rooms: Mapping[str, Sequence[str]]) -> None:
        self._tokens = tokens
        self._words = vocabulary
        self._reader = Reader(tokens, vocabulary)
        self._rooms = Phrases({name: room for room, names in rooms.items() for name in names})

    def find(self, quoted: Sequence[bool]) -> dict[int, Claim]:
        """Claims by their first token; none overlaps another, none starts inside quotation marks."""
        claims: dict[int, Claim] = {}
        index = 0
        while index < len(quoted):
            claim = None if quoted[index] else self._claim(index)
            if claim is None:
                index += 1
            else:
                claims[index] = claim
                index = claim.end
        return claims

    def _claim(self, index: int) -> Claim | None:
        return self._room(index) or self._reader.claim(index) or self._language(index) or self._voices(index)

    def _norm(self, index: int) -> str:
        return self._tokens[index].norm if 0 <= index < len(self._tokens) else ""

    def _at_mark(self, index: int) -> bool:
        return not 0 <= index < len(self._tokens) or self._tokens[index].kind is Kind.MARK

    def _room(self, start: int) -> Claim | None:
        here = self._words.here.at(self._tokens, start)
        if here is not None and (here[0] - start > 1 or self._reader.ends(here[0])):
            return Claim(start, here[0], HERE, True, sure=False)
        led = self._norm(start) in self._words.room_leads
        at = start + 1 if led else start
        if self._norm(at) in self._words.articles:
            named = self._rooms.at(self._tokens, at)
            at = at if named is not None else at + 1
        elif led and self._norm(start) in self._words.pointing_leads:
            return None
        found = self._rooms.at(self._tokens, at)
        if found is not None:
            end = self._skip_tail(found[0])
            if led or (self._at_mark(start - 1) and self._at_mark(end)):
                return Claim(start, end, "room", found[1], sure=False)
            return None
        unknown = self._words.room_words.at(self._tokens, at) if led else None
        if unknown is None:
            return None
        name = " ".join(token.norm for token in self._tokens[at : unknown[0]])
        return Claim(start, self._skip_tail(unknown[0]), UNKNOWN_ROOM, name, sure=False)

    def _skip_tail(self, end: int) -> int:
        return end + 1 if self._norm(end) in self._words.room_tails else end

    def _language(self, start: int) -> Claim | None:
        """As in "in German", "sung in German", "German lyrics"."""
        lead = self._words.language_leads.at(self._tokens, start)
        at = start if lead is None else lead[0]
        code = self._words.languages.get(self._norm(at))
        end = at + 1
        if code is None and lead is None and self._norm(start) in self._words.with_words:
            code, end = self._words.languages.get(self._norm(start + 1)), start + 2
            lead_needs_voice = True
        else:
            lead_needs_voice = lead is None
        if code is None:
            return None
        voiced = self._norm(end) in self._words.voices
        if voiced:
            end += 1
        elif lead_needs_voice or not (self._reader.ends(end) or self._norm(end) == "language"):
            return None
        return Claim(start, end, "language", code, sure=voiced)

    def _voices(self, start: int) -> Claim | None:
        found = self._words.instrumental.at(self._tokens, start)
        if found is not None:
            return Claim(start, found[0], "instrumental", True, sure=found[0] - start > 1)
        found = self._words.vocal.at(self._tokens, start)
        if found is not None and (self._reader.ends(found[0]) or self._words.topic_leads.at(self._tokens, found[0])):
            by = self._norm(found[0]) == "by"  # "sung by a choir" is worth keeping as it is
            return None if by else Claim(start, found[0], "instrumental", False, sure=True)
        return None
