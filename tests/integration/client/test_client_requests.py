"""What the client sends, and what it makes of any answer."""

import asyncio
import json
import socket
from contextlib import aclosing

import pytest
from aiohttp import ClientSession, web

from custom_components.mixtape import client as client_package
from custom_components.mixtape.client import (
    AudioFormat,
    EngineState,
    ErrorCode,
    JobState,
    Priority,
    SongRequest,
    Step,
    StudioAuthenticationError,
    StudioClient,
    StudioConflictError,
    StudioConnectionError,
    StudioContractError,
    StudioError,
    StudioNotFoundError,
    StudioProblemError,
    StudioResponseError,
    StudioTimeoutError,
    Timeouts,
)
from tests.integration.client.loopback_studio import HEALTH, JOB, JOB_ID, TAKE, TOKEN, LoopbackStudio


async def _audio(client: StudioClient) -> bytes:
    async with aclosing(client.iter_audio("take-1", AudioFormat.FLAC)) as chunks:
        return b"".join([chunk async for chunk in chunks])


def test_every_public_name_is_listed_and_there() -> None:
    assert len(set(client_package.__all__)) == len(client_package.__all__)
    modules = {"client", "events", "exceptions", "models", "sse"}
    public = {name for name in vars(client_package) if not name.startswith("_")} - modules
    assert public == set(client_package.__all__)


async def test_liveness_sends_no_token(studio: LoopbackStudio, client: StudioClient) -> None:
    studio.answer({"status": "ok", "contract": "1.7", "news": 1})
    assert (await client.liveness()).contract == "1.7"
    assert "Authorization" not in studio.requests[0].headers


async def test_health_sends_the_token(studio: LoopbackStudio, client: StudioClient) -> None:
    studio.answer(HEALTH)
    health = await client.health()
    assert (health.studio_id, health.queue_length, health.worker_alive) == ("s-1", 2, True)
    assert studio.requests[0].headers["Authorization"] == f"Bearer {TOKEN}"


@pytest.mark.parametrize("contract", ["2.0", "0.9", "10.0", "", "one"])
async def test_another_major_is_refused_before_anything_else_is_read(
    studio: LoopbackStudio, client: StudioClient, contract: str
) -> None:
    studio.answer({"contract": contract})
    for ask in (client.health, client.liveness):
        with pytest.raises(StudioContractError) as caught:
            await ask()
        assert (caught.value.found, caught.value.supported) == (contract, "1.0")


async def test_health_without_a_token_is_an_authentication_error(
    studio: LoopbackStudio, session: ClientSession
) -> None:
    studio.answer({"status": "ok", "contract": "1.0"})
    with pytest.raises(StudioAuthenticationError):
        await StudioClient(session, studio.url).health()


async def test_create_job_sends_only_what_is_set(studio: LoopbackStudio, client: StudioClient) -> None:
    studio.answer(JOB, status=202)
    request = SongRequest(wish="jazz 🎷 \u05e9\u05d9\u05e8", bpm=120, artist="Home")
    job = await client.create_job(JOB_ID, request, Priority.GUEST)
    assert json.loads(studio.bodies[0]) == {
        "id": JOB_ID,
        "request": {"wish": "jazz 🎷 \u05e9\u05d9\u05e8", "bpm": 120, "engine": "auto", "artist": "Home"},
        "priority": "guest",
    }
    assert studio.requests[0].content_type == "application/json"
    assert job.state is JobState.DONE
    assert job.state.ended
    assert job.takes[0].file(AudioFormat.FLAC) is not None
    assert job.takes[0].file(AudioFormat.MP3) is None


@pytest.mark.parametrize("duration", [float("nan"), float("inf")])
async def test_a_duration_that_is_no_number_is_never_sent(
    studio: LoopbackStudio, client: StudioClient, duration: float
) -> None:
    with pytest.raises(StudioProblemError) as caught:
        await client.create_job(JOB_ID, SongRequest(duration=duration))
    assert (caught.value.code, caught.value.field) == (ErrorCode.INVALID_REQUEST, "request.duration")
    assert not studio.requests


