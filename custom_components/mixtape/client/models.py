"""The studio's words, as its OpenAPI document has them.

Fields this client does not know are ignored and enum values it does not know become ``UNKNOWN``, so a
newer studio of the same contract major never breaks an older home.
"""

from dataclasses import dataclass, field
from datetime import datetime  # noqa: TC003  # mashumaro resolves annotations at run time
from enum import StrEnum
from typing import Self

from mashumaro.config import BaseConfig
from mashumaro.mixins.orjson import DataClassORJSONMixin


class _TolerantEnum(StrEnum):
    @classmethod
    def _missing_(cls, value: object) -> Self:  # noqa: ARG003  # the name that enum gives it
        return cls["UNKNOWN"]


class JobState(_TolerantEnum):
    """Where a job stands."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"
    UNKNOWN = "unknown"

    @property
    def ended(self) -> bool:
        return self in (JobState.DONE, JobState.FAILED, JobState.CANCELLED)


class Step(_TolerantEnum):
    """The durable steps of a job, in order."""

    PLAN = "plan"
    LYRICS = "lyrics"
    RENDER = "render"
    MASTER = "master"
    ENCODE = "encode"
    PUBLISH = "publish"
    UNKNOWN = "unknown"


class Priority(_TolerantEnum):
    """Who waits for the song; earlier members are made first."""

    VOICE = "voice"
    CARD = "card"
    GUEST = "guest"
    SHELF = "shelf"
    BATCH = "batch"
    UNKNOWN = "unknown"


class AudioFormat(_TolerantEnum):
    """How a take is encoded."""

    FLAC = "flac"
    MP3 = "mp3"
    UNKNOWN = "unknown"


class ErrorCode(_TolerantEnum):
    """The studio's stable codes of what can go wrong."""

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
    UNKNOWN = "unknown"


class EventType(_TolerantEnum):
    """What an event tells; ``RESET`` means that events were missed and everything must be read again."""

    JOB = "job"
    TAKE = "take"
    RESET = "reset"
    UNKNOWN = "unknown"


class EngineState(_TolerantEnum):
    """Whether an engine can make music now."""

    READY = "ready"
    DOWNLOADING = "downloading"
    NOT_INSTALLED = "not_installed"
    NO_WEIGHTS = "no_weights"
    NO_GPU = "no_gpu"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem(DataClassORJSONMixin):
    """An error, as the body of an HTTP error or as the reason of a failed job."""

    code: ErrorCode
    message: str
    """One sentence for a person, in English."""
    field: str | None = None
    """The request field at fault, dotted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SongRequest(DataClassORJSONMixin):
    """What to make. What is None is not sent: the studio fills it in."""

    wish: str | None = None
    title: str | None = None
    caption: str | None = None
    topic: str | None = None
    lyrics: str | None = None
    genre: str | None = None
    mood: str | None = None
    bpm: int | None = None
    key: str | None = None
    """Such as ``"F minor"``."""
    time_signature: str | None = None
    """``"3/4"`` or ``"4/4"``."""
    duration: float | None = None
    """Seconds."""
    instrumental: bool | None = None
    language: str | None = None
    """BCP 47."""
    seed: int | None = None
    engine: str = "auto"
    artist: str = "Mixtape"

    class Config(BaseConfig):
        omit_none = True


@dataclass(frozen=True, slots=True, kw_only=True)
class JobCreate(DataClassORJSONMixin):
    """A home's order; the id is the idempotency key."""

    id: str
    request: SongRequest
    priority: Priority = Priority.VOICE


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan(DataClassORJSONMixin):
    """The request with every gap filled: what is rendered."""

    title: str
    caption: str
    genre: str
    mood: str
    bpm: int
    key: str
    time_signature: str
    duration: float
    """Seconds."""
    instrumental: bool
    language: str
    lyrics: str | None = None
    seed: int
    engine: str
    notice: str | None = None
    """What was not done as asked, and why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeFile(DataClassORJSONMixin):
    """One encoded file of a take."""

    format: AudioFormat
    mime_type: str
    size: int
    """Bytes."""
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured(DataClassORJSONMixin):
    """What was measured on the rendered samples."""

    bpm: float | None = None
    bpm_confidence: float = 0.0
    key: str | None = None
    key_confidence: float = 0.0
    lufs: float
    true_peak: float
    """dBTP."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Take(DataClassORJSONMixin):
    """One rendering of a song."""

    id: str
    job_id: str
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
    duration: float
    """Seconds."""
    sample_rate: int
    """Hertz."""
    seed: int
    engine: str
    engine_label: str
    measured: Measured
    peaks: list[int]
    """Waveform peaks, 0-255."""
    files: list[TakeFile]
    """Grows: FLAC first, MP3 after."""
    created_at: datetime

    def file(self, audio_format: AudioFormat) -> TakeFile | None:
        return next((file for file in self.files if file.format is audio_format), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Job(DataClassORJSONMixin):
    """One wish on its way through the studio."""

    id: str
    state: JobState
    step: Step | None = None
    progress: float = 0.0
    """0-1, of the whole job."""
    priority: Priority
    request: SongRequest
    plan: Plan | None = None
    takes: list[Take] = field(default_factory=list)
    problem: Problem | None = None
    position: int | None = None
    """Place in the queue, 1 is next; None once running."""
    timings: dict[str, float] = field(default_factory=dict)
    """Seconds spent in each finished step."""
    created_at: datetime
    started_at: datetime | None = None
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class JobList(DataClassORJSONMixin):
    """The body of a list of jobs."""

    jobs: list[Job]


@dataclass(frozen=True, slots=True, kw_only=True)
class Event(DataClassORJSONMixin):
    """One event of the studio; resume from its ``id``."""

    id: int
    type: EventType
    at: datetime
    job: Job | None = None
    take_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Capabilities(DataClassORJSONMixin):
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


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineStatus(DataClassORJSONMixin):
    """Whether an engine can make music now, and if not, why."""

    state: EngineState
    reason: str | None = None
    download_bytes: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineInfo(DataClassORJSONMixin):
    """One engine of the studio."""

    name: str
    label: str
    licence: str
    default: bool
    capabilities: Capabilities
    status: EngineStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineList(DataClassORJSONMixin):
    """The body of a list of engines."""

    engines: list[EngineInfo]


@dataclass(frozen=True, slots=True, kw_only=True)
class Liveness(DataClassORJSONMixin):
    """What anybody may ask, without a token."""

    status: str = "ok"
    contract: str
    """Major.minor."""


@dataclass(frozen=True, slots=True, kw_only=True)
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
