"""The worker process: executes the workflow, beats its heart into a file's time, dies with its supervisor."""

import ctypes
import os
import signal
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import structlog

from mixtape_studio.jobs.dispatcher import TICK, Dispatcher, StuckStepError
from mixtape_studio.jobs.heartbeat import BEAT, heartbeat_file
from mixtape_studio.jobs.lock import take_lock
from mixtape_studio.jobs.record import JobRecord
from mixtape_studio.jobs.shelf import EngineShelf
from mixtape_studio.jobs.workflow import Workflow
from mixtape_studio.jobs.workshop import Workshop
from mixtape_studio.settings import Settings
from mixtape_studio.storage.artifacts import Artifacts
from mixtape_studio.storage.database import ChangeWatch, Database, check_file, open_database

log = structlog.get_logger()

EXIT_STUCK: Final = 75
EXECUTOR_ID: Final = "studio"
"""Stable, so that a restarted worker takes up what it was doing."""
LOCK_WAIT: Final = 10.0
LOOP_LIMIT: Final = 60.0
"""Seconds that one turn of the main loop may take; a busy database lets it wait 30 for each of its writes."""
_PR_SET_PDEATHSIG: Final = 1


def die_with_parent(parent: int) -> None:
    """Linux kills this process the moment its parent is gone; elsewhere the heartbeat notices within a second."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        # It was gone before we could ask to be told.
        os._exit(1)


@dataclass(slots=True)
class Pulse:
    """The main loop's last turn on the steady clock; None before the first."""

    turned: float | None = None

    @property
    def alive(self) -> bool:
        return self.turned is not None and time.monotonic() - self.turned < LOOP_LIMIT


def beat(path: Path, pulse: Pulse, parent: int | None) -> None:
    """For ever; a main loop that hangs silences the heart, so that the supervisor ends the process."""
    while True:
        if pulse.alive:
            path.touch()
        if parent is not None and os.getppid() != parent:
            os._exit(1)
        time.sleep(BEAT)


def run_worker(settings: Settings, *, parent: int | None = None) -> int:
    """Work until SIGTERM or SIGINT, or until the process ``parent`` is gone; returns the exit code."""
    if parent is not None:
        die_with_parent(parent)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    lock = take_lock(settings.data / "worker.lock", LOCK_WAIT)
    pulse = Pulse()
    beating = threading.Thread(target=beat, args=(heartbeat_file(settings), pulse, parent), daemon=True)
    beating.start()

    check_file(settings.jobs_database)
    # Under a server it finds the tables as the server has just made them.
    database = Database(settings.database) if parent is not None else open_database(settings.database)
    record = JobRecord(database, pid=os.getpid(), step_attempts=settings.step_attempts)
    workshop = Workshop(settings, record, Artifacts(settings.data), EngineShelf(settings))
    workflow = Workflow(workshop, EXECUTOR_ID)
    workflow.launch()
    dispatcher = Dispatcher(workshop, workflow, ChangeWatch(settings.database))
    dispatcher.recover()
    drop_leftovers(workshop)
    heartbeat_file(settings).touch()
    pulse.turned = time.monotonic()
    log.info("worker.ready", pid=os.getpid())
    if settings.preload:
        threading.Thread(target=workshop.shelf.preload, daemon=True).start()
    code = 0
    while not stop.wait(TICK):
        pulse.turned = time.monotonic()
        try:
            dispatcher.tick()
        except StuckStepError as error:
            log.error("worker.stuck", step=str(error))  # noqa: TRY400 - no mistake in the code
            code = EXIT_STUCK
            break
        except Exception as error:  # noqa: BLE001 - the loop's edge: a full disk or a locked database passes
            log.warning("dispatcher.failed", error=str(error))
            stop.wait(1.0)
    _leave(workshop)
    lock.close()
    # Not sys.exit: a step in another thread would hold the process until it ends, and everything is checkpointed.
    os._exit(code)


def _leave(workshop: Workshop) -> None:
    log.info("worker.leaves")
    try:
        workshop.record.interrupt_steps([step.run for step in workshop.active_steps()])
    except Exception as error:  # noqa: BLE001 - leaving matters more than the note
        log.warning("step.unnoted", error=str(error))
    sys.stdout.flush()
    sys.stderr.flush()


def drop_leftovers(workshop: Workshop) -> None:
    """Folders of jobs that have ended; a killed worker could not remove them. Takes that are known stay."""
    running = set(workshop.record.unfinished())
    for job_id in workshop.artifacts.work_folders():
        if job_id not in running:
            workshop.clear(job_id)
    needed = running | workshop.record.with_takes()
    for job_id in workshop.artifacts.take_folders():
        if job_id not in needed:
            workshop.artifacts.drop_take(job_id)
