"""The event table as live streams: one poller for all listeners, each listener at its own place."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

import structlog

from mixtape_studio.contract import Event, EventType
from mixtape_studio.jobs.table import JobTable
from mixtape_studio.storage.database import ChangeWatch

log = structlog.get_logger()

POLL: Final = 0.02
RETRY: Final = 1.0
BATCH: Final = 200
REMEMBERED: Final = 200
"""Events held in memory; a listener further behind reads the table."""


@dataclass(frozen=True, slots=True)
class Beginning:
    place: int
    """The id of the last event that the listener has."""
    newest: int
    reset: bool
    """The place that was asked for is gone, or never was."""


class EventFeed:
    def __init__(self, table: JobTable, watch: ChangeWatch) -> None:
        self._table = table
        self._watch = watch
        self._recent: deque[tuple[str, Event]] = deque(maxlen=REMEMBERED)
        self._newest = 0
        self._listeners = 0
        self._news = asyncio.Event()
        self._poller: asyncio.Task[None] | None = None
        self.closing = False

    def close(self) -> None:
        """End every stream; may be called from a signal handler of the loop's thread."""
        self.closing = True
        self._wake()

    async def beginning(self, after: int | None) -> Beginning:
        """Where a listener begins that has had the event ``after``; without one it begins now.

        Known before the response starts: whoever then reads all jobs misses nothing in between.
        """
        low, high = await asyncio.to_thread(self._table.event_span)
        place = high if after is None else after
        gone = not low - 1 <= place <= high
        return Beginning(high if gone else place, high, gone)

    async def listen(self, home_id: str, beginning: Beginning) -> AsyncIterator[Event]:
        """Events of a home from there on, for ever; one ``RESET`` first where the place asked for is gone."""
        place = beginning.place
        if beginning.reset:
            yield Event(id=place, type=EventType.RESET, at=datetime.now(UTC))
        self._join(beginning.newest)
        try:
            while not self.closing:
                news = self._news
                events = await self._after(place)
                for owner, event in events:
                    place = event.id
                    if owner == home_id:
                        yield event
                if not events:
                    await news.wait()
        finally:
            self._leave()

    async def _after(self, place: int) -> list[tuple[str, Event]]:
        if place >= self._newest:
            return []
        if self._recent and self._recent[0][1].id <= place + 1:
            return [item for item in self._recent if item[1].id > place]
        return await asyncio.to_thread(self._table.events, place, BATCH)

    def _join(self, high: int) -> None:
        self._listeners += 1
        if self._poller is None:
            self._recent.clear()
            self._newest = high
            self._poller = asyncio.create_task(self._poll(), name="event feed")

    def _leave(self) -> None:
        self._listeners -= 1
        if self._listeners == 0 and self._poller is not None:
            self._poller.cancel()
            self._poller = None

    def _wake(self) -> None:
        self._news.set()
        self._news = asyncio.Event()

    async def _poll(self) -> None:
        behind = True  # an earlier poller may have seen the last change and left before it read
        while True:
            try:
                if self._watch.changed() or behind:
                    behind = True
                    await self._read()
                    behind = False
            except Exception as error:  # noqa: BLE001 - a task's edge: a full or busy disk passes, listeners wait
                log.warning("events.unread", error=str(error))
                await asyncio.sleep(RETRY)
            await asyncio.sleep(POLL)

    async def _read(self) -> None:
        while found := await asyncio.to_thread(self._table.events, self._newest, BATCH):
            self._recent.extend(found)
            self._newest = found[-1][1].id
            self._wake()
