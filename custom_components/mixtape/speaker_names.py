"""Keep the rooms' speakers when somebody gives them another entity id."""

from __future__ import annotations

from typing import TYPE_CHECKING

from homeassistant.core import CALLBACK_TYPE, Event, HomeAssistant, callback
from homeassistant.helpers.event import async_track_entity_registry_updated_event

from .const import CONF_SPEAKERS, SUBENTRY_ROOM

if TYPE_CHECKING:
    from homeassistant.helpers.entity_registry import EventEntityRegistryUpdatedData

    from .coordinator import MixtapeConfigEntry


@callback
def async_follow_renamed_speakers(hass: HomeAssistant, entry: MixtapeConfigEntry) -> CALLBACK_TYPE:
    """Return what ends it. The entry listens to its own changes and loads anew, with the new ids."""

    @callback
    def changed(event: Event[EventEntityRegistryUpdatedData]) -> None:
        if event.data["action"] != "update" or (old := event.data.get("old_entity_id")) is None:
            return
        for room in entry.get_subentries_of_type(SUBENTRY_ROOM):
            if old in room.data[CONF_SPEAKERS]:
                renamed = [
                    event.data["entity_id"] if speaker == old else speaker for speaker in room.data[CONF_SPEAKERS]
                ]
                hass.config_entries.async_update_subentry(entry, room, data={**room.data, CONF_SPEAKERS: renamed})

    speakers = {speaker for room in entry.get_subentries_of_type(SUBENTRY_ROOM) for speaker in room.data[CONF_SPEAKERS]}
    return async_track_entity_registry_updated_event(hass, speakers, changed)
