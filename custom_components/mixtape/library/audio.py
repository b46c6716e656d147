"""Audio files and covers on disk: whole and checked, or not there at all."""

import errno
import hashlib
import os
import re
import secrets
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Final, Self

from .exceptions import AudioDamagedError, LibraryError, LibraryFullError, LibraryNotFoundError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from types import TracebackType

_PART: Final = ".part"
_STEM: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")
_SUFFIX: Final = re.compile(r"[a-z0-9]{1,8}")
_NAME: Final = re.compile(rf"{_STEM.pattern}\.{_SUFFIX.pattern}")
_FULL: Final = (errno.ENOSPC, errno.EDQUOT)


@contextmanager
def _own_errors(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as err:
        if err.errno in _FULL:
            raise LibraryFullError(path) from err
        raise LibraryError(f"{path} cannot be written: {err.strerror or err}") from err


class PartialAudio:
    """A file being downloaded: written, then committed or aborted. One thread at a time."""

    def __init__(self, path: Path) -> None:
        self._path = path
        # In the same folder, so that the rename is atomic; hidden, and swept after a crash.
        self._temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}{_PART}")
        self._hash = hashlib.sha256()
        self._size = 0
        with _own_errors(path):
            self._file = self._temporary.open("xb")

    def write(self, chunk: bytes) -> None:
        """Append.

        Raises:
            LibraryFullError: no room; the file is removed.
        """
        with self._removed_on_error():
            self._file.write(chunk)
        self._hash.update(chunk)
        self._size += len(chunk)

    def commit(self, sha256: str | None = None, size: int | None = None) -> Path:
        """Check, make durable and put in place, over an earlier file of that name.

        Raises:
            AudioDamagedError: size or hash differ from the given; the file is removed.
            LibraryFullError: no room; the file is removed.
        """
        with self._removed_on_error():
            self._check(sha256, size)
            self._file.flush()
            os.fsync(self._file.fileno())
            self._file.close()
            self._temporary.replace(self._path)
            _sync_folder(self._path.parent)
        return self._path

    def abort(self) -> None:
        """Remove what was written. After a commit it does nothing."""
        # The buffer's last bytes may find no room; they are not wanted.
        with suppress(OSError):
            self._file.close()
        with _own_errors(self._temporary):
            self._temporary.unlink(missing_ok=True)

    def _check(self, sha256: str | None, size: int | None) -> None:
        if size is not None and size != self._size:
            raise AudioDamagedError(self._path.name, f"{self._size} bytes came instead of {size}")
        if sha256 is not None and sha256.lower() != self._hash.hexdigest():
            raise AudioDamagedError(self._path.name, "its hash differs from the announced one")

    @contextmanager
    def _removed_on_error(self) -> Iterator[None]:
        try:
            with _own_errors(self._path):
                yield
        except LibraryError:
            self.abort()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.abort()


class AudioStore:
    """One folder, flat."""

    def __init__(self, folder: Path) -> None:
        """Make the folder if it is missing, and sweep what a crash left half written."""
        self.folder = folder
        with _own_errors(folder):
            folder.mkdir(parents=True, exist_ok=True)
            for leftover in folder.glob(f".*{_PART}"):
                leftover.unlink(missing_ok=True)

    def begin(self, song_id: str, suffix: str) -> PartialAudio:
        """Start the file ``<song_id>.<suffix>``; also usable in ``with``, which aborts what is not committed."""
        suffix = suffix.removeprefix(".")
        if not _STEM.fullmatch(song_id) or not _SUFFIX.fullmatch(suffix):
            raise LibraryError(f"{song_id[:80]!r} with {suffix[:20]!r} makes no file name")
        return PartialAudio(self.folder / f"{song_id}.{suffix}")

    def path(self, name: str) -> Path:
        """Where a file of that name is, or would be.

        Raises:
            LibraryNotFoundError: no file of ours has such a name.
        """
        if not _NAME.fullmatch(name):
            raise LibraryNotFoundError(f"No file is named {name[:80]!r}")
        return self.folder / name


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
