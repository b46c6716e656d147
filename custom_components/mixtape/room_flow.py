"""Add and change rooms."""

from typing import TYPE_CHECKING, Any

import probatio as vol
from homeassistant.components.media_player.const import DOMAIN as MEDIA_PLAYER_DOMAIN
from homeassistant.config_entries import ConfigSubentry, ConfigSubentryFlow, SubentryFlowResult
from homeassistant.const import CONF_NAME, PERCENTAGE
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.selector import (
    AreaSelector,
    EntitySelector,
    EntitySelectorConfig,
    NumberSelector,
    NumberSelectorConfig,
    NumberSelectorMode,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
    TextSelector,
)

from .areas import async_area_name, async_speakers_by_area
from .const import CONF_AREA_ID, CONF_GENRE, CONF_MOOD, CONF_SPEAKERS, CONF_VOLUME, DOMAIN, SUBENTRY_ROOM
from .entity import move_room_device
from .words import GENRES, MOODS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from homeassistant.core import HomeAssistant

AREA_SCHEMA = vol.Schema({vol.Optional(CONF_AREA_ID): AreaSelector()})


def room_data(user_input: Mapping[str, Any], *, area_id: str | None, speakers: list[str]) -> dict[str, Any]:
    """The form's answers as they are stored; the form has the volume in percent."""
    volume = user_input.get(CONF_VOLUME)
    return {
        CONF_AREA_ID: area_id,
        CONF_SPEAKERS: speakers,
        CONF_GENRE: user_input.get(CONF_GENRE) or None,
        CONF_MOOD: user_input.get(CONF_MOOD) or None,
        CONF_VOLUME: None if volume is None else round(volume / 100, 2),
    }


def form_values(subentry: ConfigSubentry) -> dict[str, Any]:
    """The inverse of ``room_data``."""
    values = {CONF_NAME: subentry.title, **subentry.data}
    if (volume := subentry.data.get(CONF_VOLUME)) is not None:
        values[CONF_VOLUME] = round(volume * 100)
    return {key: value for key, value in values.items() if value is not None}


def _own_players(hass: HomeAssistant) -> list[str]:
    return sorted(
        entry.entity_id
        for entry in er.async_get(hass).entities.values()
        if entry.platform == DOMAIN and entry.domain == MEDIA_PLAYER_DOMAIN
    )


def _vocabulary(words: Any) -> SelectSelector:
    return SelectSelector(
        SelectSelectorConfig(options=sorted(words), custom_value=True, mode=SelectSelectorMode.DROPDOWN)
    )


def _room_schema(hass: HomeAssistant, *, with_area: bool) -> vol.Schema:
    speakers = EntitySelector(
        EntitySelectorConfig(domain=MEDIA_PLAYER_DOMAIN, multiple=True, exclude_entities=_own_players(hass))
    )
    volume = NumberSelector(
        NumberSelectorConfig(min=0, max=100, step=1, unit_of_measurement=PERCENTAGE, mode=NumberSelectorMode.SLIDER)
    )
    return vol.Schema(
        {
            vol.Required(CONF_NAME): TextSelector(),
            **(AREA_SCHEMA.schema if with_area else {}),
            # Not required here, so that an empty answer gets our own words.
            vol.Optional(CONF_SPEAKERS): speakers,
            vol.Optional(CONF_GENRE): _vocabulary(GENRES),
            vol.Optional(CONF_MOOD): _vocabulary(MOODS),
            vol.Optional(CONF_VOLUME): volume,
        }
    )


class RoomFlow(ConfigSubentryFlow):
    """An area with its speakers, one after the other; both at once when a room is changed."""

    def __init__(self) -> None:
        self._area_id: str | None = None

    async def async_step_user(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        errors: dict[str, str] = {}
        if user_input is not None:
            self._area_id = user_input.get(CONF_AREA_ID)
            if not (errors := self._area_errors(self._area_id)):
                return await self.async_step_room()
        schema = self.add_suggested_values_to_schema(AREA_SCHEMA, user_input)
        return self.async_show_form(step_id="user", data_schema=schema, errors=errors, last_step=False)

    async def async_step_room(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        errors: dict[str, str] = {}
        if user_input is not None and not (errors := self._room_errors(user_input)):
            return self.async_create_entry(
                title=user_input[CONF_NAME].strip(),
                data=room_data(user_input, area_id=self._area_id, speakers=user_input[CONF_SPEAKERS]),
                unique_id=self._area_id,
            )
        suggested = user_input
        if suggested is None:
            suggested = {
                CONF_NAME: async_area_name(self.hass, self._area_id),
                CONF_SPEAKERS: async_speakers_by_area(self.hass).get(self._area_id or "", []),
            }
        schema = self.add_suggested_values_to_schema(_room_schema(self.hass, with_area=False), suggested)
        return self.async_show_form(step_id="room", data_schema=schema, errors=errors)

    async def async_step_reconfigure(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        subentry = self._get_reconfigure_subentry()
        errors: dict[str, str] = {}
        if user_input is not None:
            area_id = user_input.get(CONF_AREA_ID)
            errors = self._area_errors(area_id, subentry) | self._room_errors(user_input, subentry)
            if not errors:
                if area_id != subentry.data.get(CONF_AREA_ID):
                    move_room_device(self.hass, self._get_entry(), subentry.subentry_id, area_id)
                # The entry listens to its own changes and loads anew.
                return self.async_update_and_abort(
                    self._get_entry(),
                    subentry,
                    title=user_input[CONF_NAME].strip(),
                    data=room_data(user_input, area_id=area_id, speakers=user_input[CONF_SPEAKERS]),
                    unique_id=area_id,
                )
        schema = self.add_suggested_values_to_schema(
            _room_schema(self.hass, with_area=True), user_input or form_values(subentry)
        )
        return self.async_show_form(step_id="reconfigure", data_schema=schema, errors=errors)

    def _others(self, subentry: ConfigSubentry | None) -> list[ConfigSubentry]:
        rooms = self._get_entry().get_subentries_of_type(SUBENTRY_ROOM)
        return [room for room in rooms if subentry is None or room.subentry_id != subentry.subentry_id]

    def _area_errors(self, area_id: str | None, subentry: ConfigSubentry | None = None) -> dict[str, str]:
        taken = {room.data.get(CONF_AREA_ID) for room in self._others(subentry)} - {None}
        return {CONF_AREA_ID: "area_in_use"} if area_id in taken else {}

    def _room_errors(self, user_input: Mapping[str, Any], subentry: ConfigSubentry | None = None) -> dict[str, str]:
        errors: dict[str, str] = {}
        name = user_input[CONF_NAME].strip()
        if not name:
            errors[CONF_NAME] = "name_empty"
        elif name.casefold() in {room.title.casefold() for room in self._others(subentry)}:
            errors[CONF_NAME] = "name_in_use"
        speakers = user_input.get(CONF_SPEAKERS)
        if not speakers:
            errors[CONF_SPEAKERS] = "no_speakers"
        elif set(speakers) & set(_own_players(self.hass)):
            errors[CONF_SPEAKERS] = "own_player"
        return errors
