"""The room's player, as Home Assistant shows it: a thin view of ``rooms.player``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, override

from homeassistant.components import media_source
from homeassistant.components.media_player import MediaPlayerEntity
from homeassistant.components.media_player.const import (
    MediaPlayerDeviceClass,
    MediaPlayerEnqueue,
    MediaPlayerEntityFeature,
    MediaPlayerState,
    MediaType,
    RepeatMode,
)
from homeassistant.components.media_player.errors import BrowseError, SearchError
from homeassistant.components.media_source.const import URI_SCHEME
from homeassistant.core import callback
from homeassistant.exceptions import ServiceValidationError

from .const import DOMAIN, SUBENTRY_ROOM
from .entity import MixtapeRoomEntity
from .helpers import translated_errors
from .library import LibraryError
from .rooms.credits import credited_artist
from .rooms.speech import async_speech_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from homeassistant.components.media_player.browse_media import BrowseMedia, SearchMedia, SearchMediaQuery
    from homeassistant.config_entries import ConfigSubentry
    from homeassistant.core import HomeAssistant
    from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

    from .coordinator import MixtapeConfigEntry

PARALLEL_UPDATES: Final = 0

MEDIA_ROOT: Final = f"{URI_SCHEME}{DOMAIN}"
OWN_MIXTAPE: Final = "mixtape"
"""As a media id: this room's own mixtape."""

# The queue is the room's own, so these work with any speaker.
_OWN_FEATURES: Final = (
    MediaPlayerEntityFeature.PLAY
    | MediaPlayerEntityFeature.STOP
    | MediaPlayerEntityFeature.NEXT_TRACK
    | MediaPlayerEntityFeature.PREVIOUS_TRACK
    | MediaPlayerEntityFeature.SHUFFLE_SET
    | MediaPlayerEntityFeature.REPEAT_SET
    | MediaPlayerEntityFeature.PLAY_MEDIA
    | MediaPlayerEntityFeature.MEDIA_ENQUEUE
    | MediaPlayerEntityFeature.MEDIA_ANNOUNCE
    | MediaPlayerEntityFeature.CLEAR_PLAYLIST
    | MediaPlayerEntityFeature.BROWSE_MEDIA
    | MediaPlayerEntityFeature.SEARCH_MEDIA
)
_SPEAKERS_FEATURES: Final = (
    MediaPlayerEntityFeature.PAUSE
    | MediaPlayerEntityFeature.SEEK
    | MediaPlayerEntityFeature.VOLUME_SET
    | MediaPlayerEntityFeature.VOLUME_STEP
    | MediaPlayerEntityFeature.VOLUME_MUTE
)


