"""What crosses the wire between a home and the studio.

The OpenAPI document made from these models is committed as ``addon/openapi.json``;
the integration's client is tested against a running studio.
"""

from __future__ import annotations

import unicodedata
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Final, Literal
from uuid import UUID

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    field_validator,
)

CONTRACT_VERSION: Final = "1.0"
"""Major.minor. A home refuses a studio with another major number."""

MIN_BPM: Final = 40
MAX_BPM: Final = 220
MIN_DURATION: Final = 10.0
MAX_DURATION: Final = 600.0
MAX_SEED: Final = 2**32 - 1
PEAKS: Final = 800
"""Number of waveform peaks stored with a take."""

AUTO_ENGINE: Final = "auto"

_TONICS = {"C", "C#", "Db", "D", "D#", "Eb", "E", "F", "F#", "Gb", "G", "G#", "Ab", "A", "A#", "Bb", "B"}


class JobState(StrEnum):
    """Where a job stands."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def ended(self) -> bool:
        return self in (JobState.DONE, JobState.FAILED, JobState.CANCELLED)


class Step(StrEnum):
    """The durable steps of a job, in order."""

    PLAN = "plan"
    LYRICS = "lyrics"
    RENDER = "render"
    MASTER = "master"
    ENCODE = "encode"
    PUBLISH = "publish"


class Priority(StrEnum):
    """Who waits for the song; earlier members are made first."""

    VOICE = "voice"
    CARD = "card"
    GUEST = "guest"
    SHELF = "shelf"
    BATCH = "batch"


class AudioFormat(StrEnum):
    FLAC = "flac"
    MP3 = "mp3"


MIME_TYPES: Final = {AudioFormat.FLAC: "audio/flac", AudioFormat.MP3: "audio/mpeg"}


class ErrorCode(StrEnum):
    """Stable codes of everything that can go wrong; texts may change, codes do not."""

    INVALID_REQUEST = "invalid_request"
    UNAUTHORIZED = "unauthorized"
    FORBIDDEN = "forbidden"
    NOT_FOUND = "not_found"
    CONFLICT = "conflict"
    TOO_LARGE = "too_large"
    UNKNOWN_ENGINE = "unknown_engine"
    ENGINE_UNAVAILABLE = "engine_unavailable"
    NOT_READY = "not_ready"
    DISK_FULL = "disk_full"
    RENDER_FAILED = "render_failed"
    WORKER_DIED = "worker_died"
    TIMEOUT = "timeout"
    INTERNAL = "internal"


class Problem(BaseModel):
    """An error, as the body of an HTTP error or as the reason of a failed job."""

    code: ErrorCode
    message: str = Field(description="One sentence for a person, in English.")
    field: str | None = Field(default=None, description="The request field at fault, dotted.")


def _clean_text(value: str) -> str:
    """Refuse control characters other than line feed and tab; anything else is somebody's language."""
    text = value.replace("\r\n", "\n")
    for char in text:
        if unicodedata.category(char) in ("Cc", "Cs") and char not in "\n\t":
            msg = f"contains the control character U+{ord(char):04X}"
            raise ValueError(msg)
    return text.strip()


def _not_empty(value: str) -> str:
    if not value:
        msg = "must not be empty"
        raise ValueError(msg)
    return value


Text = Annotated[str, AfterValidator(_clean_text)]
FilledText = Annotated[Text, AfterValidator(_not_empty)]


def normalise_key(value: str) -> str:
    """``"f minor"``, ``"F#m"``, ``"Bb"`` → ``"F minor"``, ``"F# minor"``, ``"Bb major"``.

    Raises:
        ValueError: not a major or minor key.
    """
    text = " ".join(value.replace("♯", "#").replace("♭", "b").split())
    head, _, mode = text.partition(" ")
    mode = mode.lower()
    if not mode and len(head) > 1 and head.endswith("m"):
        head, mode = head[:-1], "minor"
    modes = {"": "major", "major": "major", "maj": "major", "minor": "minor", "min": "minor"}
    tonic = head[:1].upper() + head[1:]
    if tonic not in _TONICS or mode not in modes:
        msg = f"{value[:40]!r} is not a key such as 'C major' or 'F# minor'"
        raise ValueError(msg)
    return f"{tonic} {modes[mode]}"


class SongRequest(BaseModel):
    """What to make. Everything is optional; the plan step fills in what is left open."""

    model_config = ConfigDict(extra="forbid")

    wish: FilledText | None = Field(
        default=None, min_length=1, max_length=2000, description="The words somebody said, kept for tags and titles."
    )
    title: Text | None = Field(default=None, max_length=200)
    caption: Text | None = Field(default=None, max_length=1000, description="Description of the music.")
    topic: Text | None = Field(default=None, max_length=1000, description="What the song is about.")
    lyrics: Text | None = Field(
        default=None, max_length=10_000, description="Own words, taken verbatim; sections as [verse], [chorus], …"
    )
    genre: Text | None = Field(
        default=None, max_length=60, description="Any genre; an unknown one is played as the nearest."
    )
    mood: Text | None = Field(default=None, max_length=60)
    bpm: int | None = Field(default=None, ge=MIN_BPM, le=MAX_BPM, description="Beats per minute.")
    key: str | None = Field(default=None, max_length=40, description="A major or minor key, such as 'F minor'.")
    time_signature: Literal["3/4", "4/4"] | None = None
    duration: float | None = Field(
        default=None, ge=MIN_DURATION, le=MAX_DURATION, allow_inf_nan=False, description="Seconds."
    )
    instrumental: bool | None = None
    language: str | None = Field(
        default=None,
        pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$",
        max_length=35,
        description="Language of the words, BCP 47.",
    )
    seed: int | None = Field(default=None, ge=0, le=MAX_SEED)
    engine: str = Field(default=AUTO_ENGINE, max_length=60)
    artist: FilledText = Field(
        default="Mixtape", min_length=1, max_length=100, description="The household's name, for the tags."
    )

    @field_validator("key")
    @classmethod
    def _key(cls, value: str | None) -> str | None:
        return None if value is None else normalise_key(value)


