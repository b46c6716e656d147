"""Following the studio's events over connections that come and go."""

import asyncio
import json
from contextlib import aclosing

import pytest
from aiohttp import ClientSession, web

from custom_components.mixtape.client import (
    Backoff,
    Event,
    EventType,
    StudioAuthenticationError,
    StudioClient,
    StudioConnectionError,
    StudioError,
    StudioResponseError,
    StudioTimeoutError,
    Timeouts,
    follow,
)
from tests.integration.client.loopback_studio import JOB, TOKEN, LoopbackStudio

AT = "2026-11-21T10:00:00Z"
QUICK = Backoff(first=0.01, longest=0.05)


def _sent(number: int, kind: str = "job", **fields: object) -> bytes:
    data = {"id": number, "type": kind, "at": AT, **fields}
    return f"event: {kind}\nid: {number}\ndata: {json.dumps(data)}\n\n".encode()


class Script:
    """One list of pieces per connection; a number is a pause, an exception's name an abrupt end."""

    def __init__(self, *connections: list[bytes | float | str]) -> None:
        self.connections = list(connections)
        self.asked: list[str | None] = []

    async def __call__(self, request: web.Request) -> web.StreamResponse:
        self.asked.append(request.headers.get("Last-Event-ID"))
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        pieces = self.connections.pop(0) if self.connections else [30.0]
        for piece in pieces:
            if isinstance(piece, bytes):
                await response.write(piece)
            elif isinstance(piece, float):
                await asyncio.sleep(piece)
            else:
                assert request.transport is not None
                request.transport.abort()
        return response


async def _take(client: StudioClient, count: int, **kwargs: object) -> list[Event]:
    found: list[Event] = []
    async with asyncio.timeout(10), aclosing(follow(client, backoff=QUICK, **kwargs)) as events:
        async for event in events:
            found.append(event)
            if len(found) == count:
                break
    return found


async def test_one_connection(studio: LoopbackStudio, client: StudioClient) -> None:
    studio.handler = Script([b"retry: 250\n\n", _sent(3, job=JOB), _sent(4, "take", take_id="t"), b": heartbeat\n\n"])
    async with client.events("2") as stream:
        events = [event async for event in stream]
        assert stream.retry == 0.25
        assert stream.last_event_id == "4"
    assert [event.id for event in events] == [3, 4]
    assert events[0].job is not None
    assert events[0].job.takes[0].title == "Slow Rain"
    assert (events[1].type, events[1].take_id) == (EventType.TAKE, "t")
    request = studio.requests[0]
    assert request.headers["Last-Event-ID"] == "2"
    assert request.headers["Accept"] == "text/event-stream"
    assert request.headers["Authorization"] == f"Bearer {TOKEN}"


async def test_reconnects_and_resumes_where_it_was(studio: LoopbackStudio, client: StudioClient) -> None:
    script = Script([_sent(1), _sent(2)], [_sent(3), "abort"], [b": quiet", 5.0], [_sent(4)])
    studio.handler = script
    changes: list[tuple[bool, type[StudioError] | None]] = []
    events = await _take(client, 4, on_connection=lambda up, reason: changes.append((up, reason and type(reason))))
    assert [event.id for event in events] == [1, 2, 3, 4]
    assert script.asked == [None, "2", "3", "3"]
    assert changes == [
        (True, None),
        (False, StudioConnectionError),
        (True, None),
        (False, StudioConnectionError),
        (True, None),
        (False, StudioTimeoutError),
        (True, None),
    ]


async def test_resumes_from_a_given_id(studio: LoopbackStudio, client: StudioClient) -> None:
    script = Script([_sent(8)])
    studio.handler = script
    await _take(client, 1, last_event_id=7)
    assert script.asked == ["7"]


async def test_resumes_from_a_place_that_came_without_an_event(studio: LoopbackStudio, client: StudioClient) -> None:
    script = Script([b": listening\nid: 41\n\n", "abort"], [_sent(42)])
    studio.handler = script
    await _take(client, 1)
    assert script.asked == [None, "41"]


async def test_reset_is_an_event_like_any_other(studio: LoopbackStudio, client: StudioClient) -> None:
    studio.handler = Script([_sent(90, "reset"), _sent(91)], [_sent(92)])
    events = await _take(client, 3)
    assert [(event.id, event.type) for event in events] == [
        (90, EventType.RESET),
        (91, EventType.JOB),
        (92, EventType.JOB),
    ]


