"""The worker's sign of life and what it tidies up at its start."""

import os
import time
from pathlib import Path
from uuid import uuid4

import pytest

from mixtape_studio.contract import JobCreate, SongRequest
from mixtape_studio.jobs import worker
from mixtape_studio.jobs.record import JobRecord
from mixtape_studio.jobs.shelf import EngineShelf
from mixtape_studio.jobs.table import JobTable
from mixtape_studio.jobs.workshop import Workshop
from mixtape_studio.settings import Settings
from mixtape_studio.storage.artifacts import Artifacts
from mixtape_studio.storage.database import open_database


class EnoughError(Exception):
    pass


@pytest.mark.parametrize(("since", "beats"), [(None, False), (0.0, True), (50.0, True), (70.0, False)])
def test_the_heart_beats_while_the_main_loop_turns(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, since: float | None, beats: bool
) -> None:
    def enough(_seconds: float) -> None:
        raise EnoughError

    pulse = worker.Pulse(None if since is None else time.monotonic() - since)
    with monkeypatch.context() as patch:
        patch.setattr("mixtape_studio.jobs.worker.time.sleep", enough)
        with pytest.raises(EnoughError):
            worker.beat(tmp_path / "worker.alive", pulse, os.getppid())
    assert (tmp_path / "worker.alive").exists() is beats


def test_files_of_jobs_that_are_gone_are_dropped(tmp_path: Path) -> None:
    database = open_database(tmp_path / "mixtape.db")
    table, record = JobTable(database), JobRecord(database, pid=1, step_attempts=2)
    settings = Settings(data=tmp_path)
    workshop = Workshop(settings, record, Artifacts(tmp_path), EngineShelf(settings))
    running = table.submit("home", JobCreate(id=uuid4(), request=SongRequest()))[0].id
    record.admit(1)
    gone = uuid4()
    for job_id in (running, gone):
        for path in (workshop.artifacts.work(job_id, "take-1.flac"), workshop.artifacts.take(job_id, "take-1.jpg")):
            path.parent.mkdir(parents=True)
            path.touch()
    for folder in ("work", "takes"):
        (tmp_path / folder / "lost+found").mkdir()
    worker.drop_leftovers(workshop)
    for folder in ("work", "takes"):
        assert {path.name for path in (tmp_path / folder).iterdir()} == {str(running), "lost+found"}
    database.close()
