"""The database file: made, migrated, refused."""

import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import create_engine, func, inspect, select
from sqlalchemy.dialects import sqlite

from custom_components.mixtape.library import (
    Library,
    LibraryDamagedError,
    LibraryError,
    LibraryNewerError,
    WishState,
)
from custom_components.mixtape.library.database import Database
from custom_components.mixtape.library.migrations import MIGRATIONS, Migration
from custom_components.mixtape.library.tables import metadata, songs
from tests.integration.library.library_samples import contents, job_id, song, wish

VERSION_1 = (Path(__file__).parent / "version_1.sql").read_text()

ADD_STARS = Migration(MIGRATIONS[-1].version + 1, ("ALTER TABLE songs ADD COLUMN stars INTEGER NOT NULL DEFAULT 0",))
BROKEN = Migration(
    MIGRATIONS[-1].version + 1,
    ("CREATE TABLE votes (song_id VARCHAR)", "DROP TABLE mixtape_entries", "INSERT INTO nowhere VALUES (1)"),
)


def _version_1(folder: Path) -> Path:
    folder.mkdir()
    path = folder / "mixtape.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(VERSION_1)
    return path


def _rows(path: Path, query: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(query).fetchall()


def test_a_new_library_has_the_schema_that_the_queries_want(folder: Path) -> None:
    Library.open(folder).close()
    engine = create_engine(f"sqlite:///{folder / 'mixtape.db'}")
    found = inspect(engine)
    assert set(found.get_table_names()) == set(metadata.tables)
    for name, table in metadata.tables.items():
        columns = {column["name"]: column for column in found.get_columns(name)}
        assert list(columns) == [column.name for column in table.columns]
        for column in table.columns:
            theirs = columns[column.name]
            ours = column.type.compile(sqlite.dialect())  # type: ignore[no-untyped-call]
            assert str(theirs["type"]) == ours, f"{name}.{column.name}"
            assert theirs["nullable"] == bool(column.nullable), f"{name}.{column.name}"
            assert bool(theirs["primary_key"]) == column.primary_key, f"{name}.{column.name}"
        assert {index["name"] for index in found.get_indexes(name)} == {index.name for index in table.indexes}
        keys = {(key["constrained_columns"][0], key["referred_table"]) for key in found.get_foreign_keys(name)}
        assert keys == {(key.parent.name, key.column.table.name) for key in table.foreign_keys}
    engine.dispose()


def test_how_the_file_is_kept(folder: Path) -> None:
    library = Library.open(folder)
    with library._database.read() as connection:
        pragma = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()
            for name in ("journal_mode", "foreign_keys", "busy_timeout", "synchronous")
        }
    assert pragma == {"journal_mode": "wal", "foreign_keys": 1, "busy_timeout": 10_000, "synchronous": 2}
    library.close()
    # Closing leaves one file, which can be copied as it is.
    assert list(contents(folder)) == ["mixtape.db"]


def test_a_file_of_version_1_is_opened_with_all_it_holds(folder: Path) -> None:
    path = _version_1(folder)
    library = Library.open(folder)
    (found,) = library.songs(text="beyonce")
    assert (found.id, found.title, found.token, found.peaks) == (job_id(1), "Beyoncé", "tok-1", [0, 255])
    assert [file.name for file in found.files] == [f"{job_id(1)}.flac", f"{job_id(1)}.mp3"]
    assert [entry.id for entry in library.mixtape("living")] == [job_id(1)]
    (kept,) = library.wishes(WishState.WAITING)
    assert (kept.job_id, kept.request, kept.announce, kept.play) == (job_id(2), {"genre": "jazz"}, True, False)
    library.close()
    assert _rows(path, "SELECT max(version) FROM schema_version") == [(MIGRATIONS[-1].version,)]


def test_a_later_migration_keeps_everything_and_leaves_a_copy(folder: Path) -> None:
    path = _version_1(folder)
    Library.open(folder).close()
    before = _rows(path, "SELECT * FROM songs")
    # Read with the queries of today: nothing that a migration adds may be in their way.
    database = Database.open(path, (*MIGRATIONS, ADD_STARS))
    with database.read() as connection:
        assert connection.execute(select(func.count()).select_from(songs)).scalar_one() == 1
    database.close()
    assert _rows(path, "SELECT stars FROM songs") == [(0,)]
    assert [row[:-1] for row in _rows(path, "SELECT * FROM songs")] == before
    backup = folder / f"mixtape.version-{MIGRATIONS[-1].version}.db"
    assert _rows(backup, "SELECT * FROM songs") == before
    assert sorted(contents(folder)) == ["mixtape.db", backup.name]