async def test_an_unknown_type_is_passed_on(studio: LoopbackStudio, client: StudioClient) -> None:
    studio.handler = Script([_sent(1, "sunrise", colour="red")])
    (event,) = await _take(client, 1)
    assert event.type is EventType.UNKNOWN


@pytest.mark.parametrize("data", ["{nonsense", "7", "{}", '{"id": "x", "type": "job", "at": "now"}', ""])
async def test_an_unreadable_event_asks_to_read_everything_and_is_not_asked_for_again(
    studio: LoopbackStudio, client: StudioClient, data: str
) -> None:
    script = Script([f"id: 5\ndata: {data}\n\n".encode()], [_sent(6)])
    studio.handler = script
    first, second = await _take(client, 2)
    assert (first.id, first.type) == (5, EventType.RESET)
    assert second.id == 6
    assert script.asked == [None, "5"]


async def test_an_endless_event_is_an_error_of_ours(studio: LoopbackStudio, client: StudioClient) -> None:
    studio.handler = Script([b"x" * 1_000_000] * 5)
    async with client.events() as stream:
        with pytest.raises(StudioResponseError, match="longer than"):
            [event async for event in stream]


async def test_errors_of_the_moment_are_waited_out(studio: LoopbackStudio, client: StudioClient) -> None:
    script = Script([_sent(1)])

    async def handler(request: web.Request) -> web.StreamResponse:
        match len(studio.requests):
            case 1:
                return web.Response(status=502, text="<html>", content_type="text/html")
            case 2:
                return web.json_response({"problem": {"code": "internal", "message": "Oh."}}, status=500)
            case 3:
                return web.Response(text="hello")
            case _:
                return await script(request)

    studio.handler = handler
    changes: list[bool] = []
    (event,) = await _take(client, 1, on_connection=lambda up, _reason: changes.append(up))
    assert event.id == 1
    assert changes == [False, True]


@pytest.mark.parametrize("status", [401, 403])
async def test_a_refused_token_ends_it(studio: LoopbackStudio, client: StudioClient, status: int) -> None:
    script = Script([_sent(1)])

    async def handler(request: web.Request) -> web.StreamResponse:
        if len(studio.requests) > 1:
            return web.json_response({"problem": {"code": "unauthorized", "message": "No."}}, status=status)
        return await script(request)

    studio.handler = handler
    reasons: list[StudioError | None] = []
    with pytest.raises(StudioAuthenticationError):
        await _take(client, 2, on_connection=lambda _up, reason: reasons.append(reason))
    assert len(studio.requests) == 2
    # Already lost by then: the change is told once, the reason comes with the exception.
    assert [type(reason) for reason in reasons] == [type(None), StudioConnectionError]


async def test_leaving_closes_the_connection(studio: LoopbackStudio, client: StudioClient) -> None:
    gone = asyncio.Event()

    async def handler(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        await response.write(_sent(1))
        try:
            while True:
                await response.write(b": heartbeat\n\n")
                await asyncio.sleep(0.01)
        finally:
            gone.set()

    studio.handler = handler
    await _take(client, 1)
    async with asyncio.timeout(5):
        await gone.wait()


async def test_the_studio_says_how_long_to_wait(studio: LoopbackStudio, session: ClientSession) -> None:
    studio.handler = Script([b"retry: 300\n\n", _sent(1)], [_sent(2)])
    client = StudioClient(session, studio.url, TOKEN, Timeouts())
    clock = asyncio.get_running_loop().time
    started = clock()
    async with aclosing(follow(client, backoff=Backoff(first=0.01, longest=5))) as events:
        async for event in events:
            if event.id == 2:
                break
    assert clock() - started >= 0.15


def test_backoff_doubles_up_to_its_longest_and_spreads() -> None:
    backoff = Backoff(first=1, longest=60)
    for attempt, ceiling in ((0, 1), (1, 2), (2, 4), (6, 60), (10_000, 60)):
        delays = [backoff.delay(attempt) for _ in range(200)]
        assert ceiling / 2 <= min(delays) <= max(delays) <= ceiling
        assert max(delays) - min(delays) > ceiling / 10
    assert 2.5 <= backoff.delay(0, 5) <= 5
    assert 0.5 <= backoff.delay(0, 0) <= 1
    assert 30 <= backoff.delay(0, 10**6) <= 60
