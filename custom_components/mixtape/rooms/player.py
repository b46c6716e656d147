"""A room's player: its queue, its speakers, and what was seen of them. The media_player entity only shows it."""

from __future__ import annotations

import asyncio
import random
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from homeassistant.core import callback
from homeassistant.helpers.event import async_track_state_change_event

from custom_components.mixtape.const import LOGGER
from custom_components.mixtape.library.exceptions import LibraryError

from .errors import PlaybackCode, PlaybackError
from .follower import Follower
from .memory import Memory, Remembered, RoomState
from .playback import Playback
from .queue import Enqueue, Queue, Repeat
from .restart import async_silent_since, song_ends
from .speaker_set import SpeakerSet
from .speakers import Expected, Feature
from .speech import Speech, async_speech
from .starter import PlaybackReport, Starter

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from datetime import datetime

    from homeassistant.config_entries import ConfigEntry
    from homeassistant.core import CALLBACK_TYPE, Context, Event, EventStateChangedData, HomeAssistant

    from custom_components.mixtape.library import Library
    from custom_components.mixtape.library.models import Song


RESTART_AFTER: Final = 3.0
"""Seconds into a song after which "previous" means its beginning."""
MAX_SKIPS: Final = 20
"""Songs in a row that may be gone from the library before the room gives up."""


