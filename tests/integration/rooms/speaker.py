"""A speaker with the habits and vices of real ones, on a simulated clock."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from homeassistant.components.media_player import (
    MediaPlayerEntity,
    MediaPlayerEntityFeature,
    MediaPlayerState,
)
from homeassistant.util import dt as dt_util

if TYPE_CHECKING:
    from collections.abc import Callable

Feature = MediaPlayerEntityFeature

MPD_FEATURES = (
    Feature.PAUSE
    | Feature.PLAY
    | Feature.STOP
    | Feature.SEEK
    | Feature.PLAY_MEDIA
    | Feature.VOLUME_SET
    | Feature.VOLUME_STEP
    | Feature.VOLUME_MUTE
)


class Device:
    """The box itself: what it plays, since when. Home Assistant only sees what ``Speaker`` reads of it."""

    def __init__(self, time: Callable[[], float]) -> None:
        self.time = time
        self.url: str | None = None
        self.length: float = 0.0
        self.lengths: dict[str, float] = {}
        """Length by a part of the URL; what it would learn by decoding."""
        self.position_at_start = 0.0
        self.started: float | None = None
        self.paused = False
        self.on = True
        self.frozen = False
        self.repeats = False

    def play(self, url: str, length: float | None = None) -> None:
        known = next((seconds for part, seconds in self.lengths.items() if part in url), 30.0)
        self.url, self.length = url, known if length is None else length
        self.position_at_start, self.started, self.paused = 0.0, self.time(), False

    @property
    def position(self) -> float:
        if self.started is None or self.frozen:
            return self.position_at_start
        return self.position_at_start + self.time() - self.started

    @property
    def state(self) -> str:
        if not self.on:
            return "off"
        if self.started is not None and self.position >= self.length:
            if self.repeats:
                self.play(self.url or "", self.length)
                return "playing"
            self.started, self.url = None, None
        if self.paused:
            return "paused"
        return "idle" if self.started is None else "playing"

    def pause(self) -> None:
        self.position_at_start, self.started, self.paused = self.position, None, True

    def resume(self) -> None:
        self.started, self.paused = self.time(), False

    def seek(self, position: float) -> None:
        self.position_at_start = position
        if self.started is not None:
            self.started = self.time()

    def stop(self) -> None:
        self.started, self.url, self.paused = None, None, False


class Speaker(MediaPlayerEntity):
    """Polled like MPD (a snapshot every 10 s, whole seconds) unless ``push``; each vice is an attribute."""

    _attr_has_entity_name = False
    _attr_supported_features = MPD_FEATURES

    def __init__(self, device: Device, name: str, *, push: bool = False) -> None:
        self.device = device
        self._attr_name = name
        self._attr_unique_id = name
        self._attr_should_poll = not push
        self._attr_volume_level = 0.4
        self._attr_is_volume_muted = False
        self.push = push
        self.latency = 0.2
        self.calls: list[tuple[str, Any]] = []
        # Vices.
        self.ignores_play = False
        self.ignores_commands = False
        self.raises: Exception | None = None
        self.plays_instead: str | None = None
        self.hides_content = False
        self.hides_position = False
        self.reports_once = False
        self.end_state: MediaPlayerState = MediaPlayerState.IDLE
        self.on_fetch: Callable[[str], None] | None = None

    async def async_added_to_hass(self) -> None:
        self._read()

    async def async_update(self) -> None:
        if not self.push:
            self._read()

    def tell(self) -> None:
        """A push speaker says that something changed."""
        self._read()
        self.async_write_ha_state()

    def _read(self) -> None:
        state = self.device.state
        self._attr_state = self.end_state if state == "idle" else MediaPlayerState(state)
        playing = state in ("playing", "paused")
        self._attr_media_content_id = self.device.url if playing and not self.hides_content else None
        self._attr_media_duration = int(self.device.length) if playing else None
        if self.hides_position or not playing:
            self._attr_media_position = None
        elif not (self.reports_once and self._attr_media_position is not None):
            self._attr_media_position = int(self.device.position)
            self._attr_media_position_updated_at = dt_util.utcnow()

    async def _obey(self, call: str, data: Any = None) -> bool:
        self.calls.append((call, data))
        await asyncio.sleep(self.latency)
        if self.raises is not None:
            raise self.raises
        return not self.ignores_commands

    def _after(self) -> None:
        if self.push:
            self.tell()

    async def async_play_media(self, media_type: str, media_id: str, **kwargs: Any) -> None:
        announce = kwargs.get("announce")
        obeyed = await self._obey("announce" if announce else "play_media", media_id)
        if self.ignores_play or not obeyed or announce:
            return
        self.device.on = True
        self._attr_media_position = None
        self.device.play(self.plays_instead or media_id)
        if self.on_fetch is not None:
            self.on_fetch(media_id)
        self._after()

    async def async_media_play(self) -> None:
        if await self._obey("media_play"):
            self.device.resume()
            self._after()

    async def async_media_pause(self) -> None:
        if await self._obey("media_pause"):
            self.device.pause()
            self._after()

    async def async_media_stop(self) -> None:
        if await self._obey("media_stop"):
            self.device.stop()
            self._after()

    async def async_media_seek(self, position: float) -> None:
        if await self._obey("media_seek", position):
            self.device.seek(position)
            self._after()

    async def async_turn_on(self) -> None:
        if await self._obey("turn_on"):
            self.device.on = True
            self._after()

    async def async_turn_off(self) -> None:
        if await self._obey("turn_off"):
            self.device.stop()
            self.device.on = False
            self._after()

    async def async_set_volume_level(self, volume: float) -> None:
        if await self._obey("volume_set", volume):
            self._attr_volume_level = volume
            self._after()

    async def async_mute_volume(self, mute: bool) -> None:
        if await self._obey("volume_mute", mute):
            self._attr_is_volume_muted = mute
            self._after()
