"""The real studio as a process of its own, for every test that needs one.

Sockets must be allowed (``pytest_socket.enable_socket()`` or the ``socket_enabled`` fixture) while it starts.
"""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self

if TYPE_CHECKING:
    from collections.abc import Mapping

ROOT: Final = Path(__file__).parents[1]
ADDON: Final = ROOT / "addon"
PYTHON: Final = ADDON / ".venv" / "bin" / "python"
SOUNDFONT: Final = ROOT / ".tools" / "soundfont" / "MuseScore_General_Lite.sf3"

_TOKEN: Final = re.compile(r"^Token \(shown once\): (\S+)$", re.MULTILINE)
_URL: Final = re.compile(r"^Mixtape studio on (http://\S+)$", re.MULTILINE)
# A proxy of the machine is not for its own loopback.
_OPENER: Final = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class StudioProcess:
    """``serve`` and its worker over one data folder; the port stays through restarts."""

    def __init__(self, data: Path, environment: Mapping[str, str] | None = None) -> None:
        self.data = data
        self.log = data / "studio.log"
        self.token = ""
        self.url = ""
        self._environment = dict(environment or {})
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int:
        assert self._process is not None, "the studio was not started"
        return self._process.pid

    def start(self, timeout: float = 60) -> Self:
        """Start and wait until it answers; ``timeout`` in seconds."""
        assert not self.running, "the studio runs already"
        for needed in (PYTHON, SOUNDFONT):
            assert needed.exists(), f"{needed} is missing: run scripts/setup"
        self.data.mkdir(parents=True, exist_ok=True)
        output = self.data / "studio.out"
        with output.open("wb") as out, self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [PYTHON, "-m", "mixtape_studio", "serve"],
                cwd=ADDON,
                env=self._variables(),
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=log,
                # Its own group, so that a kill takes the worker too.
                start_new_session=True,
            )
        deadline = time.monotonic() + timeout
        while not self._ready(output.read_text()):
            if not self.running or time.monotonic() > deadline:
                self.kill()
                raise AssertionError(f"The studio did not start:\n{output.read_text()}{self.log.read_text()[-4000:]}")
            time.sleep(0.05)
        return self

    def stop(self, timeout: float = 20) -> int:
        """Ask it to end, as a service manager does, and return its exit status."""
        assert self._process is not None, "the studio was not started"
        self._process.send_signal(signal.SIGTERM)
        try:
            return self._process.wait(timeout)
        except subprocess.TimeoutExpired:
            self.kill()
            raise

    def kill(self) -> None:
        """``kill -9`` for it and its worker. After it has ended it does nothing."""
        if self._process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait(10)

    def create_token(self, name: str = "test", *, scope: str = "home", home: str | None = None) -> str:
        command = [PYTHON, "-m", "mixtape_studio", "token", "create", "--name", name, "--scope", scope]
        if home is not None:
            command += ["--home", home]
        done = subprocess.run(command, cwd=ADDON, env=self._variables(), capture_output=True, timeout=60, check=True)
        return done.stdout.decode().strip()

    def _variables(self) -> dict[str, str]:
        return {
            **os.environ,
            "MIXTAPE_DATA": str(self.data),
            "MIXTAPE_HOST": "127.0.0.1",
            "MIXTAPE_PORT": self.url.rpartition(":")[2] or "0",
            "MIXTAPE_SOUNDFONT": str(SOUNDFONT),
            "MIXTAPE_ANNOUNCE": "false",
            "MIXTAPE_OPTIONS": str(self.data / "options.json"),
            **self._environment,
        }

    def _ready(self, output: str) -> bool:
        if token := _TOKEN.search(output):
            self.token = token[1]
        if not (url := _URL.search(output)):
            return False
        self.url = url[1]
        try:
            with _OPENER.open(f"{self.url}/v1/health", timeout=5) as response:
                return bool(response.status == 200)
        except urllib.error.URLError, TimeoutError, ConnectionError:
            return False
