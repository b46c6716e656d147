"""The only caller of speakers' actions. Every call has a limit, and none is believed: see ``watch``."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from homeassistant.components.media_player.const import DATA_COMPONENT
from homeassistant.components.media_player.const import DOMAIN as MEDIA_PLAYER
from homeassistant.core import callback
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.entity_component import async_update_entity
from homeassistant.helpers.event import async_track_state_change_event
from homeassistant.util import dt as dt_util

from custom_components.mixtape.const import LOGGER
from custom_components.mixtape.http import MIME_TYPES, async_fetched_at, base_url, cover_path, song_url

from .credits import credited_artist
from .errors import PlaybackCode, PlaybackError
from .speakers import MIME_SPEAKERS, OFF_IS_STOPPED, Expected, Feature, choose_format, read
from .watch import Verification

if TYPE_CHECKING:
    from collections.abc import Callable

    from homeassistant.config_entries import ConfigEntry
    from homeassistant.core import Context, Event, EventStateChangedData, HomeAssistant

    from custom_components.mixtape.library.models import Song

    from .speakers import Reading
    from .speech import Speech
    from .watch import Evidence

START_LIMIT: Final = 10.0
"""Seconds from the play call until its position must have risen."""
ACTION_LIMIT: Final = 15.0
REFRESH_LIMIT: Final = 5.0
TURN_ON_LIMIT: Final = 8.0
OBEY_LIMIT: Final = 5.0
LOOK_INTERVAL: Final = 0.4
ANNOUNCE_LIMIT: Final = 90.0


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeakerStart:
    """A speaker that was seen to play. ``seconds``: from the play call until then."""

    entity_id: str
    evidence: Evidence
    seconds: float


class Playback:
    """Speaks to speakers. Actions on one speaker never overlap, so that a late one cannot undo a later one."""

    def __init__(self, hass: HomeAssistant, entry: ConfigEntry[Any]) -> None:
        self._hass = hass
        self._entry = entry
        self._locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    def read(self, entity_id: str) -> Reading:
        state = self._hass.states.get(entity_id)
        return read(entity_id, None, {}) if state is None else read(entity_id, state.state, state.attributes)

    def error(self, code: PlaybackCode, entity_id: str, detail: str = "") -> PlaybackError:
        """An error that calls the speaker by its name."""
        state = self._hass.states.get(entity_id)
        return PlaybackError(code, entity_id, detail, speaker=state.name if state else None)

    def platform(self, entity_id: str) -> str | None:
        entry = er.async_get(self._hass).async_get(entity_id)
        return entry.platform if entry else None

    async def async_refresh(self, entity_id: str) -> Reading:
        """Have a polled speaker look now (Home Assistant itself asks MPD every 10 s only)."""
        if self._hass.data[DATA_COMPONENT].get_entity(entity_id) is not None:
            # Shielded: an integration cancelled in the middle of a command may be left in any state.
            update = async_update_entity(self._hass, entity_id)
            task = self._entry.async_create_background_task(self._hass, update, f"mixtape refresh {entity_id}")
            with suppress(TimeoutError):
                async with asyncio.timeout(REFRESH_LIMIT):
                    await asyncio.shield(task)
        return self.read(entity_id)

    async def async_act(
        self, entity_id: str, action: str, data: dict[str, Any] | None = None, context: Context | None = None
    ) -> None:
        """Raises PlaybackError with the code ``refused``."""
        # Whoever waits may be cancelled; half of an action helps nobody.
        act = self._async_act(entity_id, action, data or {}, context)
        task = self._entry.async_create_background_task(self._hass, act, f"mixtape {action} {entity_id}")
        if (failure := await asyncio.shield(task)) is not None:
            raise failure

    async def _async_act(
        self, entity_id: str, action: str, data: dict[str, Any], context: Context | None
    ) -> PlaybackError | None:
        """Returns its error: nobody may be waiting for it any more."""
        data = {"entity_id": entity_id, **data}
        try:
            async with self._locks[entity_id], asyncio.timeout(ACTION_LIMIT):
                await self._hass.services.async_call(MEDIA_PLAYER, action, data, blocking=True, context=context)
        except TimeoutError:
            return self.error(PlaybackCode.REFUSED, entity_id, f"no answer in {ACTION_LIMIT:.0f} s")
        except Exception as err:  # noqa: BLE001 - integrations let their libraries' own errors through
            return self.error(PlaybackCode.REFUSED, entity_id, str(err) or type(err).__name__)
        return None

    async def async_wait_until(
        self, entity_id: str, seen: Callable[[Reading], bool], limit: float, interval: float = LOOK_INTERVAL
    ) -> Reading | None:
        """The first reading of which ``seen`` is true, looking at every change and every ``interval`` seconds."""
        changed = asyncio.Event()

        @callback
        def on_change(_: Event[EventStateChangedData]) -> None:
            changed.set()

        ends = self._hass.loop.time() + limit
        unsubscribe = async_track_state_change_event(self._hass, entity_id, on_change)
        try:
            while True:
                reading = self.read(entity_id)
                if seen(reading):
                    return reading
                left = ends - self._hass.loop.time()
                if left <= 0:
                    return None
                try:
                    async with asyncio.timeout(min(interval, left)):
                        await changed.wait()
                except TimeoutError:
                    await self.async_refresh(entity_id)
                changed.clear()
        finally:
            unsubscribe()

    async def async_start(
        self, entity_id: str, song: Song, *, volume: float | None, position: float, context: Context | None
    ) -> SpeakerStart:
        """Play and see it play.

        Raises:
            PlaybackError: with the code of what went wrong.
        """
        platform = self.platform(entity_id)
        audio_format = choose_format(platform, [file.audio_format for file in song.files])
        if audio_format is None:
            raise PlaybackError(PlaybackCode.NO_FILE, detail=song.title)
        url = song_url(self._hass, song, audio_format)
        reading = await self._async_ready(entity_id, platform, context)
        if volume is not None and reading.supports(Feature.VOLUME_SET):
            # Before the first sound; a speaker that cannot do it now must not keep the song from playing.
            with suppress(PlaybackError):
                await self.async_act(entity_id, "volume_set", {"volume_level": volume}, context)
        expected = Expected(token=song.token, title=song.title, duration=song.duration)
        verification = Verification(expected)
        called_at, called = dt_util.utcnow(), self._hass.loop.time()
        content_type = MIME_TYPES[audio_format] if platform in MIME_SPEAKERS else "music"
        await self.async_act(
            entity_id,
            "play_media",
            {"media_content_id": url, "media_content_type": content_type, "extra": self._extra(song)},
            context,
        )
        evidence: Evidence | None = None

        def seen(reading: Reading) -> bool:
            nonlocal evidence
            fetched_at = async_fetched_at(self._hass, song.token)
            fetched = fetched_at is not None and fetched_at >= called_at
            evidence = verification.look(reading, self._hass.loop.time() - called, fetched=fetched)
            return evidence is not None or reading.missing

        await self.async_wait_until(entity_id, seen, START_LIMIT)
        if evidence is None:
            raise self.error(self._why(self.read(entity_id), platform, verification), entity_id)
        seconds = self._hass.loop.time() - called
        if position and reading.supports(Feature.SEEK):
            with suppress(PlaybackError):
                await self.async_act(entity_id, "media_seek", {"seek_position": position}, context)
        return SpeakerStart(entity_id=entity_id, evidence=evidence, seconds=seconds)

    async def _async_ready(self, entity_id: str, platform: str | None, context: Context | None) -> Reading:
        reading = self.read(entity_id)
        if reading.missing:
            raise self.error(PlaybackCode.SPEAKER_MISSING, entity_id)
        if not reading.available:
            reading = await self.async_refresh(entity_id)
        if not reading.available:
            raise self.error(PlaybackCode.SPEAKER_UNAVAILABLE, entity_id)
        if reading.state == "off" and platform not in OFF_IS_STOPPED:
            if reading.supports(Feature.TURN_ON):
                await self.async_act(entity_id, "turn_on", context=context)
                await self.async_wait_until(entity_id, lambda now: now.state != "off", TURN_ON_LIMIT)
                reading = self.read(entity_id)
            elif not reading.supports(Feature.PLAY_MEDIA):
                raise self.error(PlaybackCode.SPEAKER_OFF, entity_id)
        return reading

    @staticmethod
    def _why(reading: Reading, platform: str | None, verification: Verification) -> PlaybackCode:
        if reading.missing:
            return PlaybackCode.SPEAKER_MISSING
        if not reading.available:
            return PlaybackCode.SPEAKER_UNAVAILABLE
        if reading.state == "off" and platform not in OFF_IS_STOPPED:
            return PlaybackCode.SPEAKER_OFF
        return PlaybackCode.WRONG_MEDIA if verification.saw_other else PlaybackCode.NOT_STARTED

    def _extra(self, song: Song) -> dict[str, Any]:
        """What Cast (``metadata``) and DLNA (``title``, ``thumb``) show; the others ignore it."""
        metadata: dict[str, Any] = {"metadataType": 3, "title": song.title, "artist": credited_artist(song)}
        extra: dict[str, Any] = {"title": song.title, "metadata": metadata}
        if cover := cover_path(song):
            extra["thumb"] = base_url(self._hass) + cover
            metadata["images"] = [{"url": extra["thumb"]}]
        return extra

    async def async_announce_on_satellite(self, entity_id: str, message: str) -> bool:
        """Home Assistant returns from this action when the announcement has been spoken."""
        state = self._hass.states.get(entity_id)
        features = state.attributes.get("supported_features") if state else 0
        if state is None or state.state == "unavailable" or not isinstance(features, int) or not features & 1:
            return False
        try:
            async with asyncio.timeout(ANNOUNCE_LIMIT):
                await self._hass.services.async_call(
                    "assist_satellite", "announce", {"entity_id": entity_id, "message": message}, blocking=True
                )
        except Exception as err:  # noqa: BLE001 - a busy or broken satellite leaves the room's speakers to speak
            LOGGER.warning("%s did not announce: %s", entity_id, err or type(err).__name__)
            return False
        return True

    async def async_say(self, entity_id: str, speech: Speech) -> bool:
        """Play an announcement and wait until it has been heard. False: this speaker did not say it."""
        before = self.read(entity_id)
        if not before.available:
            return False
        data: dict[str, Any] = {"media_content_id": speech.media_id, "media_content_type": "music"}
        try:
            if before.supports(Feature.MEDIA_ANNOUNCE):
                called = self._hass.loop.time()
                await self.async_act(entity_id, "play_media", {**data, "announce": True})
                # Such speakers duck and resume by themselves and show nothing of it in their state.
                await asyncio.sleep(max(0.0, speech.duration + 0.5 - (self._hass.loop.time() - called)))
                return True
            await self.async_act(entity_id, "play_media", data)
        except PlaybackError as err:
            LOGGER.warning("No announcement: %s", err)
            return False

        def begun(now: Reading) -> bool:
            return now.sounding and (not before.sounding or now.content_id != before.content_id)

        spoken = await self.async_wait_until(entity_id, begun, OBEY_LIMIT, interval=0.25)
        if spoken is not None:
            limit = speech.duration + OBEY_LIMIT
            await self.async_wait_until(entity_id, lambda now: not now.sounding, limit, interval=0.25)
        after = self.read(entity_id)
        if before.volume is not None and after.volume != before.volume and after.supports(Feature.VOLUME_SET):
            with suppress(PlaybackError):
                await self.async_act(entity_id, "volume_set", {"volume_level": before.volume})
        return spoken is not None
