"""What happens in a room, for automations: a song is ready, or will not come, or does not play."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, override

from homeassistant.components.event import EventEntity, EventEntityDescription
from homeassistant.core import Event, callback

from .const import EVENT_PLAYBACK_FAILED, EVENT_SONG_FAILED, EVENT_SONG_READY
from .entity import MixtapeRoomEntity

if TYPE_CHECKING:
    from homeassistant.core import HomeAssistant
    from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

    from .coordinator import MixtapeConfigEntry

PARALLEL_UPDATES = 0

EVENT_TYPES: Final = {
    EVENT_SONG_READY: "song_ready",
    EVENT_SONG_FAILED: "song_failed",
    EVENT_PLAYBACK_FAILED: "playback_failed",
}
"""Event on the bus to event type of the entity."""
HIDDEN: Final = frozenset({"entry_id", "room_id", "room", "requester"})

SONG = EventEntityDescription(key="song", translation_key="song", event_types=list(EVENT_TYPES.values()))


async def async_setup_entry(
    _: HomeAssistant, entry: MixtapeConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    for room_id in entry.runtime_data.rooms:
        async_add_entities([SongEvent(entry, entry.subentries[room_id], SONG)], config_subentry_id=room_id)


class SongEvent(MixtapeRoomEntity, EventEntity):
    @override
    async def async_added_to_hass(self) -> None:
        for event_type in EVENT_TYPES:
            self.async_on_remove(self.hass.bus.async_listen(event_type, self._on_event, self._is_ours))

    @callback
    def _is_ours(self, data: Any) -> bool:
        return bool(data["room_id"] == self.room_id)

    @callback
    def _on_event(self, event: Event) -> None:
        told = {key: value for key, value in event.data.items() if key not in HIDDEN and value is not None}
        self._trigger_event(EVENT_TYPES[str(event.event_type)], told)
        self.async_write_ha_state()
