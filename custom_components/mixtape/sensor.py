"""The studio's engine and queue, and what is being made for each room."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, override

from homeassistant.components.sensor import (
    SensorDeviceClass,
    SensorEntity,
    SensorEntityDescription,
    SensorStateClass,
)
from homeassistant.const import PERCENTAGE, EntityCategory

from .const import WORK_STEPS
from .entity import MixtapeRoomEntity, MixtapeStudioEntity

if TYPE_CHECKING:
    from collections.abc import Callable

    from homeassistant.core import HomeAssistant
    from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

    from .coordinator import MixtapeConfigEntry, RoomWork, StudioStatus

PARALLEL_UPDATES = 0


@dataclass(frozen=True, kw_only=True)
class StudioSensorDescription(SensorEntityDescription):
    value_fn: Callable[[StudioStatus], str | int | None]


@dataclass(frozen=True, kw_only=True)
class RoomSensorDescription(SensorEntityDescription):
    value_fn: Callable[[RoomWork], str | int | None]


STUDIO_SENSORS = (
    StudioSensorDescription(
        key="engine",
        translation_key="engine",
        entity_category=EntityCategory.DIAGNOSTIC,
        value_fn=lambda status: status.engine.label if status.engine else status.health.default_engine,
    ),
    StudioSensorDescription(
        key="queue_length",
        translation_key="queue_length",
        state_class=SensorStateClass.MEASUREMENT,
        value_fn=lambda status: status.health.queue_length,
    ),
)
ROOM_SENSORS = (
    RoomSensorDescription(
        key="step",
        translation_key="step",
        device_class=SensorDeviceClass.ENUM,
        options=WORK_STEPS,
        value_fn=lambda work: work.step,
    ),
    RoomSensorDescription(
        key="progress",
        translation_key="progress",
        native_unit_of_measurement=PERCENTAGE,
        suggested_display_precision=0,
        value_fn=lambda work: work.progress,
    ),
)


async def async_setup_entry(
    _: HomeAssistant, entry: MixtapeConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    async_add_entities(StudioSensor(entry, description) for description in STUDIO_SENSORS)
    for room_id in entry.runtime_data.rooms:
        subentry = entry.subentries[room_id]
        async_add_entities(
            (RoomSensor(entry, subentry, description) for description in ROOM_SENSORS), config_subentry_id=room_id
        )


class StudioSensor(MixtapeStudioEntity, SensorEntity):
    entity_description: StudioSensorDescription

    @property
    @override
    def native_value(self) -> str | int | None:
        status = self.coordinator.data
        return self.entity_description.value_fn(status) if status else None


class RoomSensor(MixtapeRoomEntity, SensorEntity):
    """Always available: that the studio is away is a state of the room's work, too."""

    entity_description: RoomSensorDescription

    @override
    async def async_added_to_hass(self) -> None:
        self.async_on_remove(self.data.studio.async_add_listener(self.async_write_ha_state))

    @property
    @override
    def native_value(self) -> str | int | None:
        return self.entity_description.value_fn(self.data.maker.work(self.room_id))
