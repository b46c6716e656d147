"""The worker's sign of life: the time of a file, which needs no room on a full disk."""

import time
from pathlib import Path
from typing import Final

from mixtape_studio.settings import Settings

BEAT: Final = 1.0
"""Seconds between two beats."""
ALIVE: Final = 4 * BEAT
"""Silence after which a worker no longer counts as alive."""


def heartbeat_file(settings: Settings) -> Path:
    return settings.data / "worker.alive"


class Heartbeat:
    """Listens.

    Silence is counted on this process's own steady clock: the file's time is only compared with itself,
    so neither a changed clock nor a suspended machine looks like a hanging worker.
    """

    def __init__(self, settings: Settings) -> None:
        self._path = heartbeat_file(settings)
        self.heard = False
        """Whether the worker beat since ``forget``."""
        self.forget()

    def forget(self) -> None:
        """A new worker begins: what an earlier one left does not count."""
        self._seen = self._time()
        self._since = time.monotonic()
        self.heard = False

    def silence(self) -> float:
        """Seconds since the last beat that was noticed."""
        beat, now = self._time(), time.monotonic()
        if beat != self._seen:
            self._seen, self._since = beat, now
            self.heard = True
        return now - self._since

    def _time(self) -> float:
        try:
            return self._path.stat().st_mtime
        except FileNotFoundError:
            return 0.0


def is_alive(settings: Settings) -> bool:
    """Whether a worker, anybody's, beat lately."""
    try:
        return time.time() - heartbeat_file(settings).stat().st_mtime < ALIVE
    except FileNotFoundError:
        return False