class JobCreate(BaseModel):
    """A home's order. The id is the idempotency key: the same id with another body is a conflict."""

    model_config = ConfigDict(extra="forbid")

    id: UUID
    request: SongRequest
    priority: Priority = Priority.VOICE


class Plan(BaseModel):
    """The request with every gap filled: what is rendered."""

    title: str
    caption: str
    genre: str
    mood: str
    bpm: int
    key: str
    time_signature: Literal["3/4", "4/4"]
    duration: float = Field(description="Seconds.")
    instrumental: bool
    language: str
    lyrics: str | None = None
    seed: int
    engine: str
    notice: str | None = Field(default=None, description="What was not done as asked, and why: a fallback, a clamp.")


class TakeFile(BaseModel):
    """One encoded file of a take."""

    format: AudioFormat
    mime_type: str
    size: int = Field(description="Bytes.")
    sha256: str


class Measured(BaseModel):
    """What was measured on the rendered samples, never copied from the request."""

    bpm: float | None = Field(default=None, description="None where no pulse was found.")
    bpm_confidence: float = Field(default=0.0, ge=0, le=1)
    key: str | None = None
    key_confidence: float = Field(default=0.0, ge=0, le=1)
    lufs: float = Field(description="Integrated loudness of the master, LUFS.")
    true_peak: float = Field(description="True peak of the master, dBTP.")


class Take(BaseModel):
    """One rendering of a song."""

    id: str
    job_id: UUID
    title: str
    artist: str
    caption: str
    genre: str
    mood: str
    lyrics: str | None = None
    language: str
    wished_bpm: int | None = None
    wished_key: str | None = None
    planned_bpm: int
    planned_key: str
    time_signature: str
    duration: float = Field(description="Seconds.")
    sample_rate: int = Field(description="Hertz.")
    seed: int
    engine: str
    engine_label: str
    measured: Measured
    peaks: list[int] = Field(description=f"{PEAKS} peaks of the mono sum, 0-255.")
    files: list[TakeFile] = Field(description="Grows: FLAC first, MP3 after.")
    created_at: datetime


class Job(BaseModel):
    id: UUID
    state: JobState
    step: Step | None = None
    progress: float = Field(default=0.0, ge=0, le=1, description="Of the whole job.")
    priority: Priority
    request: SongRequest
    plan: Plan | None = None
    takes: list[Take] = []
    problem: Problem | None = None
    position: int | None = Field(default=None, description="Place in the queue, 1 is next; None once running.")
    timings: dict[str, float] = Field(default={}, description="Seconds spent in each finished step.")
    created_at: datetime
    started_at: datetime | None = None
    ended_at: datetime | None = None


class JobList(BaseModel):
    jobs: list[Job]


class EventType(StrEnum):
    JOB = "job"
    """The job's new state, step or progress."""
    TAKE = "take"
    """A take has a new file."""
    RESET = "reset"
    """The events asked for are gone: read everything again."""


class Event(BaseModel):
    """One server-sent event; its ``id`` is the SSE id to resume from."""

    id: int
    type: EventType
    at: datetime
    job: Job | None = None
    take_id: str | None = None


class Capabilities(BaseModel):
    """What an engine can do."""

    vocals: bool
    seed: bool
    min_duration: float
    max_duration: float
    bpm: bool
    key: bool
    exact_duration: bool
    tasks: list[str]
    max_takes: int
    stems: bool
    reference_audio: bool
    real_progress: bool


class EngineState(StrEnum):
    READY = "ready"
    DOWNLOADING = "downloading"
    NOT_INSTALLED = "not_installed"
    NO_WEIGHTS = "no_weights"
    NO_GPU = "no_gpu"


class EngineStatus(BaseModel):
    state: EngineState
    reason: str | None = None
    download_bytes: int | None = None


class EngineInfo(BaseModel):
    name: str
    label: str
    licence: str
    default: bool
    capabilities: Capabilities
    status: EngineStatus


class EngineList(BaseModel):
    engines: list[EngineInfo]


class Liveness(BaseModel):
    """What anybody may ask, without a token."""

    status: Literal["ok"] = "ok"
    contract: str = CONTRACT_VERSION


class Health(Liveness):
    """What a token holder sees."""

    studio_id: str
    version: str
    worker_alive: bool
    queue_length: int
    running: int
    default_engine: str
    free_bytes: int
    home_id: str
