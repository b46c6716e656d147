"""Walks through a wish clause by clause and tells its carrier, its description and its topic apart."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from .spans import Spans
from .tokens import Kind, Phrases, Token

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from .measures import Claim
    from .parts import Parts
    from .vocabulary import Vocabulary

_SOFT_MARKS: Final = frozenset(",،、-\u2013—…")
_LONGEST_NAME: Final = 3


class _Clause(NamedTuple):
    start: int
    end: int
    hard: bool
    """Whether a sentence ended before it."""
    label: bool
    """Whether a colon follows."""


class Clauses:
    def __init__(
        self,
        tokens: Sequence[Token],
        vocabulary: Vocabulary,
        claims: Mapping[int, Claim],
        quoted: Sequence[bool],
        parts: Parts,
    ) -> None:
        self._tokens = tokens
        self._words = vocabulary
        self._claims = dict(claims)
        self._quoted = quoted
        self._parts = parts
        self._group = 0
        self._open = False
        """Whether the last clause ended inside a topic."""
        self._colon = False
        """Whether a colon follows the clause."""
        self._pending: Phrases | None = None
        """The leads after which the clause broke off: "topic: …"."""
        self._spans = Spans(tokens, vocabulary, self._claims, quoted)

    def walk(self) -> None:
        for clause in self._split():
            self._group += 1
            self._colon = clause.label
            if self._pending is not None and clause.start in self._claims and not self._claims[clause.start].sure:
                del self._claims[clause.start]  # "topic: my garden"
            self._spans.enter(clause.start, clause.end)
            if self._labels(clause) or self._spans.after_tails(clause.start, clause.end) == clause.end:
                continue
            if self._pending is not None:
                leads, self._pending = self._pending, None
                self._rest(self._tell(leads, clause.start, clause.start, clause.end), clause.end)
            elif self._open and not self._describes(clause):
                end = self._spans.end_of(clause.start, clause.end)
                self._parts.extend_told(self._spans.trimmed(clause.start, end))
                self._rest(end, clause.end)
            else:
                self._open = False
                self._describe(self._carried(clause.start, clause.end), clause.end)

    def _split(self) -> list[_Clause]:
        clauses: list[_Clause] = []
        start, index, hard = 0, 0, True
        while index < len(self._tokens):
            claim = self._claims.get(index)
            if claim is not None:
                index = claim.end
                continue
            token = self._tokens[index]
            if token.kind is Kind.MARK and not self._quoted[index] and not self._inside_name(index):
                if start < index:
                    clauses.append(_Clause(start, index, hard, label=token.norm == ":"))
                    hard = False
                hard = hard or not set(token.norm) <= _SOFT_MARKS
                start = index + 1
            index += 1
        if start < len(self._tokens):
            clauses.append(_Clause(start, len(self._tokens), hard, label=False))
        return clauses

    def _inside_name(self, index: int) -> bool:
        """As in "St. Patrick", "J. R. Ewing"."""
        token, before = self._tokens[index], self._tokens[index - 1] if index else None
        if token.text != "." or before is None or index + 1 == len(self._tokens):
            return False
        initial = len(before.text) == 1 and before.text.isupper()
        return initial or before.norm in self._words.abbreviations

    def _labels(self, clause: _Clause) -> bool:
        """Drop "genre" in "genre: rock"; remember "topic" in "topic: pirates"."""
        norms = {token.norm for token in self._tokens[clause.start : clause.end]}
        if not clause.label or not norms <= self._words.labels | self._words.articles:
            return False
        if norms & self._words.topic_labels:
            self._pending = self._words.topic_leads
        elif norms & self._words.title_labels:
            self._pending = self._words.title_leads
        return True

    # Topics

    def _describes(self, clause: _Clause) -> bool:
        """Whether a clause after a topic is about the music again."""
        start, end = clause.start, clause.end
        first = self._tokens[start].norm
        carrier = self._words.carriers.at(self._tokens, start, end)
        if carrier is not None and (carrier[1] or carrier[0] > start + 1):
            return True
        if start in self._claims or first in self._words.with_words or self._spans.style_follows(start, end):
            return True
        if self._words.negations.at(self._tokens, start, end) is not None:
            return True
        if self._words.topic_leads.at(self._tokens, start, end) is not None:
            return True
        if first in self._words.pronouns:
            return False
        known, unknown, index = 0, 0, start
        while index < end:
            claim = self._claims.get(index)
            step = claim.end if claim is not None else self._spans.musical(index, end)
            if step is not None:
                known, index = known + 1, step
                continue
            tail = self._words.tails.at(self._tokens, index, end)
            if tail is not None:
                index = tail[0]
                continue
            if self._tokens[index].norm not in self._words.fillers | self._words.degrees:
                unknown += 1
            index += 1
        return known > 0 and (clause.hard or unknown == 0)

    def _tell(self, leads: Phrases, lead: int, start: int, end: int) -> int:
        """Take a topic or title that starts here; returns where it ends."""
        named = leads is self._words.title_leads
        stop = (
            self._spans.end_of_quotation(start, end)
            if named and self._quoted[start]
            else self._spans.end_of(start, end, topic=not named)
        )
        trimmed = self._spans.trimmed(start, stop)
        if start == trimmed:
            self._parts.soften(lead)
        elif named:
            self._parts.about_music = True
            self._parts.add_title(lead, start, trimmed)
        else:
            self._parts.add_topic(start, trimmed)
            self._open = stop == end
        return stop

    def _rest(self, start: int, end: int) -> None:
        if start < end:
            self._open = False
            self._describe(start, end)

    def _dedicate(self, lead: int, start: int, end: int) -> int:
        stop = self._spans.end_of(start, end, topic=False)
        trimmed = self._spans.trimmed(start, stop)
        if start == trimmed:
            self._parts.soften(lead)
            return stop
        first = start
        while first < trimmed and self._tokens[first].norm in self._words.articles:
            first += 1
        if self._is_activity(start, first, trimmed):
            self._keep_style(lead, trimmed, genres=False)
            return stop
        self._parts.add_dedication(lead, start, trimmed)
        self._open = stop == end
        return stop

    def _is_activity(self, start: int, first: int, end: int) -> bool:
        """True of "for studying", "for the kids", "for piano and strings", but not of "for my mum"."""
        if first == end:
            return True
        for at in (start, first):
            found = self._words.activities.at(self._tokens, at, end)
            if found is not None and found[0] == end:
                return True
        word = self._tokens[start].norm
        if word.endswith(self._words.activity_endings) and word not in self._words.not_activities:
            return True
        index = start
        while index < end:
            step = self._spans.musical(index, end)
            if step is None and self._tokens[index].norm not in self._words.fillers:
                return False
            index = step or index + 1
        return True

    # Description

    def _carried(self, start: int, end: int) -> int:
        """Skip how the wish is wrapped."""
        index, value = start, ""
        while index < end and index not in self._claims and not self._quoted[index]:
            found = self._words.carriers.at(self._tokens, index, end)
            if found is None or self._musical_phrase_longer(index, found[0], end):
                break
            index, value = found
            if value == "sing":
                self._parts.sung()
        return self._recipient(index, end) if value else index

    def _musical_phrase_longer(self, index: int, carrier_end: int, end: int) -> bool:
        step = self._spans.musical(index, end)
        return step is not None and step > carrier_end

    def _recipient(self, start: int, end: int) -> int:
        """Take the person of "write Anna a song": the song is for Anna."""
        unknown = 0
        for index in range(start, min(start + _LONGEST_NAME + 1, end)):
            norm = self._tokens[index].norm
            if norm in self._words.indefinite:
                if unknown:
                    self._parts.add_dedication(start, start, index)
                    return index
                return start
            if index in self._claims or self._quoted[index] or self._spans.musical(index, end) is not None:
                return start
            if self._tokens[index].kind is not Kind.WORD or self._lead(index, end):
                return start
            unknown += norm not in self._words.fillers | self._words.articles
        return start

    def _lead(self, index: int, end: int) -> bool:
        words = self._words
        return self._tokens[index].norm in words.dedication_leads or any(
            phrases.at(self._tokens, index, end) is not None
            for phrases in (words.topic_leads, words.title_leads, words.style_leads, words.negations)
        )

    def _describe(self, start: int, end: int) -> None:
        index = start
        while index < end:
            index = self._step(index, start, end)

    def _step(self, index: int, start: int, end: int) -> int:  # noqa: PLR0911  the order of the rules is the rule
        words, tokens = self._words, self._tokens
        topic = words.topic_leads.at(tokens, index, end)
        claim = self._claims.get(index)
        if claim is not None and (topic is None or index == start or self._spans.honoured(index)):
            self._parts.claim(claim)
            self._group += 1
            return claim.end
        if self._quoted[index]:
            self._parts.keep(index, index + 1)
            return index + 1
        if self._spans.restarts(index, end):
            return self._carried(index, end) if tokens[index].norm in words.conjunctions else self._word(index, end)
        tail = self._spans.after_tails(index, end)
        if tail > index and (tail == end or tail in self._claims):
            return tail
        told = self._told(index, end)
        if told is not None:
            return told
        negation = words.negations.at(tokens, index, end)
        if negation is not None:
            return self._negate(index, negation[0], end)
        lead = words.style_leads.at(tokens, index, end)
        if lead is not None and lead[0] < end:
            stop = max(self._spans.end_of(lead[0], end, topic=False), lead[0])
            self._keep_style(index, self._spans.trimmed(index, stop), apart=lead[1] != "joined")
            return stop
        return self._word(index, end)

    def _told(self, index: int, end: int) -> int | None:
        """Where the topic, title or dedication ends that starts here."""
        words, tokens = self._words, self._tokens
        topic = words.topic_leads.at(tokens, index, end)
        if topic is not None and topic[0] == end and self._colon:
            self._pending = words.topic_leads
            return end
        if topic is not None and topic[0] < end:
            return self._tell(words.topic_leads, index, topic[0], end)
        title = words.title_leads.at(tokens, index, end)
        if title is not None and title[0] < end:
            return self._tell(words.title_leads, index, title[0], end)
        if tokens[index].norm in words.dedication_leads and index + 1 < end:
            return self._dedicate(index, index + 1, end)
        return None

    def _word(self, index: int, end: int) -> int:
        words, tokens, parts = self._words, self._tokens, self._parts
        genre = words.genre_words.at(tokens, index, end)
        faint = words.faint_genres.at(tokens, index, end)
        mood = words.mood_words.at(tokens, index, end)
        song = words.song_words.at(tokens, index, end)
        style = words.style_words.at(tokens, index, end)
        longest = max(found[0] for found in (genre, faint, mood, song, style, (0, "")) if found is not None)
        if genre is not None and genre[0] == longest:
            parts.add_genre(index, longest, genre[1], self._group)
        elif faint is not None and faint[0] == longest:
            parts.add_genre(index, longest, faint[1], self._group, faint=True)
        elif mood is not None and mood[0] == longest:
            parts.add_mood(index, longest, mood[1], self._group)
        elif song is not None and song[0] == longest:
            parts.about_music = True
            self._group += 1
        elif style is not None:
            parts.about_music = True
            parts.keep(index, longest)
        elif tokens[index].norm in words.metre_leads and index + 1 < end and "/" in tokens[index + 1].norm:
            parts.keep(index, index + 2)  # a metre that no field can hold: "in 6/8"
            return index + 2
        elif tokens[index].norm in words.fillers:
            parts.soften(index)
        else:
            parts.keep(index, index + 1)
            if tokens[index].norm in words.voices:
                parts.sung()
        return max(longest, index + 1)

    def _negate(self, start: int, after: int, end: int) -> int:
        """Keep "not too sad or dark" as it is; none of it is the mood."""
        index = self._negated(after, end)
        while index + 1 < end and self._tokens[index].norm in self._words.alternatives:
            index = self._negated(index + 1, end)
        if self._spans.musical(after, end) is not None:
            self._parts.about_music = True
        self._parts.keep(start, index)
        return index

    def _negated(self, index: int, end: int) -> int:
        while index < end and self._tokens[index].norm in self._words.degrees:
            index += 1
        return self._spans.musical(index, end) or min(index + 1, end)

    def _keep_style(self, start: int, end: int, *, apart: bool = True, genres: bool = True) -> None:
        """Keep a description as it is, and learn genre, mood and voices from it."""
        self._parts.keep(start, end, apart=apart)
        negated = False
        index = start
        while index < end:
            words = self._words
            negated = negated or words.negations.at(self._tokens, index, end) is not None
            genre, mood = words.genre_words.at(self._tokens, index, end), words.mood_words.at(self._tokens, index, end)
            if self._spans.musical(index, end) is not None:
                self._parts.about_music = True
            if not negated:
                if self._tokens[index].norm in words.voices:
                    self._parts.sung()
                self._parts.add_inner(genre[1] if genre and genres else None, mood and mood[1], index, end)
            index = max(index + 1, genre[0] if genre else 0, mood[0] if mood else 0)