async def test_half_a_character_is_never_sent(studio: LoopbackStudio, client: StudioClient) -> None:
    with pytest.raises(StudioProblemError):
        await client.create_job(JOB_ID, SongRequest(wish="\ud83d"))
    assert not studio.requests


async def test_more_than_any_studio_takes_is_never_sent(studio: LoopbackStudio, client: StudioClient) -> None:
    with pytest.raises(StudioProblemError) as caught:
        await client.create_job(JOB_ID, SongRequest(lyrics="x" * 2_000_000))
    assert (caught.value.code, caught.value.field) == (ErrorCode.TOO_LARGE, "request")
    assert not studio.requests


async def test_reads_name_their_thing_in_the_path(studio: LoopbackStudio, client: StudioClient) -> None:
    studio.answer(JOB)
    await client.job("../take?x")
    await client.cancel(JOB_ID)
    studio.answer({"jobs": [JOB, JOB]})
    assert len(await client.jobs()) == 2
    await client.jobs(JobState.RUNNING, JobState.QUEUED, limit=7)
    studio.answer(TAKE)
    assert (await client.take("take-1")).measured.key == "F minor"
    assert [(request.method, request.raw_path) for request in studio.requests] == [
        ("GET", "/v1/jobs/..%2Ftake%3Fx"),
        ("DELETE", f"/v1/jobs/{JOB_ID}"),
        ("GET", "/v1/jobs?limit=500"),
        ("GET", "/v1/jobs?limit=7&state=running&state=queued"),
        ("GET", "/v1/takes/take-1"),
    ]


async def test_engines(studio: LoopbackStudio, client: StudioClient) -> None:
    capabilities = {
        **dict.fromkeys(("vocals", "seed", "bpm", "key", "exact_duration", "stems", "reference_audio"), True),
        "min_duration": 10,
        "max_duration": 600.0,
        "tasks": ["text2music"],
        "max_takes": 1,
        "real_progress": True,
    }
    engine = {"name": "x", "label": "X", "licence": "MIT", "default": True, "capabilities": capabilities}
    studio.answer({"engines": [{**engine, "status": {"state": "dreaming", "reason": "new"}}]})
    (found,) = await client.engines()
    assert found.status.state is EngineState.UNKNOWN
    assert found.capabilities.max_duration == 600


async def test_unknown_fields_and_values_survive(studio: LoopbackStudio, client: StudioClient) -> None:
    take = {
        **TAKE,
        "stems": [1],
        "files": [{"format": "opus", "mime_type": "audio/ogg", "size": 1, "sha256": "0", "x": 1}],
    }
    problem = {"code": "sunspots", "message": "Sunspots.", "field": None}
    studio.answer({**JOB, "state": "paused", "step": "dream", "priority": "vip", "problem": problem, "takes": [take]})
    job = await client.job(JOB_ID)
    assert (job.state, job.step, job.priority) == (JobState.UNKNOWN, Step.UNKNOWN, Priority.UNKNOWN)
    assert not job.state.ended
    assert job.takes[0].files[0].format is AudioFormat.UNKNOWN
    assert job.problem is not None
    assert job.problem.code is ErrorCode.UNKNOWN


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (401, "unauthorized", StudioAuthenticationError),
        (403, "forbidden", StudioAuthenticationError),
        (404, "not_found", StudioNotFoundError),
        (409, "conflict", StudioConflictError),
        (409, "not_ready", StudioConflictError),
        (422, "invalid_request", StudioProblemError),
        (503, "engine_unavailable", StudioProblemError),
        (507, "disk_full", StudioProblemError),
        (500, "from_the_future", StudioProblemError),
    ],
)
async def test_problems_keep_code_message_and_field(
    studio: LoopbackStudio, client: StudioClient, status: int, code: str, kind: type[StudioError]
) -> None:
    studio.refuse(status, code, "Too fast.", "request.bpm")
    with pytest.raises(kind, match=r"Too fast\.") as caught:
        await client.job(JOB_ID)
    assert type(caught.value) is kind
    if isinstance(caught.value, StudioProblemError):
        assert caught.value.code == ErrorCode(code)
        assert (caught.value.message, caught.value.field) == ("Too fast.", "request.bpm")


