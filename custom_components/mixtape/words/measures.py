"""What a wish says in numbers and notes: tempo, key, metre, duration.

Each function looks at one position, reads a bounded number of tokens and returns a ``Claim`` or None.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from .errors import WordsError
from .tokens import Kind, Phrases, Token, parse_number

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .vocabulary import Vocabulary

MIN_BPM: Final = 40
MAX_BPM: Final = 220
MIN_DURATION: Final = 10.0
MAX_DURATION: Final = 600.0
"""Seconds. All four as in the studio's contract."""
METRES: Final = ("3/4", "4/4")
_MOST_LEADS: Final = 3


class Claim(NamedTuple):
    """Tokens ``start`` to ``end`` (exclusive) say that ``field`` is ``value``."""

    start: int
    end: int
    field: str
    value: str | float | bool
    sure: bool
    """False where the same words can be part of a topic ("waiting for five minutes")."""


class _Note(NamedTuple):
    start: int
    end: int
    name: str
    """As in the vocabulary's notes, where it is one."""
    mode: str
    spelt: bool
    """Whether the mode is a word of its own."""


class Reader:
    """Reads measures from tokens."""

    def __init__(self, tokens: Sequence[Token], vocabulary: Vocabulary) -> None:
        self._tokens = tokens
        self._words = vocabulary

    def claim(self, start: int) -> Claim | None:
        return self.metre(start) or self.bpm(start) or self.key(start) or self.duration(start)

    def _norm(self, index: int) -> str:
        return self._tokens[index].norm if 0 <= index < len(self._tokens) else ""

    def _kind(self, index: int) -> Kind | None:
        return self._tokens[index].kind if 0 <= index < len(self._tokens) else None

    def ends(self, index: int) -> bool:
        """Whether a phrase that ends before this token cannot go on with it."""
        return (
            self._kind(index) in {None, Kind.MARK}
            or self._norm(index) in self._words.fillers
            or self._words.topic_leads.at(self._tokens, index) is not None
        )

    def _skip_leads(self, leads: Phrases, start: int) -> int:
        index = start
        for _ in range(_MOST_LEADS):
            found = leads.at(self._tokens, index)
            if found is None:
                break
            index = found[0]
            if self._norm(index) == ":":
                index += 1
        return index

    def _number(self, start: int, words: Phrases) -> tuple[int, float] | None:
        if start >= len(self._tokens):
            return None
        sign = 1.0
        if self._norm(start) in self._words.minus and start + 1 < len(self._tokens):
            start, sign = start + 1, -1.0
        value = parse_number(self._tokens[start])
        if value is not None:
            return start + 1, sign * value
        found = words.at(self._tokens, start)
        return None if found is None else (found[0], sign * float(found[1]))

    def bpm(self, start: int) -> Claim | None:
        """Read "128 bpm", "at a tempo of 90", "at 120".

        Raises:
            WordsError: outside 40 to 220.
        """
        led = self._skip_leads(self._words.tempo_leads, start)
        at = led
        if led == start:
            at = self._skip_leads(self._words.duration_leads, start)
            if self._norm(at) in self._words.bare_tempo_leads:
                at += 1
            at = self._skip_leads(self._words.duration_leads, at)
        number = self._number(at, self._words.numbers)
        if number is None:
            return None
        end, value = number
        unit = self._words.tempo_units.at(self._tokens, end)
        if unit is not None:
            end = unit[0]
        elif led > start:
            if self._norm(end) in self._words.time_units:
                return None
        elif not (
            at > start
            and self._norm(at - 1) in self._words.bare_tempo_leads
            and MIN_BPM <= value <= MAX_BPM
            and self.ends(end)
        ):
            return None
        if not MIN_BPM <= value <= MAX_BPM:
            raise WordsError("bpm", "out_of_range", f"{value:.15g}", low=MIN_BPM, high=MAX_BPM)
        return Claim(start, end, "bpm", round(value), sure=unit is not None or led > start)

    def metre(self, start: int) -> Claim | None:
        found = self._words.metres.at(self._tokens, start)
        if found is not None:
            return Claim(start, found[0], "time_signature", found[1], sure=True)
        index = start
        while index < start + _MOST_LEADS and self._norm(index) in self._words.metre_leads:
            index += 1
        if self._norm(index) == ":" and index > start:
            index += 1
        if self._norm(index) not in METRES:
            return None
        value = self._norm(index)
        end = index + 1
        if self._norm(end) in self._words.metre_tails:
            end += 1
        return Claim(start, end, "time_signature", value, sure=True)

    def key(self, start: int) -> Claim | None:
        """Read "in F minor", "F#m", "in the key of D".

        Raises:
            WordsError: a letter that is no note, with a mode ("H minor").
        """
        lead = self._words.key_leads.at(self._tokens, start)
        at, surely = (start, False) if lead is None else (lead[0], lead[1] == "sure")
        if lead is not None and self._norm(at) == ":":
            at += 1
        if at >= len(self._tokens):
            return None
        note = self._note(at)
        token = self._tokens[at]
        if note.name not in self._words.notes:
            letter = len(note.name) == 1 and token.kind is Kind.WORD
            if lead is not None and note.spelt and letter and self.ends(note.end):
                value = f"{token.text} {note.mode}"
                raise WordsError("key", "unknown_key", value)
            return None
        if not self._meant(note, start, led=lead is not None, surely=surely):
            return None
        value = f"{self._words.notes[note.name]} {note.mode or 'major'}"
        return Claim(start, note.end, "key", value, sure=surely or note.spelt)

    def _note(self, at: int) -> _Note:
        token = self._tokens[at]
        name, mode, end = token.norm, "", at + 1
        if len(name) > 1 and token.text[-1] == "m" and token.text[0].isupper() and name[:-1] in self._words.notes:
            name, mode = name[:-1], "minor"
        accidental = self._words.accidentals.get(self._norm(end))
        if accidental is not None and len(name) == 1:
            name, end = name + accidental, end + 1
        spelt = not mode and self._norm(end) in self._words.modes
        if spelt:
            mode, end = self._words.modes[self._norm(end)], end + 1
        return _Note(at, end, name, mode, spelt)

    def _meant(self, note: _Note, start: int, *, led: bool, surely: bool) -> bool:
        """Whether letters are a key here: "in A" is, "in a" is not, nor is "a minor setback"."""
        upper = self._tokens[note.start].text[:1].isupper()
        ends, stops = self.ends(note.end), self._kind(note.end) in {None, Kind.MARK}
        alone = stops and self._kind(start - 1) in {None, Kind.MARK}
        article = note.name in self._words.articles
        if note.spelt:
            return not article or (ends and (upper or led or alone))
        if len(note.name) == 1 and not note.mode:
            return surely or (led and ends and (upper or (stops and not article)))
        return ends and (led or alone or "#" in note.name)

    def duration(self, start: int) -> Claim | None:
        """Read "three minutes", "2:30", "for a minute and a half"; ``check_duration`` has the limits."""
        index = self._skip_leads(self._words.duration_leads, start)
        clock = self._clock(index)
        if clock is not None:
            end, seconds = clock
            if self._norm(index - 1) in self._words.clock_leads:
                return None
        else:
            found = self._spoken(index)
            if found is None or self._norm(start - 1) in self._words.ordinals:
                return None
            end, seconds = found
        tail = self._words.duration_tails.at(self._tokens, end)
        return Claim(start, end if tail is None else tail[0], "duration", seconds, sure=False)

    def _clock(self, index: int) -> tuple[int, float] | None:
        """Read "2:30", with or without "minutes" after it."""
        if self._kind(index) is not Kind.NUMBER:
            return None
        minutes, colon, seconds = self._norm(index).partition(":")
        if not colon or not minutes.isdecimal() or len(seconds) != 2 or not seconds.isdecimal() or int(seconds) > 59:
            return None
        end = index + 1
        if self._words.time_units.get(self._norm(end)) == 60:
            end += 1
        return end, int(minutes) * 60.0 + int(seconds)

    def _spoken(self, index: int) -> tuple[int, float] | None:
        amount = self._number(index, self._words.amounts)
        if amount is None:
            return None
        end, value = amount
        second = self._range_end(end)
        if second is not None:  # two or three minutes: the middle
            end, value = second[0], (value + second[1]) / 2
        half = self._words.half_after.at(self._tokens, end)
        if half is not None:
            end, value = half[0], value + 0.5
        unit = self._unit(end, index)
        if unit is None or (unit == 1 and self._norm(index) in self._words.articles):  # "a second song"
            return None
        end += 1
        seconds = value * unit
        half = self._words.half_after.at(self._tokens, end)
        if half is not None:
            return half[0], seconds + unit / 2
        return self._rest(end, seconds, unit)

    def _range_end(self, index: int) -> tuple[int, float] | None:
        if self._norm(index) in self._words.range_words:
            return self._number(index + 1, self._words.numbers)
        # "3-4 minutes": the hyphen is a gap of one character. "3 4 minutes" reads the same, and means it.
        numbers = self._kind(index - 1) is self._kind(index) is Kind.NUMBER
        if numbers and self._tokens[index].start == self._tokens[index - 1].end + 1:
            return self._number(index, self._words.numbers)
        return None

    def _unit(self, index: int, first: int) -> float | None:
        unit = self._words.time_units.get(self._norm(index))
        if unit is None or self._norm(index) not in self._words.letter_units:
            return unit
        number = self._tokens[index - 1]
        touching = number.kind is Kind.NUMBER and number.end == self._tokens[index].start
        decade = unit == 1 and parse_number(number) in self._words.decades
        if not touching or (decade and self._words.duration_leads.at(self._tokens, first - 1) is None):
            return None
        return unit

    def _rest(self, end: int, seconds: float, unit: float) -> tuple[int, float]:
        """Read on: "two minutes and thirty seconds", "1 min 30", "2m30s"."""
        if unit == 1:
            return end, seconds
        after = end + 1 if self._norm(end) in self._words.conjunctions else end
        more = self._number(after, self._words.numbers)
        if more is None or not 0 <= more[1] < 60 or self._words.tempo_units.at(self._tokens, more[0]) is not None:
            return end, seconds
        smaller = self._unit(more[0], after)
        if smaller is not None and smaller < unit:
            return more[0] + 1, seconds + more[1] * smaller
        if smaller is None and after == end and unit == 60 and self.ends(more[0]):
            return more[0], seconds + more[1]
        return end, seconds


def check_duration(seconds: float) -> None:
    if not MIN_DURATION <= seconds <= MAX_DURATION:
        raise WordsError("duration", "out_of_range", f"{seconds:.15g}", low=MIN_DURATION, high=MAX_DURATION)
