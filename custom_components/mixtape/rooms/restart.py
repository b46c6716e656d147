"""Whether a room's music goes on by itself where its song came to its end while Home Assistant was away."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from homeassistant.core import callback
from homeassistant.helpers.start import async_at_started
from homeassistant.util import dt as dt_util

from .memory import RoomState
from .speakers import OFF_IS_STOPPED
from .watch import END_MARGIN

if TYPE_CHECKING:
    from collections.abc import Sequence

    from homeassistant.core import HomeAssistant

    from .memory import Remembered
    from .playback import Playback

GO_ON_LIMIT: Final = 600.0
"""Seconds after the song's end within which the music is still the same evening's."""
SPEAKERS_LIMIT: Final = 60.0
"""Seconds for which a speaker may come back after Home Assistant."""
LOOK_INTERVAL: Final = 1.0
SETTLED: Final = 2.0
"""Seconds after which a speaker is looked at again: some say "idle" before they know better."""


def song_ends(before: Remembered, duration: float) -> datetime | None:
    """When a song of ``duration`` seconds ends if nobody touches it; None: it was not playing."""
    playing = before.state == RoomState.PLAYING or (before.state == RoomState.BUFFERING and before.position > 0)
    if not playing or before.at is None:
        return None
    return before.at + timedelta(seconds=max(0.0, duration - before.position))


def may_go_on(ends: datetime, now: datetime) -> bool:
    """Whether silence at ``now`` is the song's end, and not long past."""
    return -END_MARGIN <= (now - ends).total_seconds() <= GO_ON_LIMIT


def is_silent(state: str | None, platform: str | None) -> bool:
    """On, and playing nothing. One that is off was turned off by somebody, or will not like to be turned on."""
    return state in ("idle", "on") or (state == "off" and platform in OFF_IS_STOPPED)


async def async_silent_since(
    hass: HomeAssistant, playback: Playback, speakers: Sequence[str], ends: datetime
) -> tuple[str, ...]:
    """The speakers that let the song come to its end at ``ends`` and play nothing since.

    One that is silent before the end was stopped by somebody.
    """
    # Until Home Assistant has started it serves no audio.
    started = asyncio.Event()
    unsubscribe = async_at_started(hass, callback(lambda _: started.set()))
    try:
        async with asyncio.timeout(GO_ON_LIMIT):
            await started.wait()
    except TimeoutError:
        return ()
    finally:
        unsubscribe()
    deadline = hass.loop.time() + SPEAKERS_LIMIT
    silent: dict[str, bool] = {}
    while True:
        for entity_id in speakers:
            reading = playback.read(entity_id)
            if reading.available and reading.state != "unknown" and entity_id not in silent:
                ended = may_go_on(ends, dt_util.utcnow())
                silent[entity_id] = ended and is_silent(reading.state, playback.platform(entity_id))
        if len(silent) == len(speakers) or hass.loop.time() >= deadline:
            break
        await asyncio.sleep(LOOK_INTERVAL)
    await asyncio.sleep(SETTLED)
    candidates = [entity_id for entity_id, was in silent.items() if was]
    readings = await asyncio.gather(*map(playback.async_refresh, candidates))
    return tuple(now.entity_id for now in readings if is_silent(now.state, playback.platform(now.entity_id)))
