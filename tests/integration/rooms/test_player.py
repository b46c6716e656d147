"""A room on simulated speakers: it believes what they report, and nothing else."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from homeassistant.components.media_player import MediaPlayerEntityFeature, MediaPlayerState
from homeassistant.exceptions import HomeAssistantError

from custom_components.mixtape.rooms.errors import PlaybackCode, PlaybackError
from custom_components.mixtape.rooms.player import RoomState
from custom_components.mixtape.rooms.speakers import Feature
from custom_components.mixtape.rooms.watch import Evidence

from .speaker import MPD_FEATURES

if TYPE_CHECKING:
    from custom_components.mixtape.library import Song

    from .conftest import House


async def test_a_song_plays_when_its_position_was_seen_to_rise(house: House) -> None:
    speaker = await house.add_speaker()
    (song,) = await house.add_songs("a")
    player = await house.room()
    states = []
    player.async_add_listener(lambda: states.append(player.state))
    report = await player.async_play_song(song)
    assert [start.entity_id for start in report.playing] == [speaker.entity_id]
    assert report.playing[0].evidence is Evidence.POSITION
    assert 1.0 <= report.playing[0].seconds < 3.0
    assert player.state is RoomState.PLAYING
    assert states[0] is RoomState.BUFFERING
    assert song.token in speaker.device.url
    assert player.position >= 1
    assert player.active_speakers == (speaker.entity_id,)


async def test_the_queue_goes_on_by_itself_and_ends(house: House) -> None:
    speaker = await house.add_speaker()
    songs = await house.add_songs("a", "b", "c", duration=60.0)
    player = await house.room()
    await player.async_play_songs([song.id for song in songs])
    for song in songs:
        assert player.song == song
        assert player.state is RoomState.PLAYING
        await house.pass_time(61.5)
    assert player.state is RoomState.IDLE
    assert player.queue.current is None
    assert len(player.queue.items) == 3
    plays = [data for call, data in speaker.calls if call == "play_media"]
    assert [song.token in url for song, url in zip(songs, plays, strict=True)] == [True] * 3


async def test_the_gap_between_songs_is_short_though_home_assistant_polls_rarely(house: House) -> None:
    speaker = await house.add_speaker(latency=0.05)
    songs = await house.add_songs("a", "b", duration=60.0)
    player = await house.room()
    await player.async_play_songs([song.id for song in songs])
    device = speaker.device
    while songs[0].token in (device.url or ""):
        await asyncio.sleep(0.05)
        _ = device.state
    ended = house.clock.time()
    while songs[1].token not in (device.url or ""):
        await asyncio.sleep(0.05)
    assert house.clock.time() - ended < 1.0


@pytest.mark.parametrize(
    ("vices", "code"),
    [
        ({"ignores_play": True}, PlaybackCode.NOT_STARTED),
        ({"plays_instead": "http://radio.example/stream.mp3"}, PlaybackCode.WRONG_MEDIA),
        ({"raises": HomeAssistantError("no route to speaker")}, PlaybackCode.REFUSED),
        ({"raises": ConnectionResetError()}, PlaybackCode.REFUSED),
        ({"latency": 60.0}, PlaybackCode.REFUSED),
    ],
)
async def test_an_accepted_call_proves_nothing(house: House, vices: dict, code: PlaybackCode) -> None:
    speaker = await house.add_speaker(**vices)
    (song,) = await house.add_songs("a")
    player = await house.room()
    with pytest.raises(PlaybackError) as caught:
        await player.async_play_song(song)
    assert (caught.value.code, caught.value.entity_id) == (code, speaker.entity_id)
    assert caught.value.translation_key == f"playback_{code.value}"
    assert player.state is RoomState.IDLE
    assert player.queue.current.song_id == song.id
    assert player.song == song
    assert player.problem is caught.value


async def test_a_position_that_stands_still_is_not_playing(house: House) -> None:
    speaker = await house.add_speaker(on_fetch=house.fetch)
    speaker.device.frozen = True
    (song,) = await house.add_songs("a")
    player = await house.room()
    with pytest.raises(PlaybackError) as caught:
        await player.async_play_song(song)
    assert caught.value.code is PlaybackCode.NOT_STARTED


async def test_a_speaker_that_reports_once_is_believed_when_it_fetched_the_file(house: House) -> None:
    speaker = await house.add_speaker(push=True, reports_once=True, on_fetch=None)
    (song,) = await house.add_songs("a")
    player = await house.room()
    with pytest.raises(PlaybackError) as caught:
        await player.async_play_song(song)
    assert caught.value.code is PlaybackCode.NOT_STARTED
    speaker.on_fetch = house.fetch
    report = await player.async_play_song(song)
    assert report.playing[0].evidence is Evidence.FETCHED
    # Without positions its end is known all the same.
    await house.pass_time(27)
    speaker.tell()
    await house.pass_time(0.1)
    assert player.queue.current is None


async def test_a_speaker_that_hides_what_it_plays_is_believed_by_its_fetch(house: House) -> None:
    await house.add_speaker(push=True, hides_content=True, hides_position=True)
    (song,) = await house.add_songs("a")
    player = await house.room()
    report = await player.async_play_song(song)
    assert report.playing[0].evidence is Evidence.FETCHED
    assert player.state is RoomState.PLAYING


async def test_a_removed_and_an_unavailable_speaker(house: House) -> None:
    speaker = await house.add_speaker()
    (song,) = await house.add_songs("a")
    player = await house.room()
    speaker._attr_available = False
    speaker.async_write_ha_state()
    assert not player.available
    with pytest.raises(PlaybackError) as caught:
        await player.async_play_song(song)
    assert caught.value.code is PlaybackCode.SPEAKER_UNAVAILABLE
    await speaker.async_remove(force_remove=True)
    with pytest.raises(PlaybackError) as caught:
        await player.async_play_song(song)
    assert caught.value.code is PlaybackCode.SPEAKER_MISSING


async def test_a_room_without_speakers_keeps_its_queue(house: House) -> None:
    (song,) = await house.add_songs("a")
    player = await house.room()
    assert player.available
    with pytest.raises(PlaybackError) as caught:
        await player.async_play_song(song)
    assert caught.value.code is PlaybackCode.NO_SPEAKERS
    assert player.queue.current.song_id == song.id
    with pytest.raises(PlaybackError) as caught:
        await player.speaker_set.async_set_volume(0.3)
    assert caught.value.code is PlaybackCode.NO_SPEAKERS


async def test_a_speaker_that_is_off_is_turned_on_first(house: House) -> None:
    speaker = await house.add_speaker(_attr_supported_features=MPD_FEATURES | MediaPlayerEntityFeature.TURN_ON)
    speaker.device.on = False
    await speaker.async_update_ha_state(True)
    (song,) = await house.add_songs("a")
    player = await house.room()
    await player.async_play_song(song)
    assert [call for call, _ in speaker.calls] == ["turn_on", "play_media"]


async def test_a_speaker_that_cannot_be_turned_on(house: House) -> None:
    speaker = await house.add_speaker(_attr_supported_features=MediaPlayerEntityFeature.TURN_OFF)
    speaker.device.on = False
    await speaker.async_update_ha_state(True)
    (song,) = await house.add_songs("a")
    player = await house.room()
    with pytest.raises(PlaybackError) as caught:
        await player.async_play_song(song)
    assert caught.value.code is PlaybackCode.SPEAKER_OFF
    speaker._attr_supported_features = MPD_FEATURES | MediaPlayerEntityFeature.TURN_ON
    speaker.ignores_commands = True
    speaker.async_write_ha_state()
    with pytest.raises(PlaybackError) as caught:
        await player.async_play_song(song)
    assert caught.value.code is PlaybackCode.SPEAKER_OFF


async def test_a_song_that_the_library_lost(house: House) -> None:
    await house.add_speaker()
    player = await house.room()
    with pytest.raises(PlaybackError) as caught:
        await player.async_play_songs(["gone"])
    assert caught.value.code is PlaybackCode.NO_SONG
    with pytest.raises(PlaybackError) as caught:
        await player.async_play_songs([])
    assert caught.value.code is PlaybackCode.NO_SONG
    (song,) = await house.add_songs("silent", formats=())
    with pytest.raises(PlaybackError) as caught:
        await player.async_play_song(song)
    assert caught.value.code is PlaybackCode.NO_FILE


async def test_songs_that_are_gone_are_passed_over(house: House) -> None:
    await house.add_speaker()
    await house.add_songs("a", "d")
    player = await house.room()
    await player.async_play_songs(["a", "gone", "gone too", "d"])
    await house.pass_time(34)
    assert player.song.id == "d"
    assert player.state is RoomState.PLAYING
    assert player.problem is None


async def test_no_address_that_a_speaker_could_reach(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    await house.add_speaker()
    (song,) = await house.add_songs("a")
    player = await house.room()
    house.hass.config.internal_url = None
    house.hass.config.api = None
    with pytest.raises(PlaybackError) as caught:
        await player.async_play_song(song)
    assert caught.value.code is PlaybackCode.NO_URL


async def test_the_room_yields_to_other_music(house: House) -> None:
    speaker = await house.add_speaker()
    songs = await house.add_songs("a", "b")
    player = await house.room()
    await player.async_play_songs([song.id for song in songs])
    speaker.device.play("http://radio.example/stream.mp3", 9999.0)
    await house.pass_time(60)
    assert player.state is RoomState.IDLE
    assert speaker.device.url == "http://radio.example/stream.mp3"
    assert len([call for call, _ in speaker.calls if call == "play_media"]) == 1
    assert player.queue.current.song_id == "a"


@pytest.mark.parametrize("seconds", [5, 20, 26])
async def test_a_stop_on_the_speaker_itself_is_not_the_end(house: House, seconds: int) -> None:
    speaker = await house.add_speaker()
    songs = await house.add_songs("a", "b")
    player = await house.room()
    await player.async_play_songs([song.id for song in songs])
    await house.pass_time(seconds - speaker.device.position)
    speaker.device.stop()
    await house.pass_time(40)
    assert player.state is RoomState.IDLE
    assert player.song.id == "a"
    # Somebody presses play again.
    await player.async_play()
    assert player.state is RoomState.PLAYING


async def test_a_pause_on_the_speaker_itself_and_its_end(house: House) -> None:
    speaker = await house.add_speaker()
    songs = await house.add_songs("a", "b")
    player = await house.room()
    await player.async_play_songs([song.id for song in songs])
    await house.pass_time(10)
    speaker.device.pause()
    await house.pass_time(60)
    assert player.state is RoomState.PAUSED
    assert 10 <= player.position <= 14
    await player.async_play()
    assert ("media_play", None) in speaker.calls
    await house.pass_time(1)
    assert player.state is RoomState.PLAYING
    await house.pass_time(21)
    assert player.song.id == "b"


async def test_pause_resume_and_seek_go_through_the_speaker(house: House) -> None:
    speaker = await house.add_speaker()
    (song,) = await house.add_songs("a", duration=200.0)
    player = await house.room()
    await player.async_play_song(song)
    await player.async_pause()
    assert player.state is RoomState.PAUSED
    await player.async_pause()
    await player.async_play()
    assert player.state is RoomState.PLAYING
    await player.async_play()
    await player.async_seek(120.0)
    await house.pass_time(0.1)
    assert 119 <= player.position <= 122
    assert [call for call, _ in speaker.calls] == ["play_media", "media_pause", "media_play", "media_seek"]
    await player.async_previous()
    assert speaker.calls[-1] == ("media_seek", 0.0)
    speaker.ignores_commands = True
    with pytest.raises(PlaybackError) as caught:
        await player.async_pause()
    assert caught.value.code is PlaybackCode.IGNORED


async def test_a_paused_speaker_that_lost_the_song_begins_it_again_where_it_was(house: House) -> None:
    speaker = await house.add_speaker(push=True)
    (song,) = await house.add_songs("a", duration=200.0)
    player = await house.room()
    await player.async_play_song(song)
    await house.pass_time(50)
    await player.async_pause()
    speaker.device.resume = lambda: None
    await player.async_play()
    assert speaker.calls[-1][0] == "media_seek"
    assert speaker.calls[-1][1] == pytest.approx(54, abs=2)


async def test_next_previous_jump_and_remove(house: House) -> None:
    speaker = await house.add_speaker()
    songs = await house.add_songs("a", "b", "c")
    player = await house.room()
    await player.async_play_songs([song.id for song in songs])
    await player.async_next()
    assert player.song.id == "b"
    await player.async_previous()
    assert player.song.id == "a"
    await player.async_jump(2)
    assert player.song.id == "c"
    await player.async_move(2, 0)
    assert player.song.id == "c"
    await player.async_remove(0)
    assert player.song.id == "a"
    assert player.state is RoomState.PLAYING
    await player.async_next()
    await player.async_next()
    assert player.state is RoomState.IDLE
    assert speaker.device.url is None
    await player.async_previous()
    assert player.song.id == "b"
    assert player.state is RoomState.IDLE


async def test_queueing_while_something_plays(house: House) -> None:
    speaker = await house.add_speaker()
    a, b, c = await house.add_songs("a", "b", "c")
    player = await house.room()
    await player.async_play_song(a)
    assert (await player.async_play_song(b, enqueue="add")).playing == ()
    await player.async_play_song(c, enqueue="next")
    assert [item.song_id for item in player.queue.items] == ["a", "c", "b"]
    assert len(speaker.calls) == 1
    await player.async_clear()
    assert player.state is RoomState.IDLE
    assert player.song is None
    assert speaker.device.url is None


async def test_repeat_and_shuffle(house: House) -> None:
    await house.add_speaker()
    songs = await house.add_songs(*"abcdef")
    player = await house.room()
    await player.async_set_repeat("one")
    await player.async_play_song(songs[0])
    await house.pass_time(32)
    assert (player.song.id, player.state) == ("a", RoomState.PLAYING)
    await player.async_set_repeat("all")
    await house.pass_time(32)
    assert (player.song.id, player.state) == ("a", RoomState.PLAYING)
    await player.async_set_shuffle(True)
    await player.async_play_songs([song.id for song in songs], enqueue="replace")
    assert sorted(item.song_id for item in player.queue.items) == list("abcdef")
    assert player.queue.shuffle
    await player.async_set_shuffle(False)
    assert [item.song_id for item in player.queue.items] == list("abcdef")


async def test_a_speaker_that_repeats_by_itself_does_not_hold_the_queue(house: House) -> None:
    speaker = await house.add_speaker()
    speaker.device.repeats = True
    songs = await house.add_songs("a", "b")
    player = await house.room()
    await player.async_play_songs([song.id for song in songs])
    await house.pass_time(33)
    assert player.song.id == "b"


async def test_a_newer_wish_supersedes_an_older_one(house: House) -> None:
    speaker = await house.add_speaker(latency=1.0)
    a, b = await house.add_songs("a", "b")
    player = await house.room()
    first = house.hass.async_create_task(player.async_play_song(a))
    await house.pass_time(0.5)
    await player.async_play_song(b)
    with pytest.raises(PlaybackError) as caught:
        await first
    assert caught.value.code is PlaybackCode.SUPERSEDED
    assert b.token in speaker.device.url
    assert player.song == b


@pytest.mark.parametrize(("seconds", "begun"), [(0.5, False), (2.5, True)])
async def test_whoever_asked_may_stop_waiting(
    house: House, monkeypatch: pytest.MonkeyPatch, seconds: float, begun: bool
) -> None:
    """A script that is started anew is cancelled; what it began goes on, or never began."""
    speaker = await house.add_speaker(latency=1.0)
    (song,) = await house.add_songs("a", duration=100.0)
    player = await house.room()

    async def slow_library(_: str) -> Song:
        await asyncio.sleep(2)
        return song

    monkeypatch.setattr(player, "_async_song", slow_library)
    asked = house.hass.async_create_task(player.async_play_song(song))
    await house.pass_time(seconds)
    asked.cancel()
    await house.pass_time(8)
    assert (speaker.device.state == "playing") is begun
    assert player.state is (RoomState.PLAYING if begun else RoomState.IDLE)


async def test_a_speaker_that_hangs_does_not_hold_the_room(house: House) -> None:
    speaker = await house.add_speaker()
    songs = await house.add_songs("a", "b", duration=100.0)
    player = await house.room()
    await player.async_play_songs([song.id for song in songs])

    async def hang() -> None:
        await asyncio.sleep(1000)

    speaker.async_update = hang
    began = house.clock.time()
    await player.async_set_shuffle(True)
    for attempt in (player.speaker_set.async_set_volume(0.2), player.async_next()):
        with pytest.raises(PlaybackError) as caught:
            await attempt
        # Home Assistant reads a polled speaker again after each action, so that hangs with it.
        assert caught.value.code is PlaybackCode.REFUSED
    assert house.clock.time() - began < 60
    assert player.state is RoomState.IDLE


async def test_stop_while_it_begins(house: House) -> None:
    speaker = await house.add_speaker(latency=1.0)
    (song,) = await house.add_songs("a")
    player = await house.room()
    first = house.hass.async_create_task(player.async_play_song(song))
    await house.pass_time(0.5)
    await player.async_stop()
    with pytest.raises(PlaybackError):
        await first
    await house.pass_time(20)
    assert speaker.device.url is None
    assert player.state is RoomState.IDLE


async def test_one_verified_speaker_is_enough_and_the_others_are_told(house: House) -> None:
    good = await house.add_speaker("good")
    bad = await house.add_speaker("bad", ignores_play=True)
    songs = await house.add_songs("a", "b")
    player = await house.room()
    report = await player.async_play_songs([song.id for song in songs])
    assert [start.entity_id for start in report.playing] == [good.entity_id]
    assert [error.entity_id for error in report.failed] == [bad.entity_id]
    await house.pass_time(32)
    assert player.song.id == "b"
    assert player.active_speakers == (good.entity_id,)


async def test_two_speakers_where_one_is_taken_by_somebody(house: House) -> None:
    one = await house.add_speaker("one")
    two = await house.add_speaker("two")
    songs = await house.add_songs("a", "b")
    player = await house.room()
    report = await player.async_play_songs([song.id for song in songs])
    assert len(report.playing) == 2
    two.device.play("http://radio.example/stream.mp3", 9999.0)
    await house.pass_time(32)
    assert player.song.id == "b"
    assert player.active_speakers == (one.entity_id,)
    assert two.device.url == "http://radio.example/stream.mp3"
    # Somebody who asks for music gets it everywhere.
    await player.async_jump(0)
    assert len(player.active_speakers) == 2


async def test_a_speaker_that_drops_out_and_comes_back(house: House) -> None:
    speaker = await house.add_speaker(push=True)
    songs = await house.add_songs("a", "b", duration=120.0)
    player = await house.room()
    await player.async_play_songs([song.id for song in songs])
    speaker._attr_available = False
    speaker.async_write_ha_state()
    await house.pass_time(5)
    assert player.state is RoomState.BUFFERING
    assert not player.available
    speaker._attr_available = True
    speaker.tell()
    await house.pass_time(1)
    assert player.state is RoomState.PLAYING
    speaker._attr_available = False
    speaker.async_write_ha_state()
    await house.pass_time(70)
    assert player.state is RoomState.IDLE


async def test_a_speaker_removed_in_the_middle_of_a_song(house: House) -> None:
    speaker = await house.add_speaker()
    songs = await house.add_songs("a", "b")
    player = await house.room()
    await player.async_play_songs([song.id for song in songs])
    await speaker.async_remove(force_remove=True)
    await house.pass_time(1)
    assert player.state is RoomState.IDLE
    assert player.queue.current.song_id == "a"


async def test_a_failing_next_song_leaves_a_problem_and_the_queue(house: House) -> None:
    speaker = await house.add_speaker()
    songs = await house.add_songs("a", "b")
    player = await house.room()
    await player.async_play_songs([song.id for song in songs])
    speaker.raises = HomeAssistantError("broken pipe")
    await house.pass_time(35)
    assert player.state is RoomState.IDLE
    assert player.problem.code is PlaybackCode.REFUSED
    assert player.queue.current.song_id == "b"
    speaker.raises = None
    await player.async_play()
    assert player.song.id == "b"
    assert player.problem is None


async def test_what_joins_the_queue_while_the_room_falls_silent_is_not_lost(house: House) -> None:
    await house.add_speaker(latency=1.0)
    a, b = await house.add_songs("a", "b", duration=100.0)
    player = await house.room()
    await player.async_play_song(a)
    clearing = house.hass.async_create_task(player.async_clear())
    await house.pass_time(0.5)
    await player.async_play_song(b, enqueue="add")
    await clearing
    assert [item.song_id for item in player.queue.items] == ["b"]
    assert player.song == b


async def test_a_queue_is_cleared_though_the_speaker_cannot_be_silenced(house: House) -> None:
    await house.add_speaker(_attr_supported_features=MediaPlayerEntityFeature.PLAY_MEDIA)
    (song,) = await house.add_songs("a", duration=100.0)
    player = await house.room()
    await player.async_play_song(song)
    with pytest.raises(PlaybackError):
        await player.async_clear()
    assert player.queue.items == ()
    assert player.song is None


async def test_an_unloaded_room_writes_nothing_any_more(house: House) -> None:
    await house.add_speaker(latency=1.0)
    a, b = await house.add_songs("a", "b", duration=100.0)
    old = await house.room()
    await old.async_play_song(a)
    await old.async_stop_player()
    new = await house.room()
    await new.async_play_song(b, enqueue="add")
    # Somebody who still holds the old player.
    await old.async_set_repeat("one")
    await house.pass_time(5)
    await new.async_stop_player()
    again = await house.room()
    assert [item.song_id for item in again.queue.items] == ["a", "b"]
    assert again.queue.repeat == "off"


async def test_the_queue_survives_a_restart_and_a_playing_speaker_is_found_again(house: House) -> None:
    speaker = await house.add_speaker()
    songs = await house.add_songs("a", "b")
    player = await house.room()
    await player.async_play_songs([song.id for song in songs])
    await player.async_set_repeat("all")
    await player.async_stop_player()
    calls = len(speaker.calls)

    again = await house.room()
    assert [item.song_id for item in again.queue.items] == ["a", "b"]
    assert again.queue.repeat.value == "all"
    assert again.state is RoomState.PLAYING
    assert len(speaker.calls) == calls
    await house.pass_time(32)
    assert again.song.id == "b"


async def test_a_restart_starts_no_sound_but_remembers_the_place(house: House) -> None:
    speaker = await house.add_speaker()
    (song,) = await house.add_songs("a", duration=100.0)
    player = await house.room()
    await player.async_play_song(song)
    await house.pass_time(40)
    await player.async_stop_player()
    speaker.device.stop()
    await speaker.async_update_ha_state(True)
    again = await house.room()
    assert again.state is RoomState.IDLE
    assert again.song == song
    await house.pass_time(30)
    assert again.state is RoomState.IDLE
    await again.async_play()
    assert speaker.calls[-1] == ("media_seek", pytest.approx(41, abs=2))


async def test_the_stop_of_home_assistant_writes_the_queue(house: House, hass_storage: dict) -> None:
    await house.add_speaker()
    (song,) = await house.add_songs("a")
    player = await house.room()
    await player.async_play_song(song)
    house.hass.bus.async_fire("homeassistant_stop")
    house.hass.bus.async_fire("homeassistant_final_write")
    await house.hass.async_block_till_done()
    assert hass_storage["mixtape.queue.room1"]["data"]["queue"]["songs"] == ["a"]
    assert hass_storage["mixtape.queue.room1"]["data"]["state"] == "playing"
    await player.async_stop_player()
    await player.async_forget()
    assert "mixtape.queue.room1" not in hass_storage


@pytest.mark.parametrize("damage", [{"queue": "?"}, {"queue": {"songs": ["a"]}, "position": "x"}, {}])
async def test_damaged_storage_loses_no_room(house: House, hass_storage: dict, damage: dict) -> None:
    hass_storage["mixtape.queue.room1"] = {
        "version": 1,
        "minor_version": 1,
        "key": "mixtape.queue.room1",
        "data": damage,
    }
    await house.add_speaker()
    (song,) = await house.add_songs("a")
    player = await house.room()
    await player.async_play_song(song)
    assert player.state is RoomState.PLAYING


async def test_somebody_presses_play_on_the_speaker(house: House) -> None:
    speaker = await house.add_speaker(push=True)
    (song,) = await house.add_songs("a")
    player = await house.room()
    await player.async_play_song(song)
    url = speaker.device.url
    await player.async_stop()
    assert player.state is RoomState.IDLE
    speaker.device.play(url)
    speaker.tell()
    await house.pass_time(0.1)
    assert player.state is RoomState.PLAYING


async def test_the_rooms_volume_is_set_when_it_begins_not_between_songs(house: House) -> None:
    speaker = await house.add_speaker()
    songs = await house.add_songs("a", "b")
    player = await house.room(volume=0.25)
    await player.async_play_songs([song.id for song in songs])
    assert speaker.calls[:2] == [("volume_set", 0.25), ("play_media", speaker.device.url)]
    await player.speaker_set.async_set_volume(0.6)
    await house.pass_time(32)
    assert player.song.id == "b"
    assert player.speaker_set.volume_level == 0.6


async def test_volume_and_mute_of_several_speakers(house: House) -> None:
    one, two = await house.add_speaker("one"), await house.add_speaker("two", _attr_volume_level=0.8)
    player = await house.room()
    assert player.speaker_set.volume_level == pytest.approx(0.6)
    await player.speaker_set.async_set_volume(0.5)
    assert (one.volume_level, two.volume_level) == (0.5, 0.5)
    await player.speaker_set.async_step_volume(True)
    assert player.speaker_set.volume_level == pytest.approx(0.6)
    await player.speaker_set.async_step_volume(False)
    await player.speaker_set.async_mute(True)
    assert player.speaker_set.muted
    one.raises = HomeAssistantError("gone")
    await player.speaker_set.async_mute(False)
    assert not two.is_volume_muted
    two.raises = HomeAssistantError("gone")
    with pytest.raises(PlaybackError):
        await player.speaker_set.async_mute(True)


async def test_what_no_speaker_can_do(house: House) -> None:
    speaker = await house.add_speaker(_attr_supported_features=MediaPlayerEntityFeature.PLAY_MEDIA)
    (song,) = await house.add_songs("a")
    player = await house.room()
    assert player.speaker_set.features == Feature.PLAY_MEDIA
    with pytest.raises(PlaybackError):
        await player.async_seek(3)
    await player.async_play_song(song)
    for attempt in (player.async_pause(), player.async_seek(3.0), player.async_stop()):
        with pytest.raises(PlaybackError) as caught:
            await attempt
        assert caught.value.code is PlaybackCode.UNSUPPORTED
    # It could not be silenced, so it is heard, and shown.
    assert player.state is RoomState.PLAYING
    assert speaker.device.state == "playing"


@pytest.mark.parametrize(
    ("features", "action"),
    [
        (MediaPlayerEntityFeature.PLAY_MEDIA | MediaPlayerEntityFeature.PAUSE, "media_pause"),
        (MediaPlayerEntityFeature.PLAY_MEDIA | MediaPlayerEntityFeature.TURN_OFF, "turn_off"),
    ],
)
async def test_silence_by_the_best_means(house: House, features: MediaPlayerEntityFeature, action: str) -> None:
    speaker = await house.add_speaker(_attr_supported_features=features)
    (song,) = await house.add_songs("a")
    player = await house.room()
    await player.async_play_song(song)
    await player.async_stop()
    assert speaker.calls[-1][0] == action


async def test_a_speaker_that_ends_a_song_as_paused(house: House) -> None:
    await house.add_speaker(end_state=MediaPlayerState.PAUSED)
    songs = await house.add_songs("a", "b")
    player = await house.room()
    await player.async_play_songs([song.id for song in songs])
    await house.pass_time(32)
    assert player.song.id == "b"
