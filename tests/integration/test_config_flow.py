"""Setting up, in every way and with every mistake."""

from __future__ import annotations

import asyncio
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any

import pytest
from aiohttp import web
from homeassistant.config_entries import SOURCE_RECONFIGURE, SOURCE_USER, SOURCE_ZEROCONF, ConfigEntryState
from homeassistant.const import CONF_TOKEN, CONF_URL
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.service_info.zeroconf import ZeroconfServiceInfo

from custom_components.mixtape import studio_check
from custom_components.mixtape.areas import Candidate, async_speakers_by_area, choose_speakers
from custom_components.mixtape.client import Timeouts
from custom_components.mixtape.const import DOMAIN, SUBENTRY_ROOM
from custom_components.mixtape.room_flow import RoomFlow
from custom_components.mixtape.studio_check import StudioRefused, normalise_url
from tests.integration.conftest import eventually
from tests.integration.scripted_studio import TOKEN

if TYPE_CHECKING:
    from collections.abc import Callable

    from homeassistant.core import HomeAssistant

    from tests.integration.conftest import Home
    from tests.integration.scripted_studio import ScriptedStudio
    from tests.studio_process import StudioProcess


async def start(hass: HomeAssistant) -> str:
    result = await hass.config_entries.flow.async_init(DOMAIN, context={"source": SOURCE_USER})
    assert (result["type"], result["step_id"], result["errors"]) == (FlowResultType.FORM, "user", {})
    return result["flow_id"]


def found(studio: ScriptedStudio, **properties: str) -> ZeroconfServiceInfo:
    host, port = studio.url.removeprefix("http://").split(":")
    return ZeroconfServiceInfo(
        ip_address=ip_address(host),
        ip_addresses=[ip_address(host)],
        hostname="studio.local.",
        name="Cellar studio._mixtape._tcp.local.",
        port=int(port),
        type="_mixtape._tcp.local.",
        properties={"id": studio.health["studio_id"], "version": "0.1.0", "contract": "1.0", "path": "/"} | properties,
    )


async def discover(hass: HomeAssistant, info: ZeroconfServiceInfo) -> Any:
    return await hass.config_entries.flow.async_init(DOMAIN, context={"source": SOURCE_ZEROCONF}, data=info)


async def reconfigure(hass: HomeAssistant, entry: Any) -> Any:
    context = {"source": SOURCE_RECONFIGURE, "entry_id": entry.entry_id}
    return await hass.config_entries.flow.async_init(DOMAIN, context=context)


async def test_with_the_real_studio(hass: HomeAssistant, home: Home, studio: StudioProcess) -> None:
    flow_id = await start(hass)
    result = await hass.config_entries.flow.async_configure(flow_id, {CONF_URL: studio.url, CONF_TOKEN: "mxt_wrong"})
    assert result["errors"] == {CONF_TOKEN: "invalid_auth"}
    result = await hass.config_entries.flow.async_configure(flow_id, {CONF_URL: studio.url, CONF_TOKEN: studio.token})
    assert result["step_id"] == "rooms"
    result = await hass.config_entries.flow.async_configure(flow_id, {"rooms": [home.area_ids["Kitchen"]]})
    assert result["type"] is FlowResultType.CREATE_ENTRY
    await hass.async_block_till_done()
    entry = result["result"]
    assert entry.state is ConfigEntryState.LOADED
    assert entry.data == {CONF_URL: studio.url, CONF_TOKEN: studio.token}
    (room,) = entry.subentries.values()
    assert (room.title, room.subentry_type, room.unique_id) == ("Kitchen", SUBENTRY_ROOM, home.area_ids["Kitchen"])
    assert dict(room.data) == {
        "area_id": home.area_ids["Kitchen"],
        "speakers": ["media_player.kitchen_speaker"],
        "genre": None,
        "mood": None,
        "volume": None,
    }


async def test_every_area_with_a_speaker_is_offered(hass: HomeAssistant, home: Home, scripted: ScriptedStudio) -> None:
    entry = await home.set_up(scripted.url, TOKEN)
    assert {room.title for room in entry.subentries.values()} == {"Living Room", "Kitchen", "Bedroom"}
    assert hass.states.get("media_player.kitchen")
    device = dr.async_get(hass).async_get_device_by_identifier((DOMAIN, home.room_id(entry, "Kitchen")), entry.entry_id)
    assert device
    assert device.area_id == home.area_ids["Kitchen"]
    studio = dr.async_get(hass).async_get_device_by_identifier((DOMAIN, entry.entry_id), entry.entry_id)
    assert studio
    assert device.via_device_id == studio.id


