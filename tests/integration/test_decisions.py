"""Decisions without Home Assistant: values in, values out."""

from __future__ import annotations

import ast
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError

from custom_components.mixtape import request as request_module
from custom_components.mixtape.client import (
    ErrorCode,
    Job,
    SongRequest,
    StudioAuthenticationError,
    StudioConnectionError,
    StudioContractError,
    StudioError,
    StudioProblemError,
    StudioResponseError,
    StudioTimeoutError,
    TakeFile,
)
from custom_components.mixtape.const import WORK_STEPS
from custom_components.mixtape.coordinator import RoomWork
from custom_components.mixtape.filing import first_file, missing_files, takes_of, to_song
from custom_components.mixtape.helpers import number, translated_errors
from custom_components.mixtape.library import AudioDamagedError, LibraryError, LibraryFullError, SongFile, Wish
from custom_components.mixtape.naming import room_named
from custom_components.mixtape.request import RequestError, build_request, check_key
from custom_components.mixtape.retry import GiveUp, TryAgain, after, backoff, from_problem
from custom_components.mixtape.sentences import language_for
from custom_components.mixtape.sentences.en import describe, place
from custom_components.mixtape.words import ParsedWish, WordsError
from custom_components.mixtape.work import LOUD_FOR, may_be_loud, work_of
from tests.integration.client.loopback_studio import JOB, JOB_ID

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
WISH = Wish(job_id=JOB_ID, text="a song", request={}, room_id="r", created_at=NOW)


def job(**changes: object) -> Job:
    return Job.from_dict(JOB | changes)


# What to do after an error


@pytest.mark.parametrize(
    "error", [StudioConnectionError("x"), StudioAuthenticationError("x"), StudioContractError("2.0", "1.0")]
)
def test_a_wish_waits_for_its_studio_as_long_as_it_takes(error: StudioError) -> None:
    assert after(error, 1) == TryAgain(0.5, when_connected=True)
    assert after(error, 1000) == TryAgain(600, when_connected=True)


def test_a_full_disk_is_waited_for() -> None:
    assert after(LibraryFullError(Path("x")), 1) == TryAgain(60)
    assert after(LibraryFullError(Path("x")), 99) == TryAgain(600)
    studios = StudioProblemError(ErrorCode.DISK_FULL, "Full.")
    assert after(studios, 1) == TryAgain(60, when_connected=True)
    assert after(studios, 99) == TryAgain(600, when_connected=True)


def test_a_proxy_without_its_studio_is_waited_for() -> None:
    error = StudioResponseError("not JSON", status=502)
    assert after(error, 1) == TryAgain(1, when_connected=True)
    assert after(error, 99) == TryAgain(600, when_connected=True)
    assert after(StudioResponseError("not JSON", status=404), 6) == GiveUp("internal", "not JSON")


def test_a_damaged_download_is_tried_three_times() -> None:
    error = AudioDamagedError("a.flac", "its hash differs")
    assert [type(after(error, attempt)) for attempt in (1, 2, 3)] == [TryAgain, TryAgain, GiveUp]


def test_a_refusal_is_final_but_the_studios_own_troubles_pass() -> None:
    refusal = StudioProblemError(ErrorCode.INVALID_REQUEST, "No.", "request.bpm")
    assert after(refusal, 1) == GiveUp("invalid_request", "No.", "request.bpm")
    trouble = StudioProblemError(ErrorCode.INTERNAL, "Odd.")
    assert after(trouble, 1) == TryAgain(1)
    assert after(trouble, 6) == GiveUp("internal", "Odd.")


def test_what_nobody_foresaw_is_given_up_in_the_end() -> None:
    assert after(StudioResponseError("odd"), 5) == TryAgain(16)
    assert after(StudioResponseError("odd"), 6) == GiveUp("internal", "odd")
    assert after(LibraryError("odd"), 6) == GiveUp("library", "odd")


