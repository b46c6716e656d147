"""The library in Home Assistant's media browser, over its own WebSocket commands."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from homeassistant.setup import async_setup_component

from custom_components.mixtape.const import DOMAIN
from custom_components.mixtape.library import LibraryError
from tests.integration.library.library_samples import file, job_id, song

if TYPE_CHECKING:
    from homeassistant.core import HomeAssistant
    from pytest_homeassistant_custom_component.typing import (
        ClientSessionGenerator,
        MockHAClientWebSocket,
        WebSocketGenerator,
    )

    from tests.integration.conftest import Home
    from tests.studio_process import StudioProcess

ROOT = "media-source://mixtape"


class Browser:
    """What the frontend's media browser says."""

    def __init__(self, socket: MockHAClientWebSocket, rooms: dict[str, str]) -> None:
        self._socket = socket
        self.rooms = rooms

    async def ask(self, command: str, media_content_id: str, **fields: Any) -> dict[str, Any]:
        kind = f"media_source/{command}"
        await self._socket.send_json_auto_id({"type": kind, "media_content_id": media_content_id, **fields})
        return await self._socket.receive_json()

    async def titles(self, media_content_id: str) -> list[str]:
        answer = await self.ask("browse_media", media_content_id)
        assert answer["success"], answer
        return [child["title"] for child in answer["result"]["children"]]

    async def found(self, media_content_id: str, text: str, **fields: Any) -> list[str]:
        answer = await self.ask("search_media", media_content_id, search_query=text, **fields)
        assert answer["success"], answer
        return [child["title"] for child in answer["result"]["result"]]


@pytest.fixture
async def browser(
    hass: HomeAssistant, home: Home, studio: StudioProcess, hass_ws_client: WebSocketGenerator
) -> Browser:
    """Three songs; the first and the third are on the kitchen's mixtape, the second has no file."""
    entry = await home.set_up(studio.url, studio.token)
    assert await async_setup_component(hass, "media_source", {})
    await hass.async_block_till_done()
    rooms = {name: home.room_id(entry, name) for name in ("Kitchen", "Living Room")}
    library = entry.runtime_data.library

    def fill() -> None:
        library.add_song(song(1, files=(file(1), file(1, "mp3"))))
        library.add_song(song(2, files=(), cover=None, title="Nothing yet"))
        library.add_song(song(3, genre="Lullaby", mood="sleepy", caption="music box", wish="a song to sleep"))
        library.add_to_mixtape(rooms["Kitchen"], job_id(3))
        library.add_to_mixtape(rooms["Kitchen"], job_id(1))

    await hass.async_add_executor_job(fill)
    return Browser(await hass_ws_client(hass), rooms)


async def test_the_top_lists_the_newest_and_every_room(browser: Browser) -> None:
    answer = await browser.ask("browse_media", ROOT)
    top = answer["result"]
    assert (top["title"], top["can_expand"], top["can_play"], top["can_search"]) == ("Mixtape", True, False, True)
    assert [child["title"] for child in top["children"]] == ["Newest songs", "Bedroom", "Kitchen", "Living Room"]
    assert all(child["can_expand"] and not child["can_play"] for child in top["children"])


async def test_it_is_among_home_assistants_media_sources(browser: Browser) -> None:
    assert "Mixtape" in await browser.titles("media-source://")


async def test_newest_songs_come_newest_first(browser: Browser) -> None:
    assert await browser.titles(f"{ROOT}/newest") == [
        "Song 3 · Built-in composer",
        "Nothing yet · Built-in composer",
        "Song 1 · Built-in composer",
    ]


async def test_a_room_lists_its_mixtape_in_order(browser: Browser) -> None:
    answer = await browser.ask("browse_media", f"{ROOT}/room/{browser.rooms['Kitchen']}")
    room = answer["result"]
    assert (room["title"], room["thumbnail"]) == ("Kitchen", "/api/mixtape/cover/token-3.jpg")
    third, first = room["children"]
    assert (third["title"], first["title"]) == ("Song 3 · Built-in composer", "Song 1 · Built-in composer")
    assert first["media_content_id"] == f"{ROOT}/song/{job_id(1)}"
    assert first["media_class"] == "track"
    assert first["media_content_type"] == "audio/mpeg"
    assert third["media_content_type"] == "audio/flac"
    assert first["thumbnail"] == "/api/mixtape/cover/token-1.jpg"
    assert (first["can_play"], first["can_expand"]) == (True, False)
    assert await browser.titles(f"{ROOT}/room/{browser.rooms['Living Room']}") == []


