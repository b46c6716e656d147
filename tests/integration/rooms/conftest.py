from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest
from homeassistant.components.media_player.const import DATA_COMPONENT
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.mixtape.const import DOMAIN
from custom_components.mixtape.http import _FETCHES, async_register_views
from custom_components.mixtape.library import Library
from custom_components.mixtape.rooms.player import RoomPlayer

from .clock import VirtualClock
from .songs import make_song
from .speaker import Device, Speaker

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

    from homeassistant.core import HomeAssistant

    from custom_components.mixtape.library import Song


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    library = Library.open(tmp_path / "mixtape")
    yield library
    library.close()


@pytest.fixture
async def clock(hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[VirtualClock]:
    await hass.async_block_till_done()
    clock = VirtualClock(hass.loop)
    clock.watch(hass.loop._default_executor)
    clock.watch(hass.import_executor)
    monkeypatch.setattr(dt_util, "utcnow", clock.utcnow)
    yield clock
    clock.restore()


@dataclass
class House:
    """A home with simulated speakers and one room."""

    hass: HomeAssistant
    clock: VirtualClock
    library: Library
    entry: MockConfigEntry
    speakers: list[Speaker] = field(default_factory=list)
    players: list[RoomPlayer] = field(default_factory=list)

    async def add_speaker(self, name: str = "one", *, push: bool = False, **vices: Any) -> Speaker:
        speaker = Speaker(Device(self.clock.time), name, push=push)
        if push:
            speaker.on_fetch = self.fetch
        for vice, value in vices.items():
            setattr(speaker, vice, value)
        await self.hass.data[DATA_COMPONENT].async_add_entities([speaker])
        self.speakers.append(speaker)
        return speaker

    def fetch(self, url: str) -> None:
        """What the audio view notes when a real speaker asks for the file."""
        self.hass.data[_FETCHES][url.split("/")[-2]] = self.clock.utcnow()

    async def add_songs(self, *names: str, duration: float = 30.0, **changes: Any) -> list[Song]:
        songs = [make_song(name, duration, **changes) for name in names]
        for song in songs:
            await self.hass.async_add_executor_job(self.library.add_song, song)
            for speaker in self.speakers:
                speaker.device.lengths[song.token] = song.duration
        return songs

    async def room(self, *speakers: Speaker, volume: float | None = None, name: str = "Living room") -> RoomPlayer:
        player = RoomPlayer(
            self.hass,
            self.entry,
            room_id="room1",
            name=name,
            speakers=[speaker.entity_id for speaker in speakers or self.speakers],
            library=self.library,
            volume=volume,
        )
        await player.async_start()
        self.players.append(player)
        return player

    async def pass_time(self, seconds: float) -> None:
        import asyncio

        await asyncio.sleep(seconds)


@pytest.fixture
async def house(hass: HomeAssistant, clock: VirtualClock, library: Library) -> AsyncIterator[House]:
    clock.real = True
    assert await async_setup_component(hass, "homeassistant", {})
    assert await async_setup_component(hass, "http", {})
    assert await async_setup_component(hass, "media_player", {})
    async_register_views(hass)
    hass.config.internal_url = "http://192.168.1.10:8123"
    entry = MockConfigEntry(domain=DOMAIN, unique_id="studio1", data={"url": "http://127.0.0.1:1", "token": "x"})
    entry.add_to_hass(hass)
    house = House(hass=hass, clock=clock, library=library, entry=entry)
    clock.real = False
    yield house
    for player in house.players:
        await player.async_stop_player()
    for speaker in house.speakers:
        if speaker.hass is not None and hass.states.get(speaker.entity_id):
            await speaker.async_remove()
