"""Announcements: a satellite, speakers that duck, and speakers that only know how to play."""

from __future__ import annotations

import io
import wave
from typing import TYPE_CHECKING, Any

import pytest
from homeassistant.components.assist_satellite import AssistSatelliteEntity, AssistSatelliteEntityFeature
from homeassistant.components.media_player import MediaPlayerEntityFeature
from homeassistant.components.tts import TextToSpeechEntity
from homeassistant.components.tts.const import DATA_COMPONENT as TTS
from homeassistant.exceptions import HomeAssistantError
from homeassistant.setup import async_setup_component

from custom_components.mixtape.rooms.player import RoomState
from custom_components.mixtape.rooms.speech import UNKNOWN_LENGTH, async_speech, async_speech_of

from .speaker import MPD_FEATURES

if TYPE_CHECKING:
    from pathlib import Path

    from homeassistant.core import HomeAssistant

    from .conftest import House

SECONDS = 2.5


def spoken(seconds: float) -> bytes:
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(16_000)
        file.writeframes(bytes(int(seconds * 16_000) * 2))
    return buffer.getvalue()


class Voice(TextToSpeechEntity):
    _attr_name = "Voice"
    _attr_unique_id = "voice"
    _attr_default_language = "en_GB"
    _attr_supported_languages = ["en_GB", "de_DE"]  # noqa: RUF012

    def __init__(self) -> None:
        self.audio: bytes | None = spoken(SECONDS)
        self.said: list[tuple[str, str]] = []
        self.raises: Exception | None = None

    async def async_get_tts_audio(self, message: str, language: str, options: dict[str, Any]) -> tuple[Any, Any]:
        self.said.append((message, language))
        if self.raises:
            raise self.raises
        return ("wav", self.audio) if self.audio is not None else (None, None)


class Satellite(AssistSatelliteEntity):
    _attr_name = "Satellite"
    _attr_unique_id = "satellite"
    _attr_supported_features = AssistSatelliteEntityFeature.ANNOUNCE

    def __init__(self) -> None:
        self.announced: list[str] = []
        self.raises: Exception | None = None

    def on_pipeline_event(self, event: object) -> None: ...

    def async_get_configuration(self) -> None: ...

    async def async_set_configuration(self, config: object) -> None: ...

    async def async_internal_announce(self, message: str | None = None, *args: object, **kwargs: object) -> None:
        if self.raises:
            raise self.raises
        self.announced.append(message)


@pytest.fixture
async def voice(house: House, tmp_path: Path) -> Voice:
    house.clock.real = True
    house.hass.config.config_dir = str(tmp_path)
    house.hass.config.media_dirs = {"local": str(tmp_path)}
    assert await async_setup_component(house.hass, "media_source", {})
    assert await async_setup_component(house.hass, "tts", {})
    voice = Voice()
    await house.hass.data[TTS].async_add_entities([voice])
    house.clock.real = False
    return voice


@pytest.fixture
async def satellite(hass: HomeAssistant, house: House, monkeypatch: pytest.MonkeyPatch) -> Satellite:
    """Home Assistant's own action and entity component, without the whole voice pipeline behind them."""
    import logging

    from homeassistant.components.assist_satellite.const import DATA_COMPONENT
    from homeassistant.components.assist_satellite.services import async_setup_services
    from homeassistant.helpers.entity_component import EntityComponent

    component = hass.data[DATA_COMPONENT] = EntityComponent(logging.getLogger(__name__), "assist_satellite", hass)
    async_setup_services(hass)
    satellite = Satellite()
    await component.async_add_entities([satellite])
    return satellite


async def test_the_satellite_speaks_first(house: House, satellite: Satellite, voice: Voice) -> None:
    speaker = await house.add_speaker()
    player = await house.room()
    assert await player.async_announce("Your song is ready", satellite_id=satellite.entity_id)
    assert satellite.announced == ["Your song is ready"]
    assert speaker.calls == []


