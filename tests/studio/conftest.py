import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from studio_process import Studio


@pytest.fixture(scope="session")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    """One running studio for all tests that leave it as they found it."""
    running = Studio(tmp_path_factory.mktemp("studio") / "data").start().ready()
    yield running
    running.stop()


@pytest.fixture
def make_studio(tmp_path: Path) -> Iterator[Callable[..., Studio]]:
    """A studio of the test's own, not started; ended after the test whatever happened."""
    made: list[Studio] = []

    def make(**settings: object) -> Studio:
        made.append(Studio(tmp_path / f"data{len(made)}", **settings))
        return made[-1]

    yield make
    for studio in made:
        if studio.process is not None and studio.process.poll() is None:
            try:
                studio.stop()
            except subprocess.TimeoutExpired:
                studio.kill_all()
