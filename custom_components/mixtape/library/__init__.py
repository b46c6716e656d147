"""What the home keeps: songs, wishes, mixtapes, and the audio beside them. Synchronous."""

from .audio import AudioStore, PartialAudio
from .exceptions import (
    AudioDamagedError,
    LibraryConflictError,
    LibraryDamagedError,
    LibraryError,
    LibraryFullError,
    LibraryNewerError,
    LibraryNotFoundError,
)
from .library import Library
from .models import Song, SongFile, Wish, WishState

__all__ = [
    "AudioDamagedError",
    "AudioStore",
    "Library",
    "LibraryConflictError",
    "LibraryDamagedError",
    "LibraryError",
    "LibraryFullError",
    "LibraryNewerError",
    "LibraryNotFoundError",
    "PartialAudio",
    "Song",
    "SongFile",
    "Wish",
    "WishState",
]
