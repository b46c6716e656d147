"""The library in Home Assistant's media browser: every room's mixtape, and the newest songs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, override

from homeassistant.components.media_player.browse_media import SearchMedia
from homeassistant.components.media_player.const import MediaClass, MediaType
from homeassistant.components.media_player.errors import BrowseError
from homeassistant.components.media_source import BrowseMediaSource, MediaSource, PlayMedia, Unresolvable
from homeassistant.helpers.translation import async_get_translations

from .const import DOMAIN, SUBENTRY_ROOM
from .http import cover_path, song_path
from .library import LibraryError
from .rooms.credits import credited_title

if TYPE_CHECKING:
    from collections.abc import Callable

    from homeassistant.components.media_player.browse_media import SearchMediaQuery
    from homeassistant.components.media_source import MediaSourceItem
    from homeassistant.core import HomeAssistant
    from homeassistant.exceptions import HomeAssistantError

    from .coordinator import MixtapeConfigEntry
    from .library import Library, Song, SongFile

NEWEST: Final = "newest"
ROOM: Final = "room"
SONG: Final = "song"

SHOWN: Final = 200
"""How many of the newest or of the found songs are listed."""

_FORMATS: Final = ("mp3", "flac")
"""What every player takes comes first."""


async def async_get_media_source(hass: HomeAssistant) -> MixtapeMediaSource:
    return MixtapeMediaSource(hass)


class MixtapeMediaSource(MediaSource):
    """Identifiers are ``newest``, ``room/<room id>`` and ``song/<song id>``; none is the top."""

    name = "Mixtape"

    def __init__(self, hass: HomeAssistant) -> None:
        super().__init__(DOMAIN)
        self._hass = hass

    @override
    async def async_resolve_media(self, item: MediaSourceItem) -> PlayMedia:
        kind, _, song_id = (item.identifier or "").partition("/")
        if kind == SONG:
            for entry in self._entries():
                library = entry.runtime_data.library
                try:
                    song = await self._hass.async_add_executor_job(library.song, song_id)
                except LibraryError as err:
                    raise _explained(Unresolvable, "library_error", error=str(err)) from err
                if song is not None and (media := _playable(library, song)) is not None:
                    return media
        raise _explained(Unresolvable, "unknown_media", media=item.identifier or "")

    @override
    async def async_browse_media(self, item: MediaSourceItem) -> BrowseMediaSource:
        kind, _, room_id = (item.identifier or "").partition("/")
        if not kind:
            return await self._top()
        if item.identifier == NEWEST:
            songs = await self._songs(lambda library: library.songs(limit=SHOWN))
            return _folder(NEWEST, await self._newest_title(), songs)
        if kind == ROOM and (title := self._rooms().get(room_id)) is not None:
            songs = await self._songs(lambda library: library.mixtape(room_id))
            return _folder(item.identifier, title, songs)
        raise _explained(BrowseError, "unknown_media", media=item.identifier)

    @override
    async def async_search_media(self, item: MediaSourceItem, query: SearchMediaQuery) -> SearchMedia:
        """All the words must occur, in title, genre, mood, wish, lyrics or description."""
        text = query.search_query
        kind, _, room_id = (item.identifier or "").partition("/")
        if not kind or item.identifier == NEWEST:
            songs = await self._songs(lambda library: library.songs(text=text, limit=SHOWN))
        elif kind == ROOM and room_id in self._rooms():
            songs = await self._songs(lambda library: library.mixtape(room_id, text))
        else:
            raise _explained(BrowseError, "unknown_media", media=item.identifier)
        wanted = query.media_filter_classes
        return SearchMedia(result=[] if wanted and MediaClass.TRACK not in wanted else [_track(song) for song in songs])

    async def _top(self) -> BrowseMediaSource:
        newest = _node(NEWEST, await self._newest_title())
        rooms = sorted(self._rooms().items(), key=lambda room: room[1].casefold())
        return _node(
            None, self.name or DOMAIN, [newest, *(_node(f"{ROOM}/{room_id}", title) for room_id, title in rooms)]
        )

    def _entries(self) -> list[MixtapeConfigEntry]:
        return self._hass.config_entries.async_loaded_entries(DOMAIN)

    def _rooms(self) -> dict[str, str]:
        return {
            subentry.subentry_id: subentry.title
            for entry in self._entries()
            for subentry in entry.get_subentries_of_type(SUBENTRY_ROOM)
        }

    async def _songs(self, read: Callable[[Library], list[Song]]) -> list[Song]:
        """Ask each loaded library; two studios of one home share theirs."""
        found: dict[str, Song] = {}
        for entry in self._entries():
            try:
                songs = await self._hass.async_add_executor_job(read, entry.runtime_data.library)
            except LibraryError as err:
                raise _explained(BrowseError, "library_error", error=str(err)) from err
            found.update((song.id, song) for song in songs)
        return list(found.values())

    async def _newest_title(self) -> str:
        language = self._hass.config.language
        texts = await async_get_translations(self._hass, language, "common", [DOMAIN])
        return texts.get(f"component.{DOMAIN}.common.newest_songs", "Newest songs")


def _file(song: Song) -> SongFile | None:
    return next((file for wanted in _FORMATS if (file := song.file(wanted)) is not None), None)


def _playable(library: Library, song: Song) -> PlayMedia | None:
    if (file := _file(song)) is None:
        return None
    return PlayMedia(song_path(song, file.audio_format), file.mime_type, path=library.audio.path(file.name))


def _explained[E: HomeAssistantError](kind: type[E], key: str, **placeholders: str) -> E:
    return kind(translation_domain=DOMAIN, translation_key=key, translation_placeholders=placeholders)


def _folder(identifier: str, title: str, songs: list[Song]) -> BrowseMediaSource:
    node = _node(identifier, title, [_track(song) for song in songs])
    node.children_media_class = MediaClass.TRACK
    node.thumbnail = next((path for song in songs if (path := cover_path(song))), None)
    return node


def _node(identifier: str | None, title: str, children: list[BrowseMediaSource] | None = None) -> BrowseMediaSource:
    return BrowseMediaSource(
        domain=DOMAIN,
        identifier=identifier,
        media_class=MediaClass.DIRECTORY if identifier is None else MediaClass.PLAYLIST,
        media_content_type=MediaType.MUSIC,
        title=title,
        can_play=False,
        can_expand=True,
        can_search=True,
        search_media_classes=[MediaClass.TRACK],
        children=children,
    )


def _track(song: Song) -> BrowseMediaSource:
    file = _file(song)
    return BrowseMediaSource(
        domain=DOMAIN,
        identifier=f"{SONG}/{song.id}",
        media_class=MediaClass.TRACK,
        # The media type is what a player's filter compares with what it takes.
        media_content_type=file.mime_type if file else MediaType.MUSIC,
        title=credited_title(song),
        can_play=file is not None,
        can_expand=False,
        thumbnail=cover_path(song),
    )
