"""What the demo makes of Home Assistant's events, without a home."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

SCRIPTS = Path(__file__).parents[2] / "scripts"


@pytest.mark.parametrize(
    ("kind", "data", "message"),
    [
        (
            "mixtape_playback_failed",
            {"title": "Quiet Rain", "speaker": "media_player.living_room", "message": "It is off."},
            "Quiet Rain is made, but does not play on media_player.living_room: It is off.",
        ),
        ("mixtape_playback_failed", {}, "the song is made, but does not play on the room: no reason given"),
        ("mixtape_song_failed", {"message": "No SoundFont."}, "the song could not be made: No SoundFont."),
    ],
)
async def test_bad_news_ends_the_waiting(
    monkeypatch: pytest.MonkeyPatch, kind: str, data: dict[str, Any], message: str
) -> None:
    monkeypatch.syspath_prepend(SCRIPTS)
    from demo_home.errors import DemoError
    from demo_home.wish import Course, follow_mixtape, wait_until_it_plays

    subscribed = {}

    class Api:
        async def listen(self, listener: Any, _: str, *, event_type: str) -> None:
            subscribed[event_type] = listener

    course: Course = await follow_mixtape(Api(), {}, lambda *_: None)
    subscribed[kind]({"event_type": kind, "data": data})
    with pytest.raises(DemoError) as caught:
        await wait_until_it_plays(SimpleNamespace(speakers={}), course, 1e12)
    assert caught.value.message == message
