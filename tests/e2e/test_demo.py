"""The whole thing as a person starts it: real Home Assistant, real studio, real players."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SENTENCE = "create a relaxing jazz song for the living room, thirty seconds"

sys.path.insert(0, str(ROOT / "scripts"))


def _demo_processes(marker: str) -> list[str]:
    """Command lines of the processes that a demo started in a folder named in ``marker``."""
    found = []
    for process in Path("/proc").iterdir():
        if process.name.isdigit():
            try:
                words = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
                surroundings = (process / "environ").read_bytes().decode(errors="replace")
            except OSError:
                continue
            if marker in words or marker in surroundings:
                found.append(words)
    return found


@pytest.fixture
def start_demo(tmp_path: Path):
    """Starts ``scripts/demo`` in a folder of its own; ends it when the test forgot to."""
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    started: list[subprocess.Popen[str]] = []

    def start(*arguments: str) -> subprocess.Popen[str]:
        demo = subprocess.Popen(
            [ROOT / "scripts/demo", *arguments, "--silent"],
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


def test_a_wish_becomes_a_song_on_a_real_speaker(start_demo, tmp_path: Path) -> None:
    began = time.monotonic()
    demo = start_demo(SENTENCE, "--report", "report.json")
    output, _ = demo.communicate(timeout=120)
    assert demo.returncode == 0, output
    assert time.monotonic() - began < 90

    report = json.loads((tmp_path / "report.json").read_text())
    assert report["sentence"] == SENTENCE
    assert report["heard"]["genre"] == "jazz"
    assert report["heard"]["mood"] == "relaxing"
    assert report["heard"]["duration"] == 30
    assert report["heard"]["room"] == "Living Room"

    song = report["song"]
    assert song["title"] in output
    assert Path(song["path"]) == tmp_path / "mixtape-demo.mp3"
    # MP3 adds at most a frame or two of padding.
    assert song["seconds"] == pytest.approx(30, abs=0.1)
    assert song["lufs"] == pytest.approx(-14, abs=0.5)
    assert song["true_peak"] <= -0.3
    assert song["engine"] == "composer"
    assert isinstance(song["seed"], int)

    player = report["player"]
    assert player["state"] == "playing"
    assert player["position"] >= 2
    assert "/api/mixtape/audio/" in player["media"]
    assert player["entity_id"].startswith("media_player.living_room")

    # How fast is the benchmarks' business; that the times are real is checked here.
    assert 0 < report["seconds"]["ack"] < report["seconds"]["sound"] < report["seconds"]["total"]
    assert "Built-in composer" in output
    assert not _demo_processes(str(tmp_path / "temporary")), "something keeps running"
    assert not list((tmp_path / "temporary").iterdir()), "something was left behind"


def test_ctrl_c_ends_everything(start_demo, tmp_path: Path) -> None:
    demo = start_demo("--keep")
    temporary = tmp_path / "temporary"
    deadline = time.monotonic() + 60
    # Interrupted in the middle: Home Assistant is starting.
    while not list(temporary.glob("mixtape-demo-*/home-assistant.log")):
        assert demo.poll() is None, demo.stdout.read()
        assert time.monotonic() < deadline
        time.sleep(0.1)
    time.sleep(1)
    assert _demo_processes(str(temporary))
    demo.send_signal(signal.SIGINT)
    demo.wait(30)
    assert not _demo_processes(str(temporary)), "something keeps running"
    assert not list(temporary.iterdir()), "something was left behind"


async def test_the_speaker_says_itself_what_it_plays(tmp_path: Path, socket_enabled) -> None:
    """MPD's own status, asked before and after: our URL, and time that passes."""
    from demo_home.stage import stage
    from demo_home.wish import follow_mixtape, speak, wait_until_it_plays

    async with stage(tmp_path, silent=True) as scene:
        course = await follow_mixtape(scene.home.api, scene.rooms, lambda *_: None)
        started = time.monotonic()
        await speak(scene.home.api, "make a calm ten second lullaby for the nursery")
        await wait_until_it_plays(scene, course, started)
        speaker = scene.speakers["Nursery"]
        first = await speaker.status()
        await asyncio.sleep(1)
        second = await speaker.status()
        assert first.state == second.state == "play"
        assert first.media == second.media
        assert first.media.startswith(f"{scene.home.url}/api/mixtape/audio/")
        assert second.position - first.position == pytest.approx(1, abs=0.5)
        assert course.announced_from is not None, "the song was not announced by voice"
        assert [name for name, one in scene.speakers.items() if (await one.status()).state == "play"] == ["Nursery"]
