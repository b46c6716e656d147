"""A voice for announcements: the home's own text-to-speech, spoken into a file before it is played."""

from __future__ import annotations

import asyncio
import io
import shutil
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from homeassistant.exceptions import HomeAssistantError
from homeassistant.util import language as language_util

from custom_components.mixtape.const import LOGGER

if TYPE_CHECKING:
    from homeassistant.core import HomeAssistant

SPEECH_LIMIT: Final = 20.0
CHARACTERS_PER_SECOND: Final = 14.0
"""About 150 words a minute; only where the audio does not tell its length."""


UNKNOWN_LENGTH: Final = 10.0
"""Seconds: how long to wait for an announcement of which nothing is known."""


@dataclass(frozen=True, slots=True)
class Speech:
    """``duration``: seconds."""

    media_id: str
    duration: float


async def async_speech(hass: HomeAssistant, message: str, language: str | None) -> Speech | None:
    """Speak now and keep the audio in the cache, so that the speaker begins at once. None: there is no voice."""
    if "tts" not in hass.config.components:
        return None
    # Its requirements (mutagen among them) are only there once text-to-speech is set up.
    from homeassistant.components import tts  # noqa: PLC0415
    from homeassistant.components.tts.helper import get_engine_instance  # noqa: PLC0415

    if (engine := tts.async_default_engine(hass)) is None:
        return None
    instance = get_engine_instance(hass, engine)
    known = list(instance.supported_languages) if instance else []
    spoken = next(iter(language_util.matches(language or hass.config.language, known)), None)
    failure = ""
    for options in await _async_formats(hass):
        try:
            # Nobody says the same twice: it stays in memory for some minutes, not in a file for ever.
            media_id = tts.generate_media_source_id(hass, message, engine, spoken, options, cache=False)
            audio = await _async_audio(hass, media_id)
        except Exception as err:  # noqa: BLE001 - a voice engine raises whatever its library does; a song must still play
            failure = str(err) or type(err).__name__
            continue
        if audio:
            length = await hass.async_add_executor_job(_length, audio)
            return Speech(media_id, length or 1.0 + len(message) / CHARACTERS_PER_SECOND)
        failure = "it said nothing"
    LOGGER.warning("No announcement: the voice %s failed: %s", engine, failure)
    return None


async def _async_formats(hass: HomeAssistant) -> list[dict[str, str] | None]:
    """Home Assistant wants MP3 of a voice and converts with the program ffmpeg; without it many still have WAV."""
    from homeassistant.components.ffmpeg import get_ffmpeg_manager  # noqa: PLC0415 - text-to-speech brings it

    found = await hass.async_add_executor_job(shutil.which, get_ffmpeg_manager(hass).binary)
    wav = {"preferred_format": "wav"}
    return [None] if found else [wav, None]


async def async_speech_of(hass: HomeAssistant, media_id: str) -> Speech:
    """An announcement that somebody else prepared, such as ``tts.speak`` on the room's player."""
    length = None
    if media_id.startswith("media-source://tts/"):
        with suppress(HomeAssistantError, TimeoutError, ValueError):
            length = await hass.async_add_executor_job(_length, await _async_audio(hass, media_id))
    return Speech(media_id, length or UNKNOWN_LENGTH)


async def _async_audio(hass: HomeAssistant, media_id: str) -> bytes:
    from homeassistant.components import tts  # noqa: PLC0415 - see above

    async with asyncio.timeout(SPEECH_LIMIT):
        return (await tts.async_get_media_source_audio(hass, media_id))[1]


def _length(audio: bytes) -> float | None:
    import mutagen  # noqa: PLC0415 - see above

    try:
        file = mutagen.File(io.BytesIO(audio))
    except mutagen.MutagenError:
        return None
    return float(file.info.length) or None if file is not None and file.info is not None else None
