"""What a speaker says, and what its kind can take. Pure: states in, decisions out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import IntFlag
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

AUDIO_PATH: Final = "/api/mixtape/audio/"

FLAC: Final = "flac"
MP3: Final = "mp3"

# Which of the library's formats (16 bit, 48 kHz stereo) each integration's speakers take, best first.
# From their makers' published lists of formats; tried here: mpd. A kind that is not listed gets MP3
# first, which every network player decodes.
FORMATS: Final[Mapping[str, tuple[str, ...]]] = {
    "apple_tv": (MP3, FLAC),  # pyatv's stream_file decodes both and streams them over AirPlay
    "bang_olufsen": (FLAC, MP3),
    "bluesound": (FLAC, MP3),  # BluOS
    "cast": (FLAC, MP3),  # developers.google.com/cast/docs/media: FLAC up to 96 kHz, 24 bit
    "dlna_dmr": (MP3, FLAC),  # no guideline asks a renderer for FLAC
    "esphome": (FLAC, MP3),  # Home Assistant's proxy converts to what the device asks for (esphome/ffmpeg_proxy.py)
    "forked_daapd": (FLAC, MP3),  # OwnTone decodes with ffmpeg
    "heos": (FLAC, MP3),
    "kodi": (FLAC, MP3),  # ffmpeg
    "linkplay": (FLAC, MP3),
    "mpd": (FLAC, MP3),  # played in tests/integration/rooms/test_mpd.py
    "music_assistant": (FLAC, MP3),  # decodes with ffmpeg
    "sonos": (FLAC, MP3),  # support.sonos.com, "Supported audio formats": FLAC up to 48 kHz
    "squeezebox": (FLAC, MP3),  # the server decodes or transcodes both
    "vlc_telnet": (FLAC, MP3),
    "volumio": (FLAC, MP3),  # MPD inside
    "wiim": (FLAC, MP3),
}
UNKNOWN_FORMATS: Final = (MP3, FLAC)

# Speakers whose "off" only means that nothing plays. Turning these "on" would play what they had before.
OFF_IS_STOPPED: Final = frozenset({"mpd", "cast", "volumio", "vlc_telnet"})

# Speakers that want the MIME type where Home Assistant's others want the word "music".
MIME_SPEAKERS: Final = frozenset({"cast"})

LENGTH_TOLERANCE: Final = 2.0
"""Seconds by which a speaker's idea of a song's length may differ from ours."""


class Feature(IntFlag):
    """Those of Home Assistant's ``MediaPlayerEntityFeature`` that matter here; a test compares the numbers."""

    PAUSE = 1
    SEEK = 2
    VOLUME_SET = 4
    VOLUME_MUTE = 8
    TURN_ON = 128
    TURN_OFF = 256
    PLAY_MEDIA = 512
    VOLUME_STEP = 1024
    STOP = 4096
    PLAY = 16384
    MEDIA_ANNOUNCE = 1048576


NOTHING: Final = Feature(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One look at a speaker. ``state`` None: no such entity."""

    entity_id: str
    state: str | None
    content_id: str | None = None
    title: str | None = None
    duration: float | None = None
    position: float | None = None
    updated_at: datetime | None = None
    volume: float | None = None
    muted: bool | None = None
    features: Feature = NOTHING

    @property
    def missing(self) -> bool:
        return self.state is None

    @property
    def available(self) -> bool:
        return self.state not in (None, "unavailable")

    @property
    def sounding(self) -> bool:
        return self.state in ("playing", "buffering")

    def supports(self, feature: Feature) -> bool:
        return feature in self.features

    def position_at(self, now: datetime) -> float | None:
        """The position drawn on to ``now``: an expectation, never evidence."""
        if self.position is None or self.state != "playing" or self.updated_at is None:
            return self.position
        return self.position + max(0.0, (now - self.updated_at).total_seconds())


def read(entity_id: str, state: str | None, attributes: Mapping[str, Any]) -> Reading:
    """Integrations disagree on types (MPD's duration is a string): anything unreadable counts as not said."""
    updated_at = attributes.get("media_position_updated_at")
    content_id = attributes.get("media_content_id")
    title = attributes.get("media_title")
    muted = attributes.get("is_volume_muted")
    features = attributes.get("supported_features")
    return Reading(
        entity_id=entity_id,
        state=state,
        content_id=content_id if isinstance(content_id, str) else None,
        title=title if isinstance(title, str) else None,
        duration=_number(attributes.get("media_duration")),
        position=_number(attributes.get("media_position")),
        updated_at=updated_at if isinstance(updated_at, datetime) else None,
        volume=_number(attributes.get("volume_level")),
        muted=muted if isinstance(muted, bool) else None,
        features=Feature(features) if isinstance(features, int) else Feature(0),
    )


def _number(value: object) -> float | None:
    if not isinstance(value, int | float | str) or isinstance(value, bool):
        return None
    try:
        number = float(value)
    except ValueError:
        return None
    return number if 0 <= number < float("inf") else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What of ours a speaker should be playing."""

    token: str
    title: str
    duration: float


def plays(reading: Reading, expected: Expected) -> bool | None:
    """Whether what the speaker names is ours; None where it names nothing."""
    if reading.content_id is not None:
        if expected.token in reading.content_id:
            return True
        if AUDIO_PATH in reading.content_id:
            return False
    if reading.title is None:
        return None if reading.content_id is None else False
    # A speaker that rewrites the address (a proxy, its own queue) is known by title and length;
    # MPD puts a stream's name before the title.
    same_title = reading.title.casefold().endswith(expected.title.casefold())
    same_length = reading.duration is None or abs(reading.duration - expected.duration) <= LENGTH_TOLERANCE
    return same_title and same_length


def formats_of(platform: str | None) -> tuple[str, ...]:
    return UNKNOWN_FORMATS if platform is None else FORMATS.get(platform, UNKNOWN_FORMATS)


def choose_format(platform: str | None, available: Iterable[str]) -> str | None:
    """The best available format for this kind of speaker; any at all rather than silence."""
    there = list(available)
    return next((fmt for fmt in formats_of(platform) if fmt in there), there[0] if there else None)


def common_format(platforms: Iterable[str | None]) -> str:
    """The one format to fetch first so that all of a room's speakers can begin: FLAC only if all prefer it."""
    return FLAC if all(formats_of(platform)[0] == FLAC for platform in platforms) else MP3
