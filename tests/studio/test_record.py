"""The job table alone, without processes: what is kept, what is forgotten, and that an ending is final."""

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from mixtape_studio.contract import (
    AudioFormat,
    ErrorCode,
    JobCreate,
    JobState,
    Measured,
    Plan,
    Priority,
    Problem,
    SongRequest,
    Step,
    Take,
)  # fmt: skip
from mixtape_studio.errors import ProblemError
from mixtape_studio.jobs.record import JobEndedError, JobRecord
from mixtape_studio.jobs.table import JobTable, body_sha256
from mixtape_studio.storage.artifacts import Artifacts, is_disk_full
from mixtape_studio.storage.database import Database, open_database

HOME = "home"


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    opened = open_database(tmp_path / "mixtape.db")
    yield opened
    opened.close()


@pytest.fixture
def table(database: Database) -> JobTable:
    return JobTable(database)


@pytest.fixture
def record(database: Database) -> JobRecord:
    return JobRecord(database, pid=1, step_attempts=2)


def order(table: JobTable, priority: Priority = Priority.VOICE) -> UUID:
    job, _ = table.submit(HOME, JobCreate(id=uuid4(), request=SongRequest(), priority=priority))
    return job.id


def take_of(job_id: UUID) -> Take:
    return Take(
        id=f"{job_id}-1", job_id=job_id, title="Ahoy", artist="Us", caption="", genre="jazz", mood="calm",
        language="en", planned_bpm=90, planned_key="C major", time_signature="4/4", duration=10, sample_rate=48000,
        seed=1, engine="composer", engine_label="Built-in composer", measured=Measured(lufs=-14, true_peak=-1),
        peaks=[0], files=[], created_at=datetime.now(UTC),
    )  # fmt: skip


def test_the_oldest_fetched_takes_make_room(table: JobTable, record: JobRecord) -> None:
    jobs = [order(table) for _ in range(3)]
    assert record.admit(9) == jobs
    for job_id in jobs:
        record.publish_file(take_of(job_id), "take-1.flac", AudioFormat.FLAC, "0" * 64, 1000)
        record.finish(job_id, JobState.DONE)
    table.mark_fetched(f"{jobs[0]}-1")
    table.mark_fetched(f"{jobs[2]}-1")
    assert record.forget_takes(3000) == []
    assert record.forget_takes(2000) == [jobs[0]]
    # What no home has fetched stays, however little room there is.
    assert record.forget_takes(0) == [jobs[2]]
    assert table.take(HOME, f"{jobs[1]}-1").files[0].size == 1000
    with pytest.raises(ProblemError):
        table.take(HOME, f"{jobs[0]}-1")
    assert table.get(HOME, jobs[0]).takes == []


def test_takes_of_jobs_that_failed_make_room_unfetched(table: JobTable, record: JobRecord) -> None:
    done, failed, cancelled = jobs = [order(table) for _ in range(3)]
    record.admit(9)
    for job_id in jobs:
        record.publish_file(take_of(job_id), "take-1.flac", AudioFormat.FLAC, "0" * 64, 1000)
    assert record.forget_takes(0) == []
    record.finish(done, JobState.DONE)
    record.finish(failed, JobState.FAILED, Problem(code=ErrorCode.DISK_FULL, message="full"))
    record.finish(cancelled, JobState.CANCELLED)
    assert record.with_takes() == set(jobs)
    assert record.forget_takes(0) == [failed, cancelled]
    assert record.with_takes() == {done}


def test_a_file_that_is_made_again_is_told_as_it_is_now(table: JobTable, record: JobRecord) -> None:
    job_id = order(table)
    record.admit(1)
    record.publish_file(take_of(job_id), "take-1.flac", AudioFormat.FLAC, "0" * 64, 1000)
    newest = table.event_span()[1]
    record.publish_file(take_of(job_id), "take-1.flac", AudioFormat.FLAC, "0" * 64, 1000)
    assert table.event_span()[1] == newest
    again = take_of(job_id).model_copy(update={"title": "Ahoy again"})
    record.publish_file(again, "take-1.flac", AudioFormat.FLAC, "1" * 64, 1001)
    take = table.take(HOME, f"{job_id}-1")
    assert (take.title, [(file.sha256, file.size) for file in take.files]) == ("Ahoy again", [("1" * 64, 1001)])
    assert table.event_span()[1] == newest + 1


