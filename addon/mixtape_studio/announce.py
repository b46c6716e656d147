"""Announces the studio on the local network, so that homes find it without typing."""

import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from ipaddress import ip_address
from typing import Final

import ifaddr
import structlog
from zeroconf import Error, IPVersion
from zeroconf.asyncio import AsyncServiceInfo, AsyncZeroconf

from mixtape_studio import __version__
from mixtape_studio.contract import CONTRACT_VERSION

log = structlog.get_logger()

SERVICE: Final = "_mixtape._tcp.local."


def addresses(host: str) -> list[str]:
    """Where others reach a server that listens on ``host``: empty on a loopback address."""
    try:
        address = ip_address(host)
    except ValueError:
        try:
            address = ip_address(socket.gethostbyname(host))
        except OSError:
            return []
    if address.is_loopback:
        return []
    if not address.is_unspecified:
        return [str(address)]
    found = [ip.ip for adapter in ifaddr.get_adapters() for ip in adapter.ips if isinstance(ip.ip, str)]
    return [ip for ip in found if not ip_address(ip).is_loopback]


def service_info(studio_id: str, host: str, port: int) -> AsyncServiceInfo:
    return AsyncServiceInfo(
        SERVICE,
        f"Mixtape studio {studio_id[:8]}.{SERVICE}",
        port=port,
        parsed_addresses=addresses(host),
        properties={"id": studio_id, "version": __version__, "contract": CONTRACT_VERSION, "path": "/"},
        server=f"mixtape-{studio_id[:8]}.local.",
    )


@asynccontextmanager
async def announced(studio_id: str, host: str, port: int) -> AsyncIterator[None]:
    """Announce for as long as the block lasts; a network that does not allow it is logged and no more."""
    if not addresses(host):
        yield
        return
    zeroconf: AsyncZeroconf | None = None
    info = service_info(studio_id, host, port)
    try:
        zeroconf = AsyncZeroconf(ip_version=IPVersion.V4Only)
        await (await zeroconf.async_register_service(info, allow_name_change=True))
        log.info("studio.announced", port=port)
    except (OSError, Error) as error:
        log.warning("studio.unannounced", error=str(error))
    try:
        yield
    finally:
        if zeroconf is not None:
            await zeroconf.async_unregister_service(info)
            await zeroconf.async_close()
