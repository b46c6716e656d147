"""What the library keeps, as values."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from datetime import datetime


class WishState(StrEnum):
    """How far a wish has come."""

    WAITING = "waiting"
    """Not yet with the studio."""
    SENT = "sent"
    DELIVERED = "delivered"
    """Its song is filed and was announced and played as wished; other formats of it may still come."""
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def ended(self) -> bool:
        return self in (WishState.DONE, WishState.FAILED, WishState.CANCELLED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What somebody asked for, kept until it is made and after."""

    job_id: str
    """A UUID; also the id of the studio's job and of the song."""
    text: str
    request: dict[str, Any]
    """The ``SongRequest`` as JSON."""
    room_id: str | None = None
    requester: str | None = None
    """A user's id; None for whoever spoke."""
    requester_name: str | None = None
    priority: str = "voice"
    state: WishState = WishState.WAITING
    created_at: datetime
    sent_at: datetime | None = None
    ended_at: datetime | None = None
    announce: bool = True
    play: bool = True
    satellite_id: str | None = None
    device_id: str | None = None
    language: str = "en"
    problem: dict[str, Any] | None = None
    """The ``Problem`` as JSON, of a failed wish."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SongFile:
    """One encoded file of a song."""

    audio_format: str
    """``"flac"`` or ``"mp3"``."""
    mime_type: str
    size: int
    """Bytes."""
    sha256: str
    name: str
    """In the audio folder."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Song:
    """A song that the home has."""

    id: str
    """The id of the job that made it."""
    title: str
    artist: str
    genre: str
    mood: str
    caption: str
    lyrics: str | None = None
    wish: str | None = None
    """The words somebody said."""
    room_id: str | None = None
    requester: str | None = None
    requester_name: str | None = None
    engine: str
    engine_label: str
    seed: int
    language: str
    wished_bpm: int | None = None
    wished_key: str | None = None
    bpm: float | None = None
    """Measured, as the four below."""
    key: str | None = None
    time_signature: str
    duration: float
    """Seconds."""
    lufs: float
    true_peak: float
    """dBTP."""
    peaks: list[int] = field(default_factory=list)
    """Waveform peaks, 0-255."""
    created_at: datetime
    token: str
    """Unguessable; whoever has it may listen."""
    cover: str | None = None
    """File name in the audio folder."""
    files: tuple[SongFile, ...] = ()

    def file(self, audio_format: str) -> SongFile | None:
        return next((file for file in self.files if file.audio_format == audio_format), None)
