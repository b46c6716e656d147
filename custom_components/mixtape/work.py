"""What is being made for a room, as a person sees it. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from .client import Job, JobState, Step
from .const import WORK_STEPS
from .coordinator import RoomWork

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .library import Wish

IDLE: Final = "idle"
WAITING: Final = "waiting"
QUEUED: Final = "queued"
FETCH: Final = "fetch"

LOUD_FOR: Final = timedelta(hours=1)
"""A song that comes later than this after its wish is kept, but does not start to play by itself."""


def work_of(wishes: Iterable[tuple[Job | None, bool]]) -> RoomWork:
    """The furthest of a room's unfinished wishes: the job where known, and whether it is being fetched."""
    return max((_work(*wish) for wish in wishes), key=lambda work: WORK_STEPS.index(work.step), default=RoomWork())


def _work(job: Job | None, fetching: bool) -> RoomWork:
    if fetching:
        return RoomWork(FETCH, 100)
    if job is None:
        return RoomWork(WAITING, 0)
    if job.state is JobState.RUNNING and job.step not in (None, Step.UNKNOWN):
        return RoomWork(job.step.value, int(job.progress * 100))
    return RoomWork(QUEUED, int(job.progress * 100))


def may_be_loud(wish: Wish, now: datetime) -> bool:
    """Whether a song may still start to play: nobody expects it in the night after the studio was away."""
    return now - wish.created_at <= LOUD_FOR
