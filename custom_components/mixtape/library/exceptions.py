"""What can go wrong with what the home keeps.

::

    LibraryError
    ├── LibraryDamagedError       the file is not our database, or no longer readable
    ├── LibraryFullError          no room on the disk
    ├── LibraryNewerError         written by a newer version
    ├── LibraryConflictError      the id is taken
    ├── LibraryNotFoundError      no such song or wish
    └── AudioDamagedError         a download is not what the studio announced
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


class LibraryError(Exception):
    """The root: nothing else escapes this package."""


class LibraryDamagedError(LibraryError):
    """The file is left as it was."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"{path}: {reason}")
        self.path = path
        self.reason = reason


class LibraryFullError(LibraryError):
    """There is no room left; what was being written is gone, everything else is as it was."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"No space left on the disk for {path}")
        self.path = path


class LibraryNewerError(LibraryError):
    """A newer version of Mixtape has changed the database; the file is left as it was."""

    def __init__(self, path: Path, found: int, supported: int) -> None:
        super().__init__(f"{path} has schema version {found}; this version of Mixtape knows up to {supported}")
        self.path = path
        self.found = found
        self.supported = supported


class LibraryConflictError(LibraryError):
    """The id belongs to something else already."""


class LibraryNotFoundError(LibraryError):
    """No such song or wish."""


class AudioDamagedError(LibraryError):
    """Size or hash differ from what was announced; the download has been removed."""

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(f"{name}: {reason}")
        self.name = name
        self.reason = reason
