"""The actions: what they take, what they answer, and what they refuse, naming the field."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import probatio as vol
import pytest
from homeassistant.core import Context
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers import area_registry as ar
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers import issue_registry as ir
from homeassistant.setup import async_setup_component

from custom_components.mixtape import issues
from custom_components.mixtape.const import DOMAIN
from custom_components.mixtape.library import Library, LibraryError, LibraryFullError
from tests.integration.conftest import eventually
from tests.integration.scripted_studio import TOKEN

if TYPE_CHECKING:
    from homeassistant.core import HomeAssistant

    from tests.integration.conftest import Home
    from tests.integration.scripted_studio import ScriptedStudio


async def call(hass: HomeAssistant, action: str, *, context: Context | None = None, **data: Any) -> Any:
    return await hass.services.async_call(DOMAIN, action, data, blocking=True, return_response=True, context=context)


async def refused(hass: HomeAssistant, action: str, **data: Any) -> ServiceValidationError:
    with pytest.raises(ServiceValidationError) as error:
        await call(hass, action, **data)
    assert error.value.translation_domain == DOMAIN
    # Home Assistant has the text in its own words, with every placeholder filled.
    text = str(error.value)
    assert text
    assert "{" not in text
    return error.value


@pytest.fixture
async def entry(home: Home, scripted: ScriptedStudio) -> Any:
    entry = await home.set_up(scripted.url, TOKEN)
    await eventually(lambda: entry.runtime_data.studio.connected)
    return entry


async def test_every_field_reaches_the_studio(
    hass: HomeAssistant, home: Home, scripted: ScriptedStudio, entry: Any
) -> None:
    fields = {
        "title": "Rain",
        "caption": "brushed drums",
        "topic": "the sea",
        "lyrics": "[verse]\nDrip, drop",
        "genre": "jazz",
        "mood": "relaxing",
        "bpm": 96,
        "key": "f# minor",
        "time_signature": "3/4",
        "duration": 30,
        "instrumental": False,
        "language": "de",
        "seed": 42,
        "engine": "composer",
        "artist": "The Smiths",
    }
    response = await call(hass, "generate_song", room="media_player.kitchen", **fields)
    await eventually(lambda: scripted.orders)
    (order,) = scripted.orders
    assert order["request"] == fields | {"key": "F# minor", "duration": 30.0}
    assert order["priority"] == "card"
    assert order["id"] == response["job_id"] == response["song_id"]
    assert response["room"] == "Kitchen"
    assert response["heard"]["key"] == "F# minor"
    assert response["studio_connected"]


async def test_a_rooms_usual_genre_and_mood_fill_what_is_left_open(
    hass: HomeAssistant, home: Home, scripted: ScriptedStudio, entry: Any
) -> None:
    room = entry.subentries[home.room_id(entry, "Bedroom")]
    data = {**room.data, "genre": "ambient", "mood": "relaxing"}
    hass.config_entries.async_update_subentry(entry, room, data=data)
    await hass.async_block_till_done()
    await call(hass, "quick_song", text="a rock song in the bedroom")
    await eventually(lambda: scripted.orders)
    assert scripted.orders[0]["request"]["genre"] == "rock"
    assert scripted.orders[0]["request"]["mood"] == "relaxing"


@pytest.mark.parametrize(
    ("data", "key", "field"),
    [
        ({"bpm": 0}, "field_out_of_range", "bpm"),
        ({"bpm": -1}, "field_out_of_range", "bpm"),
        ({"bpm": 1_000_000_000}, "field_out_of_range", "bpm"),
        ({"bpm": float("nan")}, "field_not_whole", "bpm"),
        ({"bpm": float("inf")}, "field_out_of_range", "bpm"),
        ({"bpm": 96.5}, "field_not_whole", "bpm"),
        ({"bpm": "fast"}, "field_not_whole", "bpm"),
        ({"bpm": True}, "field_not_whole", "bpm"),
        ({"duration": 0}, "field_out_of_range", "duration"),
        ({"duration": 601}, "field_out_of_range", "duration"),
        ({"duration": "nan"}, "field_not_number", "duration"),
        ({"duration": [1]}, "field_not_number", "duration"),
        ({"seed": 2**32}, "field_out_of_range", "seed"),
        ({"key": "H dur"}, "field_unknown_key", "key"),
        ({"key": 7}, "field_unknown_key", "key"),
        ({"time_signature": "7/8"}, "field_unknown_time_signature", "time_signature"),
        ({"language": "en" + "-latn" * 7}, "field_unknown_language", "language"),
        ({"language": "en-"}, "field_unknown_language", "language"),
        ({"instrumental": "perhaps"}, "field_not_boolean", "instrumental"),
        ({"instrumental": [True]}, "field_not_boolean", "instrumental"),
        ({"artist": "  "}, "field_empty", "artist"),
        ({"mood": "c1 \x85"}, "field_control_character", "mood"),
        ({"mood": "lone \r"}, "field_control_character", "mood"),
        ({"language": "Klingon"}, "field_unknown_language", "language"),
        ({"engine": "warp-drive"}, "field_unknown_engine", "engine"),
        ({"title": ""}, "field_empty", "title"),
        ({"topic": "x" * 1001}, "field_too_long", "topic"),
        ({"lyrics": "x" * 100_000}, "field_too_long", "lyrics"),
        ({"caption": "bell \x07"}, "field_control_character", "caption"),
        ({"caption": "half \ud800 pair"}, "field_control_character", "caption"),
        ({"genre": [1]}, "field_not_text", "genre"),
        ({"room": "dungeon"}, "unknown_room", "room"),
        ({"room": "media_player.nowhere"}, "unknown_room", "room"),
        ({"room": "media_player.kitchen_speaker"}, "unknown_room", "room"),
    ],
)
async def test_what_cannot_be_meant_is_refused_by_name(
    hass: HomeAssistant, entry: Any, scripted: ScriptedStudio, data: dict[str, Any], key: str, field: str
) -> None:
    error = await refused(hass, "generate_song", **({"room": "Kitchen"} | data))
    assert error.translation_key == key
    assert error.translation_placeholders["field"] == field
    assert field in str(error)
    assert scripted.orders == []
    assert entry.runtime_data.library.wishes() == []


@pytest.mark.parametrize(
    ("text", "key", "field"),
    [
        ("", "field_empty", "text"),
        ("  \n ", "field_empty", "text"),
        ("x" * 100_000, "field_too_long", "text"),
        ("a song\x00", "field_control_character", "text"),
        (7, "field_not_text", "text"),
        ("a song at 900 bpm", "field_out_of_range", "bpm"),
        ("a song of two hours", "field_out_of_range", "duration"),
        ("a jazz song for the garage", "unknown_room", "room"),
    ],
)
async def test_plain_words_that_cannot_be_meant(
    hass: HomeAssistant, entry: Any, scripted: ScriptedStudio, text: Any, key: str, field: str
) -> None:
    error = await refused(hass, "quick_song", text=text)
    assert (error.translation_key, error.translation_placeholders["field"]) == (key, field)
    assert entry.runtime_data.library.wishes() == []


@pytest.mark.parametrize(
    "text", ["أغنية هادئة عن البحر", "שיר שמח", "🎷🌧️ jazz 🎉", "静かなジャズの曲", "a song\tabout\nnew lines"]
)
async def test_any_language_and_emoji_work(
    hass: HomeAssistant, entry: Any, scripted: ScriptedStudio, text: str
) -> None:
    await call(hass, "quick_song", text=text, room="kitchen")
    await eventually(lambda: scripted.orders)
    assert scripted.orders[0]["request"]["wish"] == text


async def test_no_is_no_in_every_spelling(hass: HomeAssistant, entry: Any, scripted: ScriptedStudio) -> None:
    for no in (False, "false", "off", "no", 0):
        await call(hass, "generate_song", genre="jazz", instrumental=no, wait=no, play=no, announce=no)
    await eventually(lambda: len(scripted.orders) == 5)
    assert [order["request"]["instrumental"] for order in scripted.orders] == [False] * 5
    assert not any(wish.play or wish.announce for wish in entry.runtime_data.library.wishes())
    with pytest.raises(vol.Invalid, match="wait"):
        await call(hass, "generate_song", genre="jazz", wait="perhaps")


async def test_lines_end_alike_and_languages_have_regions_and_scripts(
    hass: HomeAssistant, entry: Any, scripted: ScriptedStudio
) -> None:
    await call(hass, "generate_song", room="Kitchen", lyrics="[verse]\r\none\r\ntwo", language="zh-Hant-TW")
    await eventually(lambda: scripted.orders)
    request = scripted.orders[0]["request"]
    assert (request["lyrics"], request["language"]) == ("[verse]\none\ntwo", "zh-Hant-TW")


async def test_every_way_to_name_a_room(hass: HomeAssistant, home: Home, entry: Any) -> None:
    room_id = home.room_id(entry, "Living Room")
    device = dr.async_get(hass).async_get_device_by_identifier((DOMAIN, room_id), entry.entry_id)
    ar.async_get(hass).async_update(home.area_ids["Living Room"], aliases={"Lounge"})
    for name in (
        room_id,
        home.area_ids["Living Room"],
        device.id,
        "media_player.living_room",
        ["media_player.living_room"],
        "living room",
        "the Living  Room",
        "lounge",
    ):
        assert (await call(hass, "generate_song", genre="jazz", room=name))["room"] == "Living Room"
    assert (await call(hass, "quick_song", text="a song for the lounge"))["room"] == "Living Room"


async def test_the_only_room_need_not_be_named(hass: HomeAssistant, home: Home, scripted: ScriptedStudio) -> None:
    await home.set_up(scripted.url, TOKEN, rooms=["Bedroom"])
    assert (await call(hass, "quick_song", text="a song"))["room"] == "Bedroom"


async def test_where_to_play_must_be_clear(hass: HomeAssistant, entry: Any) -> None:
    error = await refused(hass, "quick_song", text="a song")
    assert error.translation_key == "room_needed"
    assert "Kitchen" in str(error)
    # What shall not sound needs no room.
    assert (await call(hass, "quick_song", text="a song", play=False, announce=False))["room"] is None


async def test_without_rooms(hass: HomeAssistant, home: Home, scripted: ScriptedStudio) -> None:
    await home.set_up(scripted.url, TOKEN, rooms=[])
    for text in ("a song", "a song for the kitchen"):
        assert (await refused(hass, "quick_song", text=text)).translation_key == "no_rooms"


async def test_a_room_without_speakers(hass: HomeAssistant, home: Home, entry: Any) -> None:
    room = entry.subentries[home.room_id(entry, "Kitchen")]
    hass.config_entries.async_update_subentry(entry, room, data={**room.data, "speakers": []})
    await hass.async_block_till_done()
    error = await refused(hass, "quick_song", text="a song for the kitchen")
    assert error.translation_key == "room_without_speakers"
    assert "Kitchen" in str(error)


async def test_without_mixtape(hass: HomeAssistant, home: Home, scripted: ScriptedStudio) -> None:
    assert await async_setup_component(hass, DOMAIN, {})
    assert (await refused(hass, "quick_song", text="a song")).translation_key == "not_set_up"
    entry = await home.set_up(scripted.url, TOKEN)
    assert await hass.config_entries.async_unload(entry.entry_id)
    assert (await refused(hass, "quick_song", text="a song")).translation_key == "not_loaded"
    await hass.config_entries.async_setup(entry.entry_id)


async def test_an_answer_is_only_given_where_asked_for(hass: HomeAssistant, entry: Any) -> None:
    assert (
        await hass.services.async_call(DOMAIN, "quick_song", {"text": "a song in the kitchen"}, blocking=True) is None
    )


async def test_who_asked_is_remembered(hass: HomeAssistant, entry: Any, hass_admin_user: Any) -> None:
    await call(hass, "quick_song", text="a song in the kitchen", context=Context(user_id=hass_admin_user.id))
    (wish,) = entry.runtime_data.library.wishes()
    assert (wish.requester, wish.requester_name) == (hass_admin_user.id, hass_admin_user.name)


@pytest.mark.parametrize("kind", ["full", "other"])
async def test_a_wish_that_cannot_be_kept_is_not_promised(
    hass: HomeAssistant, home: Home, entry: Any, scripted: ScriptedStudio, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    def fail(library: Library, wish: Any) -> None:
        if kind == "full":
            raise LibraryFullError(library.audio.folder)
        raise LibraryError("no")

    monkeypatch.setattr(Library, "add_wish", fail)
    with pytest.raises(HomeAssistantError) as error:
        await call(hass, "quick_song", text="a song in the kitchen")
    assert error.value.translation_key == ("library_full" if kind == "full" else "library_error")
    issue = ir.async_get(hass).async_get_issue(DOMAIN, issues.issue_id(entry, issues.LIBRARY_FULL))
    assert (issue is not None) is (kind == "full")
    assert scripted.orders == []
