"""The real studio as a subprocess on a free port, and what a test wants to know of it."""

import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx2

ADDON = Path(__file__).parents[2] / "addon"
SOUNDFONT = Path(__file__).parents[2] / ".tools" / "soundfont" / "MuseScore_General_Lite.sf3"
SHORT = {"genre": "jazz", "mood": "relaxing", "duration": 10}
GONE = (httpx2.HTTPError, OSError)
"""What a stream or a process that ends under a test's hands raises."""
WAIT = 90.0
"""Seconds that anything may take on a busy machine."""


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def until(what: Callable[[], Any], reason: str, limit: float = WAIT, step: float = 0.02) -> Any:
    """The first true value; fails the test after the limit."""
    end = time.monotonic() + limit
    while not (found := what()):
        if time.monotonic() > end:
            message = f"{reason}: not within {limit:g} s"
            raise AssertionError(message)
        time.sleep(step)
    return found


@dataclass
class Sse:
    id: int
    type: str
    data: dict[str, Any]


class Studio:
    """``serve`` over one data folder; may be started again after it was ended."""

    def __init__(self, data: Path, **settings: object) -> None:
        self.data = data
        self.port = free_port()
        self.settings = settings
        self.process: subprocess.Popen[str] | None = None
        self.token = ""
        self.client = httpx2.Client(base_url=f"http://127.0.0.1:{self.port}", timeout=30)

    @property
    def environment(self) -> dict[str, str]:
        ours = {key: value for key, value in os.environ.items() if not key.startswith("MIXTAPE_")}
        defaults = {"announce": False, "preload": False, "soundfont": SOUNDFONT, "log_level": "warning"}
        settings = {**defaults, "data": self.data, "port": self.port, **self.settings}
        return {**ours, **{f"MIXTAPE_{name.upper()}": str(value) for name, value in settings.items()}}

    def run(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "mixtape_studio", *arguments],
            env=self.environment,
            cwd=ADDON,
            check=check,
            capture_output=True,
            text=True,
            timeout=WAIT,
        )

    def start(self, *prefix: str) -> "Studio":
        log = (self.data.parent / f"{self.data.name}.log").open("a")
        self.process = subprocess.Popen(
            [*prefix, sys.executable, "-m", "mixtape_studio", "serve"],
            env=self.environment,
            cwd=ADDON,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
        log.close()
        assert self.process.stdout is not None
        for line in self.process.stdout:
            if line.startswith("Token (shown once): "):
                self.use(line.removeprefix("Token (shown once): ").strip())
            if line.startswith("Mixtape studio on "):
                break
        else:
            raise AssertionError(f"the studio did not start:\n{self.log}")
        until(self._answers, "the studio answers")
        return self

    def use(self, token: str) -> None:
        self.token = token
        self.client.headers["Authorization"] = f"Bearer {token}"

    def _answers(self) -> bool:
        try:
            return self.client.get("/v1/health").status_code == 200
        except httpx2.TransportError:
            return False

    def ready(self) -> "Studio":
        until(lambda: self.health()["worker_alive"], "the worker is ready")
        return self

    @property
    def log(self) -> str:
        return (self.data.parent / f"{self.data.name}.log").read_text()

    def stop(self, number: int = signal.SIGTERM) -> int:
        assert self.process is not None
        self.process.send_signal(number)
        code = self.process.wait(20)
        assert self.process.stdout is not None
        self.process.stdout.close()
        return code

    def kill_all(self) -> None:
        """Both processes at once, as a power cut would."""
        worker = self.worker_pid()
        assert self.process is not None
        self.process.kill()
        if worker:
            with suppress(ProcessLookupError):
                os.kill(worker, signal.SIGKILL)
        self.process.wait()

    def worker_pid(self) -> int:
        """0 where none has started yet."""
        with suppress(FileNotFoundError):
            return int((self.data / "worker.lock").read_text() or 0)
        return 0

    def kill_worker(self) -> int:
        pid = self.worker_pid()
        os.kill(pid, signal.SIGKILL)
        return pid

    # --- HTTP ---

    def health(self) -> dict[str, Any]:
        return self.client.get("/v1/health").json()

    def order(
        self, request: dict[str, Any] | None = None, *, job_id: UUID | None = None, priority: str = "voice"
    ) -> str:
        body = {"id": str(job_id or uuid4()), "request": SHORT if request is None else request, "priority": priority}
        answer = self.client.post("/v1/jobs", json=body)
        assert answer.status_code in (200, 202), answer.text
        return str(answer.json()["id"])

    def job(self, job_id: str) -> dict[str, Any]:
        answer = self.client.get(f"/v1/jobs/{job_id}")
        assert answer.status_code == 200, answer.text
        return answer.json()

    def ended(self, job_id: str, limit: float = WAIT) -> dict[str, Any]:
        """The job once it has ended."""
        until(lambda: self.job(job_id)["state"] in ("done", "failed", "cancelled"), f"{job_id} ends\n{self.log}", limit)
        return self.job(job_id)

    def done(self, job_id: str) -> dict[str, Any]:
        job = self.ended(job_id)
        assert job["state"] == "done", job["problem"]
        return job

    @contextmanager
    def listening(self, last_event_id: int | str | None = None) -> Iterator[list[Sse]]:
        """Events as they come, in a thread; the stream is open when the block begins."""
        events: list[Sse] = []
        place = "" if last_event_id is None else f"Last-Event-ID: {last_event_id}\r\n"
        # HTTP/1.0, so that the stream comes as it is; a plain socket, so that it can be closed under the reader.
        connection = socket.create_connection(("127.0.0.1", self.port), timeout=WAIT)
        head = f"GET /v1/events HTTP/1.0\r\nAuthorization: Bearer {self.token}\r\n{place}\r\n"
        connection.sendall(head.encode("latin-1"))
        stream = connection.makefile("r", encoding="utf-8", newline="\n")
        lines = iter(stream.readline, "")
        assert " 200 " in next(lines)
        while next(lines).strip():
            pass

        def listen() -> None:
            fields: dict[str, str] = {}
            with suppress(*GONE):
                for line in lines:
                    name, _, value = line.rstrip("\r\n").partition(": ")
                    if name:
                        fields[name] = value
                    elif "data" in fields:
                        events.append(Sse(int(fields["id"]), fields["event"], json.loads(fields["data"])))
                        fields = {}

        thread = threading.Thread(target=listen, daemon=True)
        thread.start()
        try:
            yield events
        finally:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
            thread.join(WAIT)
            stream.close()
            connection.close()

    # --- What only the database tells ---

    def query(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        connection = sqlite3.connect(self.data / "mixtape.db", timeout=30)
        try:
            return connection.execute(sql, values).fetchall()
        finally:
            connection.close()

    def step_runs(self, job_id: str) -> list[tuple[str, str | None]]:
        """Every start of a step of the job, in order: name and outcome (None: died in it)."""
        return self.query("SELECT name, outcome FROM step_run WHERE job_id = ? ORDER BY id", UUID(job_id).hex)

    def running_step(self, job_id: str) -> str | None:
        """The step that the worker is in now."""
        runs = self.query(
            "SELECT name FROM step_run WHERE job_id = ? AND outcome IS NULL AND worker_pid = ? ORDER BY id DESC LIMIT 1",
            UUID(job_id).hex,
            self.worker_pid(),
        )
        return runs[0][0] if runs else None
