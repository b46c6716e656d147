"""Follows the speakers that play the current song: position, pause, end, and somebody else's music."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from homeassistant.core import callback
from homeassistant.util import dt as dt_util

from custom_components.mixtape.const import LOGGER

from .watch import NEAR_END, Verdict, judge, next_look

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from homeassistant.config_entries import ConfigEntry
    from homeassistant.core import HomeAssistant

    from .playback import Playback
    from .speakers import Expected, Reading

LOST_LIMIT: Final = 60.0
"""Seconds for which a speaker may be unavailable before the room no longer counts on it."""


@dataclass(slots=True)
class _Track:
    """One speaker's way through the song: ``position`` seconds at ``at``, moving on while it plays."""

    expected: Expected
    position: float
    at: datetime
    state: str = "playing"
    duration: float = 0.0
    lost_since: datetime | None = None

    def progress(self, now: datetime) -> float:
        return self.position + (max(0.0, (now - self.at).total_seconds()) if self.state == "playing" else 0.0)

    def take(self, reading: Reading, now: datetime) -> None:
        """The speaker's own report replaces what was drawn on."""
        state = reading.state or self.state
        if reading.position is None:
            if state != self.state:
                self.position, self.at = self.progress(now), now
        elif state == "playing":
            # Without its own time a position counts from when it was first seen.
            if reading.updated_at or reading.position != self.position or state != self.state:
                self.position, self.at = reading.position, reading.updated_at or now
        elif (state, reading.position) != (self.state, self.position):
            self.position, self.at = reading.position, now
        self.state = state
        self.duration = reading.duration or self.expected.duration


class Follower:
    """Its first active speaker leads: that one's end is the song's end."""

    def __init__(
        self,
        hass: HomeAssistant,
        entry: ConfigEntry[Any],
        playback: Playback,
        on_news: Callable[[str | None], None],
        on_ended: Callable[[], None],
    ) -> None:
        self._hass = hass
        self._entry = entry
        self._playback = playback
        self._on_news = on_news
        self._on_ended = on_ended
        self._tracks: dict[str, _Track] = {}
        self._task: asyncio.Task[None] | None = None
        self._wake = asyncio.Event()
        self.deaf = False
        """During an announcement what the speakers say is not about the song."""

    @property
    def active(self) -> tuple[str, ...]:
        return tuple(self._tracks)

    @property
    def _leader(self) -> _Track | None:
        heard = (track for track in self._tracks.values() if track.lost_since is None)
        return next(heard, None) or next(iter(self._tracks.values()), None)

    @property
    def position(self) -> float | None:
        return self._leader.position if self._leader else None

    @property
    def position_updated_at(self) -> datetime | None:
        return self._leader.at if self._leader else None

    def progress(self) -> float | None:
        """Seconds, drawn on to now."""
        return self._leader.progress(dt_util.utcnow()) if self._leader else None

    @callback
    def follow(self, entity_id: str, expected: Expected) -> None:
        now = dt_util.utcnow()
        track = _Track(expected=expected, position=0.0, at=now, duration=expected.duration)
        track.take(self._playback.read(entity_id), now)
        self._tracks[entity_id] = track
        if self._task is None or self._task.done():
            self._task = self._entry.async_create_background_task(self._hass, self._async_run(), "mixtape follow")

    @callback
    def stop(self) -> None:
        self._tracks.clear()
        if self._task is not None:
            self._task.cancel()
            self._task = None

    @callback
    def look_now(self) -> None:
        self._wake.set()

    async def _async_run(self) -> None:
        while self._tracks:
            delay = self._delay()
            try:
                async with asyncio.timeout(delay):
                    await self._wake.wait()
            except TimeoutError:
                await asyncio.gather(*(self._playback.async_refresh(entity_id) for entity_id in self._tracks))
            self._wake.clear()
            if not self.deaf and self._look():
                return

    def _delay(self) -> float:
        now = dt_util.utcnow()
        leader = self._leader
        if leader is None or self.deaf:
            return 1.0
        if leader.lost_since is not None:
            return 2.0
        # A paused speaker changes when somebody presses a button: it may be asked calmly.
        return next_look(leader.duration - leader.progress(now)) if leader.state == "playing" else NEAR_END

    def _look(self) -> bool:
        """Judge every speaker; true when following is over."""
        now = dt_util.utcnow()
        leader = self._leader
        for entity_id, track in tuple(self._tracks.items()):
            reading = self._playback.read(entity_id)
            verdict = judge(reading, track.expected, track.progress(now), track.duration)
            if verdict is Verdict.ENDED:
                if track is leader:
                    self._on_ended()
                    return True
            elif verdict is Verdict.LOST:
                track.lost_since = track.lost_since or now
                if reading.missing or (now - track.lost_since).total_seconds() > LOST_LIMIT:
                    LOGGER.warning("%s went away while it played", entity_id)
                    del self._tracks[entity_id]
            elif verdict in (Verdict.STOPPED, Verdict.TAKEN):
                LOGGER.debug("%s: %s by somebody", entity_id, verdict)
                del self._tracks[entity_id]
            else:
                track.lost_since = None
                track.take(reading, now)
        self._tell()
        return not self._tracks

    def _tell(self) -> None:
        leader = self._leader
        if leader is None:
            self._on_news(None)
        elif leader.lost_since is not None:
            self._on_news("buffering")
        else:
            self._on_news(leader.state)
