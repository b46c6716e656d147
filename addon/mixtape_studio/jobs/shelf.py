"""The engines that this worker has: made once, loaded for a song, unloaded after idling. One renders at a time."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import structlog

from mixtape_studio import engines
from mixtape_studio.contract import EngineInfo, EngineState
from mixtape_studio.engines.base import Engine
from mixtape_studio.settings import Settings

log = structlog.get_logger()


class EngineShelf:
    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._engines: dict[str, Engine] = {}
        self._loaded: Engine | None = None
        self._used = time.monotonic()
        self._making = threading.Lock()
        self._lock = threading.Lock()
        """The queue's own limit does not hold while workflows are recovered; this does."""

    def engine(self, name: str) -> Engine:
        with self._making:
            if name not in self._engines:
                self._engines[name] = engines.create(name, self._settings)
            return self._engines[name]

    def infos(self) -> list[EngineInfo]:
        """Every engine as it is now, best first."""
        found = [engines.describe(name, self.engine(name), default=False) for name in engines.REGISTRY]
        default = engines.default_engine(found)
        return [info.model_copy(update={"default": info.name == default}) for info in found]

    @property
    def rented(self) -> bool:
        """Whether an engine is being loaded or renders."""
        return self._lock.locked()

    @contextmanager
    def renting(self) -> Iterator[None]:
        with self._lock:
            yield

    def load(self, name: str) -> Engine:
        """The engine, loaded; whatever else was loaded makes room. Only while renting."""
        engine = self.engine(name)
        if self._loaded is not engine:
            self._unload()
            engine.load()
            self._loaded = engine
        self._used = time.monotonic()
        return engine

    def preload(self) -> None:
        """Load what ``auto`` means, so that the first song does not wait for it."""
        with self.renting():
            ready = next(
                (info for info in self.infos() if info.default and info.status.state is EngineState.READY), None
            )
            if ready is not None:
                self.load(ready.name)

    def release_idle(self) -> None:
        if self._loaded is None or time.monotonic() - self._used < self._settings.engine_idle:
            return
        if self._lock.acquire(blocking=False):
            try:
                self._unload()
            finally:
                self._lock.release()

    def touch(self) -> None:
        self._used = time.monotonic()

    def _unload(self) -> None:
        if self._loaded is not None:
            log.info("engine.unloaded", engine=self._loaded.name)
            self._loaded.unload()
            self._loaded = None
