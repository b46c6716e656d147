"""From what somebody asked for to a wish in the library. Actions, voice and agents all come through here."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from homeassistant.config_entries import ConfigEntryState
from homeassistant.exceptions import ServiceValidationError
from homeassistant.util import dt as dt_util

from .const import CONF_GENRE, CONF_MOOD, DOMAIN
from .library import Wish
from .naming import async_room_names
from .request import build_request, check_engine

if TYPE_CHECKING:
    from collections.abc import Mapping

    from homeassistant.core import Context, HomeAssistant

    from .client import Priority, SongRequest
    from .coordinator import MixtapeConfigEntry


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """``fields`` are a ``SongRequest``'s, checked."""

    fields: Mapping[str, Any]
    room_id: str | None
    priority: Priority
    language: str
    text: str = ""
    """The words somebody said."""
    announce: bool = True
    play: bool = True
    satellite_id: str | None = None
    device_id: str | None = None
    context: Context | None = field(default=None, repr=False)


def async_loaded_entry(hass: HomeAssistant) -> MixtapeConfigEntry:
    """The home's entry.

    Raises:
        ServiceValidationError: Mixtape is not set up, or could not be loaded.
    """
    entries: list[MixtapeConfigEntry] = hass.config_entries.async_entries(DOMAIN)
    for entry in entries:
        if entry.state is ConfigEntryState.LOADED:
            return entry
    raise ServiceValidationError(translation_domain=DOMAIN, translation_key="not_loaded" if entries else "not_set_up")


def check_room(hass: HomeAssistant, entry: MixtapeConfigEntry, room_id: str | None, *, aloud: bool) -> str | None:
    """The room, or the only one there is where none is named.

    Raises:
        ServiceValidationError: nothing says where to play, or there is nothing to play on.
    """
    rooms = entry.runtime_data.rooms
    if room_id is None and len(rooms) == 1:
        room_id = next(iter(rooms))
    if room_id is None:
        if not aloud:
            return None
        known = ", ".join(names[0] for names in async_room_names(hass, entry).values())
        raise ServiceValidationError(
            translation_domain=DOMAIN,
            translation_key="room_needed" if known else "no_rooms",
            translation_placeholders={"rooms": known},
        )
    if aloud and not rooms[room_id].speakers:
        raise ServiceValidationError(
            translation_domain=DOMAIN,
            translation_key="room_without_speakers",
            translation_placeholders={"room": rooms[room_id].name},
        )
    return room_id


async def async_order(hass: HomeAssistant, entry: MixtapeConfigEntry, order: Order) -> Wish:
    """Keep the wish and begin to make the song.

    Raises:
        RequestError: no such engine.
        LibraryError: the wish could not be kept.
    """
    data = entry.runtime_data
    defaults = entry.subentries[order.room_id].data if order.room_id else {}
    request: SongRequest = build_request(
        order.fields,
        genre=defaults.get(CONF_GENRE),
        mood=defaults.get(CONF_MOOD),
        artist=hass.config.location_name,
        language=order.language,
    )
    if data.studio.data:
        check_engine(request.engine, [engine.name for engine in data.studio.data.engines])
    user_id = order.context.user_id if order.context else None
    user = await hass.auth.async_get_user(user_id) if user_id else None
    wish = Wish(
        job_id=str(uuid4()),
        text=order.text,
        request=request.to_dict(),
        room_id=order.room_id,
        requester=user_id,
        requester_name=user.name if user else None,
        priority=order.priority.value,
        created_at=dt_util.utcnow(),
        announce=order.announce,
        play=order.play,
        satellite_id=order.satellite_id,
        device_id=order.device_id,
        language=order.language,
    )
    await data.maker.async_make(wish)
    return wish
