"""Adds Mixtape as a person does: through the integration's own config flow, a room for every area."""

from dataclasses import dataclass

from .home import Home
from .processes import wait_for
from .studio import Studio

ENTITY_LIMIT = 30.0


@dataclass(frozen=True)
class Room:
    name: str
    player: str
    """Entity id of the room's ``media_player``."""
    step: str
    """Entity id of the sensor that names the step of the song being made."""
    progress: str
    """Entity id of the sensor of that song's progress, in percent."""


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
    entities: dict[str, dict[str, str]] = {}
    for entity in await home.api.ask("config/entity_registry/list"):
        if entity["platform"] == "mixtape" and entity["device_id"]:
            key = "player" if entity["entity_id"].startswith("media_player.") else entity["translation_key"]
            entities.setdefault(entity["device_id"], {})[key] = entity["entity_id"]
    devices = {device["id"]: device for device in await home.api.ask("config/device_registry/list")}
    areas = {area_id: name for name, area_id in home.areas.items()}
    rooms: dict[str, Room] = {}
    for device_id, found in entities.items():
        name = areas.get(devices[device_id]["area_id"])
        if name is not None and found.keys() >= {"player", "step", "progress"}:
            rooms[name] = Room(name, found["player"], found["step"], found["progress"])
    return rooms
