"""What can happen to a wish on its way, and that nothing is lost."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from aiohttp import web
from homeassistant.config_entries import ConfigEntryState
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import issue_registry as ir
from pytest_homeassistant_custom_component.common import async_capture_events

from custom_components.mixtape import issues, maker, retry
from custom_components.mixtape.const import DOMAIN, EVENT_PLAYBACK_FAILED, EVENT_SONG_FAILED, EVENT_SONG_READY
from custom_components.mixtape.library import AudioStore, Library, LibraryError, LibraryFullError, WishState
from custom_components.mixtape.rooms.errors import PlaybackCode, PlaybackError
from custom_components.mixtape.work import LOUD_FOR
from tests.integration.client.loopback_studio import TAKE
from tests.integration.conftest import eventually
from tests.integration.scripted_studio import TOKEN, problem

if TYPE_CHECKING:
    from pathlib import Path

    from homeassistant.core import HomeAssistant

    from tests.integration.conftest import Home
    from tests.integration.scripted_studio import ScriptedStudio


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pauses between attempts are counted in hundredths."""
    pause = retry.backoff
    monkeypatch.setattr(retry, "backoff", lambda attempt, first=1.0: min(0.02, pause(attempt, first)))


async def wish(hass: HomeAssistant, **data: Any) -> Any:
    fields = {"genre": "jazz", "room": "Kitchen"} | data
    return await hass.services.async_call(DOMAIN, "generate_song", fields, blocking=True, return_response=True)


async def connected(home: Home, scripted: ScriptedStudio) -> Any:
    entry = await home.set_up(scripted.url, TOKEN)
    await eventually(lambda: entry.runtime_data.studio.connected)
    return entry


async def test_the_first_format_plays_before_the_rest_is_there(
    hass: HomeAssistant, home: Home, scripted: ScriptedStudio
) -> None:
    entry = await connected(home, scripted)
    ready = async_capture_events(hass, EVENT_SONG_READY)
    job_id = (await wish(hass))["job_id"]
    await eventually(lambda: scripted.jobs.get(job_id))
    await eventually(lambda: hass.states.get("sensor.kitchen_current_step").state == "queued")
    await scripted.tell(job_id, state="running", step="render", progress=0.42)
    await eventually(lambda: hass.states.get("sensor.kitchen_current_step").state == "render")
    assert hass.states.get("sensor.kitchen_progress").state == "42"
    # The test's speakers are of an unknown kind, which gets MP3 first.
    await scripted.publish(job_id, "flac")
    await eventually(lambda: hass.states.get("sensor.kitchen_current_step").state == "encode")
    assert not ready
    await scripted.publish(job_id, "flac", "mp3")
    await eventually(lambda: hass.states.get("media_player.kitchen").state == "playing")
    assert len(ready) == 1
    await eventually(lambda: entry.runtime_data.library.wish(job_id).state is WishState.DELIVERED)
    await scripted.publish(job_id, "flac", "mp3", done=True)
    await eventually(lambda: entry.runtime_data.library.wish(job_id).state is WishState.DONE)
    assert {file.audio_format for file in entry.runtime_data.library.song(job_id).files} == {"flac", "mp3"}
    assert scripted.downloads == 2
    event = hass.states.get("event.kitchen_song")
    assert (event.attributes["event_type"], event.attributes["song_id"]) == ("song_ready", job_id)
    assert hass.states.get("sensor.kitchen_current_step").state == "idle"
    assert hass.states.get("sensor.kitchen_progress").state == "unknown"


async def test_a_song_without_the_rooms_format_comes_in_another(
    hass: HomeAssistant, home: Home, scripted: ScriptedStudio
) -> None:
    entry = await connected(home, scripted)
    job_id = (await wish(hass))["job_id"]
    await eventually(lambda: scripted.jobs.get(job_id))
    await scripted.publish(job_id, "flac", done=True)
    await eventually(lambda: entry.runtime_data.library.wish(job_id).state is WishState.DONE)
    assert [file.audio_format for file in entry.runtime_data.library.song(job_id).files] == ["flac"]


