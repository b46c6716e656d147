"""The processes that the demo starts: each in its own process group, logged to a file, ended by its id."""

import asyncio
import contextlib
import ctypes
import os
import signal
import socket
import sys
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from .errors import DemoError

LOG_LINES_SHOWN = 15
_PR_SET_PDEATHSIG = 1


def free_port(preferred: int | None = None) -> int:
    """A port of 127.0.0.1 that nobody listens on; ``preferred`` when that one is free."""
    for port in (preferred, 0):
        if port is None:
            continue
        with socket.socket() as probe, contextlib.suppress(OSError):
            # A port that was left a moment ago is free, though its last connections still linger.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", port))
            return int(probe.getsockname()[1])
    raise DemoError("no free port on 127.0.0.1")


def _end_with_parent() -> None:
    """Runs in the child: a demo that is killed outright still takes what it started with it (Linux)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


@dataclass(frozen=True)
class Program:
    """A running process."""

    name: str
    process: asyncio.subprocess.Process
    log: Path

    def tail(self) -> str:
        lines = self.log.read_text(errors="replace").splitlines()
        return "\n".join(lines[-LOG_LINES_SHOWN:])

    def check(self) -> None:
        """Raises DemoError when the process has ended."""
        if (code := self.process.returncode) is not None:
            raise DemoError(f"{self.name} ended with status {code}; its last words:\n{self.tail()}")

    async def stop(self, patience: float) -> None:
        """Ends the whole process group: politely, then after ``patience`` seconds for certain."""
        for sent, limit in ((signal.SIGTERM, patience), (signal.SIGKILL, 5)):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, sent)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(limit):
                    await self.process.wait()
                    await self._group_gone()
                return

    async def _group_gone(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            while True:
                os.killpg(self.process.pid, 0)
                await asyncio.sleep(0.02)


class Processes:
    """Everything started in a ``with`` block is ended when the block ends, however it ends."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._programs: list[Program] = []

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop_all()

    async def start(
        self, name: str, *command: str | Path, env: Mapping[str, str] | None = None, cwd: Path | None = None
    ) -> Program:
        """Raises DemoError when the program cannot be run at all."""
        log = self.folder / f"{name.lower().replace(' ', '-')}.log"
        with log.open("ab") as output:
            try:
                process = await asyncio.create_subprocess_exec(
                    *map(str, command),
                    stdin=asyncio.subprocess.DEVNULL,
                    stdout=output,
                    stderr=output,
                    env={**os.environ, **(env or {})},
                    cwd=cwd or self.folder,
                    start_new_session=True,
                    preexec_fn=_end_with_parent,
                )
            except OSError as err:
                raise DemoError(f"{name} could not be started: {err}", "run scripts/setup again") from err
        program = Program(name, process, log)
        self._programs.append(program)
        return program

    async def stop(self, program: Program, patience: float = 10) -> None:
        await program.stop(patience)
        self._programs.remove(program)

    async def stop_all(self) -> None:
        # All at once: Home Assistant and the studio each take their time to close their databases.
        await asyncio.gather(*(program.stop(10) for program in self._programs))
        self._programs.clear()


async def wait_for[T](
    what: str,
    probe: Callable[[], Awaitable[T | None]],
    *,
    limit: float,
    program: Program | None = None,
    interval: float = 0.1,
) -> T:
    """Asks ``probe`` until it answers something other than None.

    Raises:
        DemoError: not within ``limit`` seconds, or ``program`` ended meanwhile.
    """
    deadline = time.monotonic() + limit
    while (answer := await probe()) is None:
        if program is not None:
            program.check()
        if time.monotonic() > deadline:
            words = f"; the last words of {program.name}:\n{program.tail()}" if program else ""
            raise DemoError(f"{what} did not happen within {limit:.0f} seconds{words}")
        await asyncio.sleep(interval)
    return answer
