"""The songs, wishes and mixtapes of a home. Everything here blocks: call it in an executor."""

import unicodedata
from dataclasses import asdict, fields, replace
from datetime import UTC, datetime
from itertools import batched
from typing import TYPE_CHECKING, Any, Final, Self

from sqlalchemy import ColumnElement, Connection, Select, func, select
from sqlalchemy.dialects.sqlite import insert

from .audio import AudioStore
from .database import Database, own_errors
from .exceptions import LibraryNotFoundError
from .models import Song, SongFile, Wish, WishState
from .tables import mixtape_entries, song_files, songs, wishes

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from sqlalchemy import RowMapping

_SONG_FIELDS: Final = tuple(item.name for item in fields(Song) if item.name != "files")
_BATCH: Final = 500
"""SQLite takes so many parameters in a statement and no more."""
_SONG_COLUMNS: Final = tuple(songs.c[name] for name in _SONG_FIELDS)


class Library:
    """A folder with ``mixtape.db`` and ``audio/``; safe to use from many threads.

    Every method may raise ``LibraryError`` or one of its kinds, and nothing else.
    """

    def __init__(self, database: Database, audio: AudioStore) -> None:
        self._database = database
        self.audio = audio

    @classmethod
    def open(cls, folder: Path) -> Self:
        """Open or make the library in ``folder``.

        Raises:
            LibraryDamagedError: the database file is not one, or not ours; it is untouched.
            LibraryNewerError: it is of a newer version; it is untouched.
            LibraryFullError: no room on the disk.
        """
        with own_errors(folder):
            folder.mkdir(parents=True, exist_ok=True)
        database = Database.open(folder / "mixtape.db")
        try:
            return cls(database, AudioStore(folder / "audio"))
        except BaseException:
            database.close()
            raise

    def close(self) -> None:
        self._database.close()

    def add_wish(self, wish: Wish) -> None:
        """Keep a wish.

        Raises:
            LibraryConflictError: there is a wish with that id.
        """
        with self._database.write() as connection:
            connection.execute(wishes.insert().values(asdict(wish)))

    def wish(self, job_id: str) -> Wish | None:
        with self._database.read() as connection:
            return _wish(connection, job_id)

    def wishes(self, state: WishState | None = None) -> list[Wish]:
        """Oldest first."""
        query = select(wishes).order_by(wishes.c.created_at, wishes.c.job_id)
        if state is not None:
            query = query.where(wishes.c.state == state)
        with self._database.read() as connection:
            return [_to_wish(row) for row in connection.execute(query).mappings()]

    def update_wish(
        self,
        job_id: str,
        state: WishState,
        problem: dict[str, Any] | None = None,
        *,
        sent_at: datetime | None = None,
        ended_at: datetime | None = None,
    ) -> Wish:
        """Set state and problem; a time that is not given stays.

        Raises:
            LibraryNotFoundError: no such wish.
        """
        values: dict[str, Any] = {"state": state, "problem": problem}
        if sent_at is not None:
            values["sent_at"] = sent_at
        if ended_at is not None:
            values["ended_at"] = ended_at
        with self._database.write() as connection:
            connection.execute(wishes.update().where(wishes.c.job_id == job_id).values(values))
            if (wish := _wish(connection, job_id)) is None:
                raise LibraryNotFoundError(f"There is no wish {job_id}")
            return wish

    def add_song(self, song: Song) -> Song:
        """Keep a song with its files, and return it as kept.

        Adding it again adds only the files that are new: its token is in speakers' queues by then.

        Raises:
            LibraryConflictError: another song has the token.
        """
        values = {name: getattr(song, name) for name in _SONG_FIELDS}
        with self._database.write() as connection:
            connection.execute(
                insert(songs).values(**values, words=_words(song)).on_conflict_do_nothing(index_elements=[songs.c.id])
            )
            for file in song.files:
                _put_file(connection, song.id, file)
            return _require_song(connection, song.id)

    def song(self, song_id: str) -> Song | None:
        return self._one(songs.c.id == song_id)

    def song_by_token(self, token: str) -> Song | None:
        return self._one(songs.c.token == token)

    def songs(
        self,
        room_id: str | None = None,
        text: str | None = None,
        genre: str | None = None,
        limit: int = 50,
        offset: int = 0,
    ) -> list[Song]:
        """Newest first. ``room_id`` is where a song was asked for; ``text`` is words that all must occur."""
        query = (
            select(*_SONG_COLUMNS)
            .where(*_conditions(room_id, text, genre))
            .order_by(songs.c.created_at.desc(), songs.c.id)
            .limit(limit)
            .offset(offset)
        )
        return self._many(query)

    def count(self, room_id: str | None = None, text: str | None = None, genre: str | None = None) -> int:
        """How many songs ``songs`` would list without a limit."""
        query = select(func.count()).select_from(songs).where(*_conditions(room_id, text, genre))
        with self._database.read() as connection:
            return connection.execute(query).scalar_one()

    def add_file(self, song_id: str, file: SongFile) -> Song:
        """Add an encoded file to a song, over an earlier one of that format.

        Raises:
            LibraryNotFoundError: no such song.
        """
        with self._database.write() as connection:
            _require_song(connection, song_id)
            _put_file(connection, song_id, file)
            return _require_song(connection, song_id)

    def add_to_mixtape(self, room_id: str, song_id: str) -> int:
        """Put a song at the end of the room's mixtape and return its place, which stays; a song is on it once.

        Raises:
            LibraryNotFoundError: no such song.
        """
        entries = mixtape_entries
        with self._database.write() as connection:
            _require_song(connection, song_id)
            last = connection.execute(
                select(func.max(entries.c.position)).where(entries.c.room_id == room_id)
            ).scalar_one()
            connection.execute(
                insert(entries)
                .values(room_id=room_id, song_id=song_id, position=(last or 0) + 1, added_at=datetime.now(UTC))
                .on_conflict_do_nothing(index_elements=[entries.c.room_id, entries.c.song_id])
            )
            position: int = connection.execute(
                select(entries.c.position).where(entries.c.room_id == room_id, entries.c.song_id == song_id)
            ).scalar_one()
            return position

    def mixtape(self, room_id: str, text: str | None = None) -> list[Song]:
        """The room's songs, in order; ``text`` as in ``songs``."""
        query = (
            select(*_SONG_COLUMNS)
            .join(mixtape_entries, mixtape_entries.c.song_id == songs.c.id)
            .where(mixtape_entries.c.room_id == room_id, *_conditions(None, text, None))
            .order_by(mixtape_entries.c.position)
        )
        return self._many(query)

    def _one(self, condition: ColumnElement[bool]) -> Song | None:
        found = self._many(select(*_SONG_COLUMNS).where(condition))
        return found[0] if found else None

    def _many(self, query: Select[Any]) -> list[Song]:
        with self._database.read() as connection:
            return _songs(connection, query)


