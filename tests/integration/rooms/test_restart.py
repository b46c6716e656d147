"""Music over a restart of Home Assistant: it goes on where it was playing, and starts nowhere else."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from homeassistant.const import EVENT_HOMEASSISTANT_STARTED
from homeassistant.core import CoreState

from custom_components.mixtape.rooms.memory import Remembered, RoomState
from custom_components.mixtape.rooms.queue import Queue
from custom_components.mixtape.rooms.restart import song_ends

if TYPE_CHECKING:
    from custom_components.mixtape.rooms.player import RoomPlayer

    from .conftest import House
    from .speaker import Speaker

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
LENGTH = 60.0


async def play(house: House, *names: str, **room: Any) -> RoomPlayer:
    songs = await house.add_songs(*names, duration=LENGTH)
    player = await house.room(**room)
    await player.async_play_songs([song.id for song in songs])
    await house.pass_time(20)
    return player


async def away(house: House, player: RoomPlayer, seconds: float) -> None:
    """Home Assistant stops, and comes back after ``seconds``; what its speakers say is fresh."""
    await player.async_stop_player()
    await house.pass_time(seconds)
    for speaker in house.speakers:
        await speaker.async_update_ha_state(True)


def plays(speaker: Speaker) -> int:
    return len([call for call, _ in speaker.calls if call == "play_media"])


@pytest.mark.parametrize("seconds", [45, 500])
async def test_a_song_that_ended_meanwhile_is_followed_by_the_next(house: House, seconds: float) -> None:
    speaker = await house.add_speaker()
    player = await play(house, "a", "b", volume=0.8)
    await player.speaker_set.async_set_volume(0.2)
    await away(house, player, seconds)
    again = await house.room(volume=0.8)
    await house.pass_time(6)
    assert (again.state, again.song.id) == (RoomState.PLAYING, "b")
    assert "token-of-b" in speaker.device.url
    assert speaker.volume_level == 0.2


async def test_a_speaker_that_comes_back_after_home_assistant(house: House) -> None:
    speaker = await house.add_speaker()
    player = await play(house, "a", "b")
    speaker._attr_available = False
    await away(house, player, 45)
    again = await house.room()
    await house.pass_time(30)
    assert plays(speaker) == 1
    speaker._attr_available = True
    await speaker.async_update_ha_state(True)
    await house.pass_time(6)
    assert (again.state, again.song.id) == (RoomState.PLAYING, "b")


async def test_a_speaker_that_comes_back_while_it_plays_is_found_again(house: House) -> None:
    speaker = await house.add_speaker()
    player = await play(house, "a", "b")
    speaker._attr_available = False
    await away(house, player, 5)
    again = await house.room()
    await house.pass_time(10)
    speaker._attr_available = True
    await speaker.async_update_ha_state(True)
    assert (again.state, again.song.id) == (RoomState.PLAYING, "a")
    assert plays(speaker) == 1
    await house.pass_time(30)
    assert again.song.id == "b"
    assert plays(speaker) == 2


async def test_a_speaker_that_stays_away_is_not_waited_for_for_ever(house: House) -> None:
    away_too_long = await house.add_speaker("away")
    there = await house.add_speaker("there")
    player = await play(house, "a", "b")
    away_too_long._attr_available = False
    await away(house, player, 45)
    again = await house.room()
    await house.pass_time(70)
    assert again.active_speakers == (there.entity_id,)
    assert again.song.id == "b"
    away_too_long._attr_available = True
    await away_too_long.async_update_ha_state(True)
    await house.pass_time(10)
    assert plays(away_too_long) == 1


@pytest.mark.parametrize("how", ["paused", "stopped", "stopped on the speaker", "other music", "long ago", "off"])
async def test_it_starts_no_music_by_itself(house: House, how: str) -> None:
    speaker = await house.add_speaker()
    player = await play(house, "a", "b")
    if how == "paused":
        await player.async_pause()
    elif how == "stopped":
        await player.async_stop()
    elif how == "other music":
        speaker.device.play("http://radio.example/stream.mp3", 9999.0)
    elif how == "off":
        speaker.device.on = False
    elif how == "stopped on the speaker":
        await player.async_stop_player()
        speaker.device.stop()
    await away(house, player, 700 if how == "long ago" else 20 if how == "stopped on the speaker" else 45)
    again = await house.room()
    await house.pass_time(120)
    assert again.state is not RoomState.PLAYING
    assert plays(speaker) == 1
    assert again.song.id == "a"


async def test_after_the_last_song_comes_none(house: House) -> None:
    speaker = await house.add_speaker()
    player = await play(house, "a")
    await away(house, player, 45)
    again = await house.room()
    await house.pass_time(6)
    assert (again.state, again.song, again.queue.current) == (RoomState.IDLE, None, None)
    assert plays(speaker) == 1
    await again.async_play()
    assert [call for call, _ in speaker.calls] == ["play_media", "play_media"]


async def test_what_somebody_asks_for_comes_first(house: House) -> None:
    speaker = await house.add_speaker()
    player = await play(house, "a", "b", "c")
    speaker._attr_available = False
    await away(house, player, 45)
    again = await house.room()
    await again.async_next()
    await again.async_next()
    speaker._attr_available = True
    await speaker.async_update_ha_state(True)
    await house.pass_time(20)
    assert (again.state, again.song.id) == (RoomState.IDLE, "c")
    assert plays(speaker) == 1


async def test_a_home_assistant_that_takes_too_long_is_not_waited_for(house: House) -> None:
    speaker = await house.add_speaker()
    player = await play(house, "a", "b")
    await away(house, player, 45)
    house.hass.set_state(CoreState.starting)
    again = await house.room()
    await house.pass_time(601)
    house.hass.set_state(CoreState.running)
    house.hass.bus.async_fire(EVENT_HOMEASSISTANT_STARTED)
    await house.pass_time(70)
    assert again.state is RoomState.IDLE
    assert plays(speaker) == 1


async def test_it_waits_until_home_assistant_has_started(house: House) -> None:
    speaker = await house.add_speaker()
    player = await play(house, "a", "b")
    await away(house, player, 45)
    house.hass.set_state(CoreState.starting)
    again = await house.room()
    await house.pass_time(90)
    assert plays(speaker) == 1
    house.hass.set_state(CoreState.running)
    house.hass.bus.async_fire(EVENT_HOMEASSISTANT_STARTED)
    await house.pass_time(6)
    assert (again.state, again.song.id) == (RoomState.PLAYING, "b")


@pytest.mark.parametrize(
    ("state", "position", "seconds"),
    [("playing", 0.0, 60), ("playing", 45.0, 15), ("playing", 70.0, 0), ("buffering", 45.0, 15)],
)
def test_when_a_song_ends(state: str, position: float, seconds: float) -> None:
    assert song_ends(Remembered(Queue(), state, position, NOON), LENGTH) == NOON + timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("state", "position", "at"),
    [("paused", 9.0, NOON), ("idle", 9.0, NOON), ("buffering", 0.0, NOON), ("None", 0.0, NOON), ("playing", 9.0, None)],
)
def test_what_was_not_playing_does_not_end(state: str, position: float, at: datetime | None) -> None:
    assert song_ends(Remembered(Queue(), state, position, at), LENGTH) is None
