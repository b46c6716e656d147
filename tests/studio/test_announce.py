import asyncio
import socket

import pytest
from zeroconf import IPVersion
from zeroconf.asyncio import AsyncServiceInfo, AsyncZeroconf

from mixtape_studio.announce import SERVICE, addresses, announced, service_info
from mixtape_studio.contract import CONTRACT_VERSION
from studio_process import free_port

STUDIO = "0123456789abcdef0123456789abcdef"


def test_a_loopback_address_is_nobody_elses() -> None:
    assert addresses("127.0.0.1") == []
    assert addresses("localhost") == []
    assert addresses("no.such.host.invalid") == []
    assert addresses("192.0.2.7") == ["192.0.2.7"]
    assert "127.0.0.1" not in addresses("0.0.0.0")


def test_what_is_announced() -> None:
    info = service_info(STUDIO, "192.0.2.7", 8765)
    assert info.type == SERVICE
    assert info.parsed_addresses() == ["192.0.2.7"]
    properties = {key.decode(): (value or b"").decode() for key, value in info.properties.items()}
    assert properties["id"] == STUDIO
    assert properties["contract"] == CONTRACT_VERSION
    assert properties["path"] == "/"
    assert "version" in properties


async def _found(port: int) -> AsyncServiceInfo:
    async with announced(STUDIO, "0.0.0.0", port):
        browser = AsyncZeroconf(ip_version=IPVersion.V4Only)
        try:
            info = AsyncServiceInfo(SERVICE, f"Mixtape studio {STUDIO[:8]}.{SERVICE}")
            assert await info.async_request(browser.zeroconf, 10_000)
            return info
        finally:
            await browser.async_close()


def test_a_home_finds_it() -> None:
    if not addresses("0.0.0.0"):
        pytest.fail("this machine has no network but loopback, on which nobody is found")
    port = free_port()
    info = asyncio.run(_found(port))
    assert info.port == port
    assert info.properties[b"id"] == STUDIO.encode()


async def _within(host: str) -> str:
    async with announced(STUDIO, host, 1):
        return "ran"


def test_a_network_that_refuses_stops_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError("no multicast here")

    assert asyncio.run(_within("127.0.0.1")) == "ran"
    monkeypatch.setattr(socket.socket, "setsockopt", refuse)
    assert asyncio.run(_within("192.0.2.7")) == "ran"
