"""One studio for all contract tests, and the real client."""

import asyncio
import uuid
from collections.abc import AsyncIterator, Iterator  # noqa: TC003  # pytest reads annotations

import pytest
import pytest_socket
from aiohttp import ClientSession

from custom_components.mixtape.client import (
    ErrorCode,
    StudioClient,
    StudioProblemError,
)
from tests.studio_process import StudioProcess


@pytest.fixture(scope="session")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StudioProcess]:
    """``url``, ``token`` and ``data``. Who stops or kills it starts it again."""
    # Home Assistant's test plugin blocks sockets before each test's fixtures are made.
    pytest_socket.enable_socket()
    process = StudioProcess(tmp_path_factory.mktemp("studio"))
    process.start()
    yield process
    process.kill()


@pytest.fixture
async def session(socket_enabled: None) -> AsyncIterator[ClientSession]:
    async with ClientSession() as opened:
        yield opened


@pytest.fixture
async def client(studio: StudioProcess, session: ClientSession) -> StudioClient:
    """A client of a studio whose worker has said which engines there are."""
    ready = StudioClient(session, studio.url, studio.token)
    async with asyncio.timeout(60):
        while True:
            try:
                await ready.engines()
            except StudioProblemError as err:
                if err.code is not ErrorCode.NOT_READY:
                    raise
                await asyncio.sleep(0.1)
            else:
                return ready


@pytest.fixture
def job_id() -> str:
    return str(uuid.uuid4())
