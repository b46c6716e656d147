"""The room's entity in the whole integration, driven by Home Assistant's own actions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from homeassistant.components.media_player import MediaPlayerEntityFeature
from homeassistant.components.media_player.const import DATA_COMPONENT
from homeassistant.config_entries import ConfigSubentryData
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers import entity_registry as er
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.mixtape.const import DOMAIN

from .songs import make_song
from .speaker import Device, Speaker

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

    from homeassistant.core import HomeAssistant, State

    from custom_components.mixtape.library import Library

    from .clock import VirtualClock

COVER = b"\xff\xd8\xff\xe0" + bytes(200)


class Home:
    def __init__(self, hass: HomeAssistant, entry: MockConfigEntry, speaker: Speaker) -> None:
        self.hass = hass
        self.entry = entry
        self.speaker = speaker
        (self.room_id,) = entry.subentries
        entity_id = er.async_get(hass).async_get_entity_id("media_player", DOMAIN, self.room_id)
        assert entity_id
        self.entity_id = entity_id

    @property
    def state(self) -> State:
        state = self.hass.states.get(self.entity_id)
        assert state
        return state

    @property
    def library(self) -> Library:
        return self.entry.runtime_data.library

    async def call(self, action: str, **data: Any) -> Any:
        return await self.hass.services.async_call(
            "media_player", action, {"entity_id": self.entity_id, **data}, blocking=True
        )

    async def play(self, media_id: str, **data: Any) -> None:
        await self.call("play_media", media_content_type="music", media_content_id=media_id, **data)


@pytest.fixture
async def home(
    hass: HomeAssistant,
    clock: VirtualClock,
    enable_custom_integrations: None,
    socket_enabled: None,
    tmp_path: Path,
) -> AsyncIterator[Home]:
    clock.real = True
    hass.config.config_dir = str(tmp_path)
    hass.config.internal_url = "http://192.168.1.10:8123"
    for domain in ("homeassistant", "http", "media_source", "media_player"):
        assert await async_setup_component(hass, domain, {})
    speaker = Speaker(Device(clock.time), "kitchen_speaker")
    await hass.data[DATA_COMPONENT].async_add_entities([speaker])
    entry = MockConfigEntry(
        domain=DOMAIN,
        unique_id="studio1",
        data={"url": "http://127.0.0.1:9", "token": "mxt_x"},
        subentries_data=[
            ConfigSubentryData(
                data={"area_id": None, "speakers": [speaker.entity_id], "genre": None, "mood": None, "volume": None},
                subentry_type="room",
                title="Kitchen",
                unique_id=None,
            )
        ],
    )
    entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    home = Home(hass, entry, speaker)
    for name in "abc":
        song = make_song(name, 60.0, cover=f"{name}.jpg" if name == "a" else None)
        speaker.device.lengths[song.token] = song.duration
        await hass.async_add_executor_job(home.library.add_song, song)
        await hass.async_add_executor_job(home.library.add_to_mixtape, home.room_id, song.id)
    (home.library.audio.folder / "a.jpg").write_bytes(COVER)
    clock.real = False
    yield home
    clock.real = True
    await hass.config_entries.async_unload(entry.entry_id)
    await hass.async_block_till_done()


async def test_a_quiet_room(home: Home) -> None:
    assert home.entity_id == "media_player.kitchen"
    assert home.state.state == "idle"
    features = MediaPlayerEntityFeature(home.state.attributes["supported_features"])
    for feature in MediaPlayerEntityFeature:
        expected = feature.name not in {"TURN_ON", "TURN_OFF", "SELECT_SOURCE", "SELECT_SOUND_MODE", "GROUPING"}
        assert (feature in features) is expected, feature
    assert home.state.attributes["queue_length"] == 0
    assert home.state.attributes["song_id"] is None
    assert "entity_picture" not in home.state.attributes


async def test_playing_shows_the_song(home: Home, hass_client: Callable[..., Any]) -> None:
    await home.play("a")
    shown = home.state
    assert shown.state == "playing"
    assert shown.attributes["media_title"] == "The a song"
    assert shown.attributes["media_artist"] == "Our home · Built-in composer"
    assert shown.attributes["media_duration"] == 60
    assert shown.attributes["media_content_id"] == "media-source://mixtape/song/a"
    assert shown.attributes["song_id"] == "a"
    assert shown.attributes["engine"] == "Built-in composer"
    # The token lets anybody listen: no part of it is for the state machine.
    assert not any(make_song("a").token[:6] in str(value) for value in shown.attributes.values())
    assert (shown.attributes["queue_position"], shown.attributes["queue_length"]) == (1, 1)
    assert shown.attributes["playing_on"] == [home.speaker.entity_id]
    assert shown.attributes["media_position"] >= 1
    assert (
        shown.attributes["media_position_updated_at"]
        == home.hass.states.get(home.speaker.entity_id).attributes["media_position_updated_at"]
    )
    client = await hass_client()
    response = await client.get(shown.attributes["entity_picture"])
    assert response.status == 200
    assert await response.read() == COVER
    (home.library.audio.folder / "a.jpg").unlink()
    assert (await client.get(shown.attributes["entity_picture"])).status == 404
    await home.play("b")
    assert (await client.get(shown.attributes["entity_picture"])).status == 404


@pytest.mark.parametrize(
    ("media_id", "songs"),
    [
        ("a", ["a"]),
        ("media-source://mixtape/song/b", ["b"]),
        ("mixtape", ["a", "b", "c"]),
        ("media-source://mixtape/room/{room_id}", ["a", "b", "c"]),
        ("{room_id}", ["a", "b", "c"]),
    ],
)
async def test_media_ids(home: Home, media_id: str, songs: list[str]) -> None:
    await home.play(media_id.format(room_id=home.room_id))
    player = home.entry.runtime_data.rooms[home.room_id]
    assert [item.song_id for item in player.queue.items] == songs
    assert home.state.state == "playing"


@pytest.mark.parametrize("media_id", ["gone", "media-source://mixtape/room/gone", "http://radio.example/x.mp3"])
async def test_unknown_media(home: Home, media_id: str) -> None:
    with pytest.raises(ServiceValidationError) as caught:
        await home.play(media_id)
    assert caught.value.translation_key == "unknown_media"
    assert media_id in str(caught.value)


async def test_every_action(home: Home) -> None:
    await home.play("a")
    await home.play("b", enqueue="add")
    await home.play("c", enqueue="next")
    assert home.state.attributes["queue_length"] == 3
    await home.call("media_next_track")
    assert home.state.attributes["song_id"] == "c"
    await home.call("media_previous_track")
    assert home.state.attributes["song_id"] == "a"
    await home.call("media_pause")
    assert home.state.state == "paused"
    await home.call("media_play")
    assert home.state.state == "playing"
    await home.call("media_seek", seek_position=30)
    await home.call("volume_set", volume_level=0.3)
    assert home.state.attributes["volume_level"] == 0.3
    await home.call("volume_up")
    await home.call("volume_down")
    await home.call("volume_mute", is_volume_muted=True)
    assert home.state.attributes["is_volume_muted"]
    await home.call("shuffle_set", shuffle=True)
    assert home.state.attributes["shuffle"]
    await home.call("repeat_set", repeat="all")
    assert home.state.attributes["repeat"] == "all"
    await home.call("media_stop")
    assert home.state.state == "idle"
    assert home.state.attributes["queue_length"] == 3
    await home.play("b", enqueue="replace")
    assert home.state.attributes["queue_length"] == 1
    await home.call("clear_playlist")
    assert home.state.attributes["queue_length"] == 0


async def test_an_announcement_of_anything(home: Home) -> None:
    home.speaker.device.lengths["chime"] = 2.0
    await home.play("http://chimes.example/chime.mp3", announce=True)
    assert home.speaker.calls[-1] == ("play_media", "http://chimes.example/chime.mp3")
    assert home.state.state == "idle"


async def test_browsing_and_searching(home: Home, hass_ws_client: Callable[..., Any], clock: VirtualClock) -> None:
    clock.real = True
    client = await hass_ws_client()
    await client.send_json_auto_id({"type": "media_player/browse_media", "entity_id": home.entity_id})
    top = (await client.receive_json())["result"]
    room = next(child for child in top["children"] if child["title"] == "Kitchen")
    await client.send_json_auto_id(
        {
            "type": "media_player/browse_media",
            "entity_id": home.entity_id,
            "media_content_id": room["media_content_id"],
            "media_content_type": room["media_content_type"],
        }
    )
    songs = (await client.receive_json())["result"]["children"]
    assert sorted(song["title"] for song in songs) == [f"The {name} song · Built-in composer" for name in "abc"]
    await client.send_json_auto_id(
        {"type": "media_player/search_media", "entity_id": home.entity_id, "search_query": "The b"}
    )
    (found,) = (await client.receive_json())["result"]["result"]
    await home.play(found["media_content_id"])
    assert home.state.attributes["song_id"] == "b"
    home.library.close()
    await client.send_json_auto_id(
        {
            "type": "media_player/search_media",
            "entity_id": home.entity_id,
            "search_query": "x",
            "media_content_id": "media-source://mixtape/nonsense/1",
            "media_content_type": "music",
        }
    )
    assert not (await client.receive_json())["success"]


async def test_errors_are_readable(home: Home) -> None:
    home.speaker.ignores_play = True
    with pytest.raises(HomeAssistantError) as caught:
        await home.play("a")
    assert caught.value.translation_domain == DOMAIN
    from homeassistant.helpers.translation import async_get_exception_message

    text = async_get_exception_message(DOMAIN, caught.value.translation_key, caught.value.translation_placeholders)
    assert text.startswith("The speaker kitchen_speaker accepted the song but did not begin")


async def test_a_library_that_fails(home: Home) -> None:
    home.library.close()
    with pytest.raises(HomeAssistantError) as caught:
        await home.play("a")
    assert (caught.value.translation_domain, caught.value.translation_key) == (DOMAIN, "library_error")


async def test_away_only_when_every_speaker_is(home: Home) -> None:
    home.speaker._attr_available = False
    home.speaker.async_write_ha_state()
    await home.hass.async_block_till_done()
    assert home.state.state == "unavailable"
    home.speaker._attr_available = True
    home.speaker.async_write_ha_state()
    await home.hass.async_block_till_done()
    assert home.state.state == "idle"


async def test_a_reload_keeps_the_queue_and_the_music(home: Home, clock: VirtualClock) -> None:
    await home.play("mixtape")
    calls = len(home.speaker.calls)
    clock.real = True
    assert await home.hass.config_entries.async_reload(home.entry.entry_id)
    await home.hass.async_block_till_done()
    assert home.state.state == "playing"
    assert home.state.attributes["queue_length"] == 3
    assert len(home.speaker.calls) == calls
