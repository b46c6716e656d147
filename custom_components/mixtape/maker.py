"""Makes songs: keeps each wish, sends it, follows it, files the song, has it announced and played.

Each unfinished wish has one task, and a wish is stored before anything else happens to it: whatever is
interrupted goes on where it was, after a restart of either side, and each song is filed once.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.util import dt as dt_util

from . import issues
from .client import (
    Job,
    JobState,
    Priority,
    SongRequest,
    StudioConflictError,
    StudioError,
    StudioNotFoundError,
    Take,
    TakeFile,
)
from .const import DOMAIN, EVENT_PLAYBACK_FAILED, EVENT_SONG_FAILED, EVENT_SONG_READY, LOGGER
from .filing import async_fetch_audio, async_fetch_cover, first_file, missing_files, takes_of, to_song
from .helpers import readable
from .library import LibraryError, LibraryFullError, Song, Wish, WishState
from .retry import GiveUp, after, from_problem
from .rooms.errors import PlaybackCode
from .sentences import language_for
from .work import may_be_loud, work_of

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from .client import StudioClient
    from .coordinator import MixtapeConfigEntry, RoomWork, StudioCoordinator
    from .library import Library
    from .rooms.player import RoomPlayer

LOOK_AGAIN: Final = 60.0
"""Seconds without a word about a job after which it is asked for: an event may have been lost."""
STOP_LIMIT: Final = 10.0
"""Seconds for what the library is just doing, when the entry is unloaded."""
DEFAULT_FORMAT: Final = "flac"


class _GivenUpError(Exception):
    def __init__(self, reason: GiveUp, state: WishState = WishState.FAILED) -> None:
        super().__init__(reason.message)
        self.reason = reason
        self.state = state


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How a wish ended: with a song, and perhaps a reason why it does not sound; or with a reason."""

    song: Song | None = None
    playing: bool = False
    playback_error: Exception | None = None
    notice: str | None = None
    """What the studio did not do as it was asked, and why."""
    reason: GiveUp | None = None


@dataclass(slots=True, eq=False)
class _Making:
    wish: Wish
    outcome: asyncio.Future[Outcome]
    task: asyncio.Task[None] | None = None
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    job: Job | None = None
    fetching: bool = False
    song: Song | None = None
    """Once it is filed: from then on nothing takes it away."""


