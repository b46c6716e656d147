"""The blueprint, loaded by Home Assistant and fired by a real button helper."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from homeassistant.components.automation.helpers import async_get_blueprints
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.common import async_capture_events

from tests.integration.conftest import eventually

if TYPE_CHECKING:
    from homeassistant.core import HomeAssistant

    from tests.integration.conftest import Home
    from tests.studio_process import StudioProcess

BLUEPRINT = Path(__file__).parents[2] / "blueprints" / "automation" / "mixtape" / "button_makes_a_song.yaml"


async def test_a_pressed_button_makes_a_song_in_its_room(
    hass: HomeAssistant, home: Home, studio: StudioProcess
) -> None:
    entry = await home.set_up(studio.url, studio.token)
    player = home.entity_id("media_player", home.room_id(entry, "Kitchen"))
    folder = Path(hass.config.path("blueprints", "automation", "mixtape"))
    folder.mkdir(parents=True)
    shutil.copy(BLUEPRINT, folder)
    assert await async_setup_component(hass, "input_button", {"input_button": {"song": {"name": "Song"}}})
    automation = {
        "alias": "Song button",
        "use_blueprint": {
            "path": f"mixtape/{BLUEPRINT.name}",
            "input": {"button": "input_button.song", "room": player, "wish": "a ten second happy pop song in C major"},
        },
    }
    assert await async_setup_component(hass, "automation", {"automation": automation})
    assert hass.states.get("automation.song_button").state == "on", "the blueprint's automation is valid"

    ready = async_capture_events(hass, "mixtape_song_ready")
    await hass.services.async_call("input_button", "press", {"entity_id": "input_button.song"}, blocking=True)
    await eventually(lambda: ready, 90)

    made = await hass.async_add_executor_job(entry.runtime_data.library.songs)
    assert [(song.genre, song.room_id, song.key is not None) for song in made] == [
        ("pop", home.room_id(entry, "Kitchen"), True)
    ]
    assert made[0].wish == "a ten second happy pop song in C major"


async def test_the_blueprint_says_what_it_needs(hass: HomeAssistant, home: Home) -> None:
    folder = Path(hass.config.path("blueprints", "automation", "mixtape"))
    folder.mkdir(parents=True)
    shutil.copy(BLUEPRINT, folder)
    assert await async_setup_component(hass, "automation", {})
    blueprint = await async_get_blueprints(hass).async_get_blueprint(f"mixtape/{BLUEPRINT.name}")
    assert set(blueprint.inputs) == {"button", "room", "wish"}
    assert not blueprint.validate()