class RoomPlayer:
    """One per room. Public methods raise PlaybackError."""

    def __init__(
        self,
        hass: HomeAssistant,
        entry: ConfigEntry[Any],
        *,
        room_id: str,
        name: str,
        speakers: Sequence[str],
        library: Library,
        volume: float | None = None,
    ) -> None:
        self.room_id = room_id
        self.name = name
        self.speakers = tuple(speakers)
        self.volume = volume
        """Set when the room begins to play, 0..1; None leaves the speakers as they are."""
        self.state = RoomState.IDLE
        self.song: Song | None = None
        self.problem: PlaybackError | None = None
        """Why the room is silent though it was to play."""
        self._hass = hass
        self._entry = entry
        self._library = library
        self._queue = Queue()
        self._memory = Memory(hass, room_id, self._now)
        self._playback = Playback(hass, entry)
        self.speaker_set = SpeakerSet(self._playback, speakers)
        self._follower = Follower(hass, entry, self._playback, self._on_followed, self._on_song_ended)
        self._starter = Starter(hass, entry, self._playback, self._on_playing, self._on_silent)
        self._listeners: list[Callable[[], None]] = []
        self._unsubscribe: CALLBACK_TYPE | None = None
        self._advancing: asyncio.Task[None] | None = None
        self._turn = 0
        self._resume_at = 0.0
        self._interrupted = False
        """An announcement has silenced the music, or a restart: what begins next keeps the volume."""
        self._stopping = False
        self._speaking = asyncio.Lock()

    # What it is

    @property
    def library(self) -> Library:
        return self._library

    @property
    def queue(self) -> Queue:
        return self._queue

    @property
    def available(self) -> bool:
        return self.speaker_set.available

    @property
    def position(self) -> float | None:
        """Seconds, as the speaker reported at ``position_updated_at``."""
        return self._follower.position if self.state in (RoomState.PLAYING, RoomState.PAUSED) else None

    @property
    def position_updated_at(self) -> datetime | None:
        return self._follower.position_updated_at if self.position is not None else None

    @property
    def active_speakers(self) -> tuple[str, ...]:
        """Those that were seen to play the current song."""
        return self._follower.active

    @property
    def preferred_format(self) -> str:
        """The format to fetch first, so that all of the room's speakers can begin."""
        return self.speaker_set.preferred_format

    # Life

    async def async_start(self) -> None:
        """Read the queue of before, and go on with it where it was playing."""
        remembered = await self._memory.async_recall()
        self._queue = remembered.queue
        if current := self._queue.current:
            with suppress(PlaybackError):  # a library that fails shows itself when the song is asked for
                self.song = await self._async_song(current.song_id)
        if self.song is not None and remembered.position < self.song.duration:
            self._resume_at = remembered.position
        if self.speakers:
            self._unsubscribe = async_track_state_change_event(self._hass, self.speakers, self._on_speaker_change)
        for entity_id in self.speakers:
            self._attach(entity_id)
        if self.state is RoomState.IDLE and self.song and (ends := song_ends(remembered, self.song.duration)):
            self._advancing = self._entry.async_create_background_task(
                self._hass, self._async_go_on(ends), f"mixtape go on in {self.name}"
            )

    async def async_stop_player(self) -> None:
        """Stop looking after the speakers, which play on, and keep the queue. For unloading."""
        if self._unsubscribe is not None:
            self._unsubscribe()
            self._unsubscribe = None
        await self._memory.async_write()
        self._supersede()
        self._follower.stop()

    async def async_forget(self) -> None:
        """The room was removed: its queue goes with it."""
        await self._memory.async_forget()

    @callback
    def async_add_listener(self, listener: Callable[[], None]) -> CALLBACK_TYPE:
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    @callback
    def _changed(self) -> None:
        for listener in tuple(self._listeners):
            listener()

    @callback
    def _now(self) -> Remembered:
        progress = self._resume_at if self.state is RoomState.IDLE else self._follower.progress()
        return Remembered(self._queue, self.state.value, progress or 0.0)

    # The queue

    async def async_play_song(
        self, song: Song, *, enqueue: Enqueue | str = Enqueue.PLAY, context: Context | None = None
    ) -> PlaybackReport:
        """Returns when a speaker was seen to play it, or at once where it only joins the queue."""
        return await self.async_play_songs([song.id], enqueue=enqueue, context=context)

    async def async_play_songs(
        self, song_ids: Iterable[str], *, enqueue: Enqueue | str = Enqueue.PLAY, context: Context | None = None
    ) -> PlaybackReport:
        song_ids = list(song_ids)
        if not song_ids:
            raise PlaybackError(PlaybackCode.NO_SONG)
        how = Enqueue(enqueue)
        queue = self._queue.put(song_ids, how)
        if how is Enqueue.REPLACE and queue.shuffle and len(song_ids) > 1:
            queue = queue.with_shuffle(False, 0).with_shuffle(True, random.getrandbits(32))
        if how in (Enqueue.ADD, Enqueue.NEXT):
            await self._async_set_queue(queue)
            return PlaybackReport(song_id=song_ids[0])
        return await self._async_begin(queue, context=context)

    async def async_next(self, context: Context | None = None) -> None:
        await self._async_go(self._queue.skip(), context)

    async def async_previous(self, context: Context | None = None) -> None:
        """The beginning of the song, or the song before when it has only just begun."""
        progress = self._follower.progress()
        if self.state is not RoomState.IDLE and progress is not None and progress > RESTART_AFTER:
            if Feature.SEEK in self.speaker_set.features:
                await self.async_seek(0.0, context)
            else:
                await self._async_begin(self._queue, context=context)
            return
        await self._async_go(self._queue.back(), context)

    async def async_jump(self, position: int, context: Context | None = None) -> None:
        await self._async_begin(self._queue.jump(position), context=context)

    async def async_remove(self, position: int, context: Context | None = None) -> None:
        await self._async_go_if_changed(self._queue.remove(position), context)

    async def async_move(self, source: int, target: int) -> None:
        await self._async_set_queue(self._queue.move(source, target))

    async def async_clear(self, context: Context | None = None) -> None:
        await self._async_go_if_changed(self._queue.clear(), context)

    async def async_set_shuffle(self, on: bool) -> None:
        await self._async_set_queue(self._queue.with_shuffle(on, random.getrandbits(32)))

    async def async_set_repeat(self, repeat: Repeat | str) -> None:
        await self._async_set_queue(self._queue.with_repeat(Repeat(repeat)))

    async def _async_go(self, queue: Queue, context: Context | None) -> None:
        """To the queue's current song: playing on if the room was playing, else only chosen."""
        if self.state is RoomState.IDLE:
            await self._async_set_queue(queue)
        elif queue.current is None:
            self._queue = queue
            try:
                await self.async_stop(context)
            finally:  # stopping takes a while, and may fail: with what the queue has become meanwhile
                await self._async_set_queue(self._queue)
        else:
            await self._async_begin(queue, context=context)

    async def _async_go_if_changed(self, queue: Queue, context: Context | None) -> None:
        if queue.current == self._queue.current:
            await self._async_set_queue(queue)
        else:
            await self._async_go(queue, context)

    async def _async_set_queue(self, queue: Queue) -> None:
        self._queue = queue
        if self.state is RoomState.IDLE:
            current = queue.current
            if (current.song_id if current else None) != (self.song.id if self.song else None):
                self._resume_at = 0.0
                self.song = await self._async_song(current.song_id) if current else None
        self._memory.changed()
        self._changed()

    async def _async_song(self, song_id: str) -> Song | None:
        try:
            return await self._hass.async_add_executor_job(self._library.song, song_id)
        except LibraryError as err:
            raise PlaybackError(PlaybackCode.NO_SONG, detail=str(err)) from err

    # Playing

    async def async_play(self, context: Context | None = None) -> None:
        """Go on where it was paused, or begin with the queue's current song."""
        if self.state in (RoomState.PLAYING, RoomState.BUFFERING):
            return
        if self.state is RoomState.PAUSED and self._follower.active:
            try:
                await self.speaker_set.async_do(
                    "media_play",
                    Feature.PLAY,
                    speakers=self._follower.active,
                    seen=lambda now: now.sounding,
                    context=context,
                )
            except PlaybackError as err:
                # The speaker has lost the song meanwhile: begin it again where it was.
                LOGGER.debug("%s: cannot resume: %s", self.name, err)
                self._resume_at = self._follower.progress() or 0.0
            else:
                return
        await self._async_begin(self._queue.start(), position=self._resume_at, context=context)

    async def async_pause(self, context: Context | None = None) -> None:
        if self.state is not RoomState.PLAYING:
            return
        await self.speaker_set.async_do(
            "media_pause",
            Feature.PAUSE,
            speakers=self._follower.active,
            seen=lambda now: now.state != "playing",
            context=context,
        )

    async def async_stop(self, context: Context | None = None) -> None:
        """Silence. The queue stays, and stays where it is."""
        self._supersede()
        targets = self.speakers if self.state is RoomState.BUFFERING else self._follower.active
        self._follower.stop()
        self._resume_at = 0.0
        self._interrupted = False
        self._stopping = True
        self._set_state(RoomState.IDLE)
        try:
            await self.speaker_set.async_silence(targets, context)
        finally:
            self._stopping = False
            for entity_id in self.speakers:  # one that ignored it is still heard, and shown
                self._attach(entity_id)

    async def async_seek(self, position: float, context: Context | None = None) -> None:
        if self.state not in (RoomState.PLAYING, RoomState.PAUSED):
            raise PlaybackError(PlaybackCode.NO_SONG)
        await self.speaker_set.async_do(
            "media_seek", Feature.SEEK, speakers=self._follower.active, context=context, seek_position=position
        )
        self._follower.look_now()

    def _supersede(self) -> None:
        """Whatever was about to begin no longer is."""
        self._turn += 1
        self._starter.supersede()
        if self._advancing is not None and self._advancing is not asyncio.current_task():
            self._advancing.cancel()
            self._advancing = None

    async def _async_begin(
        self,
        queue: Queue,
        *,
        position: float = 0.0,
        targets: tuple[str, ...] | None = None,
        context: Context | None = None,
    ) -> PlaybackReport:
        """Play the queue's current song on ``targets``, by default all of the room's speakers, and see it play."""
        self._supersede()
        turn = self._turn
        volume = self.volume if self.state is RoomState.IDLE and not self._interrupted else None
        self._interrupted = False
        self._follower.stop()
        self._queue = queue
        self._resume_at = 0.0
        self.problem = None
        self._memory.changed()
        self._set_state(RoomState.BUFFERING)
        try:
            song = await self._async_choose(queue)
            if turn != self._turn:
                raise PlaybackError(PlaybackCode.SUPERSEDED)  # noqa: TRY301 - the handler must see it, too
            speakers = self.speakers if targets is None else targets
            report = await self._starter.async_start(song, speakers, volume=volume, position=position, context=context)
        except PlaybackError as err:
            if turn == self._turn and err.code is not PlaybackCode.SUPERSEDED:
                self.problem, self._resume_at = err, position
                self._set_state(RoomState.IDLE)
            raise
        except asyncio.CancelledError:
            # Whoever asked waits no longer, such as a script that was started anew.
            if turn == self._turn and not self._starter.busy and not self._follower.active:
                self._set_state(RoomState.IDLE)
            raise
        for error in report.failed:
            LOGGER.warning("%s: %r plays, but not everywhere: %s", self.name, song.title, error)
        return report

    async def _async_choose(self, queue: Queue) -> Song:
        if queue.current is None:
            raise PlaybackError(PlaybackCode.NO_SONG)
        self.song = await self._async_song(queue.current.song_id)
        if self.song is None:
            raise PlaybackError(PlaybackCode.NO_SONG, detail=queue.current.song_id)
        return self.song

    @callback
    def _on_playing(self, entity_id: str, song: Song) -> None:
        self._follow(entity_id, song)
        self._set_state(RoomState.PLAYING)

    @callback
    def _on_silent(self) -> None:
        """The last of the speakers that were to begin has failed."""
        if not self._follower.active:
            self._set_state(RoomState.IDLE)

    @callback
    def _follow(self, entity_id: str, song: Song) -> None:
        self._follower.follow(entity_id, Expected(token=song.token, title=song.title, duration=song.duration))

    # What the speakers do by themselves

    @callback
    def _on_speaker_change(self, event: Event[EventStateChangedData]) -> None:
        if self.state is RoomState.IDLE:
            self._attach(event.data["entity_id"])
        self._follower.look_now()
        self._changed()

    @callback
    def _attach(self, entity_id: str) -> None:
        """A speaker plays our current song without our doing: after a restart, or somebody pressed play on it."""
        if self.song is None or self._queue.current is None or self._stopping or self._speaking.locked():
            return
        reading = self._playback.read(entity_id)
        if reading.state in ("playing", "paused") and self.song.token in (reading.content_id or ""):
            self._follow(entity_id, self.song)
            self._set_state(RoomState(reading.state))

    @callback
    def _on_followed(self, state: RoomState | str | None) -> None:
        """The follower's news: playing, paused, buffering; None: no speaker plays our song any more."""
        if state is None:
            self._set_state(RoomState.IDLE)
        elif self.state is not RoomState.IDLE:
            self._set_state(RoomState(state))
        else:
            self._changed()

    @callback
    def _on_song_ended(self) -> None:
        self._advancing = self._entry.async_create_background_task(
            self._hass, self._async_advance(self._follower.active), f"mixtape next in {self.name}"
        )

    async def _async_go_on(self, ends: datetime) -> None:
        """The song of before the restart may have come to its end meanwhile."""
        before = self._turn, self._queue.current, self.state
        targets = await async_silent_since(self._hass, self._playback, self.speakers, ends)
        if targets and before == (self._turn, self._queue.current, self.state) and not self._speaking.locked():
            self._resume_at, self._interrupted = 0.0, True
            await self._async_advance(targets)

    async def _async_advance(self, targets: tuple[str, ...]) -> None:
        """By itself the queue goes on only where it still was: a speaker that somebody took or stopped is theirs."""
        queue = self._queue.ended()
        for _ in range(MAX_SKIPS):
            if queue.current is None:
                self._follower.stop()
                self._queue = queue
                self.song = None
                self._memory.changed()
                self._set_state(RoomState.IDLE)
                return
            try:
                await self._async_begin(queue, targets=targets)
            except PlaybackError as err:
                if err.code is PlaybackCode.SUPERSEDED:
                    return
                LOGGER.warning("%s: the next song did not begin: %s", self.name, err)
                if err.code not in (PlaybackCode.NO_SONG, PlaybackCode.NO_FILE):
                    return
                queue = queue.skip()
            else:
                return

    @callback
    def _set_state(self, state: RoomState) -> None:
        if state is not self.state:
            self.state = state
            self._memory.changed()
        self._changed()

    # Speaking

    async def async_announce(
        self, message: str, *, satellite_id: str | None = None, language: str | None = None, resume: bool = True
    ) -> bool:
        """Say it, on the satellite if there is one, else on the room's speakers; returns when it was said.

        ``resume``: go on with an interrupted song. False where the next song is started anyway.
        False: no voice, or nothing that could speak.
        """
        if satellite_id and await self._playback.async_announce_on_satellite(satellite_id, message):
            return True
        speech = await async_speech(self._hass, message, language)
        return speech is not None and await self.async_say(speech, resume=resume)

    async def async_say(self, speech: Speech, *, resume: bool = True) -> bool:
        """Play an announcement over whatever the room plays."""
        async with self._speaking:
            turn, before, progress = self._turn, self.state, self._follower.progress() or 0.0
            silenced = before is not RoomState.IDLE and not self.speaker_set.ducking
            if silenced:
                self._follower.stop()
            self._follower.deaf = True
            spoken = resume_now = False
            try:
                spoken = await self.speaker_set.async_say(speech)
                resume_now = resume and before is RoomState.PLAYING
            finally:
                # Also when whoever asked waits no longer: nobody follows the song any more.
                self._follower.deaf = False
                if silenced and turn == self._turn:
                    self._resume_at, self._interrupted = progress, True
                    self._set_state(RoomState.BUFFERING if resume_now else RoomState.IDLE)
        if resume_now and silenced and turn == self._turn:
            try:
                await self._async_begin(self._queue, position=progress)
            except PlaybackError as err:
                LOGGER.warning("%s did not go on after the announcement: %s", self.name, err)
        return spoken
