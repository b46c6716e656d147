"""The main job inside Home Assistant: a wish, the real studio, a song in the library, a speaker that plays."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from custom_components.mixtape.const import DOMAIN, EVENT_SONG_READY
from pytest_homeassistant_custom_component.common import async_capture_events

from tests.integration.conftest import eventually

if TYPE_CHECKING:
    from homeassistant.core import HomeAssistant

    from tests.integration.conftest import Home
    from tests.studio_process import StudioProcess


async def test_a_wish_becomes_a_song_on_the_rooms_speaker(
    hass: HomeAssistant, home: Home, studio: StudioProcess
) -> None:
    entry = await home.set_up(studio.url, studio.token)
    ready = async_capture_events(hass, EVENT_SONG_READY)
    response = await hass.services.async_call(
        DOMAIN,
        "quick_song",
        {"text": "a relaxing jazz song for the living room, 12 seconds", "wait": True},
        blocking=True,
        return_response=True,
    )
    print(response)
    print(ready)
    print([state for state in hass.states.async_all() if "speaker" not in state.entity_id])
    assert response["room"] == "Living Room"
    assert response["playing"], response
