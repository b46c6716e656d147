"""A real Music Player Daemon on a null output, and its own word on what it does."""

from __future__ import annotations

import asyncio
import os
import shutil
import socket
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

ROOT = Path(__file__).parents[3]
CONFIGURATION = """
music_directory "{folder}/music"
playlist_directory "{folder}/playlists"
db_file "{folder}/database"
state_file "{folder}/state"
log_file "{folder}/log"
bind_to_address "127.0.0.1"
port "{port}"
zeroconf_enabled "no"
input {{
  plugin "curl"
}}
audio_output {{
  type "null"
  name "Nothing is heard"
  sync "yes"
  mixer_type "software"
}}
"""


def find_mpd() -> str:
    """Raises AssertionError with the program's name: a test without it fails, and does not pass for done."""
    candidates = [os.environ.get("MIXTAPE_MPD"), shutil.which("mpd"), *map(str, ROOT.glob(".tools/**/bin/mpd"))]
    found = next((path for path in candidates if path and os.access(path, os.X_OK)), None)
    assert found, "The program mpd is missing: install Debian's package mpd, or name it in MIXTAPE_MPD"
    return found


class Mpd:
    def __init__(self, port: int, process: asyncio.subprocess.Process) -> None:
        self.port = port
        self._process = process

    async def end(self) -> None:
        if self._process.returncode is None:
            self._process.terminate()
        await asyncio.wait_for(self._process.wait(), 10)

    async def ask(self, command: str) -> dict[str, str]:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            await reader.readline()
            writer.write(f"{command}\nclose\n".encode())
            answer = (await reader.read()).decode()
        finally:
            writer.close()
        return dict(line.split(": ", 1) for line in answer.splitlines() if ": " in line)

    async def status(self) -> dict[str, str]:
        return await self.ask("status") | {
            key: value for key, value in (await self.ask("currentsong")).items() if key in ("file", "Title")
        }


@asynccontextmanager
async def running_mpd(folder: Path) -> AsyncIterator[Mpd]:
    for name in ("music", "playlists"):
        (folder / name).mkdir(parents=True)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    configuration = folder / "mpd.conf"
    configuration.write_text(CONFIGURATION.format(folder=folder, port=port))
    process = await asyncio.create_subprocess_exec(find_mpd(), "--no-daemon", str(configuration))
    mpd = Mpd(port, process)
    try:
        for _ in range(100):
            try:
                await mpd.ask("ping")
                break
            except OSError:
                assert process.returncode is None, (folder / "log").read_text()
                await asyncio.sleep(0.1)
        yield mpd
    finally:
        await mpd.end()
