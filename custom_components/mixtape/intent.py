"""The intent: for agents with a language model, and for people's own sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, override

import probatio as vol
from homeassistant.helpers import area_registry as ar
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers import intent

from .naming import async_area_of_satellite
from .voice import Spoken, SpokenError, async_answer

if TYPE_CHECKING:
    from homeassistant.core import HomeAssistant

CREATE_SONG: Final = "MixtapeCreateSong"


async def async_setup_intents(hass: HomeAssistant) -> None:
    intent.async_register(hass, CreateSongHandler())


class CreateSongHandler(intent.IntentHandler):
    intent_type = CREATE_SONG
    description = (
        "Writes and records a completely new song and plays it in a room a little later. Use it when somebody wants "
        "a song made, not to play music that exists. Put everything that was said about the music into wish: genre, "
        "mood, topic, tempo, key, length, with or without words."
    )

    @property
    @override
    def slot_schema(self) -> dict[vol.Marker, object]:
        return {
            vol.Required("wish", description="What the song should be like, in the person's own words."): cv.string,
            vol.Optional("area", description="The room where it shall play, if one was named."): cv.string,
            vol.Optional("preferred_area_id"): cv.string,
        }

    @override
    async def async_handle(self, intent_obj: intent.Intent) -> intent.IntentResponse:
        slots = {name: slot["value"] for name, slot in self.async_validate_slots(intent_obj.slots).items()}
        room = slots.get("area")
        if room and (area := ar.async_get(intent_obj.hass).async_get_area(room)):
            room = area.name
        spoken = Spoken(
            text=slots["wish"],
            language=intent_obj.language,
            context=intent_obj.context,
            room=room,
            area_id=slots.get("preferred_area_id")
            or async_area_of_satellite(intent_obj.hass, intent_obj.satellite_id, intent_obj.device_id),
            satellite_id=intent_obj.satellite_id,
            device_id=intent_obj.device_id,
        )
        try:
            answer = await async_answer(intent_obj.hass, spoken)
        except SpokenError as err:
            raise intent.IntentHandleError(str(err)) from err
        response = intent_obj.create_response()
        response.async_set_speech(answer)
        return response