@pytest.mark.parametrize(
    "kwargs",
    [
        {"text": "<h1>Bad gateway</h1>", "content_type": "text/html"},
        {"text": "{nonsense", "content_type": "application/json"},
        {"text": '"just text"', "content_type": "application/json"},
        {"text": "{}", "content_type": "application/json"},
        {"text": '{"problem": 7}', "content_type": "application/json"},
        {"text": '{"problem": {"code": "x"}}', "content_type": "application/json"},
        {"body": b"", "content_type": "application/octet-stream"},
    ],
)
@pytest.mark.parametrize("status", [400, 404, 500, 502])
async def test_a_refusal_that_is_no_problem(
    studio: LoopbackStudio, client: StudioClient, status: int, kwargs: dict[str, object]
) -> None:
    studio.answer(status=status, **kwargs)
    with pytest.raises(StudioResponseError) as caught:
        await client.jobs()
    assert caught.value.status == status


async def test_a_plain_401_is_still_about_the_token(studio: LoopbackStudio, client: StudioClient) -> None:
    studio.answer(status=401, text="go away")
    with pytest.raises(StudioAuthenticationError):
        await client.health()


@pytest.mark.parametrize(
    "text",
    ["", "{", "null", "[]", "7", '"x"', "{}", '{"jobs": 7}', '{"jobs": [{}]}', '{"jobs": [7]}', "[" * 5000, "\ufeff{}"],
)
async def test_garbage_is_a_response_error(studio: LoopbackStudio, client: StudioClient, text: str) -> None:
    studio.answer(text=text, content_type="application/json")
    with pytest.raises(StudioResponseError):
        await client.jobs()


@pytest.mark.parametrize(
    ("field", "value"),
    [("created_at", "yesterday"), ("progress", "much"), ("takes", {"a": 1}), ("request", None), ("created_at", None)],
)
async def test_a_wrong_value_is_a_response_error(
    studio: LoopbackStudio, client: StudioClient, field: str, value: object
) -> None:
    studio.answer({**JOB, field: value})
    with pytest.raises(StudioResponseError, match="no Job"):
        await client.job(JOB_ID)


async def test_bytes_that_are_no_text_are_a_response_error(studio: LoopbackStudio, client: StudioClient) -> None:
    studio.answer(body=b'{"jobs": "\xff\xfe"}', content_type="application/json")
    with pytest.raises(StudioResponseError):
        await client.jobs()


async def test_wrong_content_types_are_refused(studio: LoopbackStudio, client: StudioClient) -> None:
    studio.answer(text="<html>login</html>", content_type="text/html")
    for ask in (client.health(), client.cover("take-1"), _audio(client)):
        with pytest.raises(StudioResponseError, match="text/html"):
            await ask
    with pytest.raises(StudioResponseError, match="text/html"):
        async with client.events():
            pass


async def test_a_redirect_is_not_followed(studio: LoopbackStudio, client: StudioClient) -> None:
    studio.answer(status=307, headers={"Location": "/elsewhere"})
    with pytest.raises(StudioResponseError) as caught:
        await client.health()
    assert caught.value.status == 307
    assert len(studio.requests) == 1


