"""The real client, pointed at a loopback server."""

from collections.abc import AsyncIterator  # noqa: TC003  # pytest reads annotations

import pytest
from aiohttp import ClientSession

from custom_components.mixtape.client import StudioClient, Timeouts
from tests.integration.client.loopback_studio import TOKEN, LoopbackStudio


@pytest.fixture
async def studio(socket_enabled: None) -> AsyncIterator[LoopbackStudio]:
    loopback = LoopbackStudio()
    await loopback.server.start_server()
    yield loopback
    await loopback.server.close()


@pytest.fixture
async def session(socket_enabled: None) -> AsyncIterator[ClientSession]:
    async with ClientSession() as opened:
        yield opened


@pytest.fixture
def client(studio: LoopbackStudio, session: ClientSession) -> StudioClient:
    return StudioClient(session, studio.url, TOKEN, Timeouts(connect=2, request=0.5, idle=0.3, transfer=2))
