"""The main job inside Home Assistant: a wish, the real studio, a song in the library, a speaker that plays."""

from __future__ import annotations

import asyncio
import hashlib
from typing import TYPE_CHECKING, Any

import pytest
from homeassistant.components import conversation
from homeassistant.core import Context
from homeassistant.helpers import device_registry as dr
from pytest_homeassistant_custom_component.common import MockConfigEntry, async_capture_events

from custom_components.mixtape.const import DOMAIN, EVENT_SONG_READY
from custom_components.mixtape.library import WishState
from tests.integration.conftest import eventually

if TYPE_CHECKING:
    from homeassistant.core import HomeAssistant

    from tests.integration.conftest import Home
    from tests.studio_process import StudioProcess

LONG = 90.0
"""Seconds: the studio's first job waits for its worker, and the machine may be busy."""


async def quick(hass: HomeAssistant, text: str, **data: Any) -> Any:
    return await hass.services.async_call(
        DOMAIN, "quick_song", {"text": text, **data}, blocking=True, return_response=True
    )


async def test_a_wish_becomes_a_song_on_the_rooms_speaker(
    hass: HomeAssistant, home: Home, studio: StudioProcess
) -> None:
    entry = await home.set_up(studio.url, studio.token)
    await eventually(lambda: entry.runtime_data.studio.connected, LONG)
    ready = async_capture_events(hass, EVENT_SONG_READY)
    response = await quick(hass, "a relaxing jazz song for the living room, 12 seconds", wait=True)

    assert response["room"] == "Living Room"
    assert response["heard"] == {"genre": "jazz", "mood": "relaxing", "duration": 12.0, "language": "en"}
    assert response["playing"]
    assert response["playback_error"] is None
    song = response["song"]
    assert (song["genre"], song["mood"], song["engine_label"]) == ("jazz", "relaxing", "Built-in composer")
    assert song["duration"] == pytest.approx(12, abs=0.05)
    assert song["lufs"] == pytest.approx(-14, abs=0.5)
    assert [event.data["song_id"] for event in ready] == [response["song_id"]]

    speaker = home.speakers["Living Room"]
    assert speaker.device.state == "playing"
    assert song["urls"]["mp3"] in speaker.device.url
    player = hass.states.get("media_player.living_room")
    assert (player.state, player.attributes["media_title"]) == ("playing", song["title"])

    data = entry.runtime_data
    await eventually(lambda: data.library.wish(response["job_id"]).state is WishState.DONE, LONG)
    kept = data.library.song(response["song_id"])
    assert {file.audio_format for file in kept.files} == {"flac", "mp3"}
    for file in kept.files:
        content = data.library.audio.path(file.name).read_bytes()
        assert hashlib.sha256(content).hexdigest() == file.sha256
    assert data.library.audio.path(kept.cover).read_bytes().startswith(b"\xff\xd8")
    assert [song.id for song in data.library.mixtape(home.room_id(entry, "Living Room"))] == [kept.id]


async def test_a_spoken_wish_is_answered_at_once_and_comes_to_where_it_was_spoken(
    hass: HomeAssistant, home: Home, studio: StudioProcess
) -> None:
    entry = await home.set_up(studio.url, studio.token)
    await eventually(lambda: entry.runtime_data.studio.connected, LONG)
    satellite = MockConfigEntry(domain="satellite")
    satellite.add_to_hass(hass)
    device = dr.async_get(hass).async_get_or_create(config_entry_id=satellite.entry_id, identifiers={("s", "1")})
    dr.async_get(hass).async_update_device(device.id, area_id=home.area_ids["Kitchen"])

    loop = asyncio.get_running_loop()
    before = loop.time()
    result = await conversation.async_converse(
        hass, "Create a relaxing pop song, 10 seconds long", None, Context(), language="en", device_id=device.id
    )
    took = loop.time() - before
    speech = result.response.speech["plain"]["speech"]
    assert speech == "I'm making a relaxing pop song for the kitchen."
    # A generous limit; benchmarks/main_job.py measures it.
    assert took < 5
    await eventually(lambda: hass.states.get("media_player.kitchen").state == "playing", LONG)
    (wish,) = await hass.async_add_executor_job(entry.runtime_data.library.wishes)
    assert wish.priority == "voice"
    assert wish.device_id == device.id


async def test_a_wish_survives_a_studio_that_is_killed(hass: HomeAssistant, home: Home, studio: StudioProcess) -> None:
    entry = await home.set_up(studio.url, studio.token)
    await eventually(lambda: entry.runtime_data.studio.connected, LONG)
    studio.kill()
    await eventually(lambda: not entry.runtime_data.studio.connected)
    assert hass.states.get("binary_sensor.mixtape_studio_connection").state == "off"
    assert hass.states.get("sensor.mixtape_studio_engine").state == "unavailable"
    response = await quick(hass, "an energetic electronic track for the bedroom, 10 seconds")
    assert not response["studio_connected"]
    assert hass.states.get("sensor.bedroom_current_step").state == "waiting"

    await hass.async_add_executor_job(studio.start)
    await eventually(lambda: hass.states.get("media_player.bedroom").state == "playing", LONG)
    assert hass.states.get("binary_sensor.mixtape_studio_connection").state == "on"
