"""A real Home Assistant with three areas and a speaker in each; beside it, where asked for, the real studio."""

from __future__ import annotations

import asyncio
import logging
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest
import pytest_socket
from homeassistant.components.media_player.const import DATA_COMPONENT
from homeassistant.config_entries import SOURCE_USER
from homeassistant.const import CONF_TOKEN, CONF_URL
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import area_registry as ar
from homeassistant.helpers import entity_registry as er
from homeassistant.setup import async_setup_component

from custom_components.mixtape.const import DOMAIN
from tests.integration.rooms.speaker import Device, Speaker
from tests.integration.scripted_studio import ScriptedStudio
from tests.studio_process import StudioProcess

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator
    from pathlib import Path

    from homeassistant.core import HomeAssistant
    from homeassistant.data_entry_flow import FlowResult
    from pytest_homeassistant_custom_component.common import MockConfigEntry

# Every statement at every test is more than anybody reads.
logging.getLogger("sqlalchemy.engine").setLevel(logging.WARNING)

AREAS = ("Living Room", "Kitchen", "Bedroom")


@pytest.fixture(scope="session")
def studio_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StudioProcess]:
    """The real studio, once for all tests; those that stop it start it again."""
    pytest_socket.enable_socket()
    process = StudioProcess(tmp_path_factory.mktemp("studio")).start()
    yield process
    process.kill()


@pytest.fixture
def studio(studio_process: StudioProcess, socket_enabled: None) -> StudioProcess:
    """The real studio, running."""
    if not studio_process.running:
        studio_process.start()
    return studio_process


@pytest.fixture
async def scripted(socket_enabled: None) -> AsyncIterator[ScriptedStudio]:
    """A studio on loopback that goes wrong on demand."""
    studio = ScriptedStudio()
    await studio.start()
    yield studio
    await studio.stop()


async def eventually(condition: Callable[[], Any], limit: float = 20.0) -> Any:
    """Wait until something is true of the real world; fail after ``limit`` seconds."""
    deadline = time.monotonic() + limit
    while not (found := condition()):
        assert time.monotonic() < deadline, f"not within {limit} s: {condition}"
        await asyncio.sleep(0.02)
    return found


@dataclass
class Home:
    """A home with speakers; ``area_ids`` and ``speakers`` by the area's name."""

    hass: HomeAssistant
    area_ids: dict[str, str] = field(default_factory=dict)
    speakers: dict[str, Speaker] = field(default_factory=dict)

    async def add_speaker(self, area: str, **attributes: Any) -> Speaker:
        name = f"{area} speaker {len(self.speakers) + 1}" if area in self.speakers else f"{area} speaker"
        speaker = Speaker(Device(time.monotonic), name)
        speaker.latency = 0.0
        for attribute, value in attributes.items():
            setattr(speaker, attribute, value)
        await self.hass.data[DATA_COMPONENT].async_add_entities([speaker])
        er.async_get(self.hass).async_update_entity(speaker.entity_id, area_id=self.area_ids[area])
        self.speakers.setdefault(area, speaker)
        return speaker

    async def set_up(self, url: str, token: str, *, rooms: list[str] | None = None) -> MockConfigEntry:
        """Through the integration's own flow, as a person does it."""
        flow = self.hass.config_entries.flow
        result: FlowResult = await flow.async_init(DOMAIN, context={"source": SOURCE_USER})
        result = await flow.async_configure(result["flow_id"], {CONF_URL: url, CONF_TOKEN: token})
        if result["type"] is FlowResultType.FORM:
            assert result["step_id"] == "rooms", result
            chosen = [self.area_ids[name] for name in (AREAS if rooms is None else rooms)]
            result = await flow.async_configure(result["flow_id"], {"rooms": chosen})
        assert result["type"] is FlowResultType.CREATE_ENTRY, result
        await self.hass.async_block_till_done()
        return result["result"]

    def room_id(self, entry: MockConfigEntry, name: str) -> str:
        return next(subentry.subentry_id for subentry in entry.subentries.values() if subentry.title == name)

    def entity_id(self, platform: str, unique_id: str) -> str:
        found = er.async_get(self.hass).async_get_entity_id(platform, DOMAIN, unique_id)
        assert found, f"no {platform} {unique_id}"
        return found


@pytest.fixture
async def home(
    hass: HomeAssistant,
    enable_custom_integrations: None,
    socket_enabled: None,
    tmp_path: Path,
) -> AsyncIterator[Home]:
    # Every test has its own library.
    hass.config.config_dir = str(tmp_path / "config")
    (tmp_path / "config").mkdir()
    hass.config.internal_url = "http://127.0.0.1:8123"
    for component in ("homeassistant", "http", "media_player", "conversation", "intent"):
        assert await async_setup_component(hass, component, {})
    home = Home(hass)
    for name in AREAS:
        home.area_ids[name] = ar.async_get(hass).async_create(name).id
        await home.add_speaker(name)
    yield home
    for entry in hass.config_entries.async_entries(DOMAIN):
        await hass.config_entries.async_unload(entry.entry_id)
    await hass.async_block_till_done()
