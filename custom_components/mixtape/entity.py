"""The two kinds of entities: the studio's, and a room's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from homeassistant.helpers import area_registry as ar
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers.device_registry import DeviceEntryType, DeviceInfo
from homeassistant.helpers.entity import Entity, EntityDescription
from homeassistant.helpers.update_coordinator import CoordinatorEntity

from .const import CONF_AREA_ID, DOMAIN, SUBENTRY_ROOM
from .coordinator import MixtapeConfigEntry, StudioCoordinator

if TYPE_CHECKING:
    from homeassistant.config_entries import ConfigSubentry
    from homeassistant.core import HomeAssistant

MANUFACTURER = "Mixtape"


def studio_device_info(entry: MixtapeConfigEntry) -> DeviceInfo:
    info = DeviceInfo(
        identifiers={(DOMAIN, entry.entry_id)},
        entry_type=DeviceEntryType.SERVICE,
        manufacturer=MANUFACTURER,
        model="Studio",
        translation_key="studio",
        configuration_url=entry.runtime_data.client.url,
    )
    # What was known of a studio that is away now stays.
    if health := entry.runtime_data.studio.health:
        info["sw_version"] = health.version
    return info


def register_studio_device(hass: HomeAssistant, entry: MixtapeConfigEntry) -> str:
    """Register the studio's device, which the rooms' devices refer to; return its id."""
    info = studio_device_info(entry)
    return dr.async_get(hass).async_get_or_create(config_entry_id=entry.entry_id, **info).id


def room_device_info(entry: MixtapeConfigEntry, subentry: ConfigSubentry) -> DeviceInfo:
    info = DeviceInfo(
        identifiers={(DOMAIN, subentry.subentry_id)},
        entry_type=DeviceEntryType.SERVICE,
        manufacturer=MANUFACTURER,
        model="Room",
        name=subentry.title,
    )
    if device_id := entry.runtime_data.studio_device_id:
        info["via_device_id"] = device_id
    return info


def register_room_devices(hass: HomeAssistant, entry: MixtapeConfigEntry) -> set[str]:
    """Register the rooms' devices, which their entities refer to; return the ids of the new rooms."""
    devices = dr.async_get(hass)
    new: set[str] = set()
    for subentry in entry.get_subentries_of_type(SUBENTRY_ROOM):
        if devices.async_get_device_by_identifier((DOMAIN, subentry.subentry_id), entry.entry_id) is None:
            new.add(subentry.subentry_id)
        devices.async_get_or_create(
            config_entry_id=entry.entry_id,
            config_subentry_id=subentry.subentry_id,
            **room_device_info(entry, subentry),
        )
    return new


def place_room_devices(hass: HomeAssistant, entry: MixtapeConfigEntry, new: set[str]) -> None:
    """Put new rooms into their areas; where somebody has moved a room since, it stays.

    Only after their entities are named: Home Assistant would put the area before a room of the same name.
    """
    for room_id in new:
        area_id = entry.subentries[room_id].data.get(CONF_AREA_ID)
        if area_id and ar.async_get(hass).async_get_area(area_id):
            move_room_device(hass, entry, room_id, area_id)


def move_room_device(hass: HomeAssistant, entry: MixtapeConfigEntry, room_id: str, area_id: str | None) -> None:
    """Put the room into another area, or into none."""
    devices = dr.async_get(hass)
    if device := devices.async_get_device_by_identifier((DOMAIN, room_id), entry.entry_id):
        devices.async_update_device(device.id, area_id=area_id)


class MixtapeStudioEntity(CoordinatorEntity[StudioCoordinator]):
    """Unavailable while the studio is away."""

    _attr_has_entity_name = True

    def __init__(self, entry: MixtapeConfigEntry, description: EntityDescription) -> None:
        super().__init__(entry.runtime_data.studio)
        self.entity_description = description
        self._attr_unique_id = f"{entry.entry_id}_{description.key}"
        self._attr_device_info = DeviceInfo(identifiers={(DOMAIN, entry.entry_id)})

    @property
    def available(self) -> bool:
        return self.coordinator.connected


class MixtapeRoomEntity(Entity):
    """``room_id`` is the subentry's id; a room's main entity has no description of its own."""

    _attr_has_entity_name = True
    _attr_should_poll = False

    def __init__(
        self, entry: MixtapeConfigEntry, subentry: ConfigSubentry, description: EntityDescription | None = None
    ) -> None:
        self.room_id = subentry.subentry_id
        self.data = entry.runtime_data
        self.room = self.data.rooms[self.room_id]
        self._attr_unique_id = self.room_id
        if description:
            self.entity_description = description
            self._attr_unique_id = f"{self.room_id}_{description.key}"
        self._attr_device_info = room_device_info(entry, subentry)
