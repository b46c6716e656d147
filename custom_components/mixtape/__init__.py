"""Mixtape: the home writes its own music."""

from __future__ import annotations

from typing import TYPE_CHECKING

from homeassistant.const import CONF_TOKEN, CONF_URL
from homeassistant.exceptions import ConfigEntryNotReady
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.aiohttp_client import async_get_clientsession
from homeassistant.helpers.storage import Store

from . import issues
from .client import StudioClient
from .const import CONF_SPEAKERS, CONF_VOLUME, DOMAIN, PLATFORMS, SUBENTRY_ROOM
from .coordinator import MixtapeConfigEntry, MixtapeData, StudioCoordinator
from .entity import place_room_devices, register_room_devices, register_studio_device
from .http import async_register_views
from .library import Library, LibraryError
from .maker import SongMaker
from .rooms.memory import VERSION as QUEUE_VERSION
from .rooms.player import RoomPlayer
from .services import async_setup_services
from .speaker_names import async_follow_renamed_speakers
from .storage import async_open_library
from .voice import async_setup_voice

if TYPE_CHECKING:
    from homeassistant.config_entries import ConfigSubentry
    from homeassistant.core import HomeAssistant
    from homeassistant.helpers.typing import ConfigType

CONFIG_SCHEMA = cv.config_entry_only_config_schema(DOMAIN)

FIRST_NEWS = 2.0
"""Seconds that setting up waits for the studio; a home without one plays all the same."""


async def async_setup(hass: HomeAssistant, config: ConfigType) -> bool:  # noqa: ARG001  # Home Assistant's signature
    async_register_views(hass)
    async_setup_services(hass)
    async_setup_voice(hass)
    return True


async def async_setup_entry(hass: HomeAssistant, entry: MixtapeConfigEntry) -> bool:
    library = await async_open_library(hass, entry)
    started: list[RoomPlayer] = []
    try:
        client = StudioClient(async_get_clientsession(hass), entry.data[CONF_URL], entry.data[CONF_TOKEN])
        studio = StudioCoordinator(hass, entry, client)
        rooms = {
            subentry.subentry_id: _room(hass, entry, subentry, library)
            for subentry in entry.get_subentries_of_type(SUBENTRY_ROOM)
        }
        maker = SongMaker(hass, entry, client=client, library=library, studio=studio, rooms=rooms)
        await maker.async_load()
        entry.runtime_data = MixtapeData(client=client, library=library, studio=studio, maker=maker, rooms=rooms)
        for room in rooms.values():
            await room.async_start()
            started.append(room)
        studio.async_follow()
        await studio.async_wait_for_news(FIRST_NEWS)
        entry.runtime_data.studio_device_id = register_studio_device(hass, entry)
        new_rooms = register_room_devices(hass, entry)
    except BaseException as err:
        for room in started:
            await room.async_stop_player()
        await hass.async_add_executor_job(library.close)
        if isinstance(err, LibraryError):
            raise ConfigEntryNotReady(
                translation_domain=DOMAIN, translation_key="library_error", translation_placeholders={"error": str(err)}
            ) from err
        raise
    await hass.config_entries.async_forward_entry_setups(entry, PLATFORMS)
    place_room_devices(hass, entry, new_rooms)
    maker.async_start()
    entry.async_on_unload(async_follow_renamed_speakers(hass, entry))
    entry.async_on_unload(entry.add_update_listener(_async_reload))
    return True


async def async_unload_entry(hass: HomeAssistant, entry: MixtapeConfigEntry) -> bool:
    if not await hass.config_entries.async_unload_platforms(entry, PLATFORMS):
        return False
    data = entry.runtime_data
    await data.maker.async_stop()
    for room in data.rooms.values():
        await room.async_stop_player()
    await data.studio.async_shutdown()
    await hass.async_add_executor_job(data.library.close)
    return True


async def async_remove_entry(hass: HomeAssistant, entry: MixtapeConfigEntry) -> None:
    """Songs and wishes stay; what only the entry needed goes."""
    issues.async_clear_all(hass, entry)
    for subentry in entry.get_subentries_of_type(SUBENTRY_ROOM):
        # The room itself may never have been loaded.
        await Store(hass, QUEUE_VERSION, f"{DOMAIN}.queue.{subentry.subentry_id}").async_remove()


async def _async_reload(hass: HomeAssistant, entry: MixtapeConfigEntry) -> None:
    """Rooms and the studio's address have changed: load anew. What plays plays on."""
    gone = [room for room_id, room in entry.runtime_data.rooms.items() if room_id not in entry.subentries]
    await hass.config_entries.async_reload(entry.entry_id)
    for room in gone:
        await room.async_forget()


def _room(hass: HomeAssistant, entry: MixtapeConfigEntry, subentry: ConfigSubentry, library: Library) -> RoomPlayer:
    return RoomPlayer(
        hass,
        entry,
        room_id=subentry.subentry_id,
        name=subentry.title,
        speakers=subentry.data[CONF_SPEAKERS],
        library=library,
        volume=subentry.data.get(CONF_VOLUME),
    )