@pytest.mark.parametrize("fault", ["busy", "cannot", "gone"])
async def test_a_satellite_that_cannot_leaves_it_to_the_speakers(
    house: House, satellite: Satellite, voice: Voice, fault: str
) -> None:
    speaker = await house.add_speaker()
    player = await house.room()
    if fault == "busy":
        satellite.raises = HomeAssistantError("busy")
    elif fault == "cannot":
        satellite._attr_supported_features = AssistSatelliteEntityFeature(0)
        satellite.async_write_ha_state()
    satellite_id = "assist_satellite.gone" if fault == "gone" else satellite.entity_id
    speaker.device.lengths["tts"] = SECONDS
    assert await player.async_announce("Your song is ready", satellite_id=satellite_id, language="en")
    assert voice.said == [("Your song is ready", "en_GB")]
    assert satellite.announced == []


async def test_no_voice_no_announcement(house: House) -> None:
    await house.add_speaker()
    player = await house.room()
    assert not await player.async_announce("Your song is ready")
    house.clock.real = True
    assert await async_setup_component(house.hass, "tts", {})
    house.clock.real = False
    assert not await player.async_announce("Your song is ready")


@pytest.mark.parametrize("fault", [ValueError("model is broken"), HomeAssistantError("no quota"), None])
async def test_a_voice_that_fails_is_no_voice(house: House, voice: Voice, fault: Exception | None) -> None:
    speaker = await house.add_speaker()
    player = await house.room()
    voice.raises, voice.audio = fault, b"" if fault is None else voice.audio
    assert not await player.async_announce("Your song is ready")
    assert speaker.calls == []


async def test_a_speaker_that_only_plays_says_it_and_goes_on_with_the_song(house: House, voice: Voice) -> None:
    speaker = await house.add_speaker()
    speaker.device.lengths["tts"] = SECONDS
    (song,) = await house.add_songs("a", duration=100.0)
    player = await house.room()
    await player.async_play_song(song)
    await house.pass_time(30)
    began = house.clock.time()
    assert await player.async_announce("Dinner is ready", language="de")
    assert voice.said == [("Dinner is ready", "de_DE")]
    assert player.state is RoomState.PLAYING
    assert [call for call, _ in speaker.calls] == ["play_media", "play_media", "play_media", "media_seek"]
    assert "tts" in speaker.calls[1][1]
    assert speaker.calls[3][1] == pytest.approx(31, abs=3)
    assert SECONDS < house.clock.time() - began < SECONDS + 6
    await house.pass_time(40)
    assert player.state is RoomState.PLAYING


async def test_before_the_next_song_the_interrupted_one_need_not_go_on(house: House, voice: Voice) -> None:
    speaker = await house.add_speaker()
    speaker.device.lengths["tts"] = SECONDS
    a, b = await house.add_songs("a", "b", duration=100.0)
    player = await house.room()
    await player.async_play_song(a)
    assert await player.async_announce("Your song is ready", resume=False)
    assert player.state is RoomState.IDLE
    await player.async_play_song(b)
    assert [song.id for song in [player.song]] == ["b"]
    assert len([call for call, _ in speaker.calls if call == "play_media"]) == 3


async def test_an_announcement_in_a_silent_or_paused_room_starts_no_music(house: House, voice: Voice) -> None:
    speaker = await house.add_speaker()
    speaker.device.lengths["tts"] = SECONDS
    (song,) = await house.add_songs("a", duration=100.0)
    player = await house.room()
    assert await player.async_announce("Hello")
    assert player.state is RoomState.IDLE
    await player.async_play_song(song)
    await house.pass_time(20)
    await player.async_pause()
    assert await player.async_announce("Hello again")
    assert player.state is RoomState.IDLE
    await player.async_play()
    assert speaker.calls[-1] == ("media_seek", pytest.approx(21, abs=3))


async def test_speakers_that_duck_by_themselves_keep_playing(house: House, voice: Voice) -> None:
    speaker = await house.add_speaker(
        push=True, _attr_supported_features=MPD_FEATURES | MediaPlayerEntityFeature.MEDIA_ANNOUNCE
    )
    (song,) = await house.add_songs("a", duration=100.0)
    player = await house.room()
    await player.async_play_song(song)
    began = house.clock.time()
    assert await player.async_announce("Your song is ready")
    assert house.clock.time() - began >= SECONDS
    assert [call for call, _ in speaker.calls] == ["play_media", "announce"]
    assert player.state is RoomState.PLAYING


