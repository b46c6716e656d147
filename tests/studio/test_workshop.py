"""Steps and the worker's loop in this process, on a real table, with a workflow that does nothing: every job ends."""

import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast
from uuid import UUID, uuid4

import pytest

from mixtape_studio.contract import ErrorCode, Job, JobCreate, JobState, Problem, SongRequest
from mixtape_studio.engines.base import RenderCancelled
from mixtape_studio.jobs import dispatcher as dispatching
from mixtape_studio.jobs import steps
from mixtape_studio.jobs.dispatcher import Dispatcher
from mixtape_studio.jobs.record import JobRecord
from mixtape_studio.jobs.shelf import EngineShelf
from mixtape_studio.jobs.table import JobTable
from mixtape_studio.jobs.workshop import Workshop
from mixtape_studio.settings import Settings
from mixtape_studio.storage.artifacts import Artifacts
from mixtape_studio.storage.database import ChangeWatch, Database, open_database
from studio_process import SOUNDFONT, until

HOME = "home"
FULL = OSError(28, "No space left on device")


class Idle:
    """Stands in for the durable workflow, which is one per process."""

    def __init__(self) -> None:
        self.error: Exception | None = None
        self.cancelled: list[UUID] = []

    def start(self, job_id: UUID) -> None:
        if self.error is not None:
            raise self.error

    def status(self, job_id: UUID) -> str | None:
        return "CANCELLED"

    def cancel(self, job_id: UUID) -> None:
        self.cancelled.append(job_id)

    def forget(self, before: str) -> int:
        return 0


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    opened = open_database(tmp_path / "mixtape.db")
    yield opened
    opened.close()


@pytest.fixture
def workshop(tmp_path: Path, database: Database) -> Workshop:
    settings = Settings(data=tmp_path, soundfont=SOUNDFONT, render_timeout=0.2)
    record = JobRecord(database, pid=1, step_attempts=2)
    return Workshop(settings, record, Artifacts(tmp_path), EngineShelf(settings))


@pytest.fixture
def idle() -> Idle:
    return Idle()


@pytest.fixture
def dispatcher(workshop: Workshop, idle: Idle, tmp_path: Path) -> Dispatcher:
    return Dispatcher(workshop, cast("Any", idle), ChangeWatch(tmp_path / "mixtape.db"))


@pytest.fixture
def table(database: Database) -> JobTable:
    return JobTable(database)


def order(table: JobTable) -> UUID:
    return table.submit(HOME, JobCreate(id=uuid4(), request=SongRequest()))[0].id


def ended(table: JobTable, job_id: UUID) -> Job:
    job = table.get(HOME, job_id)
    assert job.state.ended
    return job


def test_cancelled_after_the_last_look_of_a_rendering(
    workshop: Workshop, table: JobTable, dispatcher: Dispatcher
) -> None:
    job_id = order(table)
    workshop.record.admit(1)

    def render_to_the_end() -> bool:
        with workshop.artifacts.writing(workshop.artifacts.work(job_id, "take-1.render.npy")) as path:
            path.write_bytes(b"samples")
        table.cancel(HOME, job_id)
        dispatcher.tick()
        assert workshop.stop_requested(job_id)
        return True

    workshop.run(job_id, "render", render_to_the_end)
    job = ended(table, job_id)
    assert (job.state, job.problem) == (JobState.CANCELLED, None)
    assert workshop.artifacts.work_folders() == []


def test_a_cancelled_job_of_a_killed_worker_is_cancelled(
    workshop: Workshop, table: JobTable, dispatcher: Dispatcher
) -> None:
    job_id = order(table)
    workshop.record.admit(1)
    table.cancel(HOME, job_id)
    dispatcher.recover()
    job = ended(table, job_id)
    assert (job.state, job.problem) == (JobState.CANCELLED, None)


def test_an_ending_that_could_not_be_written_stays_what_it_was(
    workshop: Workshop, table: JobTable, dispatcher: Dispatcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    cancelled, failed = order(table), order(table)
    workshop.record.admit(2)
    finish = workshop.record.finish

    def full(*_: Any) -> bool:
        raise FULL

    monkeypatch.setattr(workshop.record, "finish", full)
    problem = Problem(code=ErrorCode.TIMEOUT, message="Too long.")
    workshop.settle(cancelled, None)
    workshop.settle(cancelled, Problem(code=ErrorCode.INTERNAL, message="Its files were gone."))
    workshop.settle(failed, problem)
    workshop.settle(failed, None)
    dispatcher.tick()
    assert workshop.unsettled == {cancelled: None, failed: problem}
    monkeypatch.setattr(workshop.record, "finish", finish)
    monkeypatch.setattr(dispatching, "LOOK_ANYWAY", 0.1)

    def settled() -> bool:
        # Somebody writes all the time, such as a rendering its progress.
        order(table)
        dispatcher.tick()
        return not workshop.unsettled

    until(settled, "the endings are written", limit=10)
    assert (ended(table, cancelled).state, ended(table, cancelled).problem) == (JobState.CANCELLED, None)
    assert (ended(table, failed).state, ended(table, failed).problem) == (JobState.FAILED, problem)


def test_a_step_out_of_time_is_no_cancellation(
    workshop: Workshop, table: JobTable, dispatcher: Dispatcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    job_id = order(table)
    workshop.record.admit(1)
    finish = workshop.record.finish

    def finish_slowly(job: UUID, state: JobState, problem: Problem | None = None) -> bool:
        if problem is not None:
            time.sleep(0.3)
        return finish(job, state, problem)

    monkeypatch.setattr(workshop.record, "finish", finish_slowly)

    def render() -> None:
        until(lambda: workshop.stop_requested(job_id), "told to stop", limit=20)
        raise RenderCancelled

    rendering = threading.Thread(target=workshop.run, args=(job_id, "render", render))
    rendering.start()
    until(lambda: dispatcher.tick() or table.get(HOME, job_id).state.ended, "the job ends", limit=20)
    rendering.join(20)
    problem = ended(table, job_id).problem
    assert problem is not None
    assert problem.code is ErrorCode.TIMEOUT


def test_a_workflow_that_cannot_start_fails_its_job(
    workshop: Workshop, table: JobTable, dispatcher: Dispatcher, idle: Idle
) -> None:
    job_id = order(table)
    idle.error = RuntimeError("no such table: workflow_status")
    dispatcher.tick()
    job = ended(table, job_id)
    assert job.problem is not None
    assert (job.state, job.problem.code) == (JobState.FAILED, ErrorCode.INTERNAL)


def test_an_engine_without_sound_fails_its_job(
    workshop: Workshop, table: JobTable, monkeypatch: pytest.MonkeyPatch
) -> None:
    job_id = order(table)
    workshop.record.admit(1)
    planned = steps.plan_song(workshop, job_id)
    engine = workshop.shelf.engine("composer")
    monkeypatch.setattr(engine, "load", lambda: None)
    monkeypatch.setattr(engine, "render", lambda *_: [])
    workshop.run(job_id, "render", lambda: steps.render(workshop, job_id, planned))
    problem = ended(table, job_id).problem
    assert problem is not None
    assert (problem.code, problem.message) == (ErrorCode.RENDER_FAILED, "Built-in composer returned no sound.")


def test_jobs_that_ended_are_not_remembered_as_stopping(
    workshop: Workshop, table: JobTable, dispatcher: Dispatcher
) -> None:
    job_id = order(table)
    workshop.record.admit(1)
    table.cancel(HOME, job_id)
    dispatcher.tick()
    assert ended(table, job_id).state is JobState.CANCELLED
    assert not workshop.stopping
