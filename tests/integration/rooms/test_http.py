"""The view that serves speakers: no login, a token, and everything a picky renderer asks for."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest
from aiohttp import hdrs
from homeassistant.components.http.ban import KEY_FAILED_LOGIN_ATTEMPTS
from homeassistant.config_entries import ConfigEntryState
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.common import MockConfigEntry
from yarl import URL

from custom_components.mixtape.const import DOMAIN
from custom_components.mixtape.http import (
    _FETCHES,
    REMEMBERED_FETCHES,
    async_fetched_at,
    async_register_views,
    cover_path,
    song_path,
    song_url,
)
from custom_components.mixtape.rooms.errors import PlaybackCode, PlaybackError

from .songs import make_song

if TYPE_CHECKING:
    from collections.abc import Callable

    from aiohttp.test_utils import TestClient
    from homeassistant.core import HomeAssistant

    from custom_components.mixtape.library import Library, Song

AUDIO = bytes(range(256)) * 40
COVER = b"\xff\xd8\xff\xe0" + bytes(2000)


@pytest.fixture
async def client(hass: HomeAssistant, hass_client_no_auth: Callable[..., TestClient], library: Library) -> TestClient:
    # Failed logins are only counted where they lead to a ban.
    assert await async_setup_component(hass, "http", {"http": {"login_attempts_threshold": 100}})
    assert await async_setup_component(hass, "api", {})
    assert async_fetched_at(hass, "anything") is None
    async_register_views(hass)
    entry = MockConfigEntry(domain=DOMAIN)
    entry.add_to_hass(hass)
    entry.runtime_data = SimpleNamespace(library=library)
    entry.mock_state(hass, ConfigEntryState.LOADED)
    return await hass_client_no_auth()


@pytest.fixture
def song(library: Library) -> Song:
    song = make_song("a", cover="a.jpg", title="Jazz für Ünïcode / ../../secrets")
    library.audio.path("a.flac").write_bytes(AUDIO)
    library.audio.path("a.jpg").write_bytes(COVER)
    (library.audio.folder.parent / "secrets.flac").write_bytes(b"secret")
    library.add_song(song)
    return song


def test_addresses(hass: HomeAssistant, song: Song) -> None:
    assert song_path(song, "flac") == f"/api/mixtape/audio/{song.token}/jazz-f-r-n-code-secrets.flac"
    assert song_path(make_song("b", title="雨"), "mp3").endswith("/song.mp3")
    assert cover_path(song) == f"/api/mixtape/cover/{song.token}.jpg"
    assert cover_path(make_song("b")) is None


async def test_the_local_address_goes_to_speakers(hass: HomeAssistant, song: Song) -> None:
    hass.config.internal_url = "http://192.168.1.10:8123"
    hass.config.external_url = "https://home.example"
    assert song_url(hass, song, "mp3") == f"http://192.168.1.10:8123{song_path(song, 'mp3')}"
    hass.config.internal_url = hass.config.external_url = None
    hass.config.api = None
    with pytest.raises(PlaybackError) as caught:
        song_url(hass, song, "mp3")
    assert caught.value.code is PlaybackCode.NO_URL
    assert caught.value.translation_key == "playback_no_url"


async def test_the_whole_file_and_its_headers(hass: HomeAssistant, client: TestClient, song: Song) -> None:
    response = await client.get(song_path(song, "flac"))
    assert response.status == 200
    assert await response.read() == AUDIO
    assert response.headers[hdrs.CONTENT_TYPE] == "audio/flac"
    assert response.headers[hdrs.CONTENT_LENGTH] == str(len(AUDIO))
    assert response.headers[hdrs.ACCEPT_RANGES] == "bytes"
    assert hdrs.CONTENT_ENCODING not in response.headers
    assert async_fetched_at(hass, song.token) is not None


async def test_head_tells_the_same_and_sends_nothing(hass: HomeAssistant, client: TestClient, song: Song) -> None:
    response = await client.head(song_path(song, "flac"))
    assert response.status == 200
    assert response.headers[hdrs.CONTENT_LENGTH] == str(len(AUDIO))
    assert response.headers[hdrs.CONTENT_TYPE] == "audio/flac"
    assert await response.read() == b""
    # Asking is not fetching: it is no evidence that a speaker plays.
    assert async_fetched_at(hass, song.token) is None


@pytest.mark.parametrize(
    ("asked", "status", "expected"),
    [
        ("bytes=0-99", 206, AUDIO[:100]),
        ("bytes=10000-", 206, AUDIO[10000:]),
        ("bytes=-50", 206, AUDIO[-50:]),
        ("bytes=999999-", 416, None),
        ("nonsense", 416, None),
    ],
)
async def test_ranges(client: TestClient, song: Song, asked: str, status: int, expected: bytes | None) -> None:
    response = await client.get(song_path(song, "flac"), headers={hdrs.RANGE: asked})
    assert response.status == status
    if expected is not None:
        assert await response.read() == expected
        assert response.headers[hdrs.CONTENT_RANGE].endswith(f"/{len(AUDIO)}")


async def test_a_known_etag_is_not_sent_again(client: TestClient, song: Song) -> None:
    etag = (await client.get(song_path(song, "flac"))).headers[hdrs.ETAG]
    response = await client.get(song_path(song, "flac"), headers={hdrs.IF_NONE_MATCH: etag})
    assert response.status == 304
    assert await response.read() == b""


async def test_any_name_with_the_right_suffix(client: TestClient, song: Song) -> None:
    assert (await client.get(f"/api/mixtape/audio/{song.token}/x.FLAC")).status == 200


@pytest.mark.parametrize("token", ["wrong", "a", "token-of-a-3kd8L", "token-of-a-3kd8L_", "TOKEN-OF-A-3KD8LS"])
async def test_a_wrong_token_is_forbidden_and_bans_nobody(
    hass: HomeAssistant, client: TestClient, song: Song, token: str
) -> None:
    for path in (f"/api/mixtape/audio/{token}/song.flac", f"/api/mixtape/cover/{token}.jpg"):
        assert (await client.get(path)).status == 403
        assert (await client.head(path)).status == 403
    failed = hass.http.app[KEY_FAILED_LOGIN_ATTEMPTS]
    assert not any(failed.values())
    # That it would count: what asks for a login.
    assert (await client.get("/api/config")).status == 401
    assert list(failed.values()) == [1]


@pytest.mark.parametrize("token", ["token-of-a-3kd8Ls%00", "%27%20OR%201=1", ".."])
async def test_what_is_no_token_at_all(client: TestClient, song: Song, token: str) -> None:
    for path in (f"/api/mixtape/audio/{token}/song.flac", f"/api/mixtape/cover/{token}.jpg"):
        response = await client.get(URL(path, encoded=True))
        # Home Assistant's filter refuses some before the view does (400), and normalises ".." away (404).
        assert response.status in ({400, 403, 404} if token == ".." else {400, 403})


@pytest.mark.parametrize(
    "name",
    [
        "song.wav",
        "song",
        "flac.",
        "..%2F..%2Fsecrets.flac.txt",
        "%2e%2e%2fsecrets.db",
        "..%5c..%5cmixtape.db",
        "song.mp3",  # announced by the library, but not there
    ],
)
async def test_what_is_not_there(client: TestClient, song: Song, name: str) -> None:
    response = await client.get(URL(f"/api/mixtape/audio/{song.token}/{name}", encoded=True))
    assert response.status in (400, 404)


async def test_tampered_names_never_leave_the_song(client: TestClient, song: Song) -> None:
    for name in ("..%2F..%2Fsecrets.flac", "%2e%2e%2f%2e%2e%2fsecrets.flac", "%252e%252e%252fsecrets.flac"):
        response = await client.get(URL(f"/api/mixtape/audio/{song.token}/{name}", encoded=True))
        assert response.status in (200, 400, 404)
        assert b"secret" not in await response.read()


async def test_covers(client: TestClient, song: Song, library: Library) -> None:
    response = await client.get(cover_path(song))
    assert response.status == 200
    assert response.headers[hdrs.CONTENT_TYPE] == "image/jpeg"
    assert await response.read() == COVER
    bare = library.add_song(make_song("bare"))
    assert (await client.get(f"/api/mixtape/cover/{bare.token}.jpg")).status == 404


async def test_a_damaged_file_name_in_the_library(client: TestClient, library: Library) -> None:
    song = library.add_song(make_song("odd", cover="../../mixtape.db"))
    assert (await client.get(cover_path(song))).status == 404


async def test_fetches_are_remembered_but_not_for_ever(hass: HomeAssistant, client: TestClient, song: Song) -> None:
    fetches = hass.data[_FETCHES]
    for number in range(REMEMBERED_FETCHES + 10):
        fetches[str(number)] = None
    await client.get(song_path(song, "flac"))
    assert len(fetches) == REMEMBERED_FETCHES
    assert song.token in fetches


async def test_no_home_no_songs(hass: HomeAssistant, client: TestClient, song: Song) -> None:
    hass.config_entries.async_entries(DOMAIN)[0].mock_state(hass, ConfigEntryState.NOT_LOADED)
    assert (await client.get(song_path(song, "flac"))).status == 403


async def test_a_library_that_fails(client: TestClient, song: Song, library: Library) -> None:
    library.close()
    assert (await client.get(song_path(song, "flac"))).status == 503