async def test_a_home_without_speakers_gets_no_rooms(hass: HomeAssistant, home: Home, scripted: ScriptedStudio) -> None:
    for speaker in home.speakers.values():
        er.async_get(hass).async_update_entity(speaker.entity_id, area_id=None)
    result = await hass.config_entries.flow.async_configure(
        await start(hass), {CONF_URL: scripted.url, CONF_TOKEN: TOKEN}
    )
    assert (result["type"], result["description"]) == (FlowResultType.CREATE_ENTRY, "no_rooms")
    await hass.async_block_till_done()


async def test_no_area_need_be_chosen(hass: HomeAssistant, home: Home, scripted: ScriptedStudio) -> None:
    entry = await home.set_up(scripted.url, TOKEN, rooms=[])
    assert not entry.subentries


def html(_: web.Request) -> web.Response:
    return web.Response(text="<html>A router</html>", content_type="text/html")


def other_json(_: web.Request) -> web.Response:
    return web.json_response({"hello": "world"})


@pytest.mark.parametrize(
    ("user_input", "field", "error"),
    [
        ({CONF_URL: "http://127.0.0.1:1"}, CONF_URL, "cannot_connect"),
        ({CONF_URL: "ftp://127.0.0.1"}, CONF_URL, "invalid_url"),
        ({CONF_URL: "http://"}, CONF_URL, "invalid_url"),
        ({CONF_URL: "my studio"}, CONF_URL, "invalid_url"),
        ({CONF_URL: "http://127.0.0.1:99999"}, CONF_URL, "invalid_url"),
        ({CONF_TOKEN: "wrong"}, CONF_TOKEN, "invalid_auth"),
        ({CONF_TOKEN: "  "}, CONF_TOKEN, "invalid_auth"),
        ({CONF_TOKEN: "tok\nen"}, CONF_TOKEN, "invalid_auth"),
        ({CONF_TOKEN: "tökén"}, CONF_TOKEN, "invalid_auth"),
    ],
)
async def test_mistakes_are_named_and_can_be_corrected(
    hass: HomeAssistant, home: Home, scripted: ScriptedStudio, user_input: dict[str, str], field: str, error: str
) -> None:
    flow_id = await start(hass)
    right = {CONF_URL: scripted.url, CONF_TOKEN: TOKEN}
    result = await hass.config_entries.flow.async_configure(flow_id, right | user_input)
    assert result["errors"] == {field: error}
    result = await hass.config_entries.flow.async_configure(flow_id, right)
    assert result["step_id"] == "rooms"


@pytest.mark.parametrize("answer", [html, other_json])
async def test_something_else_is_no_studio(
    hass: HomeAssistant, home: Home, scripted: ScriptedStudio, answer: Callable[[web.Request], web.Response]
) -> None:
    async def fault(request: web.Request) -> web.Response:
        return answer(request)

    scripted.fault = fault
    result = await hass.config_entries.flow.async_configure(
        await start(hass), {CONF_URL: scripted.url, CONF_TOKEN: TOKEN}
    )
    assert result["errors"] == {CONF_URL: "not_mixtape"}


async def test_another_contract_is_told_with_both_versions(
    hass: HomeAssistant, home: Home, scripted: ScriptedStudio
) -> None:
    scripted.health["contract"] = "2.3"
    result = await hass.config_entries.flow.async_configure(
        await start(hass), {CONF_URL: scripted.url, CONF_TOKEN: TOKEN}
    )
    assert result["errors"] == {CONF_URL: "unsupported_version"}
    assert result["description_placeholders"]["found"] == "2.3"
    assert result["description_placeholders"]["supported"] == "1.0"


