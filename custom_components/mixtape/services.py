"""The actions."""

from __future__ import annotations

from dataclasses import asdict
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

import probatio as vol
from homeassistant.core import HomeAssistant, ServiceCall, ServiceResponse, SupportsResponse, callback
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers import config_validation as cv

from .client import Priority
from .const import DOMAIN
from .helpers import readable, translated_errors
from .http import cover_path, song_path
from .naming import async_find_room, async_room_names
from .ordering import Order, async_loaded_entry, async_order, check_room
from .request import check_fields, check_text, from_words
from .words import parse

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .coordinator import MixtapeConfigEntry
    from .library import Song, Wish
    from .maker import Outcome

WAIT_LIMIT: Final = 900
"""Seconds; with ``wait`` an action gives up waiting then, but the song still comes."""

ATTR_TEXT: Final = "text"
ATTR_ROOM: Final = "room"
ATTR_WAIT: Final = "wait"
ATTR_PLAY: Final = "play"
ATTR_ANNOUNCE: Final = "announce"

REQUEST_FIELDS: Final = (
    "title",
    "caption",
    "topic",
    "lyrics",
    "genre",
    "mood",
    "bpm",
    "key",
    "time_signature",
    "duration",
    "instrumental",
    "language",
    "seed",
    "engine",
    "artist",
)

_COMMON: Final[dict[vol.Marker, Any]] = {
    vol.Optional(ATTR_ROOM): vol.Any(None, str, vol.All([str], vol.Length(min=1, max=1), lambda rooms: rooms[0])),
    vol.Optional(ATTR_WAIT, default=False): cv.boolean,
    vol.Optional(ATTR_PLAY, default=True): cv.boolean,
    vol.Optional(ATTR_ANNOUNCE, default=True): cv.boolean,
}
# The values of a request are checked by ``request``, whose errors name the field in the user's language.
GENERATE_SCHEMA: Final = vol.Schema({vol.Optional(name): object for name in REQUEST_FIELDS} | _COMMON)
QUICK_SCHEMA: Final = vol.Schema({vol.Required(ATTR_TEXT): object} | _COMMON)


class Action(StrEnum):
    GENERATE_SONG = "generate_song"
    QUICK_SONG = "quick_song"


@callback
def async_setup_services(hass: HomeAssistant) -> None:
    hass.services.async_register(
        DOMAIN,
        Action.GENERATE_SONG,
        async_generate_song,
        schema=GENERATE_SCHEMA,
        supports_response=SupportsResponse.OPTIONAL,
    )
    hass.services.async_register(
        DOMAIN, Action.QUICK_SONG, async_quick_song, schema=QUICK_SCHEMA, supports_response=SupportsResponse.OPTIONAL
    )


async def async_generate_song(call: ServiceCall) -> ServiceResponse:
    """Every field of the song is given by name."""
    entry = async_loaded_entry(call.hass)
    with translated_errors():
        fields = check_fields({name: call.data.get(name) for name in REQUEST_FIELDS})
    room_id = _room(call, entry, None)
    return await _async_make(call, entry, fields, room_id, text="")


async def async_quick_song(call: ServiceCall) -> ServiceResponse:
    """Plain words; ``room`` overrides a room in the words."""
    entry = async_loaded_entry(call.hass)
    with translated_errors():
        text = check_text("text", call.data[ATTR_TEXT])
        heard = parse(text, rooms=async_room_names(call.hass, entry), language=call.hass.config.language)
        fields = from_words(heard)
    if heard.unknown_room and call.data.get(ATTR_ROOM) is None:
        raise _unknown_room(call.hass, entry, heard.unknown_room)
    room_id = _room(call, entry, heard.room)
    return await _async_make(call, entry, fields, room_id, text=heard.text)


def _room(call: ServiceCall, entry: MixtapeConfigEntry, heard: str | None) -> str | None:
    aloud = call.data[ATTR_PLAY] or call.data[ATTR_ANNOUNCE]
    room_id = heard
    meant = call.data.get(ATTR_ROOM)
    if meant is not None and (room_id := async_find_room(call.hass, entry, meant)) is None:
        raise _unknown_room(call.hass, entry, meant)
    return check_room(call.hass, entry, room_id, aloud=aloud)


def _unknown_room(hass: HomeAssistant, entry: MixtapeConfigEntry, meant: str) -> ServiceValidationError:
    known = ", ".join(names[0] for names in async_room_names(hass, entry).values())
    return ServiceValidationError(
        translation_domain=DOMAIN,
        translation_key="unknown_room" if known else "no_rooms",
        translation_placeholders={"field": ATTR_ROOM, "room": meant[:80], "rooms": known},
    )


async def _async_make(
    call: ServiceCall, entry: MixtapeConfigEntry, fields: Mapping[str, Any], room_id: str | None, *, text: str
) -> ServiceResponse:
    order = Order(
        fields=fields,
        text=text,
        room_id=room_id,
        priority=Priority.CARD,
        language=call.hass.config.language,
        announce=call.data[ATTR_ANNOUNCE],
        play=call.data[ATTR_PLAY],
        context=call.context,
    )
    with translated_errors():
        wish = await async_order(call.hass, entry, order)
    outcome = await _async_outcome(entry, wish) if call.data[ATTR_WAIT] else None
    if not call.return_response:
        return None
    response: dict[str, Any] = {
        "job_id": wish.job_id,
        "song_id": wish.job_id,
        "room": entry.runtime_data.rooms[room_id].name if room_id else None,
        "heard": {name: value for name, value in fields.items() if name != "wish"},
        "studio_connected": entry.runtime_data.studio.connected,
    }
    if outcome and outcome.song:
        response["song"] = song_as_dict(outcome.song)
        response["notice"] = outcome.notice
        response["playing"] = outcome.playing
        response["playback_error"] = readable(outcome.playback_error) if outcome.playback_error else None
    return response


async def _async_outcome(entry: MixtapeConfigEntry, wish: Wish) -> Outcome:
    try:
        outcome = await entry.runtime_data.maker.async_wait(wish.job_id, WAIT_LIMIT)
    except TimeoutError as err:
        raise HomeAssistantError(
            translation_domain=DOMAIN,
            translation_key="still_making",
            translation_placeholders={"job_id": wish.job_id, "minutes": str(WAIT_LIMIT // 60)},
        ) from err
    if outcome.reason:
        raise HomeAssistantError(
            translation_domain=DOMAIN,
            translation_key="song_failed",
            translation_placeholders={"reason": outcome.reason.message},
        )
    return outcome


def song_as_dict(song: Song) -> dict[str, Any]:
    """For scripts: everything but the waveform, with addresses on this Home Assistant."""
    data = {key: value for key, value in asdict(song).items() if key not in ("peaks", "files", "token", "cover")}
    data["created_at"] = song.created_at.isoformat()
    data["urls"] = {file.audio_format: song_path(song, file.audio_format) for file in song.files}
    data["cover_url"] = cover_path(song)
    data["media_content_id"] = f"media-source://{DOMAIN}/song/{song.id}"
    return data
