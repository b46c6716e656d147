"""The connection to the studio, and what belongs to one config entry."""

from __future__ import annotations

import asyncio
import itertools
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, override

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers.update_coordinator import DataUpdateCoordinator, UpdateFailed

from . import issues
from .client import (
    EventType,
    StudioAuthenticationError,
    StudioContractError,
    StudioError,
    StudioProblemError,
    StudioTimeoutError,
    follow,
)
from .const import DOMAIN, HEALTH_INTERVAL, LOGGER

if TYPE_CHECKING:
    from collections.abc import Callable

    from .client import EngineInfo, Health, Job, StudioClient
    from .library import Library
    from .maker import SongMaker
    from .rooms.player import RoomPlayer

REFUSED_PAUSE = 300
"""Seconds until a studio that refused us is asked again."""

MISSED = 3
"""Questions without an answer until a studio whose events come is taken to be away."""

LONGEST_GREETING = 5.0
"""Seconds at most between two questions to a studio whose events come, but who is not ready."""

type MixtapeConfigEntry = ConfigEntry[MixtapeData]

type JobListener = Callable[[Job | None], None]
"""Called with a job that changed, or with None when any may have: everything must be read again."""


@dataclass(slots=True, kw_only=True)
class MixtapeData:
    """What belongs to one config entry while it is loaded."""

    client: StudioClient
    library: Library
    studio: StudioCoordinator
    maker: SongMaker
    rooms: dict[str, RoomPlayer]
    """Room id (= subentry id) to its player."""
    studio_device_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StudioStatus:
    """What the studio says about itself."""

    health: Health
    engines: list[EngineInfo] = field(default_factory=list)

    @property
    def engine(self) -> EngineInfo | None:
        """The engine that a wish without one gets."""
        return next((engine for engine in self.engines if engine.name == self.health.default_engine), None)


@dataclass(frozen=True, slots=True)
class RoomWork:
    """What is being made for a room: a step of ``WORK_STEPS``."""

    step: str = "idle"
    progress: int | None = None
    """Percent; None where nothing is being made."""