class SongMaker:
    """One per config entry."""

    def __init__(
        self,
        hass: HomeAssistant,
        entry: MixtapeConfigEntry,
        *,
        client: StudioClient,
        library: Library,
        studio: StudioCoordinator,
        rooms: dict[str, RoomPlayer],
    ) -> None:
        self._hass = hass
        self._entry = entry
        self._client = client
        self._library = library
        self._studio = studio
        self._rooms = rooms
        self._makings: dict[str, _Making] = {}
        self._unfinished: list[Wish] = []
        self._in_flight: set[asyncio.Future[Any]] = set()
        self._remove_listener: CALLBACK_TYPE | None = None

    async def async_load(self) -> None:
        """Read what was wished before. Raises LibraryError."""
        wishes = await self._in_library(self._library.wishes)
        self._unfinished = [wish for wish in wishes if not wish.state.ended]

    @callback
    def async_start(self) -> None:
        """Go on with every wish that has not ended; only when there are entities to see it."""
        self._remove_listener = self._studio.async_add_job_listener(self._job_changed)
        while self._unfinished:
            self._begin(self._unfinished.pop(0))

    async def async_stop(self) -> None:
        """Let go of every wish, to go on with it when started again. The library may be closed then."""
        if self._remove_listener:
            self._remove_listener()
            self._remove_listener = None
        makings = list(self._makings.values())
        for making in makings:
            if not making.outcome.done():
                making.outcome.set_exception(
                    HomeAssistantError(
                        translation_domain=DOMAIN,
                        translation_key="still_coming",
                        translation_placeholders={"job_id": making.wish.job_id},
                    )
                )
                # Usually nobody waits, and that is no mistake.
                making.outcome.exception()
            if making.task:
                making.task.cancel()
        await asyncio.gather(*(making.task for making in makings if making.task), return_exceptions=True)
        if self._in_flight:
            await asyncio.wait(self._in_flight, timeout=STOP_LIMIT)

    async def async_make(self, wish: Wish) -> str:
        """Keep the wish and begin; return its job's id. Raises LibraryError: then nothing was promised."""
        try:
            await self._in_library(self._library.add_wish, wish)
        except LibraryFullError as err:
            issues.async_library_full(self._hass, self._entry, str(err.path))
            raise
        issues.async_clear(self._hass, self._entry, issues.LIBRARY_FULL)
        self._begin(wish)
        return wish.job_id

    async def async_wait(self, job_id: str, limit: float) -> Outcome:
        """Wait for a wish that was begun. Raises TimeoutError after ``limit`` seconds; the song still comes."""
        async with asyncio.timeout(limit):
            return await asyncio.shield(self._makings[job_id].outcome)

    def work(self, room_id: str) -> RoomWork:
        """What is being made for a room: the furthest of its wishes."""
        return work_of(
            (making.job, making.fetching)
            for making in self._makings.values()
            if making.wish.room_id == room_id and making.song is None
        )

    @property
    def waiting(self) -> int:
        """How many wishes have not reached the studio."""
        return sum(making.wish.state is WishState.WAITING for making in self._makings.values())

    async def _in_library[*Ts, T](self, function: Callable[[*Ts], T], *args: *Ts) -> T:
        """A thread cannot be cancelled: remember what still runs, so that the library is not closed under it."""
        job = self._hass.async_add_executor_job(function, *args)
        self._in_flight.add(job)
        job.add_done_callback(self._in_flight.discard)
        return await asyncio.shield(job)

    @callback
    def _begin(self, wish: Wish) -> None:
        making = _Making(wish, self._hass.loop.create_future())
        self._makings[wish.job_id] = making
        making.task = self._entry.async_create_background_task(
            self._hass, self._async_run(making), f"mixtape song {wish.job_id}", eager_start=False
        )
        self._studio.async_update_listeners()

    @callback
    def _job_changed(self, job: Job | None) -> None:
        if job is None:
            for making in self._makings.values():
                making.job = None
                making.changed.set()
        elif concerned := self._makings.get(job.id):
            concerned.job = job
            concerned.changed.set()
        self._studio.async_update_listeners()

    async def _async_run(self, making: _Making) -> None:
        try:
            outcome = await self._async_make_song(making)
        except _GivenUpError as err:
            outcome = await self._async_give_up(making, err.reason, err.state)
        except Exception as err:  # noqa: BLE001
            # The edge of the task: a mistake of ours must not leave a wish without an answer.
            LOGGER.exception("A song could not be made")
            outcome = await self._async_give_up(making, GiveUp("internal", f"{type(err).__name__}: {err}"))
        finally:
            self._makings.pop(making.wish.job_id, None)
            self._studio.async_update_listeners()
        if not making.outcome.done():
            making.outcome.set_result(outcome)

    async def _async_make_song(self, making: _Making) -> Outcome:
        wish = making.wish
        if wish.state is WishState.WAITING:
            await self._persistently(lambda: self._async_send(making))
        song = await self._persistently(lambda: self._in_library(self._library.song, wish.job_id))
        if song is None:
            take, file = await self._async_first_file(making)
            making.fetching = True
            self._studio.async_update_listeners()
            song = await self._async_file(making, take, file)
        making.song = song
        self._studio.async_update_listeners()
        outcome = Outcome(song=song)
        if making.wish.state is not WishState.DELIVERED:
            if room_id := wish.room_id:
                await self._persistently(lambda: self._in_library(self._library.add_to_mixtape, room_id, wish.job_id))
            outcome = await self._async_deliver(making, song)
            if not making.outcome.done():
                making.outcome.set_result(outcome)
            await self._persistently(lambda: self._async_note(making, WishState.DELIVERED))
        song = await self._async_rest(making, song)
        await self._persistently(lambda: self._async_note(making, WishState.DONE))
        return replace(outcome, song=song)

    async def _async_send(self, making: _Making) -> None:
        await self._studio.async_wait_connected()
        wish = making.wish
        request = SongRequest.from_dict(wish.request)
        job = await self._client.create_job(wish.job_id, request, Priority(wish.priority))
        # An event may have told more meanwhile.
        making.job = making.job or job
        self._studio.async_update_listeners()
        await self._async_note(making, WishState.SENT)

    async def _async_first_file(self, making: _Making) -> tuple[Take, TakeFile]:
        """Wait until the studio has a file that the room can play."""
        room = self._rooms.get(making.wish.room_id or "")
        wanted = room.preferred_format if room else DEFAULT_FORMAT
        while True:
            job = await self._async_job(making)
            for take in takes_of(job):
                if file := first_file(take, wanted, complete=job.state.ended):
                    return take, file
            self._check_ended(job)
            await self._async_wait_for_change(making)

    async def _async_rest(self, making: _Making, song: Song) -> Song:
        """Fetch the other formats as they come. The song is there already: no failure here takes it away."""
        try:
            while True:
                job = await self._async_job(making)
                for take in takes_of(job):
                    for file in missing_files(take, song):
                        song = await self._persistently(partial(self._async_add, song, take, file))
                if job.state.ended:
                    return song
                await self._async_wait_for_change(making)
        except _GivenUpError as err:
            LOGGER.warning("%s stays without its other formats: %s", song.title, err)
            return song

    async def _async_add(self, song: Song, take: Take, file: TakeFile) -> Song:
        fetched = await async_fetch_audio(self._hass, self._client, self._library, take, file)
        return await self._in_library(self._library.add_file, song.id, fetched)

    async def _async_job(self, making: _Making) -> Job:
        """The job as last heard of, or asked for."""
        making.changed.clear()
        if making.job is None:
            job = await self._persistently(lambda: self._async_ask(making))
            making.job = making.job or job
            self._studio.async_update_listeners()
        return making.job

    async def _async_ask(self, making: _Making) -> Job:
        await self._studio.async_wait_connected()
        wish = making.wish
        try:
            return await self._client.job(wish.job_id)
        except StudioNotFoundError:
            if making.song:
                raise
            # Another studio, or one that lost its database: the wish is sent as if it were new.
            request = SongRequest.from_dict(wish.request)
            return await self._client.create_job(wish.job_id, request, Priority(wish.priority))

    async def _async_wait_for_change(self, making: _Making) -> None:
        try:
            async with asyncio.timeout(LOOK_AGAIN):
                await making.changed.wait()
        except TimeoutError:
            making.job = None

    @staticmethod
    def _check_ended(job: Job) -> None:
        if job.state is JobState.CANCELLED:
            raise _GivenUpError(GiveUp("cancelled", "The song was cancelled."), WishState.CANCELLED)
        if job.state is JobState.FAILED:
            raise _GivenUpError(from_problem(job.problem))
        if job.state.ended:
            raise _GivenUpError(GiveUp("internal", "The studio says that it is done, but has no file."))

    async def _async_file(self, making: _Making, take: Take, file: TakeFile) -> Song:
        fetched = await self._persistently(
            lambda: async_fetch_audio(self._hass, self._client, self._library, take, file)
        )
        try:
            cover: str | None = await async_fetch_cover(self._hass, self._client, self._library, take)
        except (StudioError, LibraryError) as err:
            LOGGER.debug("No cover for %s: %s", take.title, err)
            cover = None
        new = to_song(take, making.wish, [fetched], cover)
        return await self._persistently(lambda: self._in_library(self._library.add_song, new))

    async def _async_deliver(self, making: _Making, song: Song) -> Outcome:
        """Tell everybody, announce and play; none of it can lose the song."""
        wish = making.wish
        notice = making.job.plan.notice if making.job and making.job.plan else None
        self._fire(EVENT_SONG_READY, wish, song_id=song.id, title=song.title, genre=song.genre, mood=song.mood,
                   duration=song.duration, engine=song.engine, engine_label=song.engine_label, notice=notice)  # fmt: skip
        outcome = Outcome(song=song, notice=notice)
        room = self._rooms.get(wish.room_id or "")
        if room is None or not may_be_loud(wish, dt_util.utcnow()):
            return outcome
        try:
            if wish.announce:
                await room.async_announce(
                    language_for(wish.language).texts["ready"].format(title=song.title),
                    satellite_id=wish.satellite_id,
                    language=wish.language,
                    # What played would start again only to be replaced.
                    resume=not wish.play,
                )
            if wish.play:
                await room.async_play_song(song, enqueue="play")
        # Behind a speaker is anybody's integration; the song is filed all the same.
        except Exception as err:  # noqa: BLE001
            code = getattr(err, "code", "unknown")
            if code == PlaybackCode.SUPERSEDED:
                # Somebody chose something else meanwhile: that is no failure.
                return outcome
            LOGGER.warning("%s is made, but does not play in %s: %s", song.title, room.name, err)
            self._fire(EVENT_PLAYBACK_FAILED, wish, song_id=song.id, title=song.title, code=str(code),
                       message=readable(err), speaker=getattr(err, "entity_id", None))  # fmt: skip
            return replace(outcome, playback_error=err)
        return replace(outcome, playing=wish.play)

    async def _async_give_up(self, making: _Making, reason: GiveUp, state: WishState = WishState.FAILED) -> Outcome:
        if making.song:
            # Only the library's note is missing; after a restart it is made up for.
            LOGGER.warning("%s is made, but its wish could not be closed: %s", making.song.title, reason.message)
            return Outcome(song=making.song)
        LOGGER.warning("The wish %r came to nothing: %s", making.wish.text or making.wish.job_id, reason.message)
        problem = {"code": reason.code, "message": reason.message, "field": reason.field}
        # A full disk keeps even this from being written; after a restart it is found out again.
        with suppress(LibraryError):
            await self._async_note(making, state, problem)
        self._fire(EVENT_SONG_FAILED, making.wish, **problem)
        return Outcome(reason=reason)

    async def _async_note(self, making: _Making, state: WishState, problem: dict[str, Any] | None = None) -> None:
        now = dt_util.utcnow()
        making.wish = await self._in_library(
            lambda: self._library.update_wish(
                making.wish.job_id,
                state,
                problem,
                sent_at=now if state is WishState.SENT else None,
                ended_at=now if state.ended else None,
            )
        )

    async def _persistently[T](self, action: Callable[[], Awaitable[T]]) -> T:
        """Try until it works or there is no point in trying again."""
        attempt = 0
        while True:
            try:
                result = await action()
            except (StudioError, LibraryError) as err:
                attempt += 1
                if isinstance(err, LibraryFullError):
                    issues.async_library_full(self._hass, self._entry, str(err.path))
                if isinstance(err, StudioConflictError):
                    LOGGER.error("The studio has another job with the id of this wish")
                match after(err, attempt):
                    case GiveUp() as reason:
                        raise _GivenUpError(reason) from err
                    case plan:
                        LOGGER.debug("Again in %.1f s: %s", plan.pause, err)
                        await asyncio.sleep(plan.pause)
                        if plan.when_connected:
                            await self._studio.async_wait_connected()
            else:
                if attempt:
                    issues.async_clear(self._hass, self._entry, issues.LIBRARY_FULL)
                return result

    @callback
    def _fire(self, event: str, wish: Wish, **data: Any) -> None:
        room = self._rooms.get(wish.room_id or "")
        self._hass.bus.async_fire(
            event,
            {
                "entry_id": self._entry.entry_id,
                "job_id": wish.job_id,
                "room_id": wish.room_id,
                "room": room.name if room else None,
                "wish": wish.text,
                "requester": wish.requester,
                "requester_name": wish.requester_name,
                **data,
            },
        )
