"""The room on a real MPD, through Home Assistant's own integration, on the real clock."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

import pytest
from homeassistant.components.tts.const import DATA_COMPONENT as TTS
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.entity_component import async_update_entity
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.mixtape.const import DOMAIN
from custom_components.mixtape.rooms import playback
from custom_components.mixtape.rooms.errors import PlaybackCode, PlaybackError
from custom_components.mixtape.rooms.player import RoomPlayer, RoomState
from custom_components.mixtape.rooms.watch import Evidence
from tests.integration.conftest import eventually

from .mpd import Mpd, running_mpd
from .songs import make_song, write_tone
from .test_announce import Voice

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

    from aiohttp.test_utils import TestServer
    from homeassistant.core import HomeAssistant

    from custom_components.mixtape.library import Library, Song

LOGGER = logging.getLogger(__name__)

SECONDS = 6.0


@pytest.fixture
async def mpd(hass: HomeAssistant, socket_enabled: None, tmp_path: Path) -> AsyncIterator[Mpd]:
    hass.config.config_dir = str(tmp_path)
    hass.config.media_dirs = {"local": str(tmp_path)}
    async with running_mpd(tmp_path / "mpd") as mpd:
        yield mpd


@pytest.fixture
async def speaker(hass: HomeAssistant, mpd: Mpd) -> str:
    result = await hass.config_entries.flow.async_init(
        "mpd", context={"source": "user"}, data={"host": "127.0.0.1", "port": mpd.port}
    )
    assert result["type"] == "create_entry", result
    await hass.async_block_till_done()
    (entity,) = er.async_entries_for_config_entry(er.async_get(hass), result["result"].entry_id)
    return entity.entity_id


@pytest.fixture
async def player(
    hass: HomeAssistant,
    speaker: str,
    library: Library,
    aiohttp_server: Callable[..., TestServer],
) -> AsyncIterator[RoomPlayer]:
    entry = await serve(hass, library, aiohttp_server)
    player = RoomPlayer(
        hass, entry, room_id="room1", name="Living room", speakers=[speaker], library=library, volume=0.5
    )
    await player.async_start()
    yield player
    await player.async_stop_player()


async def serve(hass: HomeAssistant, library: Library, aiohttp_server: Callable[..., TestServer]) -> MockConfigEntry:
    """Home Assistant's own application on a loopback port, with our view."""
    from types import SimpleNamespace

    from homeassistant.config_entries import ConfigEntryState

    from custom_components.mixtape.http import async_register_views

    # All that registers addresses, before the server freezes them.
    for component in ("http", "media_source", "tts"):
        assert await async_setup_component(hass, component, {})
    async_register_views(hass)
    server = await aiohttp_server(hass.http.app)
    hass.config.internal_url = f"http://127.0.0.1:{server.port}"
    entry = MockConfigEntry(domain=DOMAIN, unique_id="studio1")
    entry.add_to_hass(hass)
    entry.runtime_data = SimpleNamespace(library=library)
    entry.mock_state(hass, ConfigEntryState.LOADED)
    return entry


async def add(hass: HomeAssistant, library: Library, name: str, suffix: str, seconds: float = SECONDS) -> Song:
    song = make_song(name, seconds, formats=(suffix,))
    await hass.async_add_executor_job(write_tone, library.audio.path(f"{name}.{suffix}"), seconds)
    await hass.async_add_executor_job(library.add_song, song)
    return song


async def test_mpd_plays_our_address_and_goes_on_to_the_next_song(
    hass: HomeAssistant, mpd: Mpd, player: RoomPlayer, library: Library
) -> None:
    first, second = await add(hass, library, "first", "flac"), await add(hass, library, "second", "mp3")
    report = await player.async_play_songs([first.id, second.id])
    (start,) = report.playing
    assert start.evidence is Evidence.POSITION
    LOGGER.info("from play to verified: %.2f s", start.seconds)

    status = await mpd.status()
    assert status["state"] == "play"
    assert first.token in status["file"]
    assert float(status["elapsed"]) > 0.5
    assert player.state is RoomState.PLAYING

    await player.async_pause()
    assert (await mpd.status())["state"] == "pause"
    await player.async_play()
    await player.async_seek(4.0)
    assert float((await mpd.status())["elapsed"]) >= 3.9

    silent_since = None
    async with asyncio.timeout(20):
        while second.token not in (status := await mpd.status()).get("file", ""):
            if status["state"] == "stop" and silent_since is None:
                silent_since = hass.loop.time()
            await asyncio.sleep(0.05)
    gap = hass.loop.time() - (silent_since or hass.loop.time())
    LOGGER.info("between the songs: %.2f s", gap)
    async with asyncio.timeout(10):
        while player.state is not RoomState.PLAYING:
            await asyncio.sleep(0.05)
    before = float((await mpd.status())["elapsed"])
    await asyncio.sleep(0.5)
    assert float((await mpd.status())["elapsed"]) > before
    assert player.song == second
    await player.async_stop()
    assert (await mpd.status())["state"] == "stop"
    assert player.state is RoomState.IDLE


async def test_mpd_speaks_and_goes_on_with_the_song(
    hass: HomeAssistant, mpd: Mpd, player: RoomPlayer, library: Library
) -> None:
    await hass.data[TTS].async_add_entities([Voice()])
    song = await add(hass, library, "song", "flac", 30.0)
    await player.async_play_song(song)
    await player.async_seek(10.0)
    announcement = hass.async_create_task(player.async_announce("Your song is ready"))
    async with asyncio.timeout(10):
        while "tts_proxy" not in (await mpd.status()).get("file", ""):
            await asyncio.sleep(0.05)
    assert await announcement
    status = await mpd.status()
    assert status["state"] == "play"
    assert song.token in status["file"]
    assert float(status["elapsed"]) > 9.0


async def test_a_file_and_an_mpd_that_are_gone(
    hass: HomeAssistant, mpd: Mpd, player: RoomPlayer, library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    song = await add(hass, library, "song", "flac")
    library.audio.path("song.flac").unlink()
    monkeypatch.setattr(playback, "START_LIMIT", 5.0)
    with pytest.raises(PlaybackError) as caught:
        await player.async_play_song(song)
    assert caught.value.code is PlaybackCode.NOT_STARTED
    assert player.state is RoomState.IDLE
    assert player.queue.current

    await add(hass, library, "song", "flac", 30.0)
    await player.async_play()
    assert player.state is RoomState.PLAYING
    await mpd.end()
    await async_update_entity(hass, player.speakers[0])
    await eventually(lambda: not player.available and player.state is RoomState.BUFFERING)
    with pytest.raises(PlaybackError) as caught:
        await player.async_jump(0)
    assert caught.value.code is PlaybackCode.SPEAKER_UNAVAILABLE
    assert player.state is RoomState.IDLE
