"""Server-sent events, line by line.

https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation
"""

import codecs
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_EVENT = 4 * 1024 * 1024
"""Characters of one event, its unfinished last line included. A job with its takes is some 20,000."""

_RETRY_DIGITS = 10
"""A longer retry time is eleven days and more: nonsense."""


class EventTooLargeError(ValueError):
    """One event is longer than ``MAX_EVENT``: whatever sends it is no studio."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerSentEvent:
    """One dispatched event; ``id`` is the last one seen, which may be of an earlier event."""

    event: str
    data: str
    id: str


class ServerSentEventParser:
    """Bytes in, in any pieces; events out."""

    def __init__(self, last_event_id: str = "") -> None:
        self.last_event_id = last_event_id
        self.retry: float | None = None
        """Seconds to wait before a reconnection, where the server has said so."""
        self._decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
        self._started = False
        self._skip_line_feed = False
        self._line: list[str] = []
        self._data: list[str] = []
        self._event = ""
        self._id = last_event_id
        self._size = 0

    def feed(self, chunk: bytes) -> Iterator[ServerSentEvent]:
        """Yield the events that ``chunk`` completes.

        Raises:
            EventTooLargeError: one event is longer than ``MAX_EVENT``.
        """
        for line in self._lines(self._decoder.decode(chunk)):
            if line:
                self._field(line)
            elif (event := self._dispatch()) is not None:
                yield event

    def _lines(self, text: str) -> Iterator[str]:
        if text and not self._started:
            self._started = True
            text = text.removeprefix("\N{ZERO WIDTH NO-BREAK SPACE}")
        if self._skip_line_feed and text:
            # The carriage return that ended the last piece has ended its line already.
            self._skip_line_feed = False
            text = text.removeprefix("\n")
        if text.endswith("\r"):
            self._skip_line_feed = True
        # str.splitlines would also split at other separators, which are data here.
        *whole, rest = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
        for line in whole:
            self._count(line)
            self._line.append(line)
            joined = "".join(self._line)
            self._line.clear()
            yield joined
        if rest:
            self._count(rest)
            self._line.append(rest)

    def _count(self, text: str) -> None:
        self._size += len(text)
        if self._size > MAX_EVENT:
            raise EventTooLargeError(f"An event is longer than {MAX_EVENT} characters")

    def _field(self, line: str) -> None:
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if name == "data":
            self._data.append(value)
        elif name == "event":
            self._event = value
        elif name == "id":
            if "\0" not in value:
                self._id = value
        elif name == "retry" and value.isascii() and value.isdigit() and len(value) < _RETRY_DIGITS:
            self.retry = int(value) / 1000
        elif not name:
            # A comment, such as a heartbeat, belongs to no event and must not add up.
            self._size -= len(line)

    def _dispatch(self) -> ServerSentEvent | None:
        self.last_event_id = self._id
        data, self._data = self._data, []
        event, self._event = self._event, ""
        self._size = 0
        if not data:
            return None
        return ServerSentEvent(event=event or "message", data="\n".join(data), id=self.last_event_id)