async def test_a_failed_job_says_why(hass: HomeAssistant, home: Home, scripted: ScriptedStudio) -> None:
    entry = await connected(home, scripted)
    failed = async_capture_events(hass, EVENT_SONG_FAILED)
    job_id = (await wish(hass, engine="composer"))["job_id"]
    await eventually(lambda: scripted.jobs.get(job_id))
    reason = {"code": "disk_full", "message": "The studio's disk is full.", "field": None}
    await scripted.tell(job_id, state="failed", problem=reason)
    await eventually(lambda: failed)
    assert failed[0].data["code"] == "disk_full"
    kept = entry.runtime_data.library.wish(job_id)
    assert (kept.state, kept.problem) == (WishState.FAILED, reason)
    event = hass.states.get("event.kitchen_song")
    assert event.attributes["event_type"] == "song_failed"
    assert event.attributes["message"] == "The studio's disk is full."


async def test_a_failure_is_raised_to_whoever_waits(hass: HomeAssistant, home: Home, scripted: ScriptedStudio) -> None:
    await connected(home, scripted)

    async def refuse(request: web.Request) -> web.Response | None:
        if request.method == "POST":
            return problem(422, "unknown_engine", "There is no engine x.", "request.engine")
        return None

    scripted.fault = refuse
    with pytest.raises(HomeAssistantError) as error:
        await wish(hass, wait=True)
    assert error.value.translation_key == "song_failed"
    assert error.value.translation_placeholders == {"reason": "There is no engine x."}


async def test_a_cancelled_job(hass: HomeAssistant, home: Home, scripted: ScriptedStudio) -> None:
    entry = await connected(home, scripted)
    job_id = (await wish(hass))["job_id"]
    await eventually(lambda: scripted.jobs.get(job_id))
    await scripted.tell(job_id, state="cancelled")
    await eventually(lambda: entry.runtime_data.library.wish(job_id).state is WishState.CANCELLED)


async def test_done_without_a_file(hass: HomeAssistant, home: Home, scripted: ScriptedStudio) -> None:
    entry = await connected(home, scripted)
    job_id = (await wish(hass))["job_id"]
    await eventually(lambda: scripted.jobs.get(job_id))
    await scripted.tell(job_id, state="done")
    await eventually(lambda: entry.runtime_data.library.wish(job_id).state is WishState.FAILED)


@pytest.mark.parametrize("damage", ["tampered", "truncated"])
async def test_a_damaged_download_is_tried_again(
    hass: HomeAssistant, home: Home, scripted: ScriptedStudio, damage: str
) -> None:
    entry = await connected(home, scripted)
    times = 0

    async def spoil(request: web.Request) -> web.Response | None:
        nonlocal times
        if not request.path.endswith("/audio") or times == 2:
            return None
        times += 1
        body = scripted.audio[job_id, request.query["format"]]
        body = body[:-5] if damage == "truncated" else b"X" + body[1:]
        return web.Response(body=body, content_type="audio/mpeg")

    job_id = (await wish(hass))["job_id"]
    scripted.fault = spoil
    await eventually(lambda: scripted.jobs.get(job_id))
    await scripted.publish(job_id, "mp3", done=True)
    await eventually(lambda: entry.runtime_data.library.wish(job_id).state is WishState.DONE)
    assert times == 2


async def test_a_download_that_stays_damaged_fails_with_the_reason(
    hass: HomeAssistant, home: Home, scripted: ScriptedStudio
) -> None:
    entry = await connected(home, scripted)

    async def spoil(request: web.Request) -> web.Response | None:
        is_audio = request.path.endswith("/audio")
        return web.Response(body=b"not it", content_type="audio/mpeg") if is_audio else None

    scripted.fault = spoil
    job_id = (await wish(hass))["job_id"]
    await eventually(lambda: scripted.jobs.get(job_id))
    await scripted.publish(job_id, "mp3", done=True)
    await eventually(lambda: entry.runtime_data.library.wish(job_id).state is WishState.FAILED)
    assert entry.runtime_data.library.wish(job_id).problem["code"] == "damaged_download"
    assert entry.runtime_data.library.song(job_id) is None
    assert not list(entry.runtime_data.library.audio.folder.iterdir())


async def test_a_song_that_has_sounded_stays_though_its_other_format_never_comes(
    hass: HomeAssistant, home: Home, scripted: ScriptedStudio
) -> None:
    entry = await connected(home, scripted)

    async def spoil(request: web.Request) -> web.Response | None:
        if request.query.get("format") == "flac":
            return web.Response(body=b"not it", content_type="audio/flac")
        return web.Response(status=500) if request.path.endswith("/cover") else None

    scripted.fault = spoil
    job_id = (await wish(hass))["job_id"]
    await eventually(lambda: scripted.jobs.get(job_id))
    await scripted.publish(job_id, "flac", "mp3", done=True)
    await eventually(lambda: entry.runtime_data.library.wish(job_id).state is WishState.DONE)
    song = entry.runtime_data.library.song(job_id)
    assert [file.audio_format for file in song.files] == ["mp3"]
    assert song.cover is None


