"""Adds Mixtape as a person does: through the integration's own config flow, a room for every area."""

from dataclasses import dataclass

from .errors import DemoError
from .home import Home
from .processes import wait_for
from .studio import Studio

ENTITY_LIMIT = 30.0


@dataclass(frozen=True)
class Room:
    name: str
    player: str
    """Entity id of the room's ``media_player``."""
    entities: frozenset[str]
    """Entity ids of everything the room's device has."""


async def add_mixtape(home: Home, studio: Studio) -> dict[str, Room]:
    """Rooms by the name of their area."""
    await home.api.run_flow(
        "entry", "mixtape", {"url": studio.url, "token": studio.token}, {"rooms": list(home.areas.values())}
    )

    async def rooms() -> dict[str, Room] | None:
        found = await _rooms(home)
        states = await home.api.states()
        ready = all(room.player in states and states[room.player]["state"] != "unavailable" for room in found.values())
        return found if len(found) == len(home.areas) and ready else None

    return await wait_for("the rooms' players in Home Assistant", rooms, limit=ENTITY_LIMIT)


async def _rooms(home: Home) -> dict[str, Room]:
    entities: dict[str, set[str]] = {}
    for entity in await home.api.ask("config/entity_registry/list"):
        if entity["platform"] == "mixtape" and entity["device_id"]:
            entities.setdefault(entity["device_id"], set()).add(entity["entity_id"])
    devices = {device["id"]: device for device in await home.api.ask("config/device_registry/list")}
    rooms: dict[str, Room] = {}
    for name, area_id in home.areas.items():
        for device_id, ids in entities.items():
            player = next((one for one in sorted(ids) if one.startswith("media_player.")), None)
            if player is not None and devices[device_id]["area_id"] == area_id:
                rooms[name] = Room(name, player, frozenset(ids))
    return rooms


def room_of(rooms: dict[str, Room], entity_id: str) -> Room:
    """Raises DemoError when no room has the entity."""
    for room in rooms.values():
        if entity_id in room.entities:
            return room
    raise DemoError(f"{entity_id} belongs to no room")
