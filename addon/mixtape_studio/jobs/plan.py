"""The plan: a request with every gap filled. Values in, values out; the same job always gets the same plan."""

import random
from typing import Final, Literal, Protocol
from uuid import UUID

from mixtape_studio.contract import MAX_SEED, EngineInfo, Plan, SongRequest

DEFAULT_LANGUAGE: Final = "en"
# What a wish without a genre gets: the genres that please most rooms, one of them by the seed.
_GENRES: Final = ("pop", "jazz", "electronic", "rock", "country", "classical")
_MOODS: Final = {"ambient": "relaxing", "lullaby": "relaxing", "rock": "energetic", "hip-hop": "energetic"}


class Suggestion(Protocol):
    """What suits a genre in a mood."""

    @property
    def bpm(self) -> int: ...

    @property
    def key(self) -> str: ...

    @property
    def time_signature(self) -> str: ...


class Suggest(Protocol):
    def __call__(self, genre: str, mood: str, seed: int) -> Suggestion: ...


class SongTitle(Protocol):
    def __call__(self, *, topic: str | None, genre: str, mood: str, seed: int, language: str) -> str: ...


def seed_of(job_id: UUID) -> int:
    return job_id.int % (MAX_SEED + 1)


def make_plan(
    request: SongRequest,
    job_id: UUID,
    *,
    engine: EngineInfo,
    default_duration: float,
    suggest: Suggest,
    song_title: SongTitle,
) -> Plan:
    """Everything but the words, which the next step writes."""
    seed = seed_of(job_id) if request.seed is None else request.seed
    genre = request.genre or random.Random(seed).choice(_GENRES)  # noqa: S311 - taste, not secrecy
    mood = request.mood or _MOODS.get(genre.lower(), "uplifting")
    suggestion = suggest(genre, mood, seed)
    language = request.language or DEFAULT_LANGUAGE
    duration, notices = _within(request.duration, default_duration, engine)
    instrumental, sung = _voice(request, engine)
    notices += sung
    capabilities = engine.capabilities
    if request.bpm is not None and not capabilities.bpm:
        notices.append(f"{engine.label} takes no tempo; {request.bpm} BPM is only described to it.")
    if request.key is not None and not capabilities.key:
        notices.append(f"{engine.label} takes no key; {request.key} is only described to it.")
    title = request.title or song_title(
        topic=request.topic, genre=genre, mood=mood, seed=seed, language=language.partition("-")[0]
    )
    return Plan(
        title=title,
        caption=request.caption or _caption(request, genre, mood),
        genre=genre,
        mood=mood,
        bpm=request.bpm or suggestion.bpm,
        key=request.key or suggestion.key,
        time_signature=request.time_signature or _signature(suggestion.time_signature),
        duration=duration,
        instrumental=instrumental,
        language=language,
        seed=seed,
        engine=engine.name,
        notice=" ".join(notices) or None,
    )


def _within(wished: float | None, default: float, engine: EngineInfo) -> tuple[float, list[str]]:
    low, high = engine.capabilities.min_duration, engine.capabilities.max_duration
    duration = min(max(default if wished is None else wished, low), high)
    if wished is None or duration == wished:
        return duration, []
    return duration, [f"{engine.label} makes songs of {low:g} to {high:g} seconds: {wished:g} became {duration:g}."]


def _voice(request: SongRequest, engine: EngineInfo) -> tuple[bool, list[str]]:
    """Whether nobody sings, and what to say where somebody should have."""
    if engine.capabilities.vocals:
        return bool(request.instrumental), []
    if request.lyrics and not request.instrumental:
        return True, [f"{engine.label} cannot sing: the words are kept with the song and shape its form."]
    if request.instrumental is False:
        return True, [f"{engine.label} cannot sing: the song is instrumental."]
    return True, []


def write_lyrics(request: SongRequest, plan: Plan) -> Plan:
    """The person's own words, verbatim; without them the song is instrumental."""
    if request.lyrics:
        return plan.model_copy(update={"lyrics": request.lyrics})
    if plan.instrumental:
        return plan
    notice = "Nobody wrote words for it: the song is instrumental."
    told = f"{plan.notice} {notice}" if plan.notice else notice
    return plan.model_copy(update={"instrumental": True, "notice": told})


def _caption(request: SongRequest, genre: str, mood: str) -> str:
    about = f" about {request.topic}" if request.topic else ""
    return f"{mood} {genre}{about}"[:1000]


def _signature(value: str) -> Literal["3/4", "4/4"]:
    return "3/4" if value == "3/4" else "4/4"
