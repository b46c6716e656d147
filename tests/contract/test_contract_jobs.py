"""The real client with the real studio: everything a home does."""

import asyncio
import contextlib
import hashlib
import io
import uuid
from contextlib import aclosing

import av
import orjson
import pytest
from aiohttp import ClientError, ClientSession  # pytest reads annotations

from custom_components.mixtape.client import (
    AudioFormat,
    EngineState,
    ErrorCode,
    Event,
    EventType,
    Job,
    JobState,
    Priority,
    SongRequest,
    Step,
    StudioAuthenticationError,
    StudioClient,
    StudioConflictError,
    StudioConnectionError,
    StudioError,
    StudioNotFoundError,
    StudioProblemError,
    Timeouts,
    follow,
)
from tests.studio_process import StudioProcess  # noqa: TC001  # pytest reads annotations

SHORT = SongRequest(
    wish="a relaxing jazz song 🎷 \u05e9\u05d9\u05e8",
    genre="jazz",
    mood="relaxing",
    duration=10.0,
    seed=7,
    artist="Huis",
)
MADE = "00000000-0000-4000-8000-000000000001"
"""A job of ``SHORT`` that several tests look at; whoever comes first has it made."""
LONG = SongRequest(wish="something endless", genre="jazz", duration=600.0)


async def _make(client: StudioClient, job_id: str, request: SongRequest) -> list[Job]:
    """Order, follow the events, and return every state of the job that they told."""
    told: list[Job] = []
    up = asyncio.Event()

    async def listen() -> None:
        async with aclosing(follow(client, on_connection=lambda _up, _reason: up.set())) as events:
            async for event in events:
                if event.job is not None and event.job.id == job_id:
                    told.append(event.job)
                    if event.job.state.ended:
                        return

    async with asyncio.timeout(90), asyncio.TaskGroup() as group:
        group.create_task(listen())
        await up.wait()
        await client.create_job(job_id, request)
    return told


async def _audio(client: StudioClient, take_id: str, audio_format: AudioFormat) -> bytes:
    async with aclosing(client.iter_audio(take_id, audio_format)) as chunks:
        return b"".join([chunk async for chunk in chunks])


async def _until(client: StudioClient, job_id: str, *states: JobState) -> Job:
    async with asyncio.timeout(60):
        while (job := await client.job(job_id)).state not in states:
            await asyncio.sleep(0.05)
        return job


async def test_health_and_engines(client: StudioClient) -> None:
    assert (await client.liveness()).contract.startswith("1.")
    health = await client.health()
    engines = await client.engines()
    assert health.worker_alive
    assert health.free_bytes > 0
    assert health.studio_id
    (composer,) = (engine for engine in engines if engine.name == health.default_engine)
    assert (composer.name, composer.label, composer.status.state) == (
        "composer",
        "Built-in composer",
        EngineState.READY,
    )
    assert composer.capabilities.exact_duration


async def test_a_song_from_the_order_to_the_files(client: StudioClient, job_id: str) -> None:
    told = await _make(client, job_id, SHORT)
    job = told[-1]
    assert (job.state, job.problem, job.progress) == (JobState.DONE, None, 1.0)
    assert job.request == SHORT
    assert [job.progress for job in told] == sorted(job.progress for job in told)
    steps = [job.step for job in told if job.step is not None]
    assert [step for step in Step if step in steps] == [step for step in Step if step is not Step.UNKNOWN]
    assert set(job.timings) >= {"plan", "lyrics", "render", "master", "encode", "publish"}

    # The first file can be fetched before the second is there.
    assert [AudioFormat.FLAC] in [[file.format for take in job.takes for file in take.files] for job in told]

    (take,) = job.takes
    assert take == await client.take(take.id)
    assert (take.job_id, take.artist, take.engine_label, take.seed) == (job_id, "Huis", "Built-in composer", 7)
    assert take.duration == pytest.approx(10, abs=0.01)
    assert take.measured.lufs == pytest.approx(-14, abs=0.5)
    assert take.measured.true_peak <= -1
    assert len(take.peaks) == 800
    assert {file.format for file in take.files} == {AudioFormat.FLAC, AudioFormat.MP3}
    for file in take.files:
        body = await _audio(client, take.id, file.format)
        assert len(body) == file.size
        assert hashlib.sha256(body).hexdigest() == file.sha256
        with av.open(io.BytesIO(body)) as container:
            assert container.format.name == file.format
            assert container.duration / 1e6 == pytest.approx(10, abs=0.1)
    assert (await client.cover(take.id)).startswith(b"\xff\xd8\xff")
    assert await client.job(job_id) == job
    assert job in await client.jobs(JobState.DONE, JobState.FAILED)


