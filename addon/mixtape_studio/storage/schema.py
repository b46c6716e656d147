"""Tables of ``mixtape.db``. Each carries the ``home_id`` of whom its rows belong to."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

HOME_ID_LENGTH = 64
DEFAULT_HOME = "home"
"""The home of tokens that name none, and of what belongs to the studio itself."""


class UtcDateTime(sa.TypeDecorator[datetime]):
    """Aware on the Python side, naive UTC in a database that knows no time zones."""

    impl = sa.DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:  # noqa: ARG002 - SQLAlchemy's signature
        return None if value is None else value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:  # noqa: ARG002 - SQLAlchemy's signature
        return None if value is None else value.replace(tzinfo=UTC)


class Base(DeclarativeBase):
    metadata = sa.MetaData(
        naming_convention={
            "ix": "ix_%(column_0_N_label)s",
            "uq": "uq_%(table_name)s_%(column_0_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {  # noqa: RUF012 - SQLAlchemy's own declaration
        datetime: UtcDateTime,
        dict[str, Any]: sa.JSON,
        list[int]: sa.JSON,
        list[dict[str, Any]]: sa.JSON,
        dict[str, float]: sa.JSON,
    }


class StudioRow(Base):
    """One row: who this studio is. ``home_id`` is the home of tokens that name none."""

    __tablename__ = "studio"

    id: Mapped[str] = mapped_column(sa.String(32), primary_key=True)
    home_id: Mapped[str] = mapped_column(sa.String(HOME_ID_LENGTH))
    created_at: Mapped[datetime]


class TokenRow(Base):
    __tablename__ = "token"

    id: Mapped[int] = mapped_column(primary_key=True)
    home_id: Mapped[str] = mapped_column(sa.String(HOME_ID_LENGTH))
    name: Mapped[str] = mapped_column(sa.String(100))
    scope: Mapped[str] = mapped_column(sa.String(16))
    sha256: Mapped[str] = mapped_column(sa.String(64), unique=True)
    created_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


class JobRow(Base):
    __tablename__ = "job"
    __table_args__ = (sa.Index(None, "state", "rank", "sequence"), sa.Index(None, "home_id", "sequence"))

    sequence: Mapped[int] = mapped_column(primary_key=True)
    """Order of arrival; the second key of the queue after ``rank``."""
    id: Mapped[UUID] = mapped_column(unique=True)
    home_id: Mapped[str] = mapped_column(sa.String(HOME_ID_LENGTH))
    state: Mapped[str] = mapped_column(sa.String(16))
    step: Mapped[str | None] = mapped_column(sa.String(16))
    progress: Mapped[float] = mapped_column(default=0.0)
    priority: Mapped[str] = mapped_column(sa.String(16))
    rank: Mapped[int]
    """Smaller is sooner."""
    admitted: Mapped[bool] = mapped_column(default=False)
    """Handed to the durable workflow."""
    cancel_requested: Mapped[bool] = mapped_column(default=False)
    body_sha256: Mapped[str] = mapped_column(sa.String(64))
    request: Mapped[dict[str, Any]]
    plan: Mapped[dict[str, Any] | None]
    problem: Mapped[dict[str, Any] | None]
    timings: Mapped[dict[str, float]]
    created_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]


class StepRunRow(Base):
    """One start of one step of one job: the record of what ran, and how often it died."""

    __tablename__ = "step_run"
    __table_args__ = (sa.Index(None, "job_id", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    home_id: Mapped[str] = mapped_column(sa.String(HOME_ID_LENGTH))
    job_id: Mapped[UUID]
    name: Mapped[str] = mapped_column(sa.String(32))
    worker_pid: Mapped[int]
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    outcome: Mapped[str | None] = mapped_column(sa.String(16))
    """``done``, ``stopped`` or ``interrupted``; None while it runs, or for ever where the worker died in it."""


class TakeRow(Base):
    __tablename__ = "take"
    __table_args__ = (sa.Index(None, "job_id"), sa.Index(None, "home_id", "created_at"))

    id: Mapped[str] = mapped_column(sa.String(48), primary_key=True)
    home_id: Mapped[str] = mapped_column(sa.String(HOME_ID_LENGTH))
    job_id: Mapped[UUID]
    content: Mapped[dict[str, Any]]
    """``contract.Take`` without its files."""
    created_at: Mapped[datetime]
    fetched_at: Mapped[datetime | None]
    """When a home last read one of its files to the end."""


class TakeFileRow(Base):
    __tablename__ = "take_file"

    take_id: Mapped[str] = mapped_column(sa.ForeignKey("take.id", ondelete="CASCADE"), primary_key=True)
    format: Mapped[str] = mapped_column(sa.String(8), primary_key=True)
    home_id: Mapped[str] = mapped_column(sa.String(HOME_ID_LENGTH))
    size: Mapped[int]
    sha256: Mapped[str] = mapped_column(sa.String(64))
    name: Mapped[str] = mapped_column(sa.String(100))


class EventRow(Base):
    """What happened to a job, as small as it can be; the rest of the job is joined when it is read."""

    __tablename__ = "event"
    __table_args__ = (sa.Index(None, "home_id", "id"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(primary_key=True)
    home_id: Mapped[str] = mapped_column(sa.String(HOME_ID_LENGTH))
    type: Mapped[str] = mapped_column(sa.String(8))
    at: Mapped[datetime]
    job_id: Mapped[UUID]
    take_id: Mapped[str | None] = mapped_column(sa.String(48))
    job: Mapped[dict[str, Any]]
    """The fields of ``contract.Job`` that change, as they were then."""


class EngineRow(Base):
    """What the worker last said of each engine: the API process loads none."""

    __tablename__ = "engine"

    name: Mapped[str] = mapped_column(sa.String(60), primary_key=True)
    home_id: Mapped[str] = mapped_column(sa.String(HOME_ID_LENGTH))
    place: Mapped[int]
    info: Mapped[dict[str, Any]]
    at: Mapped[datetime]