def test_pauses_grow_to_a_limit() -> None:
    assert [backoff(attempt) for attempt in (0, 1, 2, 50)] == [1, 2, 4, 600]


def test_a_job_that_failed_without_a_reason() -> None:
    assert from_problem(None).code == "internal"


# Requests


def test_the_limits_are_those_of_the_contract() -> None:
    """Read from the contract's source, which needs another Python environment to run."""
    source = (Path(__file__).parents[2] / "addon" / "mixtape_studio" / "contract.py").read_text()
    tree = ast.parse(source)
    constants = {
        node.target.id: ast.literal_eval(node.value)
        for node in tree.body
        if isinstance(node, ast.AnnAssign) and isinstance(node.value, ast.Constant)
    }
    assert request_module.NUMBER_LIMITS["bpm"] == (constants["MIN_BPM"], constants["MAX_BPM"])
    assert request_module.NUMBER_LIMITS["duration"] == (constants["MIN_DURATION"], constants["MAX_DURATION"])
    song_request = next(node for node in tree.body if isinstance(node, ast.ClassDef) and node.name == "SongRequest")
    lengths = {}
    for node in song_request.body:
        if isinstance(node, ast.AnnAssign) and isinstance(node.value, ast.Call):
            for keyword in node.value.keywords:
                if keyword.arg == "max_length":
                    lengths[node.target.id] = ast.literal_eval(keyword.value)
    assert lengths.pop("key") >= len("F# minor")
    assert {field: request_module.TEXT_LIMITS[field] for field in lengths} == lengths


@pytest.mark.parametrize(
    ("text", "key"),
    [("f minor", "F minor"), ("F#m", "F# minor"), ("Bb", "Bb major"), ("  g♯  Min ", "G# minor"), ("c maj", "C major")],
)
def test_keys(text: str, key: str) -> None:
    assert check_key(text) == key


@pytest.mark.parametrize("text", ["", "H", "C lydian", "E#", "minor"])
def test_what_is_no_key(text: str) -> None:
    with pytest.raises(RequestError):
        check_key(text)


def test_the_household_signs_its_songs() -> None:
    made = build_request({"genre": "jazz"}, genre="rock", mood="calm", artist="  The\x07 Smiths ", language="en-GB")
    assert made == SongRequest(genre="jazz", mood="calm", artist="The Smiths", language="en")
    assert build_request({}, genre=None, mood=None, artist="", language="en").artist == "Mixtape"


# Takes and files


def test_the_rooms_format_is_waited_for_until_no_more_comes() -> None:
    take = job().takes[0]
    assert first_file(take, "mp3", complete=False) is None
    assert first_file(take, "mp3", complete=True) == take.files[0]
    assert first_file(take, "flac", complete=False) == take.files[0]
    strange = replace(take, files=[TakeFile.from_dict({"format": "opus", "mime_type": "x", "size": 1, "sha256": "x"})])
    assert first_file(strange, "flac", complete=True) is None


def test_a_song_is_what_was_made_not_what_was_wished() -> None:
    take = job().takes[0]
    file = SongFile(audio_format="flac", mime_type="audio/flac", size=11, sha256="ab" * 32, name="x.flac")
    song = to_song(take, WISH, [file], "x.jpg")
    assert (song.id, song.bpm, song.wished_bpm, song.room_id) == (JOB_ID, 119.6, 120, "r")
    assert song.token != to_song(take, WISH, [file], None).token
    assert missing_files(take, song) == []
    assert missing_files(take, replace(song, files=())) == take.files


def test_a_take_of_another_job_is_none_of_ours() -> None:
    made = job()
    assert takes_of(made) == made.takes
    assert takes_of(replace(made, id="another")) == []


# What is being made for a room


