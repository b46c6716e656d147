"""Begins a song on several speakers at once, and tells what was seen."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from homeassistant.core import callback

from .errors import PlaybackCode, PlaybackError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from homeassistant.config_entries import ConfigEntry
    from homeassistant.core import Context, HomeAssistant

    from custom_components.mixtape.library.models import Song

    from .playback import Playback, SpeakerStart


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaybackReport:
    """What was seen. ``playing`` is empty where the song was only put into the queue."""

    song_id: str
    playing: tuple[SpeakerStart, ...] = ()
    failed: tuple[PlaybackError, ...] = ()


class Starter:
    """One start at a time: a newer one supersedes an older one that was not yet seen to play."""

    def __init__(
        self,
        hass: HomeAssistant,
        entry: ConfigEntry[Any],
        playback: Playback,
        on_playing: Callable[[str, Song], None],
        on_silent: Callable[[], None],
    ) -> None:
        self._hass = hass
        self._entry = entry
        self._playback = playback
        self._on_playing = on_playing
        self._on_silent = on_silent
        self._tasks: set[asyncio.Task[SpeakerStart]] = set()

    @property
    def busy(self) -> bool:
        return bool(self._tasks)

    @callback
    def supersede(self) -> None:
        tasks, self._tasks = self._tasks, set()
        for task in tasks:
            task.cancel()

    async def async_start(
        self, song: Song, speakers: Iterable[str], *, volume: float | None, position: float, context: Context | None
    ) -> PlaybackReport:
        """Returns when every speaker has begun or failed; whoever waits may be cancelled, the speakers are not.

        Raises:
            PlaybackError: no speaker plays.
        """
        self.supersede()
        tasks = {
            self._entry.async_create_background_task(
                self._hass,
                self._playback.async_start(entity_id, song, volume=volume, position=position, context=context),
                f"mixtape start {entity_id}",
                eager_start=False,
            )
            for entity_id in speakers
        }
        if not tasks:
            raise PlaybackError(PlaybackCode.NO_SPEAKERS)
        self._tasks = set(tasks)
        for task in tasks:
            task.add_done_callback(lambda done: self._on_done(done, song))
        await asyncio.wait(tasks)
        playing = tuple(task.result() for task in tasks if not task.cancelled() and task.exception() is None)
        errors = [error for task in tasks if not task.cancelled() and (error := task.exception())]
        failed = tuple(error for error in errors if isinstance(error, PlaybackError))
        if not playing:
            raise next(iter(errors), PlaybackError(PlaybackCode.SUPERSEDED))
        return PlaybackReport(song_id=song.id, playing=playing, failed=failed)

    @callback
    def _on_done(self, task: asyncio.Task[SpeakerStart], song: Song) -> None:
        if task not in self._tasks or task.cancelled():
            return
        self._tasks.discard(task)
        if task.exception() is None:
            self._on_playing(task.result().entity_id, song)
        elif not self._tasks:
            self._on_silent()
