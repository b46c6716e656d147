"""kill -9 wherever it hurts; nothing that was finished is done again, and every job ends."""

import fcntl
import json
import os
import signal
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import groupby, pairwise
from operator import itemgetter
from pathlib import Path
from uuid import uuid4

import pytest

from studio_process import SHORT, Studio, until

STEPS = ["plan", "lyrics", "render", "master", "encode", "publish", "encode_mp3", "publish_mp3"]


def in_step(studio: Studio, job_id: str, step: str) -> None:
    until(lambda: studio.running_step(job_id) == step, f"the step {step}", step=0.01)


def worker_back(studio: Studio, dead: int) -> None:
    until(lambda: studio.worker_pid() != dead and studio.health()["worker_alive"], "a new worker")


def assert_no_step_twice(studio: Studio, job_id: str) -> None:
    """Once the next step has begun, which takes the checkpoint of the one before, that one never begins again."""
    runs = studio.step_runs(job_id)
    assert [name for name, _ in groupby(runs, key=itemgetter(0))] == STEPS
    assert list(dict.fromkeys(name for name, outcome in runs if outcome == "done")) == STEPS


def assert_whole(studio: Studio, job_id: str) -> None:
    """A finished job has its files, and nothing is left of the work."""
    job = studio.done(job_id)
    (take,) = job["takes"]
    for file in take["files"]:
        content = studio.client.get(f"/v1/takes/{take['id']}/audio?format={file['format']}").content
        assert len(content) == file["size"]
    assert [file["format"] for file in take["files"]] == ["flac", "mp3"]
    until(lambda: not (studio.data / "work" / job_id).exists(), "the work is cleared")
    assert not list(studio.data.rglob("*.part.*"))


def test_a_worker_killed_in_every_step(make_studio: Callable[..., Studio]) -> None:
    """One job, whose worker dies once in each of its steps."""
    studio = make_studio(step_delay=0.6).start().ready()
    job_id = studio.order({**SHORT, "lyrics": "[verse]\nla"})
    for step in STEPS:
        in_step(studio, job_id, step)
        studio.kill_worker()
    assert_whole(studio, job_id)
    assert_no_step_twice(studio, job_id)
    starts = Counter(name for name, _ in studio.step_runs(job_id))
    # A kill may come just after the step's own end, before its checkpoint; then the next attempt is the only other.
    assert set(starts) == set(STEPS)
    assert max(starts.values()) <= 2
    assert sum(starts.values()) >= len(STEPS) + 6


def test_a_worker_killed_amid_the_work_of_a_step(make_studio: Callable[..., Studio]) -> None:
    """Nothing is delayed here: the kills meet half a rendering, half-written samples and half-encoded files."""
    studio = make_studio().start().ready()
    job_id = studio.order({**SHORT, "duration": 180})
    until(lambda: studio.job(job_id)["step"] == "render" and studio.job(job_id)["progress"] > 0.2, "half a rendering")
    worker_back(studio, studio.kill_worker())
    for step in ("master", "encode", "encode_mp3"):
        in_step(studio, job_id, step)
        studio.kill_worker()
    assert_whole(studio, job_id)
    assert_no_step_twice(studio, job_id)
    starts = Counter(name for name, _ in studio.step_runs(job_id))
    assert starts["render"] == 2
    assert starts["plan"] == starts["lyrics"] == 1


def test_a_studio_killed_as_a_whole(make_studio: Callable[..., Studio]) -> None:
    """As by a power cut: both processes at once, a second job admitted and a third waiting."""
    studio = make_studio(step_delay=0.5).start().ready()
    jobs = [studio.order() for _ in range(3)]
    for job_id, step in ((jobs[0], "render"), (jobs[1], "encode")):
        in_step(studio, job_id, step)
        studio.kill_all()
        studio.start()
    for job_id in jobs:
        assert_whole(studio, job_id)
        assert_no_step_twice(studio, job_id)
    rendered = studio.query(
        "SELECT started_at, ended_at FROM step_run WHERE name = 'render' AND outcome = 'done' ORDER BY id"
    )
    assert all(first[1] <= second[0] for first, second in pairwise(rendered)), rendered