class StudioCoordinator(DataUpdateCoordinator[StudioStatus | None]):
    """Follows the studio's events; asks for its health when the connection stands, and now and then.

    ``data`` is None until the studio has been seen; afterwards it is the last that was heard.
    """

    config_entry: MixtapeConfigEntry

    def __init__(self, hass: HomeAssistant, entry: MixtapeConfigEntry, client: StudioClient) -> None:
        super().__init__(
            hass, LOGGER, config_entry=entry, name="the studio", update_interval=HEALTH_INTERVAL, always_update=False
        )
        self.client = client
        self.jobs: dict[str, Job] = {}
        """This home's jobs that have not ended, as far as events told."""
        self._online = asyncio.Event()
        self._news = asyncio.Event()
        self._streaming = False
        self._missed = 0
        self._greeting: asyncio.Task[None] | None = None
        self._job_listeners: set[JobListener] = set()

    @property
    def connected(self) -> bool:
        return self._online.is_set()

    @property
    def health(self) -> Health | None:
        return self.data.health if self.data else None

    @callback
    def async_follow(self) -> None:
        """Begin to follow the studio, for as long as the entry is loaded."""
        self.config_entry.async_create_background_task(self.hass, self._async_follow(), "mixtape studio events")

    async def async_wait_connected(self) -> None:
        await self._online.wait()

    async def async_wait_for_news(self, seconds: float) -> None:
        """Wait until the studio was reached or not, but no longer than that."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._news.wait()

    @callback
    def async_add_job_listener(self, listener: JobListener) -> CALLBACK_TYPE:
        self._job_listeners.add(listener)

        @callback
        def remove() -> None:
            self._job_listeners.discard(listener)

        return remove

    async def _async_follow(self) -> None:
        while True:
            try:
                async for event in follow(self.client, on_connection=self._connection_changed):
                    if event.type is EventType.RESET:
                        self._tell(None)
                    elif event.job is not None:
                        self._job_changed(event.job)
            except StudioError as err:
                # The token or the contract is refused. Somebody has to act; usually the entry is then loaded anew.
                self._streaming = False
                self._lost(err)
            await asyncio.sleep(REFUSED_PAUSE)

    @callback
    def _connection_changed(self, connected: bool, reason: StudioError | None) -> None:
        self._streaming = connected
        if not connected:
            if self._greeting:
                self._greeting.cancel()
            self._lost(reason)
            return
        # The stream stands. Whether this is still our studio, and of our contract, its health tells.
        self._greet()

    @callback
    def _greet(self) -> None:
        """Only one greeting at a time."""
        if self._greeting is None or self._greeting.done() or self._greeting.cancelling():
            self._greeting = self.config_entry.async_create_background_task(
                self.hass, self._async_greet(), "mixtape studio health", eager_start=False
            )

    async def _async_greet(self) -> None:
        """Ask until all is known: a studio that has just started has no worker yet to tell of its engines."""
        for attempt in itertools.count():
            await self.async_refresh()
            if not self._streaming or (not self._missed and self.connected and self.data and self.data.engines):
                return
            await asyncio.sleep(min(LONGEST_GREETING, 0.5 * 2 ** min(attempt, 10)))

    @callback
    def _job_changed(self, job: Job) -> None:
        known = self.jobs.get(job.id)
        if job.state.ended:
            self.jobs.pop(job.id, None)
        else:
            self.jobs[job.id] = job
        self._tell(job)
        if known is None or known.state is not job.state:
            self.config_entry.async_create_background_task(self.hass, self.async_request_refresh(), "mixtape queue")

    @callback
    def _tell(self, job: Job | None) -> None:
        for listener in list(self._job_listeners):
            listener(job)

    @callback
    def _lost(self, reason: StudioError | None) -> None:
        """Note that the studio is away; say so once."""
        was_connected = self.connected
        self._online.clear()
        self._news.set()
        self.jobs.clear()
        if isinstance(reason, StudioAuthenticationError):
            self.config_entry.async_start_reauth(self.hass)
        if isinstance(reason, StudioContractError):
            issues.async_unsupported_studio(self.hass, self.config_entry, reason)
        if self.last_update_success:
            LOGGER.warning("The studio is away: %s. What is made still plays; new wishes wait", reason)
        self.last_update_success = False
        self.last_exception = reason
        if was_connected:
            self._tell(None)
        self.async_update_listeners()

    @callback
    def _found(self) -> None:
        """Note that the studio answers; the base class says that it is back."""
        if not self._streaming or self.connected:
            return
        issues.async_clear(self.hass, self.config_entry, issues.UNSUPPORTED_STUDIO)
        self._online.set()
        self._news.set()
        self._tell(None)

    @callback
    def _show_version(self, version: str) -> None:
        """A studio that was updated has a new version without its entry being loaded anew."""
        devices = dr.async_get(self.hass)
        entry_id = self.config_entry.entry_id
        device = devices.async_get_device_by_identifier((DOMAIN, entry_id), entry_id)
        if device and device.sw_version != version:
            devices.async_update_device(device.id, sw_version=version)

    @override
    async def _async_update_data(self) -> StudioStatus:
        try:
            health = await self.client.health()
            try:
                engines = await self.client.engines()
            except StudioProblemError:
                engines = self.data.engines if self.data else []
        except StudioError as err:
            self._missed += 1
            refused = isinstance(err, StudioAuthenticationError | StudioContractError)
            if self.data and self.connected and self._streaming and not refused and self._missed < MISSED:
                # Its events come: it is there, and was only too busy for this answer.
                LOGGER.debug("The studio is asked again: %s", err)
                self._greet()
                return self.data
            self._lost(err)
            raise UpdateFailed(
                translation_domain=DOMAIN, translation_key=error_key(err), translation_placeholders=error_details(err)
            ) from err
        self._missed = 0
        self._found()
        self._show_version(health.version)
        return StudioStatus(health=health, engines=engines)


def error_key(error: StudioError) -> str:
    """The translation key of what a person is told."""
    match error:
        case StudioAuthenticationError():
            return "invalid_auth"
        case StudioContractError():
            return "unsupported_version"
        case StudioTimeoutError():
            return "timeout"
        case _:
            return "cannot_connect"


def error_details(error: StudioError) -> dict[str, str]:
    """The placeholders of that translation."""
    if isinstance(error, StudioContractError):
        return {"error": str(error), "found": str(error.found), "supported": str(error.supported)}
    return {"error": str(error)}
