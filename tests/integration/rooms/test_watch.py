"""Decisions about speakers, as values."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from homeassistant.components.media_player import MediaPlayerEntityFeature

from custom_components.mixtape.rooms.speakers import (
    FORMATS,
    Expected,
    Feature,
    Reading,
    choose_format,
    common_format,
    plays,
    read,
)
from custom_components.mixtape.rooms.watch import Evidence, Verdict, Verification, judge, next_look

NOW = datetime(2026, 11, 21, 20, 0, tzinfo=UTC)
OURS = Expected(token="t0ken", title="Slow Rain", duration=60.0)
URL = "http://192.168.1.10:8123/api/mixtape/audio/t0ken/slow-rain.flac"


def reading(state: str | None = "playing", **values: Any) -> Reading:
    values = {"content_id": URL, "position": 1.0, "updated_at": NOW} | values
    return Reading(entity_id="media_player.one", state=state, **values)


def test_features_are_home_assistants() -> None:
    assert {feature.name: feature.value for feature in Feature}.items() <= {
        feature.name: feature.value for feature in MediaPlayerEntityFeature
    }.items()


def test_reading_what_integrations_really_say() -> None:
    mpd = read(
        "media_player.mpd",
        "playing",
        {
            "media_content_id": URL,
            "media_duration": "60",
            "media_position": 7,
            "media_position_updated_at": NOW,
            "supported_features": 457651,
            "volume_level": 0.5,
            "is_volume_muted": False,
        },
    )
    assert (mpd.duration, mpd.position, mpd.volume, mpd.muted) == (60.0, 7.0, 0.5, False)
    assert mpd.supports(Feature.SEEK)
    odd = read(
        "x",
        "idle",
        {
            "media_duration": "unknown",
            "media_position": float("nan"),
            "media_position_updated_at": "2026",
            "media_title": 5,
            "volume_level": True,
            "supported_features": None,
        },
    )
    assert odd == Reading(entity_id="x", state="idle")
    assert read("x", None, {}).missing


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({}, True),
        ({"content_id": URL + "?authSig=abc"}, True),
        ({"content_id": "http://x/api/mixtape/audio/other/slow-rain.flac", "title": "Slow Rain"}, False),
        ({"content_id": "spotify:track:1"}, False),
        ({"content_id": "proxy://1", "title": "slow rain", "duration": 61.0}, True),
        ({"content_id": "proxy://1", "title": "Our home: Slow Rain"}, True),
        ({"content_id": "proxy://1", "title": "Slow Rain", "duration": 200.0}, False),
        ({"content_id": None, "title": "News"}, False),
        ({"content_id": None}, None),
    ],
)
def test_whose_media_it_is(values: dict[str, Any], expected: bool | None) -> None:
    assert plays(reading(**values), OURS) is expected


def test_formats() -> None:
    assert choose_format("mpd", ["mp3", "flac"]) == "flac"
    assert choose_format("mpd", ["mp3"]) == "mp3"
    assert choose_format("unheard_of", ["flac", "mp3"]) == "mp3"
    assert choose_format(None, ["flac"]) == "flac"
    assert choose_format(None, []) is None
    assert choose_format("cast", ["ogg"]) == "ogg"
    assert common_format(["mpd", "sonos"]) == "flac"
    assert common_format(["mpd", None]) == "mp3"
    assert common_format([]) == "flac"
    assert all(set(formats) <= {"flac", "mp3"} for formats in FORMATS.values())


def looks(*readings: tuple[float, Reading], fetched: bool = False) -> list[Evidence | None]:
    verification = Verification(OURS)
    return [verification.look(seen, elapsed, fetched=fetched) for elapsed, seen in readings]


def test_two_reports_that_rise_are_evidence() -> None:
    assert looks((0.5, reading(position=0.0)), (1.5, reading(position=1.0))) == [None, Evidence.POSITION]


def test_one_report_drawn_on_is_not() -> None:
    assert looks(*[(seconds, reading(position=0.0)) for seconds in (1.0, 5.0, 9.0)]) == [None] * 3
    # A position without its own time counts no less.
    assert looks((1.0, reading(position=0.0, updated_at=None)), (2.0, reading(position=1.0, updated_at=None)))[-1]


def test_the_playback_before_is_not_evidence_for_this_one() -> None:
    """The same song again: until the speaker begins anew it still reports its old, later position."""
    assert looks((0.1, reading(position=40.0)), (0.5, reading(position=41.0))) == [None, None]


def test_other_music_and_silence_start_the_evidence_anew() -> None:
    verification = Verification(OURS)
    assert verification.look(reading(position=0.0), 0.5, fetched=False) is None
    assert verification.look(reading(content_id="radio"), 0.9, fetched=False) is None
    assert verification.saw_other
    assert verification.look(reading(position=1.0), 1.2, fetched=False) is None
    assert not verification.saw_other
    assert verification.look(reading("buffering"), 1.3, fetched=False) is None
    assert verification.look(reading("idle"), 1.5, fetched=False) is None
    assert verification.look(reading(position=2.0), 2.2, fetched=False) is None


def test_a_fetch_counts_only_where_nothing_more_is_reported() -> None:
    quiet = [(seconds, reading(position=None)) for seconds in (0.5, 3.0, 4.6)]
    assert looks(*quiet, fetched=True)[-1] is Evidence.FETCHED
    assert looks(*quiet, fetched=False)[-1] is None
    standing = [
        (seconds, reading(position=0.0, updated_at=NOW + timedelta(seconds=seconds))) for seconds in (0.5, 3.0, 6.0)
    ]
    assert looks(*standing, fetched=True) == [None] * 3


@pytest.mark.parametrize(
    ("seen", "progress", "verdict"),
    [
        (reading(), 5.0, Verdict.PLAYING),
        (reading(position=None), 70.0, Verdict.PLAYING),
        (reading("buffering"), 5.0, Verdict.PLAYING),
        (reading(content_id=None), 5.0, Verdict.PLAYING),
        (reading("paused"), 5.0, Verdict.PAUSED),
        (reading("paused"), 59.0, Verdict.ENDED),
        (reading("idle"), 59.0, Verdict.ENDED),
        (reading("off"), 58.1, Verdict.ENDED),
        (reading("idle"), 57.0, Verdict.STOPPED),
        (reading(content_id="radio"), 5.0, Verdict.TAKEN),
        (reading(content_id="radio"), 60.0, Verdict.TAKEN),
        (reading("paused", content_id="radio"), 5.0, Verdict.TAKEN),
        (reading(position=0.5), 59.5, Verdict.ENDED),
        (reading("unavailable"), 59.5, Verdict.LOST),
        (reading("unknown"), 5.0, Verdict.LOST),
        (reading(None), 5.0, Verdict.LOST),
    ],
)
def test_what_became_of_the_song(seen: Reading, progress: float, verdict: Verdict) -> None:
    assert judge(seen, OURS, progress, OURS.duration) is verdict


def test_looking_often_only_near_the_end() -> None:
    looked, remaining = [], 180.0
    while remaining > 0:
        delay = next_look(remaining)
        looked.append(delay)
        remaining -= delay
    assert looked[0] == 165.0
    assert len(looked) < 20
    assert -0.5 < remaining <= 0
    assert next_look(-60.0) == 5.0
