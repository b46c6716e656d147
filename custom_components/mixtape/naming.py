"""Which room is meant."""

from __future__ import annotations

from typing import TYPE_CHECKING

from homeassistant.core import callback
from homeassistant.helpers import area_registry as ar
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers import entity_registry as er

from .const import CONF_AREA_ID, DOMAIN

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from homeassistant.core import HomeAssistant

    from .coordinator import MixtapeConfigEntry


@callback
def async_room_names(hass: HomeAssistant, entry: MixtapeConfigEntry) -> dict[str, list[str]]:
    """Room id to what people call the room: its name, its area's name and the area's aliases."""
    areas = ar.async_get(hass)
    names: dict[str, list[str]] = {}
    for room_id, room in entry.runtime_data.rooms.items():
        area_id = entry.subentries[room_id].data.get(CONF_AREA_ID)
        area = areas.async_get_area(area_id) if area_id else None
        called = [room.name, *([area.name, *sorted(area.aliases)] if area else [])]
        names[room_id] = list(dict.fromkeys(called))
    return names


@callback
def async_room_of_area(entry: MixtapeConfigEntry, area_id: str | None) -> str | None:
    rooms = entry.runtime_data.rooms
    found = (room_id for room_id in rooms if area_id and entry.subentries[room_id].data.get(CONF_AREA_ID) == area_id)
    return next(found, None)


@callback
def async_area_of_satellite(hass: HomeAssistant, satellite_id: str | None, device_id: str | None) -> str | None:
    """Where somebody spoke."""
    entry = er.async_get(hass).async_get(satellite_id) if satellite_id else None
    if entry and (area_id := er.async_get_effective_area_id(hass, entry)):
        return area_id
    if device_id and (device := dr.async_get(hass).async_get(device_id)):
        return dr.async_get_effective_area_id(hass, device)
    return None


@callback
def async_find_room(hass: HomeAssistant, entry: MixtapeConfigEntry, meant: str) -> str | None:
    """The room that an action's field means: a Mixtape player, an area, a device, a room's id or any of its names."""
    rooms = entry.runtime_data.rooms
    if meant in rooms:
        return meant
    if (player := er.async_get(hass).async_get(meant)) and player.platform == DOMAIN:
        return player.config_subentry_id if player.config_subentry_id in rooms else None
    if room_id := async_room_of_area(entry, meant):
        return room_id
    if device := dr.async_get(hass).async_get(meant):
        return next((value for domain, value in device.identifiers if domain == DOMAIN and value in rooms), None)
    return room_named(meant, async_room_names(hass, entry))


def room_named(meant: str, names: Mapping[str, Sequence[str]]) -> str | None:
    folded = " ".join(meant.split()).casefold().removeprefix("the ")
    for room_id, called in names.items():
        if folded in (name.casefold().removeprefix("the ") for name in called):
            return room_id
    return None