def test_the_worker_dies_with_its_supervisor(make_studio: Callable[..., Studio]) -> None:
    studio = make_studio().start().ready()
    worker = studio.worker_pid()
    assert studio.process is not None
    studio.process.kill()
    studio.process.wait()
    until(lambda: not alive(worker), "the worker is gone", limit=10)


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_a_job_that_always_kills_its_worker_fails(make_studio: Callable[..., Studio]) -> None:
    studio = make_studio(step_delay=2, step_attempts=2).start().ready()
    job_id = studio.order()
    for _ in range(2):
        in_step(studio, job_id, "plan")
        worker_back(studio, studio.kill_worker())
    job = studio.ended(job_id)
    assert job["state"] == "failed"
    assert job["problem"]["code"] == "worker_died"
    assert studio.step_runs(job_id) == [("plan", None), ("plan", None)]


def test_a_hanging_worker_is_replaced(make_studio: Callable[..., Studio]) -> None:
    studio = make_studio(step_delay=1, worker_timeout=10).start().ready()
    job_id = studio.order()
    in_step(studio, job_id, "render")
    hanging = studio.worker_pid()
    os.kill(hanging, signal.SIGSTOP)
    worker_back(studio, hanging)
    assert not alive(hanging)
    assert_whole(studio, job_id)
    assert_no_step_twice(studio, job_id)


def test_a_step_out_of_time_ends_its_job_and_others_go_on(make_studio: Callable[..., Studio]) -> None:
    """The delay counts as the rendering's; it cannot be interrupted from outside but by its own look at the time."""
    studio = make_studio(step_delay=4, render_timeout=1).start().ready()
    job_id = studio.order()
    job = studio.ended(job_id)
    assert (job["state"], job["problem"]["code"]) == ("failed", "timeout")
    assert "render" in job["problem"]["message"]
    assert not job["takes"]


def test_the_end_is_clean_and_quick(make_studio: Callable[..., Studio]) -> None:
    studio = make_studio(step_delay=0.5).start().ready()
    job_id = studio.order()
    for number, step in ((signal.SIGTERM, "render"), (signal.SIGINT, "master")):
        in_step(studio, job_id, step)
        worker = studio.worker_pid()
        with studio.listening():
            assert studio.stop(number) == 0
        assert not alive(worker)
        studio.start()
    assert_whole(studio, job_id)
    # Told to leave, the worker did not die in them.
    runs = studio.step_runs(job_id)
    assert ("render", "interrupted") in runs
    assert ("master", "interrupted") in runs
    assert all(outcome is not None for _, outcome in runs)


def test_jobs_are_made_by_rank_and_then_by_age(make_studio: Callable[..., Studio]) -> None:
    studio = make_studio(admitted_jobs=1, step_delay=600).start().ready()
    first = studio.order(priority="batch")
    until(lambda: studio.job(first)["state"] == "running", "the first is admitted")
    order = {priority: studio.order(priority=priority) for priority in ("batch", "shelf", "guest", "card", "voice")}
    second_card = studio.order(priority="card")
    wanted = [order["voice"], order["card"], second_card, order["guest"], order["shelf"], order["batch"]]
    assert [studio.job(job_id)["position"] for job_id in wanted] == [1, 2, 3, 4, 5, 6]
    assert studio.health()["queue_length"] == 6
    for running, following in pairwise([first, *wanted]):
        studio.client.delete(f"/v1/jobs/{running}")
        until(lambda: studio.job(following)["state"] == "running", "the next is admitted")  # noqa: B023 - called at once
        assert [studio.job(job_id)["state"] for job_id in wanted].count("running") == 1
    assert studio.client.delete(f"/v1/jobs/{wanted[-1]}").status_code == 200
    studio.ended(wanted[-1])


