"""The studio's events, one connection or for as long as somebody listens."""

import asyncio
import logging
import random
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from .exceptions import (
    StudioAuthenticationError,
    StudioConnectionError,
    StudioContractError,
    StudioError,
    StudioResponseError,
)
from .models import Event, EventType
from .sse import EventTooLargeError, ServerSentEvent, ServerSentEventParser

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable

    from .client import StudioClient

_LOGGER = logging.getLogger(__name__)


class EventStream:
    """One open connection; iterate it for its events, once."""

    def __init__(self, read: Callable[[], Awaitable[bytes]], last_event_id: str | None) -> None:
        """``read`` returns the next piece of the body, empty at its end."""
        self._read = read
        self._first = b""
        self._parser = ServerSentEventParser(last_event_id or "")

    async def begin(self) -> None:
        """Wait for the studio's greeting: whatever happens after it, this stream tells."""
        self._first = await self._read()

    @property
    def retry(self) -> float | None:
        """Seconds to wait before a reconnection, where the studio has said so."""
        return self._parser.retry

    @property
    def last_event_id(self) -> str | None:
        return self._parser.last_event_id or None

    async def __aiter__(self) -> AsyncIterator[Event]:
        chunk = self._first or await self._read()
        while chunk:
            try:
                for sent in self._parser.feed(chunk):
                    yield _decode(sent)
            except EventTooLargeError as err:
                raise StudioResponseError(str(err)) from err
            chunk = await self._read()


def _decode(sent: ServerSentEvent) -> Event:
    try:
        return Event.from_json(sent.data)
    except (AttributeError, LookupError, TypeError, ValueError) as err:
        # Asking for it again would bring it again. What it told can be read from the jobs.
        _LOGGER.warning("An event of the studio is unreadable (%s); everything is read again", err)
        number = int(sent.id) if sent.id.isascii() and sent.id.isdigit() else 0
        return Event(id=number, type=EventType.RESET, at=datetime.now(UTC))


@dataclass(frozen=True, slots=True, kw_only=True)
class Backoff:
    """How long to wait before the next connection, in seconds."""

    first: float = 1
    longest: float = 60

    def delay(self, attempt: int, first: float | None = None) -> float:
        """Double with each attempt (0, 1, …) up to the longest, of which a random half to all."""
        base = self.first if first is None else max(first, self.first)
        # 2**10 is beyond the longest for any first; a longer absence must not overflow.
        ceiling = min(self.longest, base * 2.0 ** min(attempt, 10))
        return ceiling * random.uniform(0.5, 1)  # noqa: S311  # spreads homes out, guards nothing


async def follow(
    client: StudioClient,
    last_event_id: str | int | None = None,
    on_connection: Callable[[bool, StudioError | None], None] | None = None,
    *,
    backoff: Backoff | None = None,
) -> AsyncGenerator[Event]:
    """Yield the studio's events for ever, over as many connections as it takes.

    ``on_connection(True, None)`` is called when a connection stands, from where on no event is missed, ``on_connection(False, reason)`` when
    it is lost or does not come about; each once per change. A ``RESET`` event is yielded like any other:
    read everything again.

    Raises:
        StudioAuthenticationError: the token is refused; waiting would not help.
        StudioContractError: the studio has become another major version.
    """
    backoff = backoff or Backoff()
    resume = None if last_event_id is None else str(last_event_id)
    connected: bool | None = None
    attempt = 0
    clock = asyncio.get_running_loop().time

    def tell(now: bool, reason: StudioError | None) -> None:
        nonlocal connected
        if connected is not now and on_connection is not None:
            on_connection(now, reason)
        connected = now

    retry: float | None = None
    while True:
        since = clock()
        try:
            async with client.events(resume) as stream:
                tell(True, None)
                try:
                    async for event in stream:
                        attempt = 0
                        yield event
                finally:
                    # Also where no event came: the studio may have said where they stand.
                    resume, retry = stream.last_event_id, stream.retry or retry
            reason: StudioError = StudioConnectionError("The studio ended the stream of events")
        except (StudioAuthenticationError, StudioContractError) as err:
            tell(False, err)
            raise
        except StudioError as err:
            reason = err
        tell(False, reason)
        if clock() - since > backoff.longest:
            # A quiet connection that stood was not a failure.
            attempt = 0
        await asyncio.sleep(backoff.delay(attempt, retry))
        attempt += 1
