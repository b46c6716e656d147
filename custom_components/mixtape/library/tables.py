"""The current schema, for queries. ``migrations`` makes it; a test compares the two."""

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    TypeDecorator,
    UniqueConstraint,
)

if TYPE_CHECKING:
    from sqlalchemy import Dialect


class Moment(TypeDecorator[datetime]):
    """An aware datetime as UTC text of one length, which sorts by time."""

    impl = String
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        return None if value is None else value.astimezone(UTC).isoformat(timespec="microseconds")

    def process_result_value(self, value: str | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        return None if value is None else datetime.fromisoformat(value)


class Json(TypeDecorator[dict[str, Any]]):
    """An object as JSON text; None is NULL."""

    impl = String
    cache_ok = True

    def process_bind_param(self, value: dict[str, Any] | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        return None if value is None else json.dumps(value, ensure_ascii=False)

    def process_result_value(self, value: str | None, dialect: Dialect) -> dict[str, Any] | None:  # noqa: ARG002
        return None if value is None else json.loads(value)


class Peaks(TypeDecorator[list[int]]):
    """Waveform peaks, a byte each."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: list[int] | None, dialect: Dialect) -> bytes | None:  # noqa: ARG002
        return None if value is None else bytes(min(max(peak, 0), 255) for peak in value)

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> list[int] | None:  # noqa: ARG002
        return None if value is None else list(value)


metadata = MetaData()

schema_version = Table(
    "schema_version",
    metadata,
    Column("version", Integer, primary_key=True),
    Column("migrated_at", Moment, nullable=False),
)

wishes = Table(
    "wishes",
    metadata,
    Column("job_id", String, primary_key=True),
    Column("text", String, nullable=False),
    Column("request", Json, nullable=False),
    Column("room_id", String),
    Column("requester", String),
    Column("requester_name", String),
    Column("priority", String, nullable=False),
    Column("state", String, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("sent_at", Moment),
    Column("ended_at", Moment),
    Column("announce", Boolean, nullable=False),
    Column("play", Boolean, nullable=False),
    Column("satellite_id", String),
    Column("device_id", String),
    Column("language", String, nullable=False),
    Column("problem", Json),
    Index("wishes_by_state", "state", "created_at"),
)

songs = Table(
    "songs",
    metadata,
    Column("id", String, primary_key=True),
    Column("title", String, nullable=False),
    Column("artist", String, nullable=False),
    Column("genre", String, nullable=False),
    Column("mood", String, nullable=False),
    Column("caption", String, nullable=False),
    Column("lyrics", String),
    Column("wish", String),
    Column("room_id", String),
    Column("requester", String),
    Column("requester_name", String),
    Column("engine", String, nullable=False),
    Column("engine_label", String, nullable=False),
    Column("seed", Integer, nullable=False),
    Column("language", String, nullable=False),
    Column("wished_bpm", Integer),
    Column("wished_key", String),
    Column("bpm", Float),
    Column("key", String),
    Column("time_signature", String, nullable=False),
    Column("duration", Float, nullable=False),
    Column("lufs", Float, nullable=False),
    Column("true_peak", Float, nullable=False),
    Column("peaks", Peaks, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("token", String, nullable=False, unique=True),
    Column("cover", String),
    Column("words", String, nullable=False),
    Index("songs_by_time", "created_at"),
    Index("songs_by_room", "room_id", "created_at"),
)

song_files = Table(
    "song_files",
    metadata,
    Column("song_id", String, ForeignKey("songs.id", ondelete="CASCADE"), primary_key=True),
    Column("audio_format", String, primary_key=True),
    Column("mime_type", String, nullable=False),
    Column("size", Integer, nullable=False),
    Column("sha256", String, nullable=False),
    Column("name", String, nullable=False),
)

mixtape_entries = Table(
    "mixtape_entries",
    metadata,
    Column("room_id", String, primary_key=True),
    Column("song_id", String, ForeignKey("songs.id", ondelete="CASCADE"), primary_key=True),
    Column("position", Integer, nullable=False),
    Column("added_at", Moment, nullable=False),
    UniqueConstraint("room_id", "position"),
)
