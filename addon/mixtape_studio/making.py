"""One song from plain words, without a server: for the command line."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

from mixtape_studio import engines
from mixtape_studio.audio.analysis import analyse, waveform_peaks
from mixtape_studio.audio.cover import cover_jpeg
from mixtape_studio.audio.encoding import encode
from mixtape_studio.audio.mastering import master
from mixtape_studio.audio.tags import SongTags, write_tags
from mixtape_studio.contract import AudioFormat, EngineInfo, Plan, SongRequest
from mixtape_studio.engines.base import RenderRequest
from mixtape_studio.engines.composer import suggest
from mixtape_studio.jobs.plan import make_plan, write_lyrics
from mixtape_studio.jobs.shelf import EngineShelf
from mixtape_studio.settings import Settings
from mixtape_studio.words import WordsError, parse
from mixtape_studio.words.titles import song_title

FORMATS = {f".{audio_format}": audio_format for audio_format in AudioFormat}


_REFUSALS = {
    "empty": "say what to make",
    "too_long": "{value} characters are too many, the limit is {high:g}",
    "control_character": "it contains the control character {value}",
    "out_of_range": "{value} is not between {low:g} and {high:g}",
    "unknown_key": "{value} is not a key such as C major or F minor",
}


def refusal(error: WordsError) -> str:
    """One sentence for a person, naming the field."""
    told = _REFUSALS[error.code].format(value=error.value, low=error.low or 0, high=error.high or 0)
    return f"{'wish' if error.field == 'text' else error.field}: {told}"


def request_from(text: str) -> SongRequest:
    """What the words ask for.

    Raises:
        WordsError: they ask for what cannot be, or for nothing.
    """
    heard = parse(text)
    return SongRequest(
        wish=text,
        title=heard.title,
        caption=heard.caption,
        topic=heard.topic,
        genre=heard.genre,
        mood=heard.mood,
        bpm=heard.bpm,
        key=heard.key,
        time_signature=heard.time_signature,
        duration=heard.duration,
        instrumental=heard.instrumental,
        language=heard.language,
    )


def make_song(text: str, output: Path, settings: Settings, on_progress: Callable[[float], None]) -> Plan:
    """Write the song to ``output``, whose ending chooses the format; ``on_progress`` gets 0..1 of the rendering.

    Raises:
        WordsError: see ``request_from``.
        ProblemError: no engine can be used.
        OSError: the file cannot be written.
    """
    request = request_from(text)
    shelf = EngineShelf(settings)
    engine: EngineInfo = engines.resolve(request.engine, shelf.infos())
    plan = make_plan(
        request,
        uuid4(),
        engine=engine,
        default_duration=settings.default_duration,
        suggest=suggest,
        song_title=song_title,
    )
    plan = write_lyrics(request, plan)
    rendering = RenderRequest(**plan.model_dump(exclude={"title", "engine", "notice"}))
    with shelf.renting():
        take = shelf.load(plan.engine).render(rendering, on_progress, lambda: False)[0]
    measured = analyse(take.samples, take.sample_rate)
    made = master(take.samples, take.sample_rate, trim_silence=not engine.capabilities.exact_duration)
    audio_format = FORMATS[output.suffix.lower()]
    encode(output, audio_format, made.samples, made.sample_rate)
    cover = cover_jpeg(
        title=plan.title,
        artist=request.artist,
        genre=plan.genre,
        mood=plan.mood,
        key=measured.key,
        bpm=measured.bpm,
        seed=take.seed,
        peaks=waveform_peaks(made.samples),
    )
    tags = SongTags(
        title=plan.title,
        artist=request.artist,
        genre=plan.genre,
        bpm=measured.bpm,
        key=measured.key,
        lyrics=plan.lyrics,
        made_by=engine.label,
        engine=engine.name,
        seed=take.seed,
        wish=text,
        cover_jpeg=cover,
    )
    write_tags(output, audio_format, tags)
    return plan
