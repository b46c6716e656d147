"""What a language module gives for titles: one instance of ``TitleStyle``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True, kw_only=True)
class TitleStyle:
    of_topic: tuple[str, ...]
    """Patterns with ``{topic}``; those that are listed twice come up twice as often."""
    of_topic_bare: tuple[str, ...]
    """Where the topic starts with a determiner (\"the\", \"our\"); ``{bare}`` is the topic without it."""
    of_style: tuple[str, ...]
    """Patterns with ``{genre}``, ``{mood}``, ``{noun}``."""
    nouns: Mapping[str, tuple[str, ...]]
    """By mood."""
    any_nouns: tuple[str, ...]
    untitled: str
    determiners: tuple[str, ...]
    small_words: frozenset[str]
    """Not capitalised inside a title."""

    def capitalised(self, text: str) -> str:
        words = text.split(" ")
        last = len(words) - 1
        return " ".join(
            word if word.casefold() in self.small_words and 0 < index < last and word.islower() else self._capital(word)
            for index, word in enumerate(words)
        )

    def without_determiner(self, text: str) -> str:
        head, _, rest = text.partition(" ")
        if not rest or head.casefold() not in self.determiners:
            return text
        return rest[:1].upper() + rest[1:]

    @staticmethod
    def _capital(word: str) -> str:
        """Each part of "hip-hop"; a word with a capital of its own stays as it is."""
        if not word.islower():
            return word
        return "-".join(part[:1].upper() + part[1:] for part in word.split("-"))
