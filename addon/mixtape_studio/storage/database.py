"""Opening ``mixtape.db``: SQLite in WAL mode through the pysqlite3 wheel, migrated at start."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import pysqlite3.dbapi2
import sqlalchemy as sa
from sqlalchemy.orm import Session

from mixtape_studio.errors import DatabaseDamagedError, DatabaseNewerError

_HEADER: Final = b"SQLite format 3\x00"
_BUSY_TIMEOUT_MS: Final = 30_000
_WRITE: Final = "mixtape_write"


def check_file(path: Path) -> None:
    """Refuse a file that is no healthy SQLite database, before anything writes to it.

    Raises:
        DatabaseDamagedError: with the file's name and what to do about it.
    """
    if not path.exists() or path.stat().st_size == 0:
        return
    reason = ""
    with path.open("rb") as file:
        if file.read(len(_HEADER)) != _HEADER:
            reason = "it is not an SQLite database"
    if not reason:
        try:
            connection = pysqlite3.dbapi2.connect(str(path), timeout=_BUSY_TIMEOUT_MS / 1000)
            try:
                found = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
            finally:
                connection.close()
        except pysqlite3.dbapi2.DatabaseError as error:
            found = str(error)
        reason = "" if found == "ok" else found
    if reason:
        message = (
            f"The database {path} is damaged: {reason}. Nothing was changed. "
            f"Put back a copy of it from a backup, or move it away to start with an empty one."
        )
        raise DatabaseDamagedError(message)


def sqlite_engine(path: Path, **options: Any) -> sa.Engine:
    """An engine on one SQLite file; ``pysqlite3`` carries a newer SQLite than the system's Python."""
    return sa.create_engine(f"sqlite:///{path}", module=pysqlite3.dbapi2, **options)


class Database:
    """Short sessions for reading and for writing.

    Writing sessions begin IMMEDIATE: they wait for their turn at the start instead of failing in the middle.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.engine = sqlite_engine(path)
        sa.event.listen(self.engine, "connect", _prepare)
        sa.event.listen(self.engine, "begin", _begin)
        self._writer = self.engine.execution_options(**{_WRITE: True})

    @contextmanager
    def read(self) -> Iterator[Session]:
        with Session(self.engine) as session:
            yield session

    @contextmanager
    def write(self) -> Iterator[Session]:
        with Session(self._writer, expire_on_commit=False) as session, session.begin():
            yield session

    def close(self) -> None:
        self.engine.dispose()


def _prepare(connection: Any, _record: object) -> None:
    connection.isolation_level = None
    connection.execute(f"PRAGMA busy_timeout={_BUSY_TIMEOUT_MS}")
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=NORMAL")
    connection.execute("PRAGMA foreign_keys=ON")


def _begin(connection: sa.Connection) -> None:
    write = connection.get_execution_options().get(_WRITE, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")


def migrate(database: Database) -> None:
    """Bring the tables up to this version.

    Raises:
        DatabaseNewerError: a newer studio wrote this database.
    """
    from alembic import command  # noqa: PLC0415 - 12 MB that only the start needs
    from alembic.config import Config  # noqa: PLC0415
    from alembic.util import CommandError  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).with_name("migrations")))
    with database.engine.execution_options(**{_WRITE: True}).begin() as connection:
        config.attributes["connection"] = connection
        try:
            command.upgrade(config, "head")
        except CommandError as error:
            message = (
                f"The database {database.path} was written by a newer studio ({error}). Install that version again."
            )
            raise DatabaseNewerError(message) from error


def open_database(path: Path) -> Database:
    """Check, open and migrate.

    Raises:
        DatabaseDamagedError, DatabaseNewerError: nothing was changed.
    """
    check_file(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    database = Database(path)
    migrate(database)
    return database


class ChangeWatch:
    """Tells whether anybody committed since the last look: microseconds, so that polling costs nothing when idle."""

    def __init__(self, path: Path) -> None:
        self._connection = pysqlite3.dbapi2.connect(str(path), isolation_level=None, check_same_thread=False)
        self._version = -1

    def changed(self) -> bool:
        before, self._version = self._version, self._connection.execute("PRAGMA data_version").fetchone()[0]
        return before != self._version

    def close(self) -> None:
        self._connection.close()
