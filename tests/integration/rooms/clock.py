"""A clock for tests: waiting takes no time, and only passes when nothing else is left to do.

Asyncio's loop asks its selector to wait for the next timer. Here nothing is waited for: the time is
advanced instead, unless work in threads is under way (the library, storage), which is really waited for.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import asyncio
    from concurrent.futures import Executor
    from selectors import BaseSelector

GRACE = 0.001
"""Seconds really waited for sockets and threads before time is advanced."""
SETTLE = 0.02
"""The same after work in a thread has ended: its result may still be on its way to the loop."""


class VirtualClock:
    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop: Any = loop
        self._start = self._now = loop.time()
        self._epoch = datetime(2026, 11, 21, 20, 0, tzinfo=UTC)
        self._working = 0
        self._settling = False
        self.real = False
        """While true waiting is real: for setting up what has subprocesses and threads of its own."""
        self._selector: BaseSelector = self._loop._selector
        self._loop._selector = self
        self._loop.time = self.time

    def restore(self) -> None:
        self._loop._selector = self._selector
        del self._loop.time

    def time(self) -> float:
        return self._now

    def utcnow(self) -> datetime:
        return self._epoch + timedelta(seconds=self._now - self._start)

    def watch(self, executor: Executor) -> None:
        """Count what runs in threads."""
        submit = executor.submit

        def counted(*args: Any, **kwargs: Any) -> Any:
            self._working += 1
            future = submit(*args, **kwargs)
            # Added last, so that the loop's own callback comes before ours.
            self._loop.call_soon_threadsafe(future.add_done_callback, self._done)
            return future

        executor.submit = counted  # type: ignore[method-assign]

    def _done(self, _: object) -> None:
        self._loop.call_soon_threadsafe(self._one_less)

    def _one_less(self) -> None:
        self._working -= 1
        self._settling = True

    def select(self, timeout: float | None = None) -> Any:
        if self.real:
            began = monotonic()
            ready = self._selector.select(timeout)
            self._now += monotonic() - began
            return ready
        if timeout is None or timeout <= 0:
            return self._selector.select(timeout)
        ready = self._selector.select(SETTLE if self._settling else GRACE)
        while not ready and self._working:
            ready = self._selector.select(0.01)
        if not ready:
            self._settling = False
            self._now += timeout
        return ready

    def __getattr__(self, name: str) -> Any:
        return getattr(self._selector, name)
