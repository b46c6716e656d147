"""What a language module gives."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from custom_components.mixtape.words import ParsedWish


@dataclass(frozen=True, slots=True, kw_only=True)
class Language:
    code: str
    templates: Sequence[str]
    """Hassil's; only what they match is looked at. ``{…}`` is any words."""
    not_wishes: frozenset[str]
    """Words that, before the noun or right after it, tell of another command: "create a timer for the song"."""
    nouns: frozenset[str]
    not_ours: Callable[[str], bool]
    """Whether a whole sentence asks for music that exists, or for no music at all."""
    describe: Callable[[ParsedWish], str]
    """"a relaxing jazz song"."""
    place: Callable[[str], str]
    """Room's name to "the living room"."""
    texts: Mapping[str, str]
    """What is said; keys as in ``SAID``."""
    fields: Mapping[str, str]
    """A field's name as it is spoken."""


SAID = frozenset(
    {
        "making",
        "making_unplaced",
        "asleep",
        "asleep_unplaced",
        "ready",
        "unknown_room",
        "which_room",
        "no_rooms",
        "no_speakers",
        "not_ready",
        "out_of_range",
        "not_understood",
        "not_a_wish",
        "too_long",
        "failed",
        "disk_full",
        "library",
    }
)