async def test_more_json_than_any_studio_sends(
    studio: LoopbackStudio, client: StudioClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("custom_components.mixtape.client.client.MAX_JSON", 1000)
    studio.answer({"jobs": ["x" * 2000]})
    with pytest.raises(StudioResponseError, match="more than 1000 bytes"):
        await client.jobs()


async def test_a_studio_that_never_answers(studio: LoopbackStudio, client: StudioClient) -> None:
    async def hang(_request: web.Request) -> web.StreamResponse:
        await asyncio.sleep(5)
        return web.Response()

    studio.handler = hang
    with pytest.raises(StudioTimeoutError):
        await client.health()


async def test_a_studio_that_stops_in_the_middle_of_an_answer(studio: LoopbackStudio, client: StudioClient) -> None:
    async def stall(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": request.headers["Accept"].replace("*", "flac")})
        await response.prepare(request)
        await response.write(b'{"jobs"')
        await asyncio.sleep(5)
        return response

    studio.handler = stall
    for ask in (client.jobs(), client.cover("take-1"), _audio(client)):
        with pytest.raises(StudioTimeoutError):
            await ask


async def test_a_studio_that_drips_is_cut_off_at_the_whole_limit(
    studio: LoopbackStudio, session: ClientSession
) -> None:
    async def drip(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "audio/flac"})
        await response.prepare(request)
        for _ in range(100):
            await response.write(b"x")
            await asyncio.sleep(0.02)
        return response

    studio.handler = drip
    with pytest.raises(StudioTimeoutError):
        await _audio(StudioClient(session, studio.url, TOKEN, Timeouts(transfer=0.2)))


async def test_audio_arrives_whole(studio: LoopbackStudio, client: StudioClient) -> None:
    studio.answer(body=b"fLaC" * 100_000, content_type="audio/flac")
    assert await _audio(client) == b"fLaC" * 100_000
    assert studio.requests[0].raw_path == "/v1/takes/take-1/audio?format=flac"
    studio.answer(body=b"\xff\xd8", content_type="image/jpeg")
    assert await client.cover("take-1") == b"\xff\xd8"


@pytest.mark.parametrize("announced", [True, False])
async def test_audio_cut_off_is_a_connection_error(
    studio: LoopbackStudio, client: StudioClient, announced: bool
) -> None:
    async def cut(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "audio/flac"})
        if announced:
            response.content_length = 1000
        else:
            response.enable_chunked_encoding()
        await response.prepare(request)
        await response.write(b"x" * 400)
        assert request.transport is not None
        request.transport.abort()
        return response

    studio.handler = cut
    with pytest.raises(StudioConnectionError):
        await _audio(client)


async def test_audio_that_is_not_there(studio: LoopbackStudio, client: StudioClient) -> None:
    studio.refuse(404, "not_found")
    with pytest.raises(StudioNotFoundError):
        await _audio(client)


async def test_a_kept_connection_that_was_dropped_is_tried_again(studio: LoopbackStudio, client: StudioClient) -> None:
    async def drop_first(request: web.Request) -> web.StreamResponse:
        if len(studio.requests) == 1:
            assert request.transport is not None
            request.transport.close()
        return web.json_response(JOB, status=202)

    studio.handler = drop_first
    assert (await client.create_job(JOB_ID, SongRequest())).id == JOB_ID
    assert len(studio.requests) == 2


async def test_a_connection_dropped_again_and_again(studio: LoopbackStudio, client: StudioClient) -> None:
    async def drop(request: web.Request) -> web.StreamResponse:
        assert request.transport is not None
        request.transport.close()
        return web.Response()

    studio.handler = drop
    with pytest.raises(StudioConnectionError):
        await client.create_job(JOB_ID, SongRequest())
    assert len(studio.requests) == 2


async def test_nobody_listens(session: ClientSession) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
        with pytest.raises(StudioConnectionError, match=f"127.0.0.1:{port}"):
            await StudioClient(session, f"http://127.0.0.1:{port}", TOKEN).health()


@pytest.mark.parametrize(
    "url", ["", "nonsense", "http://", "http://127.0.0.1:99999", "ftp://x", "http://[::1", "http://a b"]
)
async def test_an_address_that_is_none(session: ClientSession, url: str) -> None:
    with pytest.raises(StudioConnectionError):
        await StudioClient(session, url, TOKEN).health()


@pytest.mark.parametrize("token", ["two\nlines", "mxt_ü", "\0"])
async def test_a_token_that_is_none(studio: LoopbackStudio, session: ClientSession, token: str) -> None:
    with pytest.raises(StudioAuthenticationError):
        await StudioClient(session, studio.url, token).health()
    assert not studio.requests


async def test_a_closed_session(studio: LoopbackStudio) -> None:
    async with ClientSession() as session:
        client = StudioClient(session, studio.url, TOKEN)
    with pytest.raises(StudioConnectionError):
        await client.health()


def test_the_token_is_not_in_the_repr() -> None:
    assert TOKEN not in repr(StudioClient(None, "http://studio", TOKEN))  # type: ignore[arg-type]
