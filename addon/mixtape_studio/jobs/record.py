"""What the worker writes: admissions, steps, progress, takes, endings. Each change of a job is one event."""

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from mixtape_studio.contract import (
    AudioFormat,
    EngineInfo,
    ErrorCode,
    EventType,
    JobState,
    Plan,
    Problem,
    SongRequest,
    Step,
    Take,
)
from mixtape_studio.errors import MixtapeError
from mixtape_studio.jobs.table import append_event, request_of
from mixtape_studio.storage.database import Database
from mixtape_studio.storage.schema import EngineRow, EventRow, JobRow, StepRunRow, TakeFileRow, TakeRow

PROGRESS_INTERVAL: Final = 0.1
"""Seconds between two progress events of one job."""
POSITIONS_TOLD: Final = 20
"""Waiting jobs whose new place is told when one is admitted."""


class JobEndedError(MixtapeError):
    """The job is over: whatever still runs for it stops."""


@dataclass(frozen=True, slots=True)
class StepRun:
    id: int
    job_id: UUID
    name: str
    began: float
    """``time.monotonic()``"""


class JobRecord:
    def __init__(self, database: Database, *, pid: int, step_attempts: int) -> None:
        self._database = database
        self._pid = pid
        self._step_attempts = step_attempts
        self._told: dict[UUID, float] = {}
        self._told_lock = threading.Lock()

    # --- Admission ---

    def admit(self, room: int) -> list[UUID]:
        """Take up to ``room`` jobs out of the queue, by rank and then by age."""
        with self._database.write() as session:
            queued = session.scalars(
                sa.select(JobRow)
                .where(JobRow.state == JobState.QUEUED)
                .order_by(JobRow.rank, JobRow.sequence)
                .limit(room + POSITIONS_TOLD)
            ).all()
            admitted, waiting = queued[:room], queued[room:]
            for row in admitted:
                row.state = JobState.RUNNING
                row.admitted = True
                row.started_at = datetime.now(UTC)
                append_event(session, row, EventType.JOB)
            if admitted:
                for row in waiting:
                    append_event(session, row, EventType.JOB)
            return [row.id for row in admitted]

    def unfinished(self) -> list[UUID]:
        """Jobs that were admitted and have not ended."""
        with self._database.read() as session:
            query = sa.select(JobRow.id).where(JobRow.state == JobState.RUNNING).order_by(JobRow.rank, JobRow.sequence)
            return list(session.scalars(query))

    def waiting(self) -> bool:
        with self._database.read() as session:
            return session.scalar(sa.select(JobRow.id).where(JobRow.state == JobState.QUEUED).limit(1)) is not None

    def with_takes(self) -> set[UUID]:
        with self._database.read() as session:
            return set(session.scalars(sa.select(TakeRow.job_id)))

    def cancel_requests(self) -> set[UUID]:
        with self._database.read() as session:
            query = sa.select(JobRow.id).where(JobRow.state == JobState.RUNNING, JobRow.cancel_requested)
            return set(session.scalars(query))

    # --- Reading ---

    def request(self, job_id: UUID) -> SongRequest:
        with self._database.read() as session:
            return request_of(self._row(session, job_id))

    # --- Steps ---

    def begin_step(self, job_id: UUID, name: str, step: Step, progress: float) -> StepRun:
        """Note that a step begins.

        Raises:
            JobEndedError: the job has ended, by now also because it was cancelled or killed the worker too often.
        """
        with self._database.write() as session:
            row = self._row(session, job_id)
            if JobState(row.state).ended:
                raise JobEndedError(str(job_id))
            if row.cancel_requested:
                self._end(session, row, JobState.CANCELLED, None)
                session.commit()
                raise JobEndedError(str(job_id))
            deaths = session.scalar(
                sa.select(sa.func.count()).where(
                    StepRunRow.job_id == job_id, StepRunRow.name == name, StepRunRow.outcome.is_(None)
                )
            )
            if (deaths or 0) >= self._step_attempts:
                message = f"The studio's worker died {deaths} times in the step {name}; it was given up."
                self._end(session, row, JobState.FAILED, Problem(code=ErrorCode.WORKER_DIED, message=message))
                session.commit()
                raise JobEndedError(str(job_id))
            run = StepRunRow(
                home_id=row.home_id, job_id=job_id, name=name, worker_pid=self._pid, started_at=datetime.now(UTC)
            )
            session.add(run)
            row.step = step
            row.progress = max(row.progress, progress)
            append_event(session, row, EventType.JOB)
            return StepRun(run.id, job_id, name, time.monotonic())

    def end_step(self, run: StepRun, outcome: str, progress: float) -> None:
        seconds = round(time.monotonic() - run.began, 4)
        with self._database.write() as session:
            session.execute(
                sa.update(StepRunRow).where(StepRunRow.id == run.id).values(ended_at=datetime.now(UTC), outcome=outcome)
            )
            if outcome == "done":
                row = self._row(session, run.job_id)
                row.timings = {**row.timings, run.name: seconds}
                row.progress = max(row.progress, progress)

    def interrupt_steps(self, runs: Sequence[StepRun]) -> None:
        """A worker that leaves on purpose did not die in these."""
        with self._database.write() as session:
            session.execute(
                sa.update(StepRunRow)
                .where(StepRunRow.id.in_([run.id for run in runs]))
                .values(ended_at=datetime.now(UTC), outcome="interrupted")
            )

    def progress(self, job_id: UUID, value: float) -> None:
        """Tell the job's progress, at most every ``PROGRESS_INTERVAL`` seconds."""
        now = time.monotonic()
        with self._told_lock:
            if now - self._told.get(job_id, 0.0) < PROGRESS_INTERVAL:
                return
            self._told[job_id] = now
        with self._database.write() as session:
            row = self._row(session, job_id)
            if row.state == JobState.RUNNING and value > row.progress:
                row.progress = min(value, 1.0)
                append_event(session, row, EventType.JOB)

    def set_plan(self, job_id: UUID, plan: Plan) -> None:
        with self._database.write() as session:
            row = self._row(session, job_id)
            row.plan = plan.model_dump(mode="json")
            append_event(session, row, EventType.JOB)

    # --- Takes ---

    def publish_file(self, take: Take, file_name: str, audio_format: AudioFormat, sha256: str, size: int) -> None:
        """Let homes see a file of a take, and the take with its first one.

        Raises:
            JobEndedError: the job has ended meanwhile.
        """
        with self._database.write() as session:
            row = self._row(session, take.job_id)
            if JobState(row.state).ended:
                raise JobEndedError(str(take.job_id))
            content = take.model_dump(mode="json", exclude={"files"})
            known = session.get(TakeRow, take.id)
            if known is None:
                session.add(
                    TakeRow(
                        id=take.id,
                        home_id=row.home_id,
                        job_id=take.job_id,
                        content=content,
                        created_at=take.created_at,
                    )
                )
                session.flush()
            else:
                known.content = content
            file = session.get(TakeFileRow, (take.id, audio_format.value))
            if file is None:
                session.add(
                    TakeFileRow(
                        take_id=take.id,
                        home_id=row.home_id,
                        format=audio_format,
                        size=size,
                        sha256=sha256,
                        name=file_name,
                    )
                )
                append_event(session, row, EventType.TAKE, take.id)
            elif (file.size, file.sha256) != (size, sha256):
                # Made once more, as after the loss of the checkpoints: the file on the disk is the new one.
                file.size, file.sha256 = size, sha256
                append_event(session, row, EventType.TAKE, take.id)

    # --- Endings ---

    def finish(self, job_id: UUID, state: JobState, problem: Problem | None = None) -> bool:
        """End the job, unless it has ended already; tells whether this did it."""
        with self._database.write() as session:
            row = self._row(session, job_id)
            if JobState(row.state).ended:
                return False
            self._end(session, row, state, problem)
        with self._told_lock:
            self._told.pop(job_id, None)
        return True

    def _end(self, session: Session, row: JobRow, state: JobState, problem: Problem | None) -> None:
        row.state = state
        row.ended_at = datetime.now(UTC)
        row.problem = None if problem is None else problem.model_dump(mode="json")
        if state is JobState.DONE:
            row.progress = 1.0
        append_event(session, row, EventType.JOB)

    # --- Engines and housekeeping ---

    def set_engines(self, engines: Sequence[EngineInfo], home_id: str) -> None:
        with self._database.write() as session:
            session.execute(sa.delete(EngineRow))
            session.add_all(
                EngineRow(
                    name=engine.name,
                    home_id=home_id,
                    place=place,
                    info=engine.model_dump(mode="json"),
                    at=datetime.now(UTC),
                )
                for place, engine in enumerate(engines)
            )

    def forget_events(self, *, keep: int, days: float) -> int:
        """Delete what is beyond the newest ``keep`` or older than ``days``; returns how many went."""
        old = datetime.now(UTC) - timedelta(days=days)
        with self._database.write() as session:
            newest = session.scalar(sa.select(sa.func.max(EventRow.id))) or 0
            # The newest stays whatever its age: its id tells a home that it missed nothing.
            gone = session.scalars(
                sa.delete(EventRow)
                .where(EventRow.id < newest, sa.or_(EventRow.id <= newest - keep, EventRow.at < old))
                .returning(EventRow.id)
            ).all()
        return len(gone)

    def forget_takes(self, keep_bytes: int) -> list[UUID]:
        """Forget the oldest takes that no home waits for until the rest fits; returns the jobs whose files may go."""
        gone: list[UUID] = []
        with self._database.write() as session:
            total = session.scalar(sa.select(sa.func.sum(TakeFileRow.size))) or 0
            rows = session.execute(
                sa.select(TakeRow, sa.func.sum(TakeFileRow.size))
                .join(TakeFileRow, TakeFileRow.take_id == TakeRow.id)
                .join(JobRow, JobRow.id == TakeRow.job_id)
                .where(
                    sa.or_(
                        sa.and_(TakeRow.fetched_at.is_not(None), JobRow.state != JobState.RUNNING),
                        JobRow.state.in_((JobState.FAILED, JobState.CANCELLED)),
                    )
                )
                .group_by(TakeRow.id)
                .order_by(TakeRow.created_at)
            )
            for row, size in rows:
                if total <= keep_bytes:
                    break
                total -= size
                gone.append(row.job_id)
                session.delete(row)
        return gone

    def _row(self, session: Session, job_id: UUID) -> JobRow:
        return session.scalars(sa.select(JobRow).where(JobRow.id == job_id)).one()
