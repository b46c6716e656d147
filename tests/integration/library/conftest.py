"""A library in a folder of its own."""

import logging
from collections.abc import Iterator  # noqa: TC003  # pytest reads annotations
from pathlib import Path  # noqa: TC003  # pytest reads annotations

import pytest

from custom_components.mixtape.library import Library


@pytest.fixture(autouse=True)
def quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    """Home Assistant's test plugin has every statement logged, which takes most of the time here."""
    monkeypatch.setattr(logging.getLogger("sqlalchemy.engine"), "level", logging.WARNING)
    logging.getLogger("sqlalchemy.engine").manager._clear_cache()  # type: ignore[attr-defined]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "mixtape"


@pytest.fixture
def library(folder: Path) -> Iterator[Library]:
    opened = Library.open(folder)
    yield opened
    opened.close()
