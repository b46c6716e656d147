"""What a room remembers over a restart of Home Assistant: its queue, and how far the song was."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from homeassistant.const import EVENT_HOMEASSISTANT_STOP
from homeassistant.core import callback
from homeassistant.helpers.storage import Store
from homeassistant.util import dt as dt_util

from custom_components.mixtape.const import DOMAIN

from .queue import Queue

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from homeassistant.core import CALLBACK_TYPE, Event, HomeAssistant

VERSION: Final = 1
SAVE_DELAY: Final = 1.0


class RoomState(StrEnum):
    IDLE = "idle"
    BUFFERING = "buffering"
    """Asked, not yet seen playing."""
    PLAYING = "playing"
    PAUSED = "paused"


@dataclass(frozen=True, slots=True)
class Remembered:
    """``position``: seconds into the queue's current song at the time ``at``, 0.0 at its beginning."""

    queue: Queue
    state: str
    position: float
    at: datetime | None = None


class Memory:
    def __init__(self, hass: HomeAssistant, room_id: str, now: Callable[[], Remembered]) -> None:
        self._hass = hass
        self._store: Store[dict[str, Any]] = Store(hass, VERSION, f"{DOMAIN}.queue.{room_id}")
        self._now = now
        self._unsubscribe: CALLBACK_TYPE | None = None
        self._closed = False

    async def async_recall(self) -> Remembered:
        """Damaged data are read as far as they go."""
        self._unsubscribe = self._hass.bus.async_listen_once(EVENT_HOMEASSISTANT_STOP, self._on_stop)
        data = await self._store.async_load()
        data = data if isinstance(data, dict) else {}
        position = data.get("position")
        at = dt_util.parse_datetime(str(data.get("at")))
        return Remembered(
            queue=Queue.from_dict(data.get("queue")),
            state=str(data.get("state")),
            position=float(position) if isinstance(position, int | float) and position > 0 else 0.0,
            at=at if at is not None and at.tzinfo is not None else None,
        )

    @callback
    def changed(self) -> None:
        """Write soon; at the latest when Home Assistant stops."""
        # A late write would undo what the room's next player has stored meanwhile.
        if not self._closed:
            self._store.async_delay_save(self._data, SAVE_DELAY)

    async def async_write(self) -> None:
        """Write now, and for the last time."""
        self._closed = True
        if self._unsubscribe is not None:
            self._unsubscribe()
            self._unsubscribe = None
        await self._store.async_save(self._data())

    async def async_forget(self) -> None:
        await self._store.async_remove()

    @callback
    def _on_stop(self, _: Event) -> None:
        # Home Assistant's final write takes what is due then.
        self._unsubscribe = None
        self.changed()

    @callback
    def _data(self) -> dict[str, Any]:
        now, at = self._now(), dt_util.utcnow().isoformat()
        return {"queue": now.queue.to_dict(), "state": now.state, "position": now.position, "at": at}
