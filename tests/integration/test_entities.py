"""What Home Assistant shows: entities, devices, diagnostics; texts and icons for all of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from aiohttp import web
from homeassistant.config_entries import ConfigEntryState
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers import issue_registry as ir
from homeassistant.helpers.translation import async_get_translations

from custom_components.mixtape import issues
from custom_components.mixtape.const import DOMAIN, WORK_STEPS
from custom_components.mixtape.diagnostics import async_get_config_entry_diagnostics
from custom_components.mixtape.helpers import FIELD_ERRORS
from custom_components.mixtape.library import Library
from custom_components.mixtape.rooms.player import RoomPlayer
from tests.integration.conftest import eventually
from tests.integration.scripted_studio import TOKEN, problem

if TYPE_CHECKING:
    from homeassistant.core import HomeAssistant

    from tests.integration.conftest import Home
    from tests.integration.scripted_studio import ScriptedStudio

FOLDER = Path(__file__).parents[2] / "custom_components" / "mixtape"


@pytest.fixture
async def entry(home: Home, scripted: ScriptedStudio) -> Any:
    entry = await home.set_up(scripted.url, TOKEN, rooms=["Kitchen"])
    await eventually(lambda: entry.runtime_data.studio.connected)
    await home.hass.async_block_till_done()
    return entry


async def test_all_entities(hass: HomeAssistant, home: Home, entry: Any) -> None:
    room_id = home.room_id(entry, "Kitchen")
    found = {
        item.entity_id: (item.unique_id, item.config_subentry_id, item.entity_category)
        for item in er.async_entries_for_config_entry(er.async_get(hass), entry.entry_id)
    }
    assert found == {
        "binary_sensor.mixtape_studio_connection": (f"{entry.entry_id}_connected", None, "diagnostic"),
        "sensor.mixtape_studio_engine": (f"{entry.entry_id}_engine", None, "diagnostic"),
        "sensor.mixtape_studio_queue_length": (f"{entry.entry_id}_queue_length", None, None),
        "media_player.kitchen": (room_id, room_id, None),
        "sensor.kitchen_current_step": (f"{room_id}_step", room_id, None),
        "sensor.kitchen_progress": (f"{room_id}_progress", room_id, None),
        "event.kitchen_song": (f"{room_id}_song", room_id, None),
    }
    assert hass.states.get("binary_sensor.mixtape_studio_connection").state == "on"
    assert hass.states.get("sensor.mixtape_studio_engine").state == "Built-in composer"
    assert hass.states.get("sensor.mixtape_studio_queue_length").state == "2"
    assert hass.states.get("sensor.kitchen_current_step").state == "idle"


async def test_an_engine_that_is_not_listed_shows_its_name(
    hass: HomeAssistant, entry: Any, scripted: ScriptedStudio
) -> None:
    scripted.health["default_engine"] = "ace-step"
    await entry.runtime_data.studio.async_refresh()
    assert hass.states.get("sensor.mixtape_studio_engine").state == "ace-step"


async def test_an_updated_studio_shows_its_version(hass: HomeAssistant, entry: Any, scripted: ScriptedStudio) -> None:
    scripted.health["version"] = "0.9.0"
    await entry.runtime_data.studio.async_refresh()
    device = dr.async_get(hass).async_get_device_by_identifier((DOMAIN, entry.entry_id), entry.entry_id)
    assert device
    assert device.sw_version == "0.9.0"


async def test_a_studio_that_is_not_ready_is_asked_again(
    hass: HomeAssistant, home: Home, scripted: ScriptedStudio
) -> None:
    asked = 0

    async def starting(request: web.Request) -> web.Response | None:
        nonlocal asked
        if request.path == "/v1/engines" and (asked := asked + 1) < 3:
            return problem(503, "not_ready", "The worker is starting.")
        return None

    scripted.fault = starting
    entry = await home.set_up(scripted.url, TOKEN)
    assert entry.runtime_data.studio.connected
    await eventually(lambda: hass.states.get("sensor.mixtape_studio_engine").state == "Built-in composer")
    assert asked >= 3


async def test_a_studio_whose_events_come_is_not_away_for_one_lost_answer(
    hass: HomeAssistant, home: Home, entry: Any, scripted: ScriptedStudio
) -> None:
    studio = entry.runtime_data.studio
    lost = 0

    async def busy(request: web.Request) -> web.Response | None:
        nonlocal lost
        if request.path != "/v1/health" or lost == limit:
            return None
        lost += 1
        return web.Response(status=504, text="<html>Gateway Timeout</html>")

    scripted.fault, limit = busy, 1
    await studio.async_refresh()
    assert studio.connected
    assert hass.states.get("sensor.mixtape_studio_engine").state == "Built-in composer"
    # It is asked again soon, and not at the next time that is due.
    greeting = studio._greeting
    await eventually(greeting.done)
    assert (lost, studio._missed, studio.connected) == (1, 0, True)

    limit = 99
    await studio.async_refresh()
    await eventually(lambda: not studio.connected)
    assert lost == 4
    scripted.fault = None
    await eventually(lambda: studio.connected)


async def test_a_home_whose_studio_was_never_seen(hass: HomeAssistant, home: Home, scripted: ScriptedStudio) -> None:
    entry = await home.set_up(scripted.url, TOKEN)
    assert await hass.config_entries.async_unload(entry.entry_id)
    await scripted.stop()
    await hass.config_entries.async_setup(entry.entry_id)
    assert entry.state is ConfigEntryState.LOADED
    assert hass.states.get("sensor.mixtape_studio_queue_length").state == "unavailable"
    assert hass.states.get("media_player.kitchen").state == "idle"
    diagnostics = await async_get_config_entry_diagnostics(hass, entry)
    assert diagnostics["studio"]["health"] is None
    assert diagnostics["studio"]["last_exception"] == "StudioConnectionError"


async def test_setting_up_while_the_studio_is_away_keeps_its_version(
    hass: HomeAssistant, entry: Any, scripted: ScriptedStudio, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Info(dict[str, Any]):
        """From Home Assistant 2026.11 on a device's info is a dataclass: set, but never deleted."""

        def __delitem__(self, key: str) -> None:
            raise AttributeError("__delitem__")

    monkeypatch.setattr("custom_components.mixtape.entity.DeviceInfo", Info)
    await scripted.stop()
    await hass.config_entries.async_reload(entry.entry_id)
    assert entry.state is ConfigEntryState.LOADED
    device = dr.async_get(hass).async_get_device_by_identifier((DOMAIN, entry.entry_id), entry.entry_id)
    assert device
    assert device.sw_version == "0.1.0"


