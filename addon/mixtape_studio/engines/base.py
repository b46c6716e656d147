"""The seam between the studio and whatever makes music."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
import numpy.typing as npt

from mixtape_studio.contract import Capabilities, EngineStatus


class RenderCancelled(Exception):  # noqa: N818  # what was asked for is no error
    """Raised by an engine within one of its own steps after ``cancelled()`` turned true."""


class EngineError(Exception):
    """Rendering failed; the message is one sentence for a person."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderRequest:
    """A song with no gaps: see ``contract.Plan`` for the meaning of each field."""

    caption: str
    genre: str
    mood: str
    bpm: int
    key: str
    time_signature: str
    duration: float
    """Seconds; engines with ``exact_duration`` return exactly ``round(duration * sample_rate)`` samples."""
    instrumental: bool
    language: str
    lyrics: str | None
    seed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderedTake:
    samples: npt.NDArray[np.float32]
    """Shape (channels, samples), nominally within ±1."""
    sample_rate: int
    seed: int
    used: dict[str, str | int | float | bool] = field(default_factory=dict)
    """What was really used, where it differs from or adds to the request (style, form, instruments …)."""


class Engine(Protocol):
    """One module and one line in ``engines.REGISTRY``."""

    name: str
    label: str
    licence: str

    def capabilities(self) -> Capabilities: ...

    def status(self) -> EngineStatus: ...

    def load(self) -> None: ...

    def unload(self) -> None: ...

    def render(
        self,
        request: RenderRequest,
        on_progress: Callable[[float], None],
        cancelled: Callable[[], bool],
    ) -> list[RenderedTake]:
        """Make the music, blocking.

        ``on_progress`` gets 0..1 of the rendering, from the work really done.

        Raises:
            RenderCancelled: ``cancelled()`` turned true.
            EngineError: the music could not be made.
        """
        ...