async def test_a_full_disk_is_a_repair_and_the_song_comes_when_there_is_room(
    hass: HomeAssistant, home: Home, scripted: ScriptedStudio, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry = await connected(home, scripted)
    begin = AudioStore.begin
    full = True

    def begin_on_a_full_disk(store: AudioStore, song_id: str, suffix: str) -> Any:
        if full:
            raise LibraryFullError(store.folder / song_id)
        return begin(store, song_id, suffix)

    monkeypatch.setattr(AudioStore, "begin", begin_on_a_full_disk)
    job_id = (await wish(hass))["job_id"]
    await eventually(lambda: scripted.jobs.get(job_id))
    await scripted.publish(job_id, "mp3", done=True)
    issue = issues.issue_id(entry, issues.LIBRARY_FULL)
    await eventually(lambda: ir.async_get(hass).async_get_issue(DOMAIN, issue))
    assert entry.runtime_data.library.wish(job_id).state is WishState.SENT
    full = False
    await eventually(lambda: entry.runtime_data.library.wish(job_id).state is WishState.DONE)
    assert ir.async_get(hass).async_get_issue(DOMAIN, issue) is None


async def test_a_restart_of_home_assistant_loses_nothing_and_files_once(
    hass: HomeAssistant, home: Home, scripted: ScriptedStudio
) -> None:
    entry = await connected(home, scripted)
    ready = async_capture_events(hass, EVENT_SONG_READY)
    running, done, filed = [(await wish(hass, seed=seed))["job_id"] for seed in (1, 2, 3)]
    await eventually(lambda: len(scripted.jobs) == 3)
    await scripted.publish(filed, "mp3")
    await eventually(lambda: entry.runtime_data.library.wish(filed).state is WishState.DELIVERED)
    assert len(ready) == 1

    assert await hass.config_entries.async_unload(entry.entry_id)
    assert entry.state is ConfigEntryState.NOT_LOADED
    # While nobody follows: one job ends, one has its other file.
    await scripted.publish(done, "mp3", done=True)
    await scripted.publish(filed, "mp3", "flac", done=True)
    await hass.config_entries.async_setup(entry.entry_id)
    library = entry.runtime_data.library
    await eventually(lambda: library.wish(done).state is WishState.DONE)
    await eventually(lambda: library.wish(filed).state is WishState.DONE)
    await scripted.publish(running, "mp3", "flac", done=True)
    await eventually(lambda: library.wish(running).state is WishState.DONE)
    assert sorted(event.data["song_id"] for event in ready) == sorted([running, done, filed])
    assert library.count() == 3
    assert len(library.mixtape(home.room_id(entry, "Kitchen"))) == 3
    assert len(scripted.orders) == 3


async def test_wishes_wait_for_a_studio_that_is_away(
    hass: HomeAssistant, home: Home, scripted: ScriptedStudio, caplog: pytest.LogCaptureFixture
) -> None:
    entry = await connected(home, scripted)
    await scripted.stop()
    await eventually(lambda: not entry.runtime_data.studio.connected)
    job_id = (await wish(hass))["job_id"]
    assert entry.runtime_data.maker.waiting == 1
    assert hass.states.get("sensor.kitchen_current_step").state == "waiting"
    # The wish outlives Home Assistant, too.
    assert await hass.config_entries.async_unload(entry.entry_id)
    await hass.config_entries.async_setup(entry.entry_id)
    assert entry.state is ConfigEntryState.LOADED
    assert hass.states.get("media_player.kitchen").state == "idle"
    assert hass.states.get("sensor.mixtape_studio_engine").state == "unavailable"
    await scripted.start()
    await eventually(lambda: scripted.jobs.get(job_id))
    await scripted.publish(job_id, "mp3", done=True)
    await eventually(lambda: entry.runtime_data.library.wish(job_id).state is WishState.DONE)
    # Once per loading of the entry.
    assert caplog.text.count("The studio is away") == 2
    assert caplog.text.count("recovered") == 1


async def test_a_studio_that_lost_its_jobs_gets_them_again(
    hass: HomeAssistant, home: Home, scripted: ScriptedStudio
) -> None:
    entry = await connected(home, scripted)
    job_id = (await wish(hass))["job_id"]
    await eventually(lambda: scripted.jobs.get(job_id))
    scripted.jobs.clear()
    await scripted.reset()
    await eventually(lambda: scripted.jobs.get(job_id))
    assert len(scripted.orders) == 2
    await scripted.publish(job_id, "mp3")
    await eventually(lambda: entry.runtime_data.library.song(job_id))
    # Once the song is there, a lost job is not made again for its other formats.
    scripted.jobs.clear()
    await scripted.reset()
    await eventually(lambda: entry.runtime_data.library.wish(job_id).state is WishState.DONE)
    assert len(scripted.orders) == 2


async def test_a_lost_event_is_made_up_for(
    hass: HomeAssistant, home: Home, scripted: ScriptedStudio, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(maker, "LOOK_AGAIN", 0.05)
    entry = await connected(home, scripted)
    job_id = (await wish(hass))["job_id"]
    await eventually(lambda: scripted.jobs.get(job_id))
    streams, scripted._streams = scripted._streams, set()
    await scripted.publish(job_id, "mp3", done=True)
    await eventually(lambda: entry.runtime_data.library.wish(job_id).state is WishState.DONE)
    scripted._streams = streams


async def test_two_jobs_with_one_id(hass: HomeAssistant, home: Home, scripted: ScriptedStudio) -> None:
    entry = await connected(home, scripted)
    post = scripted._create

    async def taken(request: web.Request) -> web.Response | None:
        if request.method != "POST":
            return None
        order = await request.json()
        scripted.jobs[order["id"]] = {"request": {"wish": "another"}, "id": order["id"]}
        return await post(request)

    scripted.fault = taken
    job_id = (await wish(hass))["job_id"]
    await eventually(lambda: entry.runtime_data.library.wish(job_id).state is WishState.FAILED)
    assert entry.runtime_data.library.wish(job_id).problem["code"] == "conflict"


async def test_a_speaker_that_is_gone_costs_no_song(hass: HomeAssistant, home: Home, scripted: ScriptedStudio) -> None:
    entry = await connected(home, scripted)
    failed = async_capture_events(hass, EVENT_PLAYBACK_FAILED)
    await home.speakers["Kitchen"].async_remove()
    job_id = (await wish(hass))["job_id"]
    await eventually(lambda: scripted.jobs.get(job_id))
    await scripted.publish(job_id, "mp3", done=True)
    await eventually(lambda: entry.runtime_data.library.wish(job_id).state is WishState.DONE)
    assert entry.runtime_data.library.song(job_id)
    (event,) = failed
    assert event.data["speaker"] == "media_player.kitchen_speaker"
    assert event.data["message"].startswith("The speaker Kitchen speaker ")
    attributes = hass.states.get("event.kitchen_song").attributes
    assert (attributes["event_type"], attributes["speaker"]) == ("playback_failed", event.data["speaker"])


async def test_something_else_chosen_meanwhile_is_no_failure(
    hass: HomeAssistant, home: Home, scripted: ScriptedStudio, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def superseded(*_: Any, **__: Any) -> None:
        raise PlaybackError(PlaybackCode.SUPERSEDED)

    entry = await connected(home, scripted)
    failed = async_capture_events(hass, EVENT_PLAYBACK_FAILED)
    room = entry.runtime_data.rooms[home.room_id(entry, "Kitchen")]
    monkeypatch.setattr(type(room), "async_play_song", superseded)
    waiting = hass.async_create_task(wish(hass, wait=True))
    await eventually(lambda: scripted.jobs)
    await scripted.publish(next(iter(scripted.jobs)), "mp3", done=True)
    response = await waiting
    assert (response["playing"], response["playback_error"]) == (False, None)
    assert not failed


async def test_who_made_it_and_what_was_not_done_as_asked_is_told(
    hass: HomeAssistant, home: Home, scripted: ScriptedStudio
) -> None:
    await connected(home, scripted)
    ready = async_capture_events(hass, EVENT_SONG_READY)
    waiting = hass.async_create_task(wish(hass, wait=True))
    await eventually(lambda: scripted.jobs)
    job_id = next(iter(scripted.jobs))
    asked = ("title", "caption", "genre", "mood", "time_signature", "duration", "language", "seed", "engine")
    plan = {name: TAKE[name] for name in asked} | {"bpm": 120, "key": "C major", "instrumental": True}
    scripted.jobs[job_id]["plan"] = plan | {"notice": "Made instrumental: this engine has no voice."}
    await scripted.publish(job_id, "mp3", done=True)
    response = await waiting
    assert response["song"]["engine_label"] == "Built-in composer"
    assert response["notice"] == "Made instrumental: this engine has no voice."
    for told in (ready[0].data, hass.states.get("event.kitchen_song").attributes):
        assert (told["engine_label"], told["notice"]) == ("Built-in composer", response["notice"])


async def test_a_cut_between_filing_and_delivery_loses_nothing(
    hass: HomeAssistant, home: Home, scripted: ScriptedStudio, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry = await connected(home, scripted)
    ready = async_capture_events(hass, EVENT_SONG_READY)
    reached = asyncio.Event()

    async def never(*_: Any) -> None:
        reached.set()
        await asyncio.Event().wait()

    with monkeypatch.context() as cut:
        # Between the song in the library and its place in the mixtape.
        cut.setattr(Library, "add_to_mixtape", lambda *_: None)
        cut.setattr(maker.SongMaker, "_async_deliver", never)
        job_id = (await wish(hass))["job_id"]
        await eventually(lambda: scripted.jobs.get(job_id))
        await scripted.publish(job_id, "mp3", done=True)
        await asyncio.wait_for(reached.wait(), 20)
        assert entry.runtime_data.library.song(job_id)
        assert await hass.config_entries.async_unload(entry.entry_id)
    assert not ready
    await hass.config_entries.async_setup(entry.entry_id)
    library = entry.runtime_data.library
    await eventually(lambda: library.wish(job_id).state is WishState.DONE)
    assert [event.data["song_id"] for event in ready] == [job_id]
    assert [song.id for song in library.mixtape(home.room_id(entry, "Kitchen"))] == [job_id]
    assert hass.states.get("media_player.kitchen").state == "playing"
    assert scripted.downloads == 1


async def test_a_song_that_plays_does_not_fail_because_the_library_takes_no_note(
    hass: HomeAssistant, home: Home, scripted: ScriptedStudio, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry = await connected(home, scripted)
    failed = async_capture_events(hass, EVENT_SONG_FAILED)
    update = Library.update_wish
    refused = 0

    def refuse(library: Library, job_id: str, state: WishState, *args: Any, **times: Any) -> Any:
        nonlocal refused
        if state is WishState.DONE:
            refused += 1
            raise LibraryError("locked")
        return update(library, job_id, state, *args, **times)

    monkeypatch.setattr(Library, "update_wish", refuse)
    job_id = (await wish(hass))["job_id"]
    await eventually(lambda: scripted.jobs.get(job_id))
    await scripted.publish(job_id, "mp3", done=True)
    await eventually(lambda: job_id not in entry.runtime_data.maker._makings)
    assert refused == retry.ATTEMPTS
    assert not failed
    assert entry.runtime_data.library.wish(job_id).state is WishState.DELIVERED
    assert hass.states.get("media_player.kitchen").state == "playing"


async def test_whoever_waits_is_told_when_everything_is_loaded_anew(
    hass: HomeAssistant, home: Home, scripted: ScriptedStudio
) -> None:
    entry = await connected(home, scripted)
    waiting = hass.async_create_task(wish(hass, wait=True))
    await eventually(lambda: scripted.jobs)
    await hass.config_entries.async_reload(entry.entry_id)
    with pytest.raises(HomeAssistantError) as error:
        await waiting
    assert error.value.translation_key == "still_coming"
    job_id = error.value.translation_placeholders["job_id"]
    await scripted.publish(job_id, "mp3", done=True)
    await eventually(lambda: entry.runtime_data.library.wish(job_id).state is WishState.DONE)


async def test_why_it_does_not_play_is_told_in_words(hass: HomeAssistant, home: Home, scripted: ScriptedStudio) -> None:
    await connected(home, scripted)
    await home.speakers["Kitchen"].async_remove()
    waiting = hass.async_create_task(wish(hass, wait=True))
    await eventually(lambda: scripted.jobs)
    await scripted.publish(next(iter(scripted.jobs)), "mp3", done=True)
    response = await waiting
    assert not response["playing"]
    assert "Kitchen speaker" in response["playback_error"]
    assert len(response["playback_error"].split()) > 3


async def test_a_speaker_that_fails_without_words(
    hass: HomeAssistant, home: Home, scripted: ScriptedStudio, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever somebody else's integration raises."""

    async def fail(*_: Any, **__: Any) -> None:
        raise KeyError

    entry = await connected(home, scripted)
    room = entry.runtime_data.rooms[home.room_id(entry, "Kitchen")]
    monkeypatch.setattr(type(room), "async_play_song", fail)
    waiting = hass.async_create_task(wish(hass, wait=True))
    await eventually(lambda: scripted.jobs)
    await scripted.publish(next(iter(scripted.jobs)), "mp3", done=True)
    assert (await waiting)["playback_error"] == "KeyError"


async def test_a_song_that_comes_late_stays_quiet(
    hass: HomeAssistant, home: Home, scripted: ScriptedStudio, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry = await connected(home, scripted)
    monkeypatch.setattr("custom_components.mixtape.work.LOUD_FOR", -LOUD_FOR)
    job_id = (await wish(hass))["job_id"]
    await eventually(lambda: scripted.jobs.get(job_id))
    await scripted.publish(job_id, "mp3", done=True)
    await eventually(lambda: entry.runtime_data.library.wish(job_id).state is WishState.DONE)
    assert home.speakers["Kitchen"].calls == []


async def test_neither_announced_nor_played_where_not_wished(
    hass: HomeAssistant, home: Home, scripted: ScriptedStudio
) -> None:
    entry = await connected(home, scripted)
    job_id = (await wish(hass, play=False, announce=False))["job_id"]
    await eventually(lambda: scripted.jobs.get(job_id))
    await scripted.publish(job_id, "mp3", done=True)
    await eventually(lambda: entry.runtime_data.library.wish(job_id).state is WishState.DONE)
    assert home.speakers["Kitchen"].calls == []


async def test_a_mistake_of_ours_leaves_no_wish_without_an_answer(
    hass: HomeAssistant, home: Home, scripted: ScriptedStudio, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry = await connected(home, scripted)

    def broken(*_: Any) -> None:
        raise RuntimeError("broken")

    monkeypatch.setattr(maker, "to_song", broken)
    job_id = (await wish(hass))["job_id"]
    await eventually(lambda: scripted.jobs.get(job_id))
    await scripted.publish(job_id, "mp3", done=True)
    await eventually(lambda: entry.runtime_data.library.wish(job_id).state is WishState.FAILED)
    assert entry.runtime_data.library.wish(job_id).problem["message"] == "RuntimeError: broken"


async def test_waiting_has_a_limit(
    hass: HomeAssistant, home: Home, scripted: ScriptedStudio, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry = await connected(home, scripted)
    monkeypatch.setattr("custom_components.mixtape.services.WAIT_LIMIT", 0.1)
    with pytest.raises(HomeAssistantError) as error:
        await wish(hass, wait=True)
    assert error.value.translation_key == "still_making"
    job_id = error.value.translation_placeholders["job_id"]
    await eventually(lambda: scripted.jobs.get(job_id))
    await scripted.publish(job_id, "mp3", done=True)
    await eventually(lambda: entry.runtime_data.library.wish(job_id).state is WishState.DONE)


async def test_a_damaged_library_is_left_as_it_is(
    hass: HomeAssistant, home: Home, scripted: ScriptedStudio, hass_client: Any
) -> None:
    entry = await connected(home, scripted)
    assert await hass.config_entries.async_unload(entry.entry_id)
    database: Path = entry_database(hass)
    database.write_bytes(b"this is no database" * 100)
    await hass.config_entries.async_setup(entry.entry_id)
    assert entry.state is ConfigEntryState.SETUP_ERROR
    assert database.read_bytes() == b"this is no database" * 100
    issue = ir.async_get(hass).async_get_issue(DOMAIN, issues.issue_id(entry, issues.LIBRARY_DAMAGED))
    assert issue
    assert issue.is_fixable

    from custom_components.mixtape.repairs import async_create_fix_flow

    flow = await async_create_fix_flow(hass, issue.issue_id, issue.data)
    flow.hass = hass
    flow.handler, flow.flow_id = DOMAIN, "1"
    result = await flow.async_step_init()
    assert (result["step_id"], result["description_placeholders"]) == ("confirm", {"path": str(database)})
    result = await flow.async_step_confirm({})
    assert result["type"] == "create_entry"
    await hass.async_block_till_done()
    assert entry.state is ConfigEntryState.LOADED
    (aside,) = database.parent.glob("mixtape.db.damaged-*")
    assert aside.read_bytes() == b"this is no database" * 100
    assert ir.async_get(hass).async_get_issue(DOMAIN, issue.issue_id) is None

    assert await hass.config_entries.async_unload(entry.entry_id)
    database.unlink()
    assert (await flow.async_step_confirm({}))["reason"] == "gone"


def entry_database(hass: HomeAssistant) -> Path:
    from pathlib import Path

    return Path(hass.config.path(DOMAIN, "mixtape.db"))


async def test_a_library_of_a_newer_version_is_left_as_it_is(
    hass: HomeAssistant, home: Home, scripted: ScriptedStudio
) -> None:
    import sqlite3
    from contextlib import closing

    entry = await connected(home, scripted)
    assert await hass.config_entries.async_unload(entry.entry_id)
    with closing(sqlite3.connect(entry_database(hass))) as connection:
        connection.execute("INSERT INTO schema_version VALUES (999, CURRENT_TIMESTAMP)")
        connection.commit()
    await hass.config_entries.async_setup(entry.entry_id)
    assert entry.state is ConfigEntryState.SETUP_ERROR
    assert ir.async_get(hass).async_get_issue(DOMAIN, issues.issue_id(entry, issues.LIBRARY_NEWER))


async def test_a_disk_that_is_full_at_the_start(
    hass: HomeAssistant, home: Home, scripted: ScriptedStudio, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry = await connected(home, scripted)
    assert await hass.config_entries.async_unload(entry.entry_id)

    def full(folder: Path) -> None:
        raise LibraryFullError(folder)

    monkeypatch.setattr("custom_components.mixtape.storage.Library.open", full)
    await hass.config_entries.async_setup(entry.entry_id)
    assert entry.state is ConfigEntryState.SETUP_RETRY
    assert ir.async_get(hass).async_get_issue(DOMAIN, issues.issue_id(entry, issues.LIBRARY_FULL))


async def test_a_library_whose_wishes_cannot_be_read(
    hass: HomeAssistant, home: Home, scripted: ScriptedStudio, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry = await connected(home, scripted)
    assert await hass.config_entries.async_unload(entry.entry_id)

    def fail(_: Any) -> None:
        raise LibraryError("unreadable")

    with monkeypatch.context() as broken:
        broken.setattr(Library, "wishes", fail)
        await hass.config_entries.async_setup(entry.entry_id)
        assert entry.state is ConfigEntryState.SETUP_RETRY
        assert entry.reason == "The library cannot be used: unreadable"
    await hass.config_entries.async_reload(entry.entry_id)
    assert entry.state is ConfigEntryState.LOADED


async def test_another_contract_is_a_repair_and_what_is_made_still_plays(
    hass: HomeAssistant, home: Home, scripted: ScriptedStudio
) -> None:
    entry = await connected(home, scripted)
    scripted.health["contract"] = "2.0"
    await entry.runtime_data.studio.async_refresh()
    issue = issues.issue_id(entry, issues.UNSUPPORTED_STUDIO)
    assert ir.async_get(hass).async_get_issue(DOMAIN, issue).translation_placeholders["found"] == "2.0"
    assert not entry.runtime_data.studio.connected
    assert hass.states.get("media_player.kitchen").state == "idle"
    scripted.health |= {"contract": "1.0", "version": "0.2.0"}
    await entry.runtime_data.studio.async_refresh()
    assert entry.runtime_data.studio.connected
    assert ir.async_get(hass).async_get_issue(DOMAIN, issue) is None


async def test_a_wrong_token_asks_for_a_new_one(
    hass: HomeAssistant, home: Home, scripted: ScriptedStudio, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("custom_components.mixtape.coordinator.REFUSED_PAUSE", 0.05)
    entry = await connected(home, scripted)
    scripted.token = "another"
    await scripted.stop()
    await scripted.start()
    await eventually(lambda: hass.config_entries.flow.async_progress_by_handler(DOMAIN))
    assert entry.state is ConfigEntryState.LOADED
    assert hass.states.get("media_player.kitchen").state == "idle"
    # Also without a new token it is asked again, now and then.
    scripted.token = TOKEN
    await eventually(lambda: entry.runtime_data.studio.connected)