async def async_setup_entry(
    _hass: HomeAssistant, entry: MixtapeConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    for subentry in entry.get_subentries_of_type(SUBENTRY_ROOM):
        async_add_entities([RoomMediaPlayer(entry, subentry)], config_subentry_id=subentry.subentry_id)


class RoomMediaPlayer(MixtapeRoomEntity, MediaPlayerEntity):
    _attr_name = None
    _attr_translation_key = "room"
    _attr_device_class = MediaPlayerDeviceClass.SPEAKER
    _attr_media_content_type = MediaType.MUSIC
    _unrecorded_attributes = frozenset({"queue_position", "queue_length", "playing_on"})

    def __init__(self, entry: MixtapeConfigEntry, subentry: ConfigSubentry) -> None:
        super().__init__(entry, subentry)
        self._player = self.room

    @override
    async def async_added_to_hass(self) -> None:
        self.async_on_remove(self._player.async_add_listener(self._on_change))
        self._show()

    @callback
    def _on_change(self) -> None:
        self._show()
        self.async_write_ha_state()

    @callback
    def _show(self) -> None:
        player, song = self._player, self._player.song
        self._attr_available = player.available
        self._attr_state = MediaPlayerState(player.state.value)
        able = MediaPlayerEntityFeature(int(player.speaker_set.features))
        self._attr_supported_features = _OWN_FEATURES | (able & _SPEAKERS_FEATURES)
        self._attr_volume_level = player.speaker_set.volume_level
        self._attr_is_volume_muted = player.speaker_set.muted
        self._attr_shuffle = player.queue.shuffle
        self._attr_repeat = RepeatMode(player.queue.repeat.value)
        self._attr_media_content_id = f"{MEDIA_ROOT}/song/{song.id}" if song else None
        self._attr_media_title = song.title if song else None
        self._attr_media_artist = credited_artist(song) if song else None
        self._attr_media_duration = round(song.duration) if song else None
        self._attr_media_image_hash = song.id if song and song.cover else None
        position = player.position
        self._attr_media_position = None if position is None else int(position)
        self._attr_media_position_updated_at = player.position_updated_at

    @property
    @override
    def extra_state_attributes(self) -> Mapping[str, Any]:
        player = self._player
        return {
            "song_id": player.song.id if player.song else None,
            "engine": player.song.engine_label if player.song else None,
            "queue_position": player.queue.index + 1 if player.queue.current else None,
            "queue_length": len(player.queue.items),
            "playing_on": list(player.active_speakers),
            "problem": player.problem.code.value if player.problem else None,
        }

    @override
    async def async_get_media_image(self) -> tuple[bytes | None, str | None]:
        song = self._player.song
        if song is None or song.cover is None:
            return None, None
        library, cover = self._player.library, song.cover

        def read() -> bytes | None:
            try:
                return library.audio.path(cover).read_bytes()
            except LibraryError, OSError:
                return None

        return await self.hass.async_add_executor_job(read), "image/jpeg"

    @override
    async def async_media_play(self) -> None:
        await self._player.async_play(self._context)

    @override
    async def async_media_pause(self) -> None:
        await self._player.async_pause(self._context)

    @override
    async def async_media_stop(self) -> None:
        await self._player.async_stop(self._context)

    @override
    async def async_media_next_track(self) -> None:
        await self._player.async_next(self._context)

    @override
    async def async_media_previous_track(self) -> None:
        await self._player.async_previous(self._context)

    @override
    async def async_media_seek(self, position: float) -> None:
        await self._player.async_seek(position, self._context)

    @override
    async def async_set_volume_level(self, volume: float) -> None:
        await self._player.speaker_set.async_set_volume(volume, self._context)

    @override
    async def async_volume_up(self) -> None:
        await self._player.speaker_set.async_step_volume(True, self._context)

    @override
    async def async_volume_down(self) -> None:
        await self._player.speaker_set.async_step_volume(False, self._context)

    @override
    async def async_mute_volume(self, mute: bool) -> None:
        await self._player.speaker_set.async_mute(mute, self._context)

    @override
    async def async_set_shuffle(self, shuffle: bool) -> None:
        await self._player.async_set_shuffle(shuffle)

    @override
    async def async_set_repeat(self, repeat: RepeatMode) -> None:
        await self._player.async_set_repeat(repeat.value)

    @override
    async def async_clear_playlist(self) -> None:
        await self._player.async_clear(self._context)

    @override
    async def async_play_media(
        self,
        media_type: MediaType | str,
        media_id: str,
        enqueue: MediaPlayerEnqueue | None = None,
        announce: bool | None = None,
        **kwargs: Any,
    ) -> None:
        """A song's id or media source id, or a mixtape: ``mixtape`` for the room's own, or a room's id.

        With ``announce`` anything that a speaker can play.
        """
        if announce:
            await self._player.async_say(await async_speech_of(self.hass, media_id))
            return
        with translated_errors():
            song_ids = await self.hass.async_add_executor_job(self._find, media_id)
        if not song_ids:
            raise ServiceValidationError(
                translation_domain=DOMAIN, translation_key="unknown_media", translation_placeholders={"media": media_id}
            )
        whole_mixtape = MediaPlayerEnqueue.REPLACE if len(song_ids) > 1 else MediaPlayerEnqueue.PLAY
        await self._player.async_play_songs(song_ids, enqueue=(enqueue or whole_mixtape).value, context=self._context)

    def _find(self, media_id: str) -> list[str]:
        """The songs that a media id means; in an executor."""
        name = media_id.removeprefix(MEDIA_ROOT).rstrip("/").rpartition("/")[2]
        library = self._player.library
        if song := library.song(name):
            return [song.id]
        room_id = self._player.room_id if name == OWN_MIXTAPE else name
        return [song.id for song in library.mixtape(room_id)] if room_id in self.data.rooms else []

    @override
    async def async_browse_media(
        self, media_content_type: MediaType | str | None = None, media_content_id: str | None = None
    ) -> BrowseMedia:
        return await media_source.async_browse_media(self.hass, media_content_id or MEDIA_ROOT)

    @override
    async def async_search_media(self, query: SearchMediaQuery) -> SearchMedia:
        try:
            return await media_source.async_search_media(self.hass, query.media_content_id or MEDIA_ROOT, query)
        except BrowseError as err:
            raise SearchError(str(err)) from err
