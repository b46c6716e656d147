"""Songs and wishes to keep."""

import hashlib
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from custom_components.mixtape.library import Library, Song, SongFile, Wish

if TYPE_CHECKING:
    from pathlib import Path

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


def job_id(number: int) -> str:
    return str(UUID(int=number))


def wish(number: int = 1, **changes: Any) -> Wish:
    values: dict[str, Any] = {
        "job_id": job_id(number),
        "text": "a relaxing jazz song 🎷 \u05e9\u05d9\u05e8",
        "request": {"wish": "a relaxing jazz song", "bpm": 90, "duration": 61.5, "lyrics": None},
        "room_id": "living",
        "requester": "user-1",
        "requester_name": "Ada",
        "created_at": NOON + timedelta(seconds=number),
        "satellite_id": "assist_satellite.living",
    }
    return Wish(**values | changes)


def file(number: int = 1, audio_format: str = "flac", **changes: Any) -> SongFile:
    values: dict[str, Any] = {
        "audio_format": audio_format,
        "mime_type": {"flac": "audio/flac", "mp3": "audio/mpeg"}[audio_format],
        "size": 4,
        "sha256": hashlib.sha256(b"fLaC").hexdigest(),
        "name": f"{job_id(number)}.{audio_format}",
    }
    return SongFile(**values | changes)


def song(number: int = 1, **changes: Any) -> Song:
    values: dict[str, Any] = {
        "id": job_id(number),
        "title": f"Song {number}",
        "artist": "The Household",
        "genre": "Jazz",
        "mood": "relaxing",
        "caption": "slow brushes, upright bass",
        "lyrics": "[verse]\nRain on the Fenêtre",
        "wish": "a relaxing jazz song",
        "room_id": "living",
        "requester": "user-1",
        "requester_name": "Ada",
        "engine": "composer",
        "engine_label": "Built-in composer",
        "seed": 2**32 - 1,
        "language": "en",
        "wished_bpm": 90,
        "bpm": 89.7,
        "key": "F minor",
        "time_signature": "4/4",
        "duration": 61.5,
        "lufs": -14.02,
        "true_peak": -1.31,
        "peaks": [0, 128, 255],
        "created_at": NOON + timedelta(seconds=number),
        "token": f"token-{number}",
        "cover": f"{job_id(number)}.jpg",
        "files": (file(number),),
    }
    return Song(**values | changes)


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def fill(library: Library, count: int) -> list[Song]:
    return [library.add_song(song(number)) for number in range(1, count + 1)]
