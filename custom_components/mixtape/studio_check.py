"""Look at a studio before trusting it: address, connection, contract, token."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from homeassistant.const import CONF_TOKEN, CONF_URL
from yarl import URL

from .client import (
    StudioAuthenticationError,
    StudioClient,
    StudioConnectionError,
    StudioContractError,
    StudioError,
    StudioTimeoutError,
    Timeouts,
)
from .const import LOGGER

if TYPE_CHECKING:
    from aiohttp import ClientSession

DEFAULT_PORT = 8765
CHECK_TIMEOUTS = Timeouts(connect=5, request=10)
"""Shorter than those of daily use: somebody sits before the form."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StudioFound:
    """A studio that answered and accepted the token."""

    studio_id: str
    version: str


class StudioRefused(Exception):  # noqa: N818  # it is an answer, told in a form
    """Why a studio cannot be used, ready for a form."""

    def __init__(self, form_field: str, key: str, placeholders: dict[str, str] | None = None) -> None:
        super().__init__(key)
        self.form_field = form_field
        self.key = key
        self.placeholders = placeholders or {}


def normalise_url(text: str) -> str:
    """``"studio.local"`` → ``"http://studio.local:8765"``; an http or https URL is kept, without what follows its path.

    Raises:
        StudioRefused: not an address.
    """
    text = text.strip()
    bare = "://" not in text
    try:
        url = URL(f"http://{text}" if bare else text)
        if bare and url.explicit_port is None:
            url = url.with_port(DEFAULT_PORT)
    except ValueError as err:
        raise StudioRefused(CONF_URL, "invalid_url") from err
    if url.scheme not in ("http", "https") or not url.host or url.user or url.password or " " in text:
        raise StudioRefused(CONF_URL, "invalid_url")
    return str(url.with_query(None).with_fragment(None)).rstrip("/")


async def async_check_studio(session: ClientSession, url: str, token: str) -> StudioFound:
    """Ask the studio who it is.

    Raises:
        StudioRefused: with the form field at fault.
    """
    if not token or not token.isprintable() or not token.isascii() or " " in token:
        raise StudioRefused(CONF_TOKEN, "invalid_auth")
    client = StudioClient(session, url, token, timeouts=CHECK_TIMEOUTS)
    try:
        await client.liveness()
        health = await client.health()
    except StudioAuthenticationError as err:
        raise StudioRefused(CONF_TOKEN, "invalid_auth") from err
    except StudioContractError as err:
        raise StudioRefused(
            CONF_URL, "unsupported_version", {"found": str(err.found), "supported": str(err.supported)}
        ) from err
    except StudioTimeoutError as err:
        raise StudioRefused(CONF_URL, "timeout") from err
    except StudioConnectionError as err:
        raise StudioRefused(CONF_URL, "cannot_connect") from err
    except StudioError as err:
        # Something answers there, but not as a studio does.
        LOGGER.debug("%s is not a studio: %s", url, err)
        raise StudioRefused(CONF_URL, "not_mixtape") from err
    return StudioFound(studio_id=health.studio_id, version=health.version)
