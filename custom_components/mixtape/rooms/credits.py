"""Who made a song, in the words that people see wherever they see the song."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from custom_components.mixtape.library.models import Song


def credited_artist(song: Song) -> str:
    """The artist, and the engine that made it: "Our home · Built-in composer"."""
    return " · ".join(name for name in (song.artist, song.engine_label) if name)


def credited_title(song: Song) -> str:
    """For lists that show titles only: "Quiet Rain · Built-in composer"."""
    return " · ".join(name for name in (song.title, song.engine_label) if name)
