"""The job table: who waits, in which order, and what became of it. Values in, contract models out."""

import hashlib
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from mixtape_studio.contract import (
    EngineInfo,
    ErrorCode,
    Event,
    EventType,
    Job,
    JobCreate,
    JobState,
    Priority,
    SongRequest,
    Take,
)
from mixtape_studio.errors import ProblemError
from mixtape_studio.jobs.view import changing_fields, job_of, take_of
from mixtape_studio.storage.database import Database
from mixtape_studio.storage.schema import EngineRow, EventRow, JobRow, TakeFileRow, TakeRow

RANKS: Final = {priority: 10 * place for place, priority in enumerate(Priority)}
MAX_LISTED: Final = 500


def body_sha256(create: JobCreate) -> str:
    """Of the order's meaning, not of its spelling: defaults left out, so that a later version's new ones change nothing."""
    body = create.model_dump(mode="json", exclude={"id"}, exclude_defaults=True)
    return hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()


def append_event(session: Session, row: JobRow, kind: EventType, take_id: str | None = None) -> None:
    session.flush()
    session.add(
        EventRow(
            home_id=row.home_id,
            type=kind,
            at=datetime.now(UTC),
            job_id=row.id,
            take_id=take_id,
            job=changing_fields(row, position_of(session, row)),
        )
    )


def position_of(session: Session, row: JobRow) -> int | None:
    """Place in the queue of the whole studio; 1 is next."""
    if row.state != JobState.QUEUED:
        return None
    sooner = sa.or_(JobRow.rank < row.rank, sa.and_(JobRow.rank == row.rank, JobRow.sequence <= row.sequence))
    count = session.scalar(sa.select(sa.func.count()).where(JobRow.state == JobState.QUEUED, sooner))
    return count or 1


def takes_of(session: Session, job_ids: Sequence[UUID]) -> dict[UUID, list[Take]]:
    takes: dict[UUID, list[Take]] = {job_id: [] for job_id in job_ids}
    rows = session.scalars(sa.select(TakeRow).where(TakeRow.job_id.in_(job_ids)).order_by(TakeRow.id)).all()
    files = session.scalars(sa.select(TakeFileRow).where(TakeFileRow.take_id.in_([row.id for row in rows]))).all()
    for row in rows:
        takes[row.job_id].append(take_of(row, [file for file in files if file.take_id == row.id]))
    return takes