async def test_the_same_order_twice_is_one_job(client: StudioClient, job_id: str) -> None:
    first, second = await asyncio.gather(client.create_job(job_id, LONG), client.create_job(job_id, LONG))
    assert first.id == second.id == job_id
    assert first.created_at == second.created_at
    assert [job.id for job in await client.jobs()].count(job_id) == 1
    await client.cancel(job_id)
    await _until(client, job_id, JobState.CANCELLED)
    # And when it has ended.
    assert (await client.create_job(job_id, LONG)).state is JobState.CANCELLED


@pytest.mark.parametrize(
    ("request_", "priority"), [(SongRequest(duration=600.0, wish="other"), Priority.VOICE), (LONG, Priority.CARD)]
)
async def test_the_same_id_for_another_order_is_a_conflict(
    client: StudioClient, job_id: str, request_: SongRequest, priority: Priority
) -> None:
    await client.create_job(job_id, LONG)
    with pytest.raises(StudioConflictError) as caught:
        await client.create_job(job_id, request_, priority)
    assert (caught.value.code, caught.value.field) == (ErrorCode.CONFLICT, "id")
    assert (await client.job(job_id)).request == LONG
    await client.cancel(job_id)
    await _until(client, job_id, JobState.CANCELLED)


async def test_cancelling_stops_a_running_job(client: StudioClient, job_id: str) -> None:
    await client.create_job(job_id, LONG)
    async with asyncio.timeout(60):
        while (await client.job(job_id)).step is not Step.RENDER:
            await asyncio.sleep(0.02)
    await client.cancel(job_id)
    job = await _until(client, job_id, JobState.CANCELLED)
    assert job.takes == []
    assert (await client.cancel(job_id)).state is JobState.CANCELLED


async def test_waiting_jobs_have_a_place_and_are_cancelled_at_once(client: StudioClient) -> None:
    ids = [str(uuid.uuid4()) for _ in range(4)]
    for number, job_id in enumerate(ids):
        await client.create_job(job_id, LONG, Priority.VOICE if number == 3 else Priority.BATCH)
    waiting = await client.jobs(JobState.QUEUED)
    assert [job.position for job in waiting if job.id == ids[2]] >= [1]
    assert all(job.position for job in waiting)
    for job_id in reversed(ids):
        await client.cancel(job_id)
    for job_id in ids:
        await _until(client, job_id, JobState.CANCELLED)


