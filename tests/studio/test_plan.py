"""The plan is pure: a request in, a plan out."""

from dataclasses import dataclass
from uuid import UUID

import pytest

from mixtape_studio.contract import Capabilities, EngineInfo, EngineState, EngineStatus, ErrorCode, SongRequest
from mixtape_studio.engines import check_name, default_engine, resolve
from mixtape_studio.errors import ProblemError
from mixtape_studio.jobs.plan import make_plan, seed_of, write_lyrics

JOB = UUID("6f1b0f8e-7d3c-4b52-9d53-1f0c2f6f4a11")


@dataclass(frozen=True)
class Suggestion:
    bpm: int = 104
    key: str = "D minor"
    time_signature: str = "3/4"


def engine(*, state: EngineState = EngineState.READY, **capabilities: object) -> EngineInfo:
    able = {
        "vocals": False, "seed": True, "min_duration": 10.0, "max_duration": 300.0, "bpm": True, "key": True,
        "exact_duration": True, "tasks": ["text2music"], "max_takes": 1, "stems": False, "reference_audio": False,
        "real_progress": True, **capabilities,
    }  # fmt: skip
    status = EngineStatus(state=state, reason=None if state is EngineState.READY else "the SoundFont is missing")
    return EngineInfo(
        name="composer",
        label="Built-in composer",
        licence="MIT",
        default=True,
        capabilities=Capabilities.model_validate(able),
        status=status,
    )


def plan_of(request: SongRequest, job_id: UUID = JOB, **capabilities: object):
    return make_plan(
        request,
        job_id,
        engine=engine(**capabilities),
        default_duration=120,
        suggest=lambda genre, mood, seed: Suggestion(),
        song_title=lambda *, topic, genre, mood, seed, language: f"{topic} in {genre} ({language})",
    )


def test_every_gap_is_filled_and_always_the_same() -> None:
    plan = plan_of(SongRequest())
    assert plan == plan_of(SongRequest())
    assert (plan.bpm, plan.key, plan.time_signature, plan.duration) == (104, "D minor", "3/4", 120)
    assert plan.seed == seed_of(JOB) < 2**32
    assert plan.genre
    assert plan.mood
    assert plan.language == "en"
    assert plan.notice is None
    others = {plan_of(SongRequest(), UUID(int=number)).genre for number in range(40)}
    assert len(others) > 3


def test_what_was_asked_for_wins() -> None:
    request = SongRequest(
        title="Ahoy", caption="with a tin whistle", genre="sea shanty", mood="Rowdy", bpm=60, key="Bb", seed=3,
        time_signature="4/4", duration=30, language="de-AT", topic="pirates",
    )  # fmt: skip
    plan = plan_of(request)
    asked = request.model_dump(exclude_none=True, exclude={"topic", "engine", "artist"})
    assert plan.model_dump(include=set(asked)) == asked
    assert plan.notice is None


def test_an_unknown_genre_is_kept_as_said() -> None:
    plan = plan_of(SongRequest(genre="Bossa Nova", topic="rain", language="fr-CA"))
    assert plan.genre == "Bossa Nova"
    assert plan.caption.endswith("Bossa Nova about rain")
    assert plan.title == "rain in Bossa Nova (fr)"


def test_a_limit_of_the_engine_is_told() -> None:
    plan = plan_of(SongRequest(duration=600, bpm=90, key="C major"), bpm=False, key=False)
    assert plan.duration == 300
    assert plan.notice is not None
    assert "600 became 300" in plan.notice
    assert "90 BPM" in plan.notice
    assert "C major" in plan.notice


@pytest.mark.parametrize(
    ("fields", "vocals", "instrumental", "notice"),
    [
        ({"lyrics": "la la"}, False, True, "the words are kept"),
        ({"lyrics": "la la", "instrumental": True}, False, True, None),
        ({"instrumental": False}, False, True, "cannot sing: the song is instrumental"),
        ({}, False, True, None),
        ({"lyrics": "la la"}, True, False, None),
        ({"instrumental": True}, True, True, None),
        ({}, True, True, "Nobody wrote words"),
    ],
)
def test_who_sings(fields: dict[str, object], vocals: bool, instrumental: bool, notice: str | None) -> None:
    request = SongRequest.model_validate(fields)
    plan = write_lyrics(request, plan_of(request, vocals=vocals))
    assert plan.instrumental is instrumental
    assert plan.lyrics == fields.get("lyrics")
    assert (notice is None) == (plan.notice is None)
    assert notice is None or notice in str(plan.notice)


def test_auto_is_the_first_engine_that_is_ready() -> None:
    assert resolve("auto", [engine()]).name == "composer"
    assert default_engine([]) == "composer"
    for name in ("auto", "composer"):
        with pytest.raises(ProblemError) as caught:
            resolve(name, [engine(state=EngineState.NOT_INSTALLED)])
        assert caught.value.problem.code is ErrorCode.ENGINE_UNAVAILABLE
        assert "SoundFont is missing" in caught.value.problem.message
        assert caught.value.problem.field == "request.engine"
    with pytest.raises(ProblemError, match="no engine"):
        check_name("Composer")
