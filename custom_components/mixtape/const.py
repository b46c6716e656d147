"""Constants shared by more than one module of the integration."""

import logging
from datetime import timedelta
from typing import Final

from homeassistant.const import Platform

DOMAIN: Final = "mixtape"
LOGGER: Final = logging.getLogger(__package__)

PLATFORMS: Final = [Platform.BINARY_SENSOR, Platform.EVENT, Platform.MEDIA_PLAYER, Platform.SENSOR]

SUBENTRY_ROOM: Final = "room"
CONF_AREA_ID: Final = "area_id"
CONF_SPEAKERS: Final = "speakers"
CONF_GENRE: Final = "genre"
CONF_MOOD: Final = "mood"
CONF_VOLUME: Final = "volume"

HEALTH_INTERVAL: Final = timedelta(minutes=2)
"""How often the studio is asked for its health; everything urgent arrives over its event stream."""

EVENT_SONG_READY: Final = "mixtape_song_ready"
EVENT_SONG_FAILED: Final = "mixtape_song_failed"
EVENT_PLAYBACK_FAILED: Final = "mixtape_playback_failed"

WORK_STEPS: Final = [
    "idle",
    "waiting",
    "queued",
    "plan",
    "lyrics",
    "render",
    "master",
    "encode",
    "publish",
    "fetch",
]
"""What is being done for a room, in order: further is later. From ``plan`` to ``publish`` the studio's steps."""
