"""What somebody may send along with a question: no token, no address, no words of anybody."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from homeassistant.components.diagnostics import async_redact_data
from homeassistant.const import CONF_TOKEN, CONF_URL

if TYPE_CHECKING:
    from homeassistant.core import HomeAssistant

    from .coordinator import MixtapeConfigEntry

TO_REDACT = {CONF_TOKEN, CONF_URL, "studio_id", "home_id", "unique_id"}


async def async_get_config_entry_diagnostics(hass: HomeAssistant, entry: MixtapeConfigEntry) -> dict[str, Any]:
    data = entry.runtime_data
    status = data.studio.data
    wishes = await hass.async_add_executor_job(data.library.wishes)
    return {
        "entry": async_redact_data(dict(entry.data), TO_REDACT),
        "studio": {
            "connected": data.studio.connected,
            "last_exception": type(data.studio.last_exception).__name__ if data.studio.last_exception else None,
            "health": async_redact_data(status.health.to_dict(), TO_REDACT) if status else None,
            "engines": [engine.to_dict() for engine in status.engines] if status else [],
        },
        "rooms": [
            {
                "name": room.name,
                **entry.subentries[room_id].data,
                "state": room.state,
                "queue_length": len(room.queue.items),
                "preferred_format": room.preferred_format,
                "work": {"step": (work := data.maker.work(room_id)).step, "progress": work.progress},
                "problem": str(room.problem) if room.problem else None,
            }
            for room_id, room in data.rooms.items()
        ],
        "library": {
            "songs": await hass.async_add_executor_job(data.library.count),
            "wishes": {state: sum(wish.state == state for wish in wishes) for state in {wish.state for wish in wishes}},
            "problems": [wish.problem for wish in wishes if wish.problem][-20:],
        },
    }