@pytest.fixture(scope="module")
def slow(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    studio = Studio(tmp_path_factory.mktemp("slow") / "data", step_delay=0.5).start().ready()
    yield studio
    studio.stop()


@pytest.fixture(scope="module")
def swift(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    studio = Studio(tmp_path_factory.mktemp("swift") / "data").start().ready()
    yield studio
    studio.stop()


@pytest.mark.parametrize("step", ["plan", "render", "master", "encode_mp3"])
def test_cancelled_while_running(slow: Studio, step: str) -> None:
    studio = slow
    job_id, next_id = studio.order({**SHORT, "duration": 30}), studio.order()
    in_step(studio, job_id, step)
    answer = studio.client.delete(f"/v1/jobs/{job_id}")
    assert answer.status_code == 200
    job = studio.ended(job_id, limit=20)
    assert (job["state"], job["problem"]) == ("cancelled", None)
    assert studio.client.delete(f"/v1/jobs/{job_id}").json()["state"] == "cancelled"
    assert_whole(studio, next_id)
    until(lambda: not (studio.data / "work" / job_id).exists(), "nothing is left of it")
    assert step not in studio.job(job_id)["timings"] or step in ("master", "encode_mp3", "plan")
    assert "publish_mp3" not in studio.job(job_id)["timings"]
    same = studio.client.post("/v1/jobs", json={"id": job_id, "request": {**SHORT, "duration": 30}})
    assert (same.status_code, same.json()["state"]) == (200, "cancelled")


def test_cancelled_while_waiting_and_without_a_worker(make_studio: Callable[..., Studio]) -> None:
    studio = make_studio()
    studio.data.mkdir()
    with (studio.data / "worker.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # no worker gets beyond this
        studio.start()
        job_id = studio.order(job_id=uuid4())
        assert studio.client.delete(f"/v1/jobs/{job_id}").json()["state"] == "cancelled"
        assert not studio.health()["worker_alive"]
    assert studio.ended(job_id)["state"] == "cancelled"
    assert studio.step_runs(job_id) == []


@pytest.mark.parametrize("at", [0.2, 0.6])
def test_cancelled_late_in_a_rendering(swift: Studio, at: float) -> None:
    """The engine looks for the last time before it mixes and its samples are saved."""
    studio = swift
    job_id = studio.order({**SHORT, "duration": 600})
    until(lambda: studio.job(job_id)["progress"] > at, f"progress {at}", step=0.01)
    studio.client.delete(f"/v1/jobs/{job_id}")
    job = studio.ended(job_id, limit=60)
    assert (job["state"], job["problem"]) == ("cancelled", None)
    until(lambda: not (studio.data / "work" / job_id).exists(), "nothing is left of it")


def test_cancelled_and_then_killed(make_studio: Callable[..., Studio]) -> None:
    """A cancellation that the worker could not carry out any more is carried out by the next."""
    studio = make_studio(step_delay=1).start().ready()
    job_id = studio.order()
    in_step(studio, job_id, "render")
    worker = studio.worker_pid()
    os.kill(worker, signal.SIGSTOP)
    studio.client.delete(f"/v1/jobs/{job_id}")
    assert studio.job(job_id)["state"] == "running"
    os.kill(worker, signal.SIGKILL)
    job = studio.ended(job_id)
    assert (job["state"], job["problem"]) == ("cancelled", None)


def test_a_lost_jobs_database_only_costs_time(make_studio: Callable[..., Studio]) -> None:
    """Without DBOS's checkpoints the job starts over; the table still knows it."""
    studio = make_studio(step_delay=0.5).start().ready()
    job_id = studio.order()
    in_step(studio, job_id, "render")
    studio.kill_all()
    for path in studio.data.glob("jobs.db*"):
        path.unlink()
    studio.start()
    assert_whole(studio, job_id)


def test_what_dbos_keeps_is_json_in_a_write_ahead_log(slow: Studio) -> None:
    """Traps of DBOS: pickle by default, no WAL by default, a version that changes with the code."""
    job_id = slow.order()
    slow.done(job_id)
    connection = sqlite3.connect(slow.data / "jobs.db")
    try:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        found = connection.execute(
            "SELECT name, status, workflow_input.inputs, serialization, application_version, executor_id, queue_name"
            " FROM workflow_status JOIN workflow_input USING (workflow_uuid) WHERE workflow_uuid LIKE ?",
            (f"{job_id}%",),
        ).fetchall()
    finally:
        connection.close()
    assert {name for name, *_ in found} == {"song", "render_takes", "finish_takes"}
    assert {queue for *_, queue in found} == {None, "render", "finish"}
    for _, status, inputs, serialization, version, executor, _ in found:
        assert (status, version, executor) == ("SUCCESS", "1", "studio")
        assert "json" in serialization.lower()
        assert json.loads(inputs)
