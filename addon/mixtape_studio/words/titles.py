"""Titles for songs that were not given one."""

from __future__ import annotations

import random
import re
from typing import Final

from .vocabularies import TITLES, vocabulary_for

_LONGEST: Final = 60
"""Characters that still read as a title on a speaker's display."""
_EDGE: Final = re.compile(r"^[\s\"'“”«»„,;:.!?…\u2013—()-]+|[\s\"“”«»„,;:.…\u2013—(-]+$")


def song_title(*, topic: str | None, genre: str, mood: str, seed: int, language: str = "en") -> str:
    """Such as "Juggling Pirates" or "Relaxing Jazz": the same for the same arguments, never empty."""
    style = TITLES.get(vocabulary_for(language).language, TITLES["en"])
    choice = random.Random(f"title {seed}")  # noqa: S311  a title is no secret; text spreads neighbouring seeds
    subject = _shortened(_EDGE.sub("", " ".join((topic or "").split())))
    if subject:
        named = style.capitalised(subject)
        bare = style.without_determiner(named)
        patterns = style.of_topic_bare if bare != named else style.of_topic
        return choice.choice(patterns).format(topic=named, bare=bare)
    genre_name, mood_name = style.capitalised(genre.strip()), style.capitalised(mood.strip())
    if not (genre_name and mood_name):
        return genre_name or mood_name or style.untitled
    nouns = style.nouns.get(mood.strip().casefold(), style.any_nouns)
    pattern = choice.choice(style.of_style)
    return pattern.format(genre=genre_name, mood=mood_name, noun=choice.choice(nouns))


def _shortened(text: str) -> str:
    """The first sentence, clause or words of a long topic."""
    text = re.split(r"[.!?;\n](?:\s|$)", text, maxsplit=1)[0] or text
    if len(text) > _LONGEST:
        text = text.split(",", 1)[0]
    while len(text) > _LONGEST and " " in text:
        text = text.rpartition(" ")[0]
    return _EDGE.sub("", text[:_LONGEST])
