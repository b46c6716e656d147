"""The README's commands are the ones that run here."""

from __future__ import annotations

import os
import re
import shlex
import signal
import socket
import subprocess
import time
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()
COMMANDS = [
    line.strip()
    for block in re.findall(r"^ *```sh\n(.*?)^ *```", README, flags=re.DOTALL | re.MULTILINE)
    for line in block.splitlines()
    if line.strip()
]


def test_the_readme_shows_these_commands_and_no_others() -> None:
    """Each is run: the demo in tests/e2e, the tests by CI, the studio below."""
    assert [shlex.split(command)[0] for command in COMMANDS] == ["scripts/demo", "scripts/test", "scripts/studio"]
    for command in COMMANDS:
        assert os.access(ROOT / shlex.split(command)[0], os.X_OK)


def test_ci_runs_the_test_command_that_the_readme_names() -> None:
    assert COMMANDS[1] in (ROOT / ".ci" / "run").read_text()


def test_the_readme_is_short_and_its_links_lead_somewhere() -> None:
    assert len(README.splitlines()) < 150
    for target in re.findall(r"\]\((?!https?://)([^)#]+)\)", README):
        assert (ROOT / target).exists(), target


def test_the_example_wishes_are_understood() -> None:
    from custom_components.mixtape.words import parse

    rooms = {"living": ["living room"], "kitchen": ["kitchen"], "nursery": ["nursery"]}
    heard = [parse(wish, rooms=rooms) for wish in re.findall(r'^- "(.+)"$', README, flags=re.MULTILINE)]
    assert [(wish.genre, wish.room) for wish in heard] == [
        ("jazz", "living"),
        ("lullaby", "nursery"),
        (None, "kitchen"),
    ]
    assert (heard[2].bpm, heard[2].key, heard[2].duration, heard[2].instrumental) == (128, "F minor", 180, True)


@pytest.fixture
def studio_port(socket_enabled: None, tmp_path: Path) -> Iterator[int]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    environment = os.environ | {
        "MIXTAPE_DATA": str(tmp_path),
        "MIXTAPE_HOST": "127.0.0.1",
        "MIXTAPE_PORT": str(port),
        "MIXTAPE_ANNOUNCE": "false",
    }
    log = tmp_path / "log"
    with log.open("w") as output:
        process = subprocess.Popen(
            [ROOT / shlex.split(COMMANDS[2])[0]],
            env=environment,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            yield port
        finally:
            os.killpg(process.pid, signal.SIGTERM)
            process.wait(timeout=20)
    assert "mxt_" in log.read_text(), "the token is shown at the first start"


def test_the_studio_starts_as_the_readme_says(studio_port: int) -> None:
    deadline = time.monotonic() + 30
    while True:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{studio_port}/v1/health", timeout=5) as answer:
                assert answer.status == 200
                return
        except OSError:
            assert time.monotonic() < deadline, "the studio did not answer within 30 s"
            time.sleep(0.2)