async def test_diagnostics_hold_no_secret(
    hass: HomeAssistant, home: Home, entry: Any, scripted: ScriptedStudio
) -> None:
    await hass.services.async_call(
        DOMAIN, "quick_song", {"text": "a song about our secret in the kitchen"}, blocking=True
    )
    diagnostics = await async_get_config_entry_diagnostics(hass, entry)
    text = json.dumps(diagnostics, default=str)
    for secret in (TOKEN, scripted.url, "127.0.0.1", "s-1", "our secret"):
        assert secret not in text
    assert diagnostics["studio"]["health"]["version"] == "0.1.0"
    assert diagnostics["rooms"][0]["name"] == "Kitchen"
    assert sum(diagnostics["library"]["wishes"].values()) == 1


async def test_an_unloaded_entry_leaves_nothing_behind(hass: HomeAssistant, entry: Any) -> None:
    assert await hass.config_entries.async_unload(entry.entry_id)
    assert entry.state is ConfigEntryState.NOT_LOADED
    assert hass.states.get("media_player.kitchen").state == "unavailable"
    assert hass.services.has_service(DOMAIN, "quick_song")


async def test_a_speaker_with_a_new_name_stays_the_rooms(hass: HomeAssistant, home: Home, entry: Any) -> None:
    room_id = home.room_id(entry, "Kitchen")
    for old, new in (("media_player.kitchen_speaker", "media_player.stove"), ("media_player.stove", "media_player.x")):
        er.async_get(hass).async_update_entity(old, new_entity_id=new)
        await hass.async_block_till_done()
        assert list(entry.subentries[room_id].data["speakers"]) == [new]
        assert list(entry.runtime_data.rooms[room_id].speakers) == [new]
    # Whatever else changes of it does not matter.
    loaded = entry.runtime_data
    er.async_get(hass).async_update_entity("media_player.x", name="X")
    await hass.async_block_till_done()
    assert entry.runtime_data is loaded