def test_a_migration_that_fails_changes_nothing(folder: Path) -> None:
    path = _version_1(folder)
    Library.open(folder).close()
    tables = _rows(path, "SELECT name, sql FROM sqlite_master ORDER BY name")
    with pytest.raises(LibraryError, match="nowhere"):
        Database.open(path, (*MIGRATIONS, BROKEN))
    assert _rows(path, "SELECT name, sql FROM sqlite_master ORDER BY name") == tables
    assert _rows(path, "SELECT max(version) FROM schema_version") == [(MIGRATIONS[-1].version,)]
    library = Library.open(folder)
    assert library.count() == 1
    library.close()


def test_a_copy_of_an_earlier_attempt_is_replaced(folder: Path) -> None:
    path = _version_1(folder)
    Library.open(folder).close()
    backup = folder / f"mixtape.version-{MIGRATIONS[-1].version}.db"
    backup.write_bytes(b"earlier")
    backup.with_name(f"{backup.name}.part").write_bytes(b"half")
    Database.open(path, (*MIGRATIONS, ADD_STARS)).close()
    assert len(_rows(backup, "SELECT * FROM songs")) == 1


def test_a_newer_file_is_refused_and_untouched(folder: Path) -> None:
    path = _version_1(folder)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("INSERT INTO schema_version VALUES (99, '2030-01-01T00:00:00.000000+00:00')")
    before = contents(folder)
    with pytest.raises(LibraryNewerError) as caught:
        Library.open(folder)
    assert (caught.value.path, caught.value.found, caught.value.supported) == (path, 99, MIGRATIONS[-1].version)
    assert contents(folder) == before


def _something_else(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE recipes (name TEXT)")


def _no_version(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE schema_version (version INTEGER)")


def _torn(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(VERSION_1)
    path.write_bytes(path.read_bytes()[:512])


def _overwritten(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(VERSION_1)
    path.write_bytes(path.read_bytes()[:100] + os.urandom(40_000))


@pytest.mark.parametrize(
    "make",
    [
        lambda path: path.write_text("# my notes\n"),
        lambda path: path.write_bytes(b"\0" * 4096),
        lambda path: path.write_bytes(b"SQLite format 3"),
        lambda path: path.write_bytes(b"SQLite format 3\0" + b"\xff" * 5000),
        _something_else,
        _no_version,
        _torn,
        _overwritten,
    ],
    ids=["text", "zeros", "short", "header", "something else", "no version", "torn", "overwritten"],
)
def test_a_file_that_is_no_library_is_named_and_untouched(folder: Path, make: object) -> None:
    folder.mkdir()
    path = folder / "mixtape.db"
    make(path)  # type: ignore[operator]
    before = contents(folder)
    with pytest.raises(LibraryDamagedError, match=str(path)) as caught:
        Library.open(folder)
    assert caught.value.path == path
    assert contents(folder) == before


def test_damage_found_later_is_named(folder: Path) -> None:
    library = Library.open(folder)
    for number in range(1, 60):
        library.add_song(song(number, lyrics="la " * 300))
    library.close()
    path = folder / "mixtape.db"
    whole = path.read_bytes()
    path.write_bytes(whole[:20_000] + os.urandom(len(whole) - 20_000))
    with pytest.raises(LibraryDamagedError, match=str(path)), closing(Library.open(folder)) as library:
        library.songs(limit=500)


def test_an_empty_file_is_a_new_library(folder: Path) -> None:
    folder.mkdir()
    (folder / "mixtape.db").touch()
    library = Library.open(folder)
    assert library.count() == 0
    library.close()


def test_a_folder_in_the_files_place(folder: Path) -> None:
    (folder / "mixtape.db").mkdir(parents=True)
    with pytest.raises(LibraryError, match=r"mixtape\.db"):
        Library.open(folder)


def test_a_file_in_the_folders_place(folder: Path) -> None:
    folder.write_text("notes")
    with pytest.raises(LibraryError):
        Library.open(folder)
    assert folder.read_text() == "notes"


def test_a_file_in_the_audio_folders_place(folder: Path) -> None:
    folder.mkdir()
    (folder / "audio").write_text("notes")
    with pytest.raises(LibraryError):
        Library.open(folder)
    (folder / "audio").unlink()
    Library.open(folder).close()


def test_somebody_else_holding_the_file_is_waited_for_only_so_long(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("custom_components.mixtape.library.database._BUSY_SECONDS", 0.1)
    library = Library.open(folder)
    with closing(sqlite3.connect(folder / "mixtape.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(LibraryError, match="locked"):
            library.add_wish(wish())
        assert library.wishes() == []
    library.add_wish(wish())
    library.close()