def _songs(connection: Connection, query: Select[Any]) -> list[Song]:
    found = [Song(**row) for row in connection.execute(query).mappings()]
    files = _files(connection, [song.id for song in found])
    return [replace(song, files=tuple(files.get(song.id, ()))) for song in found]


def _files(connection: Connection, song_ids: Sequence[str]) -> dict[str, list[SongFile]]:
    """FLAC before MP3, as their names sort."""
    found: dict[str, list[SongFile]] = {}
    for batch in batched(song_ids, _BATCH, strict=False):
        query = select(song_files).where(song_files.c.song_id.in_(batch)).order_by(song_files.c.audio_format)
        for row in connection.execute(query).mappings():
            values = dict(row)
            found.setdefault(values.pop("song_id"), []).append(SongFile(**values))
    return found


def _require_song(connection: Connection, song_id: str) -> Song:
    found = _songs(connection, select(*_SONG_COLUMNS).where(songs.c.id == song_id))
    if not found:
        raise LibraryNotFoundError(f"There is no song {song_id}")
    return found[0]


def _put_file(connection: Connection, song_id: str, file: SongFile) -> None:
    values = asdict(file)
    statement = insert(song_files).values(song_id=song_id, **values)
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=[song_files.c.song_id, song_files.c.audio_format],
            set_={name: statement.excluded[name] for name in values},
        )
    )


def _wish(connection: Connection, job_id: str) -> Wish | None:
    row = connection.execute(select(wishes).where(wishes.c.job_id == job_id)).mappings().one_or_none()
    return None if row is None else _to_wish(row)


def _to_wish(row: RowMapping) -> Wish:
    return Wish(**{**row, "state": WishState(row["state"])})


def _conditions(room_id: str | None, text: str | None, genre: str | None) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if room_id is not None:
        conditions.append(songs.c.room_id == room_id)
    if genre is not None:
        conditions.append(func.lower(songs.c.genre) == genre.lower())
    conditions.extend(func.instr(songs.c.words, word) > 0 for word in _fold(text or "").split())
    return conditions


def _words(song: Song) -> str:
    """Everything a person may search for, folded."""
    texts = (song.title, song.artist, song.genre, song.mood, song.caption, song.wish, song.lyrics)
    return _fold("\n".join(text for text in texts if text))


def _fold(text: str) -> str:
    """Without case and accents, so that "beyonce" finds "Beyoncé"."""
    decomposed = unicodedata.normalize("NFKD", text)
    return "".join(char for char in decomposed if not unicodedata.combining(char)).casefold()