async def test_a_removed_entry_takes_its_queues_and_issues_along(
    hass: HomeAssistant, hass_storage: dict[str, Any], home: Home, entry: Any, scripted: ScriptedStudio
) -> None:
    store = f"{DOMAIN}.queue.{home.room_id(entry, 'Kitchen')}"
    scripted.health["contract"] = "2.0"
    await entry.runtime_data.studio.async_refresh()
    issue = issues.issue_id(entry, issues.UNSUPPORTED_STUDIO)
    assert ir.async_get(hass).async_get_issue(DOMAIN, issue)
    assert await hass.config_entries.async_unload(entry.entry_id)
    assert store in hass_storage
    await hass.config_entries.async_remove(entry.entry_id)
    assert store not in hass_storage
    assert ir.async_get(hass).async_get_issue(DOMAIN, issue) is None
    # The songs are the home's.
    assert Path(hass.config.path(DOMAIN, "mixtape.db")).exists()


@pytest.mark.parametrize("where", ["wishes", "room", "device"])
async def test_what_was_begun_ends_when_setting_up_fails(
    hass: HomeAssistant, home: Home, scripted: ScriptedStudio, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    entry = await home.set_up(scripted.url, TOKEN, rooms=["Kitchen", "Bedroom"])
    assert await hass.config_entries.async_unload(entry.entry_id)
    happened: list[str] = []
    close, start, stop = Library.close, RoomPlayer.async_start, RoomPlayer.async_stop_player

    def closed(library: Library) -> None:
        happened.append("closed")
        close(library)

    async def started(room: RoomPlayer) -> None:
        if where == "room" and happened:
            raise RuntimeError(where)
        await start(room)
        happened.append("started")

    async def stopped(room: RoomPlayer) -> None:
        happened.append("stopped")
        await stop(room)

    def fail(*_: Any) -> None:
        raise RuntimeError(where)

    with monkeypatch.context() as broken:
        broken.setattr(Library, "close", closed)
        broken.setattr(RoomPlayer, "async_start", started)
        broken.setattr(RoomPlayer, "async_stop_player", stopped)
        if where == "wishes":
            broken.setattr(Library, "wishes", fail)
        if where == "device":
            broken.setattr("custom_components.mixtape.register_room_devices", fail)
        await hass.config_entries.async_setup(entry.entry_id)
    assert entry.state is ConfigEntryState.SETUP_ERROR
    rooms = {"wishes": 0, "room": 1, "device": 2}[where]
    assert happened == ["started"] * rooms + ["stopped"] * rooms + ["closed"]
    await hass.config_entries.async_reload(entry.entry_id)
    assert entry.state is ConfigEntryState.LOADED


# Texts


def english() -> Any:
    return json.loads((FOLDER / "translations" / "en.json").read_text())


def test_every_step_has_a_text() -> None:
    assert set(english()["entity"]["sensor"]["step"]["state"]) == set(WORK_STEPS)


def test_every_field_error_has_a_text() -> None:
    assert {f"field_{code}" for code in FIELD_ERRORS} < set(english()["exceptions"])


async def test_home_assistant_reads_our_texts(hass: HomeAssistant, entry: Any) -> None:
    for category in ("config", "config_subentries", "entity", "services", "exceptions", "issues", "device"):
        texts = await async_get_translations(hass, "en", category, {DOMAIN})
        assert texts, category