def test_the_furthest_wish_is_shown() -> None:
    rendering = job(state="running", step="render", progress=0.429)
    assert work_of([]) == RoomWork("idle", None)
    assert work_of([(None, False)]) == RoomWork("waiting", 0)
    assert work_of([(job(state="queued", step=None, progress=0), False)]) == RoomWork("queued", 0)
    assert work_of([(None, False), (rendering, False)]) == RoomWork("render", 42)
    assert work_of([(rendering, False), (job(), True)]) == RoomWork("fetch", 100)
    assert work_of([(job(state="running", step="dreaming", progress=0.5), False)]) == RoomWork("queued", 50)


def test_every_step_of_the_studio_has_a_name_here() -> None:
    source = (Path(__file__).parents[2] / "addon" / "mixtape_studio" / "contract.py").read_text()
    steps = next(node for node in ast.parse(source).body if isinstance(node, ast.ClassDef) and node.name == "Step")
    names = [node.value.value for node in steps.body if isinstance(node, ast.Assign)]
    assert ["idle", "waiting", "queued", *names, "fetch"] == WORK_STEPS


def test_nothing_starts_to_play_long_after() -> None:
    assert may_be_loud(WISH, NOW + LOUD_FOR)
    assert not may_be_loud(WISH, NOW + LOUD_FOR + timedelta(seconds=1))


# Names and words


def test_rooms_by_name() -> None:
    names = {"1": ["Living Room", "Lounge"], "2": ["The Den"]}
    assert room_named("the  living room", names) == "1"
    assert room_named("LOUNGE", names) == "1"
    assert room_named("den", names) == "2"
    assert room_named("cellar", names) is None


@pytest.mark.parametrize(
    ("name", "spoken"),
    [
        ("Living Room", "the living room"),
        ("Kitchen", "the kitchen"),
        ("Emma's Room", "Emma's Room"),
        ("Batcave", "Batcave"),
        ("Master Bedroom", "the master bedroom"),
    ],
)
def test_how_a_room_is_spoken_of(name: str, spoken: str) -> None:
    assert place(name) == spoken


@pytest.mark.parametrize(
    ("heard", "said"),
    [
        ({}, "a song"),
        ({"genre": "jazz", "mood": "relaxing"}, "a relaxing jazz song"),
        ({"genre": "rock", "mood": "uplifting", "topic": "pirates"}, "an uplifting rock song about pirates"),
        ({"genre": "lullaby"}, "a lullaby"),
        ({"genre": "electronic", "instrumental": True}, "an instrumental electronic song"),
        ({"topic": "x" * 61}, "a song"),
    ],
)
def test_how_a_wish_is_repeated(heard: dict[str, object], said: str) -> None:
    assert describe(ParsedWish(text="", language="en", **heard)) == said


def test_an_unknown_language_is_answered_in_english() -> None:
    assert language_for("de-CH").code == "en"


# What a person reads


@pytest.mark.parametrize(
    ("error", "kind", "key"),
    [
        (RequestError("bpm", "out_of_range", 900, low=40, high=220), ServiceValidationError, "field_out_of_range"),
        (WordsError("text", "something_new", "x"), ServiceValidationError, "field_invalid"),
        (LibraryFullError(Path("x")), HomeAssistantError, "library_full"),
        (LibraryError("x"), HomeAssistantError, "library_error"),
        (StudioTimeoutError("x"), HomeAssistantError, "timeout"),
        (StudioConnectionError("x"), HomeAssistantError, "cannot_connect"),
        (StudioAuthenticationError("x"), HomeAssistantError, "invalid_auth"),
        (StudioContractError("2.0", "1.0"), HomeAssistantError, "unsupported_version"),
    ],
)
def test_errors_become_texts(error: Exception, kind: type[HomeAssistantError], key: str) -> None:
    with pytest.raises(kind) as raised, translated_errors():
        raise error
    assert raised.value.translation_key == key
    assert raised.value.__cause__ is error


def test_numbers_as_they_are_read() -> None:
    assert [number(value) for value in (40, 0.5, 2**32 - 1, None)] == ["40", "0.5", "4294967295", ""]