async def test_the_volume_is_as_before(house: House, voice: Voice) -> None:
    speaker = await house.add_speaker()
    speaker.device.lengths["tts"] = SECONDS
    player = await house.room()
    play = speaker.device.play

    def loud(url: str, length: float | None = None) -> None:
        speaker._attr_volume_level = 0.9
        play(url, length)

    speaker.device.play = loud
    assert await player.async_announce("Hello")
    assert speaker.volume_level == 0.4


async def test_speakers_that_do_not_speak(house: House, voice: Voice) -> None:
    away = await house.add_speaker("away")
    await house.add_speaker("deaf", ignores_play=True)
    await house.add_speaker("broken", raises=HomeAssistantError("no"))
    player = await house.room()
    away._attr_available = False
    away.async_write_ha_state()
    assert not await player.async_announce("Hello")


async def test_a_song_asked_for_during_an_announcement_is_not_undone(house: House, voice: Voice) -> None:
    speaker = await house.add_speaker()
    speaker.device.lengths["tts"] = 8.0
    a, b = await house.add_songs("a", "b", duration=100.0)
    player = await house.room()
    await player.async_play_song(a)
    announcement = house.hass.async_create_task(player.async_announce("A long story"))
    await house.pass_time(2)
    await player.async_play_song(b)
    await announcement
    await house.pass_time(5)
    assert player.song == b
    assert b.token in speaker.device.url


async def test_an_announcement_that_nobody_waits_for_any_more_leaves_a_usable_room(house: House, voice: Voice) -> None:
    speaker = await house.add_speaker()
    speaker.device.lengths["tts"] = 8.0
    (song,) = await house.add_songs("a", duration=100.0)
    player = await house.room()
    await player.async_play_song(song)
    await house.pass_time(20)
    announcement = house.hass.async_create_task(player.async_announce("A long story"))
    await house.pass_time(2)
    announcement.cancel()
    await house.pass_time(10)
    assert player.state is RoomState.IDLE
    await player.async_play()
    assert player.state is RoomState.PLAYING
    assert speaker.calls[-1] == ("media_seek", pytest.approx(21, abs=3))


@pytest.mark.parametrize("resume", [True, False])
async def test_music_that_somebody_turned_down_stays_so_after_an_announcement(
    house: House, voice: Voice, resume: bool
) -> None:
    speaker = await house.add_speaker()
    speaker.device.lengths["tts"] = SECONDS
    a, b = await house.add_songs("a", "b", duration=100.0)
    player = await house.room(volume=0.8)
    await player.async_play_song(a)
    assert speaker.volume_level == 0.8
    await player.speaker_set.async_set_volume(0.2)
    states = []
    player.async_add_listener(lambda: states.append(player.state))
    assert await player.async_announce("Your song is ready", resume=resume)
    if not resume:
        await player.async_play_song(b)
    assert player.state is RoomState.PLAYING
    assert speaker.volume_level == 0.2
    assert (RoomState.IDLE in states) is not resume
    await player.async_stop()
    await player.async_play()
    assert speaker.volume_level == 0.8


async def test_lengths(house: House, voice: Voice) -> None:
    hass = house.hass
    speech = await async_speech(hass, "Hello", None)
    assert speech.duration == pytest.approx(SECONDS, abs=0.05)
    assert (await async_speech_of(hass, speech.media_id)).duration == pytest.approx(SECONDS, abs=0.05)
    assert len(voice.said) == 1
    assert (await async_speech_of(hass, "http://chimes.example/ding.mp3")).duration == UNKNOWN_LENGTH
    voice.audio = b"not audio at all"
    speech = await async_speech(hass, "x" * 28, None)
    assert speech.duration == pytest.approx(3.0, abs=0.01)
    voice.raises = HomeAssistantError("gone")
    assert (await async_speech_of(hass, "media-source://tts/tts.voice?message=other")).duration == UNKNOWN_LENGTH