class JobTable:
    """What the API process does with jobs. Everything is asked and answered within one home."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def submit(self, home_id: str, create: JobCreate) -> tuple[Job, bool]:
        """The job, and whether it is new.

        Raises:
            ProblemError: the id was used for another order.
        """
        digest = body_sha256(create)
        with self._database.write() as session:
            row = session.scalar(sa.select(JobRow).where(JobRow.id == create.id))
            if row is not None:
                if row.home_id != home_id or row.body_sha256 != digest:
                    raise ProblemError(ErrorCode.CONFLICT, f"Another order has the id {create.id}.", "id")
                return self._job(session, row), False
            row = JobRow(
                id=create.id,
                home_id=home_id,
                state=JobState.QUEUED,
                priority=create.priority,
                rank=RANKS[create.priority],
                body_sha256=digest,
                request=create.request.model_dump(mode="json"),
                timings={},
                created_at=datetime.now(UTC),
            )
            session.add(row)
            append_event(session, row, EventType.JOB)
            return self._job(session, row), True

    def get(self, home_id: str, job_id: UUID) -> Job:
        """Raise `ProblemError` where this home has no such job."""
        with self._database.read() as session:
            return self._job(session, self._row(session, home_id, job_id))

    def list_jobs(self, home_id: str, states: Sequence[JobState] = (), limit: int = 100) -> list[Job]:
        """Newest first."""
        query = sa.select(JobRow).where(JobRow.home_id == home_id).order_by(JobRow.sequence.desc()).limit(limit)
        if states:
            query = query.where(JobRow.state.in_(states))
        with self._database.read() as session:
            rows = session.scalars(query).all()
            takes = takes_of(session, [row.id for row in rows])
            return [job_of(row, takes[row.id], position_of(session, row)) for row in rows]

    def cancel(self, home_id: str, job_id: UUID) -> Job:
        """A waiting job ends at once; one in the workflow is asked to stop; an ended one stays as it is."""
        with self._database.write() as session:
            row = self._row(session, home_id, job_id)
            if row.state == JobState.QUEUED and not row.admitted:
                row.state = JobState.CANCELLED
                row.ended_at = datetime.now(UTC)
                append_event(session, row, EventType.JOB)
            elif not JobState(row.state).ended:
                row.cancel_requested = True
            return self._job(session, row)

    def take(self, home_id: str, take_id: str) -> Take:
        """Raise `ProblemError` where this home has no such take."""
        with self._database.read() as session:
            row = session.scalar(sa.select(TakeRow).where(TakeRow.id == take_id, TakeRow.home_id == home_id))
            if row is None:
                raise ProblemError(ErrorCode.NOT_FOUND, "There is no such take.", "take_id")
            files = session.scalars(sa.select(TakeFileRow).where(TakeFileRow.take_id == take_id)).all()
            return take_of(row, files)

    def mark_fetched(self, take_id: str) -> None:
        with self._database.write() as session:
            session.execute(sa.update(TakeRow).where(TakeRow.id == take_id).values(fetched_at=datetime.now(UTC)))

    def counts(self) -> tuple[int, int]:
        """Jobs of all homes that wait, and that run."""
        query = sa.select(JobRow.state, sa.func.count()).group_by(JobRow.state)
        with self._database.read() as session:
            found = dict(session.execute(query).all())
        return found.get(JobState.QUEUED, 0), found.get(JobState.RUNNING, 0)

    def engines(self) -> list[EngineInfo]:
        """What the worker last said, best first; empty until a worker ran for the first time."""
        with self._database.read() as session:
            rows = session.scalars(sa.select(EngineRow).order_by(EngineRow.place)).all()
            return [EngineInfo.model_validate(row.info) for row in rows]

    def event_span(self) -> tuple[int, int]:
        """The oldest id that is still kept and the newest that was given; (1, 0) before the first event."""
        with self._database.read() as session:
            low, high = session.execute(sa.select(sa.func.min(EventRow.id), sa.func.max(EventRow.id))).one()
        return (1, 0) if low is None else (low, high)

    def events(self, after: int, limit: int) -> list[tuple[str, Event]]:
        """Events of all homes with an id above ``after``, each with its home."""
        with self._database.read() as session:
            rows = session.scalars(
                sa.select(EventRow).where(EventRow.id > after).order_by(EventRow.id).limit(limit)
            ).all()
            ids = list({row.job_id for row in rows})
            jobs = {row.id: row for row in session.scalars(sa.select(JobRow).where(JobRow.id.in_(ids)))}
            takes = takes_of(session, ids)
            found = []
            for row in rows:
                job = job_of(jobs[row.job_id], takes[row.job_id], None)
                job = Job.model_validate({**job.model_dump(), **row.job})
                event = Event(id=row.id, type=EventType(row.type), at=row.at, job=job, take_id=row.take_id)
                found.append((row.home_id, event))
            return found

    def _row(self, session: Session, home_id: str, job_id: UUID) -> JobRow:
        row = session.scalar(sa.select(JobRow).where(JobRow.id == job_id, JobRow.home_id == home_id))
        if row is None:
            raise ProblemError(ErrorCode.NOT_FOUND, "There is no such job.", "job_id")
        return row

    def _job(self, session: Session, row: JobRow) -> Job:
        return job_of(row, takes_of(session, [row.id])[row.id], position_of(session, row))


def request_of(row: JobRow) -> SongRequest:
    return SongRequest.model_validate(row.request)
