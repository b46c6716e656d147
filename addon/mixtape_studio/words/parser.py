"""Takes a wish apart.

Four passes, each linear in the number of tokens: tokens; claims (what says one thing wherever it stands);
clauses, in each of which every token is carried, claimed, described or told; and the putting together.
A token nobody knows becomes part of the caption or, after "about", of the topic: nothing is lost.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from .claims import Finder
from .clauses import Clauses
from .errors import WordsError
from .parts import Parts
from .spans import quoted_tokens
from .tokens import check, tokenise
from .vocabularies import vocabulary_for

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

MAX_LENGTHS: Final = {"topic": 1000, "caption": 1000, "title": 200}
"""Characters, as in the studio's contract."""
_NO_ROOMS: Final[Mapping[str, Sequence[str]]] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedWish:
    """What a wish says; None where it says nothing."""

    text: str
    genre: str | None = None
    """One of ``GENRES``."""
    mood: str | None = None
    """One of ``MOODS``."""
    bpm: int | None = None
    key: str | None = None
    """``"F minor"``, ``"Bb major"``."""
    time_signature: str | None = None
    """``"3/4"`` or ``"4/4"``."""
    duration: float | None = None
    """Seconds."""
    topic: str | None = None
    title: str | None = None
    """Where one is given ("called …"); it is then the topic, too, unless there is another."""
    instrumental: bool | None = None
    room: str | None = None
    """Id of one of the rooms given."""
    unknown_room: str | None = None
    """A room that is named but not among those given; its words are in the caption, too."""
    caption: str | None = None
    """Description of the music: every word about it that no other field says exactly."""
    language: str
    """Of the words of the song: as wished, else the language of the wish."""


def parse(text: str, *, rooms: Mapping[str, Sequence[str]] = _NO_ROOMS, language: str = "en") -> ParsedWish:
    """Understand a wish.

    ``rooms``: room id to its names. ``language``: of the wish, BCP 47; one without a vocabulary is read as English.

    Raises:
        WordsError: the wish is empty, too long or has control characters, or asks for a tempo,
            duration or key that cannot be; ``field`` names it.
    """
    check(text)
    words = vocabulary_for(language)
    tokens = tokenise(text)
    quoted = quoted_tokens(tokens)
    claims = Finder(tokens, words, rooms).find(quoted)
    parts = Parts(text, tokens, words)
    Clauses(tokens, words, claims, quoted, parts).walk()
    topic, caption = parts.told()
    title = parts.title()
    for field, value in (("topic", topic), ("caption", caption), ("title", title)):
        if value is not None and len(value) > MAX_LENGTHS[field]:
            raise WordsError(field, "too_long", str(len(value)), low=1, high=MAX_LENGTHS[field])
    fields = parts.fields
    bpm, duration, instrumental = fields.get("bpm"), fields.get("duration"), fields.get("instrumental")
    return ParsedWish(
        text=text.strip(),
        genre=parts.genre(),
        mood=parts.mood(),
        bpm=None if bpm is None else int(bpm),
        key=parts.word("key"),
        time_signature=parts.word("time_signature"),
        duration=None if duration is None else float(duration),
        topic=topic,
        title=title,
        instrumental=None if instrumental is None else bool(instrumental),
        room=parts.word("room"),
        unknown_room=parts.word("unknown_room"),
        caption=caption,
        language=parts.word("language") or language,
    )
