"""A real Home Assistant, onboarded, with a demo person and three areas."""

import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp

from .api import HomeApi
from .errors import DemoError
from .paths import HOME_PYTHON, INTEGRATION, ffmpeg
from .processes import Processes, Program, free_port, wait_for

START_LIMIT = 120.0
USUAL_PORT = 8123
PERSON = "Robin Demo"
USER = "robin"
PASSWORD = "mixtape-demo"
AREAS = ("Living Room", "Kitchen", "Nursery")

# Only what a home with speakers and a voice needs: the demo starts in seconds and asks nothing of the internet.
_CONFIGURATION = """\
homeassistant:
  name: Mixtape demo
  internal_url: "{url}"
  country: GB
  currency: GBP
  language: en
  unit_system: metric
  time_zone: UTC
frontend:
conversation:
assist_pipeline:
media_source:
ffmpeg:
  ffmpeg_bin: "{ffmpeg}"
logger:
  default: warning
"""


@dataclass(frozen=True)
class Home:
    url: str
    folder: Path
    program: Program
    api: HomeApi
    login: dict[str, Any]
    """What a browser keeps to be logged in: Home Assistant's answer to the token request."""
    areas: dict[str, str]
    """Area ids by name."""


def _store(folder: Path, key: str, version: tuple[int, int], data: dict[str, Any]) -> None:
    file = folder / ".storage" / key
    file.parent.mkdir(exist_ok=True)
    file.write_text(json.dumps({"version": version[0], "minor_version": version[1], "key": key, "data": data}))


def write_configuration(folder: Path, port: int) -> None:
    (folder / "custom_components").mkdir(parents=True)
    (folder / "custom_components" / "mixtape").symlink_to(INTEGRATION, target_is_directory=True)
    (folder / "configuration.yaml").write_text(_CONFIGURATION.format(url=f"http://127.0.0.1:{port}", ffmpeg=ffmpeg()))
    # The address belongs into this store: written into the YAML it would be a trial that ends after five minutes.
    _store(
        folder,
        "http",
        (2, 2),
        {
            "stable": {
                "server_host": ["127.0.0.1"],
                "server_port": port,
                "cors_allowed_origins": ["https://cast.home-assistant.io"],
                "login_attempts_threshold": -1,
                "ip_ban_enabled": False,
                "ssl_profile": "modern",
                "use_x_frame_options": True,
                "created_at": datetime.now(UTC).isoformat(),
                "error": None,
                "error_message": None,
            },
            "pending": None,
            "yaml_migration_done": True,
        },
    )
    # These two steps of onboarding would add a weather service, radio stations and a voice from the internet.
    _store(folder, "onboarding", (4, 1), {"done": ["core_config", "analytics"]})


@dataclass(frozen=True)
class StartedHome:
    url: str
    folder: Path
    program: Program


async def start_home(processes: Processes, session: aiohttp.ClientSession) -> StartedHome:
    """Starts Home Assistant with a fresh configuration and waits for its first answer."""
    folder = processes.folder / "home"
    port = free_port(USUAL_PORT)
    write_configuration(folder, port)
    program = await processes.start(
        "Home Assistant", *(HOME_PYTHON, "-m", "homeassistant", "--config", folder, "--skip-pip")
    )
    url = f"http://127.0.0.1:{port}"

    async def answers() -> bool | None:
        try:
            async with session.get(f"{url}/api/onboarding") as response:
                return True if response.ok else None
        except aiohttp.ClientError:
            return None

    await wait_for("the start of Home Assistant", answers, limit=START_LIMIT, program=program)
    return StartedHome(url, folder, program)


@asynccontextmanager
async def onboarded(started_home: StartedHome, session: aiohttp.ClientSession) -> AsyncGenerator[Home]:
    """Goes through the onboarding and stays logged in for the block."""
    url, program = started_home.url, started_home.program
    login = await _onboard(session, url)
    api = HomeApi(session, url, login["access_token"])
    async with api.connected():

        async def started() -> bool | None:
            return True if (await api.ask("get_config"))["state"] == "RUNNING" else None

        await wait_for("Home Assistant's own start-up", started, limit=START_LIMIT, program=program)
        yield Home(url, started_home.folder, program, api, login, await _areas(api))


async def _onboard(session: aiohttp.ClientSession, url: str) -> dict[str, Any]:
    client_id = f"{url}/"

    async def post(path: str, body: dict[str, str], *, form: bool = False, token: str | None = None) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        content: dict[str, Any] = {"data": body} if form else {"json": body}
        async with session.post(f"{url}{path}", headers=headers, **content) as response:
            if not response.ok:
                raise DemoError(f"Home Assistant refused {path}: {response.status} {await response.text()}")
            answer: dict[str, Any] = await response.json()
            return answer

    async def login(code: str) -> dict[str, Any]:
        return await post(
            "/auth/token", {"grant_type": "authorization_code", "code": code, "client_id": client_id}, form=True
        )

    person = {"name": PERSON, "username": USER, "password": PASSWORD, "language": "en", "client_id": client_id}
    first = await login((await post("/api/onboarding/users", person))["auth_code"])
    body = {"client_id": client_id, "redirect_uri": client_id}
    await post("/api/onboarding/integration", body, token=first["access_token"])
    return {**first, "hassUrl": url, "clientId": client_id}


async def _areas(api: HomeApi) -> dict[str, str]:
    """Onboarding makes some areas of its own; the missing ones are added."""
    known = {area["name"]: area["area_id"] for area in await api.ask("config/area_registry/list")}
    for name in AREAS:
        if name not in known:
            known[name] = (await api.ask("config/area_registry/create", name=name))["area_id"]
    return {name: known[name] for name in AREAS}
