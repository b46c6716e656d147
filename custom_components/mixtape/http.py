"""Audio and covers for speakers and browsers.

A speaker cannot log in, and Home Assistant's signed paths are long and die with a restart: so each
song has its own short unguessable token in its address (as ``/api/tts_proxy`` has).
"""

from __future__ import annotations

import re
from collections import OrderedDict
from typing import TYPE_CHECKING, Final

from aiohttp import hdrs, web
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.http import KEY_HASS, HomeAssistantView
from homeassistant.helpers.network import NoURLAvailableError, get_url
from homeassistant.util import dt as dt_util
from homeassistant.util.hass_dict import HassKey

from .const import DOMAIN, LOGGER
from .library import LibraryError
from .rooms.errors import PlaybackCode, PlaybackError

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from .coordinator import MixtapeConfigEntry
    from .library import Library
    from .library.models import Song

MIME_TYPES: Final = {"flac": "audio/flac", "mp3": "audio/mpeg"}
REMEMBERED_FETCHES: Final = 256

# Ask each time, by ETag: a token can be taken back, and a fetch is evidence that a speaker plays.
_CACHE: Final = "private, no-cache"

_FETCHES: HassKey[OrderedDict[str, datetime]] = HassKey(f"{DOMAIN}_fetches")


def song_path(song: Song, audio_format: str) -> str:
    """The song's address on this Home Assistant. The name is for people; only its suffix matters."""
    words = re.sub(r"[^a-z0-9]+", "-", song.title.lower()).strip("-")[:60] or "song"
    return f"/api/mixtape/audio/{song.token}/{words}.{audio_format}"


def cover_path(song: Song) -> str | None:
    return f"/api/mixtape/cover/{song.token}.jpg" if song.cover else None


def base_url(hass: HomeAssistant) -> str:
    """Where speakers reach this Home Assistant: on the local network rather than over the internet.

    Raises:
        PlaybackError: with the code ``no_url``.
    """
    try:
        return get_url(hass, prefer_external=False, allow_cloud=False)
    except NoURLAvailableError as err:
        raise PlaybackError(PlaybackCode.NO_URL) from err


def song_url(hass: HomeAssistant, song: Song, audio_format: str) -> str:
    """Raises PlaybackError with the code ``no_url``."""
    return base_url(hass) + song_path(song, audio_format)


@callback
def async_fetched_at(hass: HomeAssistant, token: str) -> datetime | None:
    """When the song's audio was last asked for: what a speaker does before it can play it."""
    fetches = hass.data.get(_FETCHES)
    return fetches.get(token) if fetches else None


@callback
def async_register_views(hass: HomeAssistant) -> None:
    """Once, from ``async_setup``."""
    hass.data.setdefault(_FETCHES, OrderedDict())
    hass.http.register_view(AudioView())
    hass.http.register_view(CoverView())


async def _async_find(hass: HomeAssistant, token: str) -> tuple[Library, Song]:
    """Raises HTTPForbidden: 401 would count as a failed login and ban a speaker's address."""
    entries: list[MixtapeConfigEntry] = hass.config_entries.async_loaded_entries(DOMAIN)
    for entry in entries:
        library = entry.runtime_data.library
        try:
            song = await hass.async_add_executor_job(library.song_by_token, token)
        except LibraryError as err:
            LOGGER.warning("A song cannot be served: %s", err)
            raise web.HTTPServiceUnavailable from err
        if song is not None:
            return library, song
    raise web.HTTPForbidden


async def _async_serve(hass: HomeAssistant, library: Library, name: str, mime_type: str) -> web.FileResponse:
    """Range, HEAD, ETag and Last-Modified are FileResponse's own."""

    def find() -> Path | None:
        try:
            path = library.audio.path(name)
        except LibraryError:
            return None
        return path if path.is_file() else None

    if (path := await hass.async_add_executor_job(find)) is None:
        raise web.HTTPNotFound
    return web.FileResponse(path, headers={hdrs.CONTENT_TYPE: mime_type, hdrs.CACHE_CONTROL: _CACHE})


class AudioView(HomeAssistantView):
    requires_auth = False
    cors_allowed = True  # Cast's receiver fetches from a page of its own
    url = "/api/mixtape/audio/{token}/{name}"
    name = "api:mixtape:audio"

    async def get(self, request: web.Request, token: str, name: str) -> web.FileResponse:
        hass = request.app[KEY_HASS]
        library, song = await _async_find(hass, token)
        suffix = name.rpartition(".")[2].lower()
        file = next((file for file in song.files if file.audio_format == suffix), None)
        if file is None or suffix not in MIME_TYPES:
            raise web.HTTPNotFound
        # The path comes from the library; nothing of the request but the token and the suffix gets here.
        response = await _async_serve(hass, library, file.name, MIME_TYPES[suffix])
        if request.method == hdrs.METH_GET:
            fetches = hass.data[_FETCHES]
            fetches[song.token] = dt_util.utcnow()
            fetches.move_to_end(song.token)
            while len(fetches) > REMEMBERED_FETCHES:
                fetches.popitem(last=False)
        return response

    head = get  # some DLNA renderers ask before they fetch


class CoverView(HomeAssistantView):
    requires_auth = False
    cors_allowed = True
    url = "/api/mixtape/cover/{token}.jpg"
    name = "api:mixtape:cover"

    async def get(self, request: web.Request, token: str) -> web.FileResponse:
        hass = request.app[KEY_HASS]
        library, song = await _async_find(hass, token)
        if not song.cover:
            raise web.HTTPNotFound
        return await _async_serve(hass, library, song.cover, "image/jpeg")

    head = get
