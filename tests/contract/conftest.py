"""One studio for all contract tests, and the real client."""

from collections.abc import AsyncIterator, Iterator  # noqa: TC003  # pytest reads annotations

import pytest
import pytest_socket
from aiohttp import ClientSession

from custom_components.mixtape.client import StudioClient
from tests.studio_process import StudioProcess


@pytest.fixture(scope="session")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StudioProcess]:
    """``url``, ``token`` and ``data``. Who stops or kills it starts it again."""
    # Home Assistant's test plugin blocks sockets before each test's fixtures are made.
    pytest_socket.enable_socket()
    process = StudioProcess(tmp_path_factory.mktemp("studio"))
    process.start()
    yield process
    if process.running:
        process.stop()


@pytest.fixture
async def session(socket_enabled: None) -> AsyncIterator[ClientSession]:
    async with ClientSession() as opened:
        yield opened


@pytest.fixture
def client(studio: StudioProcess, session: ClientSession) -> StudioClient:
    return StudioClient(session, studio.url, studio.token)
