"""A dashboard of the rooms, as a person would make one: each room's player and what is being made for it."""

from typing import Any

from .home import Home
from .mixtape_setup import Room

PATH = "mixtape-rooms"
_ICONS = {"Living Room": "mdi:sofa", "Kitchen": "mdi:silverware-fork-knife", "Nursery": "mdi:teddy-bear"}


def _section(room: Room) -> dict[str, Any]:
    # What is being made shows only while something is.
    busy = [{"condition": "state", "entity": room.step, "state_not": "idle"}]
    return {
        "type": "grid",
        "cards": [
            {"type": "heading", "heading": room.name, "icon": _ICONS.get(room.name, "mdi:speaker")},
            {"type": "media-control", "entity": room.player},
            {"type": "tile", "entity": room.step, "visibility": busy},
            {"type": "tile", "entity": room.progress, "visibility": busy, "features": [{"type": "bar-gauge"}]},
        ],
    }


async def add_dashboard(home: Home, rooms: dict[str, Room]) -> str:
    """Returns its address."""
    await home.api.ask(
        "lovelace/dashboards/create",
        url_path=PATH,
        title="Mixtape",
        icon="mdi:cassette",
        mode="storage",
        show_in_sidebar=True,
        require_admin=False,
    )
    view = {
        "title": "Rooms",
        "type": "sections",
        "max_columns": len(rooms),
        "sections": [_section(room) for room in rooms.values()],
    }
    await home.api.ask("lovelace/config/save", url_path=PATH, config={"views": [view]})
    return f"{home.url}/{PATH}"
