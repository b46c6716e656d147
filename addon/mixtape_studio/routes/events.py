"""What happens, as it happens: server-sent events."""

from collections.abc import AsyncIterable
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Request
from fastapi.sse import EventSourceResponse, ServerSentEvent

from mixtape_studio.auth import HomeIdentity
from mixtape_studio.jobs.feed import Beginning, EventFeed
from mixtape_studio.routes import problems

router = APIRouter(prefix="/v1/events", tags=["events"])

RETRY_MS = 1000


async def _beginning(
    request: Request,
    _identity: HomeIdentity,
    last_event_id: Annotated[str | None, Header(description="The id of the last event that the home has.")] = None,
) -> Beginning:
    feed: EventFeed = request.app.state.feed
    return await feed.beginning(_place(last_event_id))


def _place(last_event_id: str | None) -> int | None:
    """None where nothing was asked for; a place that never was, hence a RESET, where it is no number of ours."""
    if not last_event_id:
        return None
    return int(last_event_id) if last_event_id.isascii() and last_event_id.isdigit() and len(last_event_id) < 19 else -1


@router.get(
    "",
    operation_id="stream_events",
    response_class=EventSourceResponse,
    responses=problems(403, 422),
)
async def stream_events(
    request: Request,
    identity: HomeIdentity,
    beginning: Annotated[Beginning, Depends(_beginning)],
) -> AsyncIterable[ServerSentEvent]:
    """The home's events from after ``Last-Event-ID``, or from now on. A comment at least every 15 seconds."""
    feed: EventFeed = request.app.state.feed
    yield ServerSentEvent(comment="listening", retry=RETRY_MS)
    async for event in feed.listen(identity.home_id, beginning):
        yield ServerSentEvent(raw_data=event.model_dump_json(), event=event.type, id=str(event.id))
