"""The SQLite file: opened, migrated, guarded. The only place that knows SQLite's habits."""

import contextlib
import shutil
import sqlite3
import threading
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final, Self

from sqlalchemy import URL, Connection, create_engine, event
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from .exceptions import (
    LibraryConflictError,
    LibraryDamagedError,
    LibraryError,
    LibraryFullError,
    LibraryNewerError,
)
from .migrations import MIGRATIONS, Migration
from .tables import schema_version

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from sqlalchemy import Engine

_HEADER: Final = b"SQLite format 3\0"
_BUSY_SECONDS: Final = 10
_TIGHT_BYTES: Final = 1024 * 1024
"""With less free than this, SQLite's vaguer input/output errors mean a full disk."""


class Database:
    """Connections for any thread; one writer at a time."""

    def __init__(self, path: Path, engine: Engine) -> None:
        self._path = path
        self._engine = engine
        # SQLite's own waiting is a lottery among threads; a lock is a queue.
        self._writing = threading.Lock()
        self._closed = False

    @classmethod
    def open(cls, path: Path, migrations: Sequence[Migration] = MIGRATIONS) -> Self:
        """Open, or make, and bring to the newest schema.

        Raises:
            LibraryDamagedError: not our database; untouched.
            LibraryNewerError: of a newer version; untouched.
            LibraryFullError: no room.
        """
        with own_errors(path):
            found = _version(path)
            supported = migrations[-1].version
            if found > supported:
                raise LibraryNewerError(path, found, supported)
            if 0 < found < supported:
                _back_up(path, found)
            database = cls(path, _engine(path))
            try:
                database._migrate([migration for migration in migrations if migration.version > found])
            except BaseException:
                database.close()
                raise
            return database

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """One consistent view."""
        with own_errors(self._path), self._open_engine().begin() as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """One transaction: all or nothing."""
        with (
            own_errors(self._path),
            self._writing,
            self._open_engine().execution_options(begin="IMMEDIATE").begin() as connection,
        ):
            yield connection

    def close(self) -> None:
        self._closed = True
        self._engine.dispose()

    def _open_engine(self) -> Engine:
        if self._closed:
            raise LibraryError("The library is closed")
        return self._engine

    def _migrate(self, migrations: Sequence[Migration]) -> None:
        for migration in migrations:
            with self.write() as connection:
                for statement in migration.statements:
                    connection.exec_driver_sql(statement)
                connection.execute(
                    schema_version.insert().values(version=migration.version, migrated_at=datetime.now(UTC))
                )


@contextmanager
def own_errors(path: Path) -> Iterator[None]:
    """Turn what SQLite, SQLAlchemy and the file system say into our own errors."""
    try:
        yield
    except DBAPIError as err:
        raise _translated(path, err.orig or err) from err
    # The driver refuses integers beyond 64 bits and half characters before SQLite sees them.
    except (SQLAlchemyError, sqlite3.Error, OSError, OverflowError, UnicodeError) as err:
        raise _translated(path, err) from err


def _translated(path: Path, error: BaseException) -> LibraryError:
    # The low byte is the primary code: https://www.sqlite.org/rescode.html
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code in (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT):
        return LibraryDamagedError(path, str(error))
    if code == sqlite3.SQLITE_CONSTRAINT:
        return LibraryConflictError(f"{path}: {error}")
    if code == sqlite3.SQLITE_FULL or (isinstance(error, sqlite3.Error | OSError) and _tight(path)):
        return LibraryFullError(path)
    return LibraryError(f"{path}: {error}")


def _tight(path: Path) -> bool:
    with contextlib.suppress(OSError):
        return shutil.disk_usage(path.parent).free < _TIGHT_BYTES
    return False


def _version(path: Path) -> int:
    """Return the schema version of a file, 0 of none or an empty one, without changing it.

    Raises:
        LibraryDamagedError: not a database, or not ours.
    """
    try:
        with path.open("rb") as file:
            header = file.read(len(_HEADER))
    except FileNotFoundError:
        return 0
    if not header:
        return 0
    if header != _HEADER:
        raise LibraryDamagedError(path, "the file is not a database")
    with contextlib.closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as connection:
        names = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        if not names:
            return 0
        if "schema_version" not in names:
            raise LibraryDamagedError(path, "the file is a database of something else")
        (version,) = connection.execute("SELECT max(version) FROM schema_version").fetchone()
    if not isinstance(version, int):
        raise LibraryDamagedError(path, "the schema version is missing")
    return version


def _back_up(path: Path, version: int) -> None:
    """Leave a copy beside the file, over an earlier one of the same version."""
    backup = path.with_name(f"{path.stem}.version-{version}{path.suffix}")
    unfinished = backup.with_name(f"{backup.name}.part")
    unfinished.unlink(missing_ok=True)
    try:
        with contextlib.closing(sqlite3.connect(path)) as connection:
            # Unlike a copy of the file, this holds what is still in the write-ahead log.
            connection.execute("VACUUM INTO ?", (str(unfinished),))
        unfinished.replace(backup)
    finally:
        unfinished.unlink(missing_ok=True)


def _engine(path: Path) -> Engine:
    engine = create_engine(
        URL.create("sqlite", database=str(path)),
        # The executor has up to 64 threads; none of them should wait for a connection.
        pool_size=5,
        max_overflow=64,
    )
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    return engine


def _prepare(connection: sqlite3.Connection, _record: Any) -> None:
    # The driver would begin transactions by itself, late and never around a CREATE TABLE.
    connection.isolation_level = None
    connection.execute(f"PRAGMA busy_timeout = {_BUSY_SECONDS * 1000}")
    connection.execute("PRAGMA journal_mode = WAL")
    # A wish must survive a power cut once it is acknowledged.
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")


def _begin(connection: Connection) -> None:
    connection.exec_driver_sql(f"BEGIN {connection.get_execution_options().get('begin', 'DEFERRED')}")