def test_an_order_is_known_again_by_what_it_asks_for_alone() -> None:
    """A field that a later version adds, with its default, must not make an old order another one."""
    plain = JobCreate(id=uuid4(), request=SongRequest(bpm=90))
    spelt_out = JobCreate(id=uuid4(), request=SongRequest(bpm=90, mood=None, engine="auto"), priority=Priority.VOICE)
    assert body_sha256(plain) == body_sha256(spelt_out)
    assert body_sha256(plain) == hashlib.sha256(b'{"request": {"bpm": 90}}').hexdigest()
    assert body_sha256(plain) != body_sha256(plain.model_copy(update={"priority": Priority.CARD}))


def test_an_ending_is_final(table: JobTable, record: JobRecord) -> None:
    job_id = order(table)
    record.admit(1)
    problem = Problem(code=ErrorCode.DISK_FULL, message="full")
    assert record.finish(job_id, JobState.FAILED, problem)
    assert not record.finish(job_id, JobState.DONE)
    assert table.get(HOME, job_id).problem == problem
    with pytest.raises(JobEndedError):
        record.begin_step(job_id, "plan", Step.PLAN, 0)
    with pytest.raises(JobEndedError):
        record.publish_file(take_of(job_id), "take-1.flac", AudioFormat.FLAC, "0" * 64, 1)
    assert table.cancel(HOME, job_id).state is JobState.FAILED


def test_a_step_that_was_interrupted_on_purpose_did_not_die(table: JobTable, record: JobRecord) -> None:
    job_id = order(table)
    record.admit(1)
    for _ in range(5):
        record.interrupt_steps([record.begin_step(job_id, "plan", Step.PLAN, 0)])
    for _ in range(2):
        record.begin_step(job_id, "plan", Step.PLAN, 0)
    with pytest.raises(JobEndedError):
        record.begin_step(job_id, "plan", Step.PLAN, 0)
    problem = table.get(HOME, job_id).problem
    assert problem is not None
    assert problem.code is ErrorCode.WORKER_DIED


def test_progress_only_rises_and_is_not_told_too_often(table: JobTable, record: JobRecord) -> None:
    job_id = order(table)
    record.admit(1)
    _, before = table.event_span()
    for share in range(1, 1000):
        record.progress(job_id, share / 2000)
    told = table.event_span()[1] - before
    assert 1 <= told < 200
    reached = table.get(HOME, job_id).progress
    record.begin_step(job_id, "plan", Step.PLAN, 0.0)
    assert table.get(HOME, job_id).progress == reached


def test_a_plan_is_told_with_the_job(table: JobTable, record: JobRecord) -> None:
    job_id = order(table)
    record.admit(1)
    plan = Plan(
        title="Ahoy", caption="calm jazz", genre="jazz", mood="calm", bpm=90, key="C major", time_signature="4/4",
        duration=10, instrumental=True, language="en", seed=1, engine="composer",
    )  # fmt: skip
    record.set_plan(job_id, plan)
    ((_, event),) = table.events(table.event_span()[1] - 1, 10)
    assert event.job is not None
    assert event.job.plan == plan


def test_a_file_appears_whole_or_not_at_all(tmp_path: Path) -> None:
    artifacts = Artifacts(tmp_path)
    job_id = uuid4()
    path = artifacts.work(job_id, "take-1.flac")

    def give_up() -> None:
        with artifacts.writing(path) as part:
            part.write_bytes(b"half")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        give_up()
    assert list(path.parent.iterdir()) == []
    with artifacts.writing(path) as part:
        part.write_bytes(b"whole")
    assert artifacts.publish(job_id, "take-1.flac").read_bytes() == b"whole"
    assert artifacts.publish(job_id, "take-1.flac").read_bytes() == b"whole"
    assert not path.exists()
    assert artifacts.work_folders() == [job_id]
    artifacts.drop_work(job_id)
    assert artifacts.work_folders() == []


def test_a_full_disk_is_recognised_through_other_errors() -> None:
    error = ValueError("could not encode")
    error.__cause__ = OSError(28, "No space left on device")
    assert is_disk_full(error)
    assert is_disk_full(RuntimeError("(pysqlite3.dbapi2.OperationalError) database or disk is full"))
    assert not is_disk_full(OSError(2, "No such file"))
