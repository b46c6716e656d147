"""Keeps one worker process running: starts it again when it dies, kills it when its heart stops, ends it at the end."""

import os
import subprocess
import sys
import threading
from typing import Final

import structlog

from mixtape_studio.jobs.heartbeat import Heartbeat
from mixtape_studio.settings import Settings

log = structlog.get_logger()

LOOK: Final = 0.1
FIRST_BACK_OFF: Final = 0.2
LAST_BACK_OFF: Final = 30.0
START_LIMIT: Final = 120.0
"""Seconds from a worker's start to its first beat."""
END_GRACE: Final = 4.0


class Supervisor:
    """A thread of the API process; ``start`` and ``stop`` are called once each."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._heartbeat = Heartbeat(settings)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="supervisor", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Ends the worker within ``END_GRACE`` seconds, by force if need be."""
        self._stop.set()
        self._thread.join(END_GRACE + 2)

    def _run(self) -> None:
        back_off = FIRST_BACK_OFF
        while not self._stop.is_set():
            ready = False
            try:
                ready = self._watch(self._start())
            except OSError:
                log.exception("worker.unstartable")
            # A job that kills its workers ends by the count of its steps; the waiting is for what never gets ready.
            back_off = FIRST_BACK_OFF if ready else min(back_off * 2, LAST_BACK_OFF)
            if self._stop.wait(back_off):
                return

    def _start(self) -> "subprocess.Popen[bytes]":
        command = [sys.executable, "-m", "mixtape_studio", "worker", "--parent", str(os.getpid())]
        # Started in this thread on purpose: Linux tells a child of the end of the thread that made it.
        process = subprocess.Popen(command)  # noqa: S603 - our own program
        log.info("worker.started", pid=process.pid)
        self._heartbeat.forget()
        return process

    def _watch(self, process: "subprocess.Popen[bytes]") -> bool:
        """Return when the worker has ended, for whatever reason: whether it had become ready."""
        while process.poll() is None:
            if self._stop.wait(LOOK):
                self._end(process)
                return True
            silence = self._heartbeat.silence()
            limit = self._settings.worker_timeout if self._heartbeat.heard else START_LIMIT
            if silence > limit:
                log.warning("worker.silent", pid=process.pid, seconds=round(silence, 1))
                process.kill()
                process.wait()
        log.warning("worker.ended", pid=process.pid, code=process.returncode)
        return self._heartbeat.heard

    def _end(self, process: "subprocess.Popen[bytes]") -> None:
        process.terminate()
        try:
            process.wait(END_GRACE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
