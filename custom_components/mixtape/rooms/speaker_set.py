"""A room's speakers as one: what they can, how loud they are, and having all of them do something."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Final

from custom_components.mixtape.const import LOGGER

from .errors import PlaybackCode, PlaybackError
from .playback import OBEY_LIMIT, Playback
from .speakers import Feature, common_format

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from homeassistant.core import Context

    from .speakers import Reading
    from .speech import Speech

SILENCERS: Final = (("media_stop", Feature.STOP), ("media_pause", Feature.PAUSE), ("turn_off", Feature.TURN_OFF))
"""What silences a speaker, best first."""


class SpeakerSet:
    def __init__(self, playback: Playback, speakers: Sequence[str]) -> None:
        self.speakers = tuple(speakers)
        self._playback = playback
        self._features: dict[str, Feature] = {}

    def _readings(self) -> list[Reading]:
        return [self._playback.read(entity_id) for entity_id in self.speakers]

    @property
    def available(self) -> bool:
        """Only a room whose every speaker is away is away itself; one without speakers keeps its queue usable."""
        return not self.speakers or any(reading.available for reading in self._readings())

    @property
    def volume_level(self) -> float | None:
        """The mean of the speakers that tell theirs, as Home Assistant's own groups have it."""
        levels = [reading.volume for reading in self._readings() if reading.volume is not None]
        return sum(levels) / len(levels) if levels else None

    @property
    def muted(self) -> bool | None:
        told = [reading.muted for reading in self._readings() if reading.muted is not None]
        return all(told) if told else None

    @property
    def features(self) -> Feature:
        """What any of the speakers can do. One that is away counts with what it could when it was last there."""
        for reading in self._readings():
            if reading.available and reading.features:
                self._features[reading.entity_id] = reading.features
        union = Feature(0)
        for features in self._features.values():
            union |= features
        return union

    @property
    def preferred_format(self) -> str:
        return common_format(self._playback.platform(entity_id) for entity_id in self.speakers)

    @property
    def ducking(self) -> bool:
        """Whether all of them lower what they play for an announcement and go on with it by themselves."""
        return all(reading.supports(Feature.MEDIA_ANNOUNCE) for reading in self._readings())

    async def async_do(
        self,
        action: str,
        feature: Feature,
        *,
        speakers: Iterable[str] | None = None,
        seen: Callable[[Reading], bool] | None = None,
        context: Context | None = None,
        **data: Any,
    ) -> None:
        """Have every speaker do it that is able to; ``seen`` tells from its own state that it did.

        Raises:
            PlaybackError: none of them did.
        """
        chosen = self.speakers if speakers is None else tuple(speakers)
        readings = [self._playback.read(entity_id) for entity_id in chosen]
        able = [reading.entity_id for reading in readings if reading.available and reading.features & feature]
        if not able:
            raise self._none_able(readings)

        async def one(entity_id: str) -> None:
            await self._playback.async_act(entity_id, action, data, context)
            await self._playback.async_refresh(entity_id)
            if seen is not None and await self._playback.async_wait_until(entity_id, seen, OBEY_LIMIT) is None:
                raise self._playback.error(PlaybackCode.IGNORED, entity_id)

        results = await asyncio.gather(*map(one, able), return_exceptions=True)
        errors = [result for result in results if isinstance(result, BaseException)]
        if len(errors) == len(results):
            raise errors[0]
        for error in errors:
            LOGGER.warning("%s failed: %s", action, error)

    def _none_able(self, readings: list[Reading]) -> PlaybackError:
        if not self.speakers:
            return PlaybackError(PlaybackCode.NO_SPEAKERS)
        away = next((reading for reading in readings if not reading.available), None)
        if away is None:
            return PlaybackError(PlaybackCode.UNSUPPORTED)
        code = PlaybackCode.SPEAKER_MISSING if away.missing else PlaybackCode.SPEAKER_UNAVAILABLE
        return self._playback.error(code, away.entity_id)

    async def async_set_volume(self, volume: float, context: Context | None = None) -> None:
        await self.async_do("volume_set", Feature.VOLUME_SET, context=context, volume_level=volume)

    async def async_step_volume(self, up: bool, context: Context | None = None) -> None:
        either = Feature.VOLUME_STEP | Feature.VOLUME_SET
        await self.async_do("volume_up" if up else "volume_down", either, context=context)

    async def async_mute(self, mute: bool, context: Context | None = None) -> None:
        await self.async_do("volume_mute", Feature.VOLUME_MUTE, context=context, is_volume_muted=mute)

    async def async_silence(self, speakers: Iterable[str], context: Context | None) -> None:
        """Each by the best means that it has."""
        left = [reading for entity_id in speakers if (reading := self._playback.read(entity_id)).available]
        for action, feature in SILENCERS:
            able = [reading.entity_id for reading in left if reading.supports(feature)]
            left = [reading for reading in left if reading.entity_id not in able]
            if able:
                await self.async_do(action, feature, speakers=able, seen=lambda now: not now.sounding, context=context)
        if left:
            raise self._playback.error(PlaybackCode.UNSUPPORTED, left[0].entity_id)

    async def async_say(self, speech: Speech) -> bool:
        """Whether any of them said it."""
        said = await asyncio.gather(*(self._playback.async_say(entity_id, speech) for entity_id in self.speakers))
        return any(said)
