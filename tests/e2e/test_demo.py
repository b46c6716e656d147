"""The whole thing as a person starts it: real Home Assistant, real studio, real players."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from mpd import MPDClient

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    type StartDemo = Callable[..., subprocess.Popen[str]]

ROOT = Path(__file__).parents[2]
SENTENCE = "create a relaxing jazz song for the living room, thirty seconds"
VOICE_PROGRAM = """
import asyncio
from demo_home.voice import voice_server

async def main():
    async with voice_server() as port:
        print(port, flush=True)
        await asyncio.Event().wait()

asyncio.run(main())
"""


def processes_of(folder: Path) -> list[str]:
    """Command lines of the processes that work in ``folder`` or below."""
    found = []
    for process in Path("/proc").iterdir():
        if process.name.isdigit():
            try:
                words = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
                surroundings = (process / "environ").read_bytes().decode(errors="replace")
            except OSError:
                continue
            if str(folder) in words or str(folder) in surroundings:
                found.append(words)
    return found


def wait_until(condition: Callable[[], Any], demo: subprocess.Popen[str], limit: float) -> Any:
    deadline = time.monotonic() + limit
    while not (answer := condition()):
        assert demo.poll() is None, demo.stdout.read()
        assert time.monotonic() < deadline, f"not within {limit} s"
        time.sleep(0.1)
    return answer


def speaker_status(port: int) -> dict[str, Any]:
    """What MPD itself says: ``state``, ``elapsed`` in seconds, and the ``file`` it plays."""
    client = MPDClient()
    client.timeout = 10
    client.connect("127.0.0.1", port)
    try:
        return {**client.status(), **client.currentsong()}
    finally:
        client.disconnect()


@pytest.fixture
def temporary(tmp_path: Path) -> Path:
    """Where the demo keeps its state."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    return folder


@pytest.fixture
def start_demo(tmp_path: Path, temporary: Path) -> Iterator[StartDemo]:
    """Starts ``scripts/demo`` in a folder of its own; ends it where the test did not."""
    started: list[subprocess.Popen[str]] = []

    def start(*arguments: str) -> subprocess.Popen[str]:
        demo = subprocess.Popen(
            [ROOT / "scripts/demo", "--silent", *arguments],
            cwd=tmp_path,
            env={**os.environ, "TMPDIR": str(temporary), "COLUMNS": "200"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        started.append(demo)
        return demo

    yield start
    for demo in started:
        if demo.poll() is None:
            demo.terminate()
            demo.wait(30)
        demo.stdout.close()


def test_a_wish_becomes_a_song_on_a_real_speaker(
    start_demo: StartDemo, tmp_path: Path, temporary: Path, socket_enabled: None
) -> None:
    report_file = tmp_path / "report.json"
    started = time.monotonic()
    demo = start_demo(SENTENCE, "--keep", "--report", "report.json")
    wait_until(lambda: report_file.is_file() and report_file.read_text().endswith("}\n"), demo, 120)
    elapsed = time.monotonic() - started
    report = json.loads(report_file.read_text())

    assert report["sentence"] == SENTENCE
    heard = {field: report["heard"][field] for field in ("genre", "mood", "duration", "room")}
    assert heard == {"genre": "jazz", "mood": "relaxing", "duration": 30, "room": "Living Room"}

    song = report["song"]
    assert Path(song["path"]) == tmp_path / "mixtape-demo.mp3"
    # MP3 adds at most a frame or two of padding.
    assert song["seconds"] == pytest.approx(30, abs=0.1)
    assert song["lufs"] == pytest.approx(-14, abs=0.5)
    assert song["true_peak"] <= -0.3
    assert song["engine"] == "composer"
    assert isinstance(song["seed"], int)

    player = report["player"]
    assert player["entity_id"].startswith("media_player.living_room")
    assert player["state"] == "playing"
    assert player["position"] >= 2

    # How fast is the benchmarks' business; that the times are real is checked here.
    assert 0 < report["seconds"]["ack"] < report["seconds"]["sound"] < report["seconds"]["total"] <= elapsed

    # Nobody's word is taken for it: the speaker is asked, twice.
    configuration = next(temporary.glob("*/speaker-living-room/mpd.conf")).read_text()
    port = int(re.search(r'^port "(\d+)"', configuration, re.MULTILINE)[1])
    first = speaker_status(port)
    time.sleep(1)
    second = speaker_status(port)
    assert first["state"] == second["state"] == "play"
    assert first["file"] == second["file"] == player["media"]
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+/api/mixtape/audio/[\w-]{16,}/[\w-]+\.flac", first["file"])
    assert float(second["elapsed"]) - float(first["elapsed"]) == pytest.approx(1, abs=0.5)

    demo.send_signal(signal.SIGINT)
    output, _ = demo.communicate(timeout=30)
    assert demo.returncode == 0, output
    assert song["title"] in output
    assert "Built-in composer" in output
    assert "spoken announcement included" in output
    assert "Home Assistant: http://" in output
    assert not processes_of(temporary), "something keeps running"
    assert not list(temporary.iterdir()), "something was left behind"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_whatever_ends_the_demo_ends_all_that_it_started(
    start_demo: StartDemo, temporary: Path, number: signal.Signals
) -> None:
    demo = start_demo("--keep")
    # In the middle of it: everything is starting.
    wait_until(lambda: list(temporary.glob("mixtape-demo-*/home-assistant.log")), demo, 60)
    wait_until(lambda: len(processes_of(temporary)) >= 5, demo, 30)
    demo.send_signal(number)
    demo.wait(30)
    deadline = time.monotonic() + 15
    while (left := processes_of(temporary)) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not left
    if number != signal.SIGKILL:
        assert not list(temporary.iterdir()), "something was left behind"


async def test_the_voice_speaks(socket_enabled: None) -> None:
    """The Wyoming server's own protocol, with a client of that protocol."""
    from wyoming.audio import AudioChunk, AudioStop
    from wyoming.client import AsyncTcpClient
    from wyoming.tts import Synthesize

    server = await asyncio.create_subprocess_exec(
        *(ROOT / ".venv/bin/python", "-c", VOICE_PROGRAM),
        env={**os.environ, "PYTHONPATH": str(ROOT / "scripts")},
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        port = int(await asyncio.wait_for(server.stdout.readline(), 20))
        async with asyncio.timeout(30), AsyncTcpClient("127.0.0.1", port) as client:
            await client.write_event(Synthesize(text="Your song is ready.").event())
            samples = b""
            while (event := await client.read_event()) is not None and not AudioStop.is_type(event.type):
                if AudioChunk.is_type(event.type):
                    samples += AudioChunk.from_event(event).audio
    finally:
        server.terminate()
        await server.wait()
    seconds = len(samples) / 2 / 22_050
    assert 0.8 < seconds < 4
    assert max(samples) > 0
