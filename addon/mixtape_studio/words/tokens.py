"""A wish as tokens; each keeps its place in the text, so that words come out as they went in."""

from __future__ import annotations

import re
import unicodedata
from enum import Enum
from typing import TYPE_CHECKING, Final, NamedTuple

from .errors import WordsError

if TYPE_CHECKING:
    from collections.abc import Sequence

MAX_LENGTH: Final = 2000
"""Characters; the studio's limit for a wish."""


class Kind(Enum):
    WORD = "word"
    NUMBER = "number"
    MARK = "mark"
    """Punctuation that parts clauses."""
    SYMBOL = "symbol"
    """Anything else: emoji, combining signs, quotation marks."""


class Token(NamedTuple):
    text: str
    norm: str
    """Case-folded, with straight apostrophes."""
    start: int
    end: int
    kind: Kind


# Every alternative starts with another class of character and repeats nothing nested ambiguously,
# so the scan is linear. A hyphen inside a word ("hip-hop") is a gap, not a token.
_TOKEN: Final = re.compile(
    r"(?P<number>(?:(?<![\w\-])[-\u2212])?\d+(?:[.,:/]\d+)*)"
    r"|(?P<word>[A-Ga-g][#♯♭]m?(?![^\W\d_])|[^\W\d_]+(?:['\u2019][^\W\d_]+)*)"
    r"|(?P<mark>[,;:.!?…()\[\]\n\u2013—،؛؟。、]+|-(?=\s|$))"
    r"|(?P<gap>\s+|(?<=[^\W_])-(?=[^\W_]))"
    r"|(?P<symbol>.)",
    re.DOTALL,
)


def check(text: str) -> None:
    """Refuse what no person says; emoji and any language's letters are welcome.

    Raises:
        WordsError: empty, longer than ``MAX_LENGTH``, or with a control character.
    """
    if not text.strip():
        raise WordsError("text", "empty", "")
    if len(text) > MAX_LENGTH:
        raise WordsError("text", "too_long", str(len(text)), low=1, high=MAX_LENGTH)
    for char in text:
        if unicodedata.category(char) in {"Cc", "Cs"} and char not in "\n\t":
            raise WordsError("text", "control_character", f"U+{ord(char):04X}")


def tokenise(text: str) -> Sequence[Token]:
    tokens = []
    for match in _TOKEN.finditer(text):
        if match.lastgroup == "gap":
            continue
        found = match.group()
        norm = found.casefold().replace("\u2019", "'").replace("\u2212", "-").replace("♯", "#").replace("♭", "b")
        tokens.append(Token(found, norm, match.start(), match.end(), Kind(match.lastgroup)))
    return tokens


class Phrases:
    """Phrases of one or more words, found at a position by the longest match.

    A lookup reads at most as many tokens as the longest phrase has words.
    """

    def __init__(self, phrases: dict[str, str]) -> None:
        self._values: dict[tuple[str, ...], str] = {}
        self._longest: dict[str, int] = {}
        for phrase, value in phrases.items():
            words = tuple(token.norm for token in tokenise(phrase))
            if words:
                self._values.setdefault(words, value)
                self._longest[words[0]] = max(self._longest.get(words[0], 0), len(words))

    def at(self, tokens: Sequence[Token], start: int, stop: int | None = None) -> tuple[int, str] | None:
        """The end of the longest phrase that starts here, and its value."""
        stop = len(tokens) if stop is None else stop
        if start >= stop:
            return None
        longest = self._longest.get(tokens[start].norm, 0)
        words = [tokens[index].norm for index in range(start, min(start + longest, stop))]
        while words:
            value = self._values.get(tuple(words))
            if value is not None:
                return start + len(words), value
            words.pop()
        return None

    def __contains__(self, word: str) -> bool:
        return (word,) in self._values


def parse_number(token: Token) -> float | None:
    """``"120"``, ``"1.5"``, ``"1,5"``, ``"1,000"``; None for ``"3/4"`` and ``"2:30"``."""
    text = token.norm
    if token.kind is not Kind.NUMBER or "/" in text or ":" in text:
        return None
    head, *tail = text.replace(",", ".").split(".")
    if len(tail) == 1 and not ("," in text and len(tail[0]) == 3):
        return float(f"{head}.{tail[0]}")
    return float(head + "".join(tail))