async def test_events_resume_after_a_break(client: StudioClient) -> None:
    await client.create_job(MADE, SHORT)
    await _until(client, MADE, JobState.DONE)
    whole = await _events_until_done(client, "0")
    middle = whole[len(whole) // 2].id
    again = await _events_until_done(client, str(middle))
    assert [event.id for event in again] == [event.id for event in whole if event.id > middle]
    assert {EventType.JOB, EventType.TAKE} <= {event.type for event in whole}


async def _events_until_done(client: StudioClient, place: str) -> list[Event]:
    """All of the home's events after ``place``, up to the end of the job ``MADE``."""
    found: list[Event] = []
    async with asyncio.timeout(30), client.events(place) as stream:
        async for event in stream:
            found.append(event)
            if event.job is not None and event.job.id == MADE and event.job.state.ended:
                return found
    raise AssertionError("the stream ended")


@pytest.mark.parametrize("place", ["999999999", "not-a-number", "-5"])
async def test_a_place_that_never_was_says_to_read_everything(client: StudioClient, place: str) -> None:
    async with asyncio.timeout(30), client.events(place) as stream:
        event = await anext(aiter(stream))
    assert event.type is EventType.RESET


async def test_a_killed_studio_is_found_again_and_finishes_the_job(
    studio: StudioProcess, client: StudioClient, job_id: str
) -> None:
    changes: list[bool] = []
    ended = asyncio.get_running_loop().create_future()
    up = asyncio.Event()

    def changed(now: bool, _reason: StudioError | None) -> None:
        changes.append(now)
        up.set()

    async def listen() -> None:
        async with aclosing(follow(client, on_connection=changed)) as events:
            async for event in events:
                if event.job is not None and event.job.id == job_id and event.job.state.ended:
                    ended.set_result(event.job)
                    return

    async with asyncio.timeout(120), asyncio.TaskGroup() as group:
        group.create_task(listen())
        await up.wait()
        request = SongRequest(wish="long enough to be killed", genre="jazz", duration=60.0)
        await client.create_job(job_id, request)
        while (await client.job(job_id)).step is not Step.RENDER:
            await asyncio.sleep(0.02)
        await asyncio.to_thread(studio.kill)
        with pytest.raises(StudioConnectionError):
            await client.health()
        await asyncio.to_thread(studio.start)
        job = await ended
    assert job.state is JobState.DONE
    assert changes == [True, False, True]


@pytest.mark.parametrize("token", ["mxt_wrong", "", "Bearer x"])
async def test_a_wrong_token(studio: StudioProcess, session: ClientSession, job_id: str, token: str) -> None:
    client = StudioClient(session, studio.url, token)
    assert (await client.liveness()).status == "ok"
    for ask in (
        client.health(),
        client.engines(),
        client.jobs(),
        client.job(job_id),
        client.create_job(job_id, SHORT),
        client.cancel(job_id),
        client.take(job_id),
        client.cover(job_id),
        _audio(client, job_id, AudioFormat.FLAC),
    ):
        with pytest.raises(StudioAuthenticationError):
            await ask
    async with aclosing(follow(client)) as events:
        with pytest.raises(StudioAuthenticationError):
            await anext(events)


async def test_another_home_sees_nothing(studio: StudioProcess, client: StudioClient, session: ClientSession) -> None:
    await client.create_job(MADE, SHORT)
    take_id = (await _until(client, MADE, JobState.DONE)).takes[0].id
    neighbour = StudioClient(
        session, studio.url, await asyncio.to_thread(studio.create_token, "neighbour", home="next-door")
    )
    assert await neighbour.jobs() == []
    for ask in (
        neighbour.job(MADE),
        neighbour.cancel(MADE),
        neighbour.take(take_id),
        neighbour.cover(take_id),
        _audio(neighbour, take_id, AudioFormat.MP3),
    ):
        with pytest.raises(StudioNotFoundError):
            await ask
    with pytest.raises(StudioConflictError):
        await neighbour.create_job(MADE, SHORT)
    assert (await client.job(MADE)).state is JobState.DONE


async def test_a_token_for_figures_may_not_order(studio: StudioProcess, client: StudioClient, job_id: str) -> None:
    token = await asyncio.to_thread(studio.create_token, "figures", scope="metrics")
    figures = StudioClient(client.session, studio.url, token)
    assert (await figures.health()).version
    with pytest.raises(StudioAuthenticationError):
        await figures.create_job(job_id, SHORT)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("bpm", 0),
        ("bpm", -1),
        ("bpm", 10**9),
        ("duration", 0.0),
        ("duration", 601.0),
        ("key", "H sharp"),
        ("time_signature", "7/8"),
        ("language", "english!"),
        ("seed", -1),
        ("seed", 2**32),
        ("wish", "x" * 100_000),
        ("lyrics", "x" * 10_001),
        ("title", "bell\x07"),
        ("caption", "nul\0"),
        ("engine", "e" * 61),
    ],
)
async def test_refusals_name_the_field(client: StudioClient, job_id: str, field: str, value: object) -> None:
    with pytest.raises(StudioProblemError) as caught:
        await client.create_job(job_id, SongRequest(**{field: value}))  # type: ignore[arg-type]
    assert caught.value.code is ErrorCode.INVALID_REQUEST
    assert caught.value.field == f"request.{field}"
    with pytest.raises(StudioNotFoundError):
        await client.job(job_id)


async def test_an_unknown_engine(client: StudioClient, job_id: str) -> None:
    with pytest.raises(StudioProblemError) as caught:
        await client.create_job(job_id, SongRequest(engine="theremin"))
    assert caught.value.code is ErrorCode.UNKNOWN_ENGINE
    assert caught.value.field is not None
    assert caught.value.field.endswith("engine")


async def test_too_much(client: StudioClient, job_id: str) -> None:
    """What the client itself would never send."""
    body = orjson.dumps({"id": job_id, "request": {"wish": "x" * 3_000_000}})
    headers = {"Authorization": f"Bearer {client.token}", "Content-Type": "application/json"}
    status = 0
    # The studio hangs up while we are still sending: either we see its answer or a broken connection.
    with contextlib.suppress(ClientError):
        async with client.session.post(f"{client.url}/v1/jobs", data=body, headers=headers) as response:
            status = response.status
    assert status in (0, 413)
    with pytest.raises(StudioNotFoundError):
        await client.job(job_id)


async def test_what_is_not_there(client: StudioClient, job_id: str) -> None:
    for ask in (
        client.job(job_id),
        client.cancel(job_id),
        client.take("nothing"),
        client.cover("nothing"),
        _audio(client, "nothing", AudioFormat.FLAC),
    ):
        with pytest.raises(StudioNotFoundError) as caught:
            await ask
        assert caught.value.code is ErrorCode.NOT_FOUND
    with pytest.raises(StudioProblemError) as refused:
        await client.job("not-a-uuid")
    assert (refused.value.code, refused.value.field) == (ErrorCode.INVALID_REQUEST, "job_id")


async def test_heartbeats_keep_a_quiet_stream(client: StudioClient) -> None:
    """The studio's heartbeat comes within 15 s: a stream on which nothing came for 16 s would be a timeout error."""
    patient = StudioClient(client.session, client.url, client.token, Timeouts(idle=16))
    async with patient.events() as stream:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(17):
                events = [event async for event in stream]
                raise AssertionError(f"the stream ended after {events}")