async def test_a_studio_that_does_not_answer(
    hass: HomeAssistant, home: Home, scripted: ScriptedStudio, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def hang(_: web.Request) -> None:
        await asyncio.sleep(30)

    monkeypatch.setattr(studio_check, "CHECK_TIMEOUTS", Timeouts(connect=0.2, request=0.2))
    scripted.fault = hang
    result = await hass.config_entries.flow.async_configure(
        await start(hass), {CONF_URL: scripted.url, CONF_TOKEN: TOKEN}
    )
    assert result["errors"] == {CONF_URL: "timeout"}
    scripted.fault = None


async def test_a_studio_is_set_up_once(hass: HomeAssistant, home: Home, scripted: ScriptedStudio) -> None:
    await home.set_up(scripted.url, TOKEN)
    result = await hass.config_entries.flow.async_configure(
        await start(hass), {CONF_URL: scripted.url, CONF_TOKEN: TOKEN}
    )
    assert (result["type"], result["reason"]) == (FlowResultType.ABORT, "already_configured")


@pytest.mark.parametrize(
    ("typed", "url"),
    [
        ("studio.local", "http://studio.local:8765"),
        ("studio.local:9000", "http://studio.local:9000"),
        ("192.168.1.20", "http://192.168.1.20:8765"),
        (" http://studio.local:8765/ ", "http://studio.local:8765"),
        ("https://studio.example/mixtape/?a=b#c", "https://studio.example/mixtape"),
        ("http://[fd00::1]:8765", "http://[fd00::1]:8765"),
    ],
)
def test_addresses(typed: str, url: str) -> None:
    assert normalise_url(typed) == url


@pytest.mark.parametrize("typed", ["", "http://user:pass@studio", "mailto:someone", "http://a b", "http://x:port"])
def test_what_is_no_address(typed: str) -> None:
    with pytest.raises(StudioRefused) as refused:
        normalise_url(typed)
    assert refused.value.key == "invalid_url"


async def test_found_in_the_network(hass: HomeAssistant, home: Home, scripted: ScriptedStudio) -> None:
    result = await discover(hass, found(scripted))
    assert (result["type"], result["step_id"]) == (FlowResultType.FORM, "token")
    assert result["description_placeholders"]["url"] == scripted.url
    (progress,) = hass.config_entries.flow.async_progress()
    assert progress["context"]["title_placeholders"] == {"name": "Cellar studio"}
    result = await hass.config_entries.flow.async_configure(result["flow_id"], {CONF_TOKEN: "wrong"})
    assert result["errors"] == {CONF_TOKEN: "invalid_auth"}
    result = await hass.config_entries.flow.async_configure(result["flow_id"], {CONF_TOKEN: TOKEN})
    assert result["step_id"] == "rooms"
    result = await hass.config_entries.flow.async_configure(result["flow_id"], {"rooms": []})
    assert result["result"].unique_id == "s-1"
    await hass.async_block_till_done()


async def test_found_but_gone_before_the_token(hass: HomeAssistant, home: Home, scripted: ScriptedStudio) -> None:
    result = await discover(hass, found(scripted))
    await scripted.stop()
    result = await hass.config_entries.flow.async_configure(result["flow_id"], {CONF_TOKEN: TOKEN})
    # The form has no field for the address: the whole form says it.
    assert result["errors"] == {"base": "cannot_connect"}


async def test_found_without_an_id(hass: HomeAssistant, home: Home, scripted: ScriptedStudio) -> None:
    result = await discover(hass, found(scripted, id=""))
    assert (result["type"], result["reason"]) == (FlowResultType.ABORT, "invalid_discovery_info")


async def test_found_with_another_contract(hass: HomeAssistant, home: Home, scripted: ScriptedStudio) -> None:
    result = await discover(hass, found(scripted, contract="2.0"))
    assert (result["type"], result["reason"]) == (FlowResultType.ABORT, "unsupported_version")


async def test_a_studio_that_moved_is_followed(hass: HomeAssistant, home: Home, scripted: ScriptedStudio) -> None:
    entry = await home.set_up(scripted.url, TOKEN)
    await scripted.stop()
    await eventually(lambda: not entry.runtime_data.studio.connected)
    scripted._port = 0
    await scripted.start()
    assert entry.data[CONF_URL] != scripted.url
    result = await discover(hass, found(scripted))
    assert (result["type"], result["reason"]) == (FlowResultType.ABORT, "already_configured")
    assert entry.data[CONF_URL] == scripted.url
    await hass.async_block_till_done()
    await eventually(lambda: entry.runtime_data.studio.connected)


async def test_a_studio_that_answers_is_left_where_it_is(
    hass: HomeAssistant, home: Home, scripted: ScriptedStudio
) -> None:
    entry = await home.set_up(scripted.url, TOKEN)
    info = found(scripted)
    info.ip_address = ip_address("10.9.8.7")
    result = await discover(hass, info)
    assert result["reason"] == "already_configured"
    assert entry.data[CONF_URL] == scripted.url


async def test_an_address_with_tls_is_left_alone(hass: HomeAssistant, home: Home, scripted: ScriptedStudio) -> None:
    entry = await home.set_up(scripted.url, TOKEN)
    hass.config_entries.async_update_entry(entry, data={**entry.data, CONF_URL: "https://127.0.0.1:1"})
    await hass.async_block_till_done()
    result = await discover(hass, found(scripted))
    assert result["reason"] == "already_configured"
    assert entry.data[CONF_URL] == "https://127.0.0.1:1"


async def test_a_new_token(hass: HomeAssistant, home: Home, scripted: ScriptedStudio) -> None:
    entry = await home.set_up(scripted.url, TOKEN)
    scripted.token = "mxt_new"
    await entry.runtime_data.studio.async_refresh()
    (flow,) = await eventually(lambda: hass.config_entries.flow.async_progress_by_handler(DOMAIN))
    assert flow["step_id"] == "reauth_confirm"
    result = await hass.config_entries.flow.async_configure(flow["flow_id"], {CONF_TOKEN: "still wrong"})
    assert result["errors"] == {CONF_TOKEN: "invalid_auth"}
    result = await hass.config_entries.flow.async_configure(flow["flow_id"], {CONF_TOKEN: "mxt_new"})
    assert (result["type"], result["reason"]) == (FlowResultType.ABORT, "reauth_successful")
    await hass.async_block_till_done()
    assert entry.data[CONF_TOKEN] == "mxt_new"
    await eventually(lambda: entry.runtime_data.studio.connected)


async def test_reconfigure(hass: HomeAssistant, home: Home, scripted: ScriptedStudio) -> None:
    entry = await home.set_up(scripted.url, TOKEN)
    rooms = set(entry.subentries)
    await scripted.stop()
    scripted._port = 0
    await scripted.start()
    result = await reconfigure(hass, entry)
    assert result["step_id"] == "reconfigure"
    result = await hass.config_entries.flow.async_configure(
        result["flow_id"], {CONF_URL: scripted.url, CONF_TOKEN: TOKEN}
    )
    assert (result["type"], result["reason"]) == (FlowResultType.ABORT, "reconfigure_successful")
    await hass.async_block_till_done()
    assert entry.data[CONF_URL] == scripted.url
    assert set(entry.subentries) == rooms
    await eventually(lambda: entry.runtime_data.studio.connected)


async def test_reconfigure_without_a_change_loads_anew(
    hass: HomeAssistant, home: Home, scripted: ScriptedStudio
) -> None:
    entry = await home.set_up(scripted.url, TOKEN)
    before = entry.runtime_data
    result = await reconfigure(hass, entry)
    result = await hass.config_entries.flow.async_configure(
        result["flow_id"], {CONF_URL: scripted.url, CONF_TOKEN: TOKEN}
    )
    assert result["reason"] == "reconfigure_successful"
    await hass.async_block_till_done()
    assert entry.runtime_data is not before


async def test_a_replaced_studio_keeps_the_rooms(hass: HomeAssistant, home: Home, scripted: ScriptedStudio) -> None:
    entry = await home.set_up(scripted.url, TOKEN)
    rooms = set(entry.subentries)
    scripted.health["studio_id"] = "s-2"
    result = await reconfigure(hass, entry)
    result = await hass.config_entries.flow.async_configure(
        result["flow_id"], {CONF_URL: scripted.url, CONF_TOKEN: TOKEN}
    )
    assert (result["type"], result["reason"]) == (FlowResultType.ABORT, "reconfigure_successful")
    await hass.async_block_till_done()
    assert entry.unique_id == "s-2"
    assert set(entry.subentries) == rooms
    assert entry.state is ConfigEntryState.LOADED
    assert hass.states.get("binary_sensor.mixtape_studio_connection").state == "on"


async def test_a_new_token_is_not_for_another_studio(hass: HomeAssistant, home: Home, scripted: ScriptedStudio) -> None:
    entry = await home.set_up(scripted.url, TOKEN)
    entry.async_start_reauth(hass)
    (flow,) = await eventually(lambda: hass.config_entries.flow.async_progress_by_handler(DOMAIN))
    scripted.health["studio_id"] = "s-2"
    result = await hass.config_entries.flow.async_configure(flow["flow_id"], {CONF_TOKEN: TOKEN})
    assert (result["type"], result["reason"]) == (FlowResultType.ABORT, "another_studio")
    assert entry.unique_id == "s-1"


async def test_a_home_has_one_studio(hass: HomeAssistant, home: Home, scripted: ScriptedStudio) -> None:
    await home.set_up(scripted.url, TOKEN)
    scripted.health["studio_id"] = "s-2"
    result = await hass.config_entries.flow.async_configure(
        await start(hass), {CONF_URL: scripted.url, CONF_TOKEN: TOKEN}
    )
    assert (result["type"], result["reason"]) == (FlowResultType.ABORT, "one_studio")
    assert (await discover(hass, found(scripted)))["reason"] == "one_studio"


# Rooms


async def add_room(hass: HomeAssistant, entry: Any) -> Any:
    return await hass.config_entries.subentries.async_init(
        (entry.entry_id, SUBENTRY_ROOM), context={"source": SOURCE_USER}
    )


async def change_room(hass: HomeAssistant, entry: Any, room_id: str) -> Any:
    return await hass.config_entries.subentries.async_init(
        (entry.entry_id, SUBENTRY_ROOM), context={"source": SOURCE_RECONFIGURE, "subentry_id": room_id}
    )


def suggested(result: Any, field: str) -> Any:
    marker = next(key for key in result["data_schema"].schema if key == field)
    return (marker.description or {}).get("suggested_value")


async def test_add_a_room(hass: HomeAssistant, home: Home, scripted: ScriptedStudio) -> None:
    entry = await home.set_up(scripted.url, TOKEN, rooms=["Kitchen"])
    configure = hass.config_entries.subentries.async_configure
    result = await add_room(hass, entry)
    assert result["step_id"] == "user"
    result = await configure(result["flow_id"], {"area_id": home.area_ids["Kitchen"]})
    assert result["errors"] == {"area_id": "area_in_use"}
    result = await configure(result["flow_id"], {"area_id": home.area_ids["Bedroom"]})
    assert result["step_id"] == "room"
    assert suggested(result, "name") == "Bedroom"
    assert suggested(result, "speakers") == ["media_player.bedroom_speaker"]

    good = {"name": "Bedroom", "speakers": ["media_player.bedroom_speaker"]}
    for wrong, errors in (
        ({"speakers": []}, {"speakers": "no_speakers"}),
        ({"name": "  "}, {"name": "name_empty"}),
        ({"name": "KITCHEN", "speakers": []}, {"name": "name_in_use", "speakers": "no_speakers"}),
    ):
        result = await configure(result["flow_id"], good | wrong)
        assert result["errors"] == errors
    result = await configure(result["flow_id"], good | {"genre": "jazz", "mood": "cosmic", "volume": 35})
    assert result["type"] is FlowResultType.CREATE_ENTRY
    await hass.async_block_till_done()
    room = next(room for room in entry.subentries.values() if room.title == "Bedroom")
    assert room.unique_id == home.area_ids["Bedroom"]
    assert room.data["genre"] == "jazz"
    assert room.data["mood"] == "cosmic"
    assert room.data["volume"] == 0.35
    assert hass.states.get("media_player.bedroom")


async def test_a_room_needs_no_area(hass: HomeAssistant, home: Home, scripted: ScriptedStudio) -> None:
    entry = await home.set_up(scripted.url, TOKEN, rooms=[])
    result = await add_room(hass, entry)
    result = await hass.config_entries.subentries.async_configure(result["flow_id"], {})
    assert suggested(result, "speakers") == []
    result = await hass.config_entries.subentries.async_configure(
        result["flow_id"], {"name": "Everywhere", "speakers": ["media_player.kitchen_speaker"]}
    )
    assert result["type"] is FlowResultType.CREATE_ENTRY
    await hass.async_block_till_done()
    assert hass.states.get("media_player.everywhere")


async def test_change_a_room(hass: HomeAssistant, home: Home, scripted: ScriptedStudio) -> None:
    entry = await home.set_up(scripted.url, TOKEN, rooms=["Kitchen", "Bedroom"])
    room_id = home.room_id(entry, "Kitchen")
    configure = hass.config_entries.subentries.async_configure
    result = await change_room(hass, entry, room_id)
    assert suggested(result, "name") == "Kitchen"
    good = {
        "name": "Cook's corner",
        "area_id": home.area_ids["Living Room"],
        "speakers": ["media_player.kitchen_speaker"],
        "volume": 20,
    }
    result = await configure(result["flow_id"], good | {"area_id": home.area_ids["Bedroom"], "name": "bedroom"})
    assert result["errors"] == {"area_id": "area_in_use", "name": "name_in_use"}
    result = await configure(result["flow_id"], good)
    assert (result["type"], result["reason"]) == (FlowResultType.ABORT, "reconfigure_successful")
    await hass.async_block_till_done()
    room = entry.subentries[room_id]
    assert (room.title, room.unique_id, room.data["volume"]) == ("Cook's corner", home.area_ids["Living Room"], 0.2)
    assert entry.runtime_data.rooms[room_id].name == "Cook's corner"
    device = dr.async_get(hass).async_get_device_by_identifier((DOMAIN, room_id), entry.entry_id)
    assert device.area_id == home.area_ids["Living Room"]

    result = await change_room(hass, entry, room_id)
    assert suggested(result, "volume") == 20


async def test_a_removed_room_takes_its_device_with_it(
    hass: HomeAssistant, home: Home, scripted: ScriptedStudio
) -> None:
    entry = await home.set_up(scripted.url, TOKEN)
    room_id = home.room_id(entry, "Kitchen")
    assert hass.config_entries.async_remove_subentry(entry, room_id)
    await hass.async_block_till_done()
    assert hass.states.get("media_player.kitchen") is None
    assert room_id not in entry.runtime_data.rooms
    assert dr.async_get(hass).async_get_device_by_identifier((DOMAIN, room_id), entry.entry_id) is None


async def test_own_players_are_no_speakers(hass: HomeAssistant, home: Home, scripted: ScriptedStudio) -> None:
    """The form's own list leaves them out; what gets past it is refused all the same."""
    entry = await home.set_up(scripted.url, TOKEN, rooms=["Kitchen"])
    flow = RoomFlow()
    flow.hass = hass
    flow.handler = (entry.entry_id, SUBENTRY_ROOM)
    errors = flow._room_errors({"name": "Loop", "speakers": ["media_player.kitchen"]})
    assert errors == {"speakers": "own_player"}


# Which speakers an area has


def test_screens_are_only_taken_where_nothing_else_is() -> None:
    speaker = Candidate(entity_id="media_player.b", device_id="1", is_screen=False)
    same_device = Candidate(entity_id="media_player.c", device_id="1", is_screen=False)
    screen = Candidate(entity_id="media_player.a", device_id="2", is_screen=True)
    loose = Candidate(entity_id="media_player.d", device_id=None, is_screen=False)
    assert choose_speakers([screen, loose, same_device, speaker]) == ["media_player.b", "media_player.d"]
    assert choose_speakers([screen]) == ["media_player.a"]


async def test_what_cannot_play_is_no_speaker(hass: HomeAssistant, home: Home) -> None:
    registry = er.async_get(hass)
    for platform, features in (("group", 512), (DOMAIN, 512), ("remote_box", 1)):
        entry = registry.async_get_or_create("media_player", platform, "x", supported_features=features)
        registry.async_update_entity(entry.entity_id, area_id=home.area_ids["Kitchen"])
    hidden = registry.async_get_or_create(
        "media_player", "y", "x", supported_features=512, hidden_by=er.RegistryEntryHider.USER
    )
    registry.async_update_entity(hidden.entity_id, area_id=home.area_ids["Kitchen"])
    away = registry.async_get_or_create("media_player", "z", "x", supported_features=512)
    registry.async_update_entity(away.entity_id, area_id=home.area_ids["Bedroom"])
    registry.async_get_or_create("media_player", "nowhere", "x", supported_features=512)
    found = async_speakers_by_area(hass)
    assert found[home.area_ids["Kitchen"]] == ["media_player.kitchen_speaker"]
    assert found[home.area_ids["Bedroom"]] == ["media_player.bedroom_speaker", away.entity_id]