async def test_a_song_without_a_file_cannot_be_played(browser: Browser) -> None:
    answer = await browser.ask("browse_media", f"{ROOT}/newest")
    nothing = next(
        child for child in answer["result"]["children"] if child["title"] == "Nothing yet · Built-in composer"
    )
    assert (nothing["can_play"], nothing["thumbnail"]) == (False, None)
    answer = await browser.ask("resolve_media", nothing["media_content_id"])
    assert answer["error"]["code"] == "resolve_media_failed"


async def test_resolving_gives_an_address_that_serves_the_song(
    hass: HomeAssistant, browser: Browser, hass_client_no_auth: ClientSessionGenerator
) -> None:
    (entry,) = hass.config_entries.async_loaded_entries(DOMAIN)

    def write() -> None:
        with entry.runtime_data.library.audio.begin(job_id(1), "mp3") as partial:
            partial.write(b"ID3 and more")
            partial.commit()

    await hass.async_add_executor_job(write)
    answer = await browser.ask("resolve_media", f"{ROOT}/song/{job_id(1)}")
    assert answer["success"], answer
    assert answer["result"]["mime_type"] == "audio/mpeg"
    url = answer["result"]["url"]
    assert url.startswith("/api/mixtape/audio/token-1/song-1.mp3")
    response = await (await hass_client_no_auth()).get(url)
    assert (response.status, response.content_type) == (200, "audio/mpeg")
    assert await response.read() == b"ID3 and more"


async def test_flac_is_resolved_where_there_is_nothing_else(browser: Browser) -> None:
    answer = await browser.ask("resolve_media", f"{ROOT}/song/{job_id(3)}")
    assert answer["result"]["mime_type"] == "audio/flac"
    assert answer["result"]["url"].startswith("/api/mixtape/audio/token-3/song-3.flac")


@pytest.mark.parametrize("name", ["", "/song/none", "/song/", "/room/none", "/newest", "/song/../../etc/passwd"])
async def test_what_is_no_song_is_not_resolved(browser: Browser, name: str) -> None:
    answer = await browser.ask("resolve_media", f"{ROOT}{name}")
    assert answer["error"]["code"] == "resolve_media_failed"
    assert "neither a song nor a mixtape" in answer["error"]["message"]


@pytest.mark.parametrize("name", ["/room/none", "/room", "/nonsense", "/newest/1", "/song/x"])
async def test_what_is_no_folder_is_not_browsed_or_searched(browser: Browser, name: str) -> None:
    answer = await browser.ask("browse_media", f"{ROOT}{name}")
    assert answer["error"]["code"] == "browse_media_failed"
    assert "neither a song nor a mixtape" in answer["error"]["message"]
    answer = await browser.ask("search_media", f"{ROOT}{name}", search_query="x")
    assert answer["error"]["code"] == "search_media_failed"


async def test_search(browser: Browser) -> None:
    assert await browser.found(ROOT, "music BOX") == ["Song 3 · Built-in composer"]
    assert await browser.found(f"{ROOT}/newest", "jazz") == [
        "Nothing yet · Built-in composer",
        "Song 1 · Built-in composer",
    ]
    assert await browser.found(f"{ROOT}/room/{browser.rooms['Kitchen']}", "jazz") == ["Song 1 · Built-in composer"]
    assert await browser.found(ROOT, "polka") == []
    assert await browser.found(ROOT, "jazz", media_filter_classes=["track"]) == [
        "Nothing yet · Built-in composer",
        "Song 1 · Built-in composer",
    ]
    assert await browser.found(ROOT, "jazz", media_filter_classes=["movie"]) == []


async def test_a_library_that_fails_is_an_error_that_says_so(hass: HomeAssistant, browser: Browser) -> None:
    (entry,) = hass.config_entries.async_loaded_entries(DOMAIN)
    await hass.async_add_executor_job(entry.runtime_data.library.close)
    answer = await browser.ask("browse_media", f"{ROOT}/newest")
    assert "The library cannot be used" in answer["error"]["message"]
    answer = await browser.ask("resolve_media", f"{ROOT}/song/{job_id(1)}")
    assert "The library cannot be used" in answer["error"]["message"]
    with pytest.raises(LibraryError):
        entry.runtime_data.library.songs()


async def test_without_a_home_there_is_nothing_but_no_error(hass: HomeAssistant, browser: Browser) -> None:
    (entry,) = hass.config_entries.async_loaded_entries(DOMAIN)
    await hass.config_entries.async_unload(entry.entry_id)
    assert await browser.titles(ROOT) == ["Newest songs"]
    assert await browser.titles(f"{ROOT}/newest") == []
