import asyncio
import threading
import time
from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

import pytest

from mixtape_studio.contract import Event, JobCreate, SongRequest
from mixtape_studio.jobs.feed import EventFeed
from mixtape_studio.jobs.table import JobTable
from mixtape_studio.storage.database import ChangeWatch, open_database
from studio_process import SHORT, Sse, Studio, until


def ids(events: list[Sse]) -> list[int]:
    return [event.id for event in events]


def test_a_job_is_told_from_beginning_to_end(studio: Studio) -> None:
    with studio.listening() as events:
        job_id = studio.order()
        until(lambda: events and events[-1].data["job"]["state"] == "done", "the last event")
    assert ids(events) == sorted(set(ids(events)))
    states = [event.data["job"]["state"] for event in events]
    assert states[0] == "queued"
    assert events[0].data["job"]["position"] == 1
    assert {event.data["job"]["id"] for event in events} == {job_id}
    progress = [event.data["job"]["progress"] for event in events]
    assert progress == sorted(progress)
    assert progress[-1] == 1.0
    takes = [event for event in events if event.type == "take"]
    assert [len(event.data["job"]["takes"]) for event in takes] == [1, 1]
    assert {event.data["take_id"] for event in takes} == {f"{job_id}-1"}
    steps = list(dict.fromkeys(event.data["job"]["step"] for event in events if event.data["job"]["step"]))
    assert steps == ["plan", "lyrics", "render", "master", "encode", "publish"]
    rendering = [event for event in events if event.data["job"]["step"] == "render"]
    assert len(rendering) >= 2


def test_flac_is_there_before_mp3(studio: Studio) -> None:
    with studio.listening() as events:
        job_id = studio.order()
        first = until(lambda: next((e for e in events if e.type == "take"), None), "the first take")
        audio = studio.client.get(f"/v1/takes/{first.data['take_id']}/audio?format=flac")
        assert audio.content.startswith(b"fLaC")
        studio.done(job_id)


def test_listeners_resume_without_loss_or_repetition(studio: Studio) -> None:
    """One hears everything; the others leave and come back again and again."""
    with studio.listening() as whole:
        job_id = studio.order({**SHORT, "duration": 20})
        until(lambda: whole, "the first event")
        pieces: list[Sse] = []
        place: int = whole[0].id - 1
        end = time.monotonic() + 90
        while (not pieces or pieces[-1].data["job"]["state"] != "done") and time.monotonic() < end:
            with studio.listening(place) as some:
                until(lambda: some, "an event after the last")
                time.sleep(0.05)
                heard = list(some)
            pieces += heard
            place = pieces[-1].id
        until(lambda: whole[-1].data["job"]["state"] == "done", "the last event")
    assert ids(pieces) == ids(whole)
    studio.done(job_id)


def test_many_listeners_hear_the_same(studio: Studio) -> None:
    heard: list[list[Sse]] = []
    started = threading.Barrier(9)

    def listen() -> None:
        with studio.listening() as events:
            started.wait(30)
            until(lambda: events and events[-1].data["job"]["state"] == "done", "the last event")
            heard.append(list(events))

    threads = [threading.Thread(target=listen) for _ in range(8)]
    for thread in threads:
        thread.start()
    started.wait(30)
    studio.order()
    for thread in threads:
        thread.join(90)
    assert len(heard) == 8
    assert len({tuple(ids(events)) for events in heard}) == 1


@pytest.mark.parametrize("place", ["999999999", "-5", "yesterday", "9" * 40, "²"])
def test_a_place_that_never_was_is_a_reset(studio: Studio, place: str) -> None:
    with studio.listening(place) as events:
        reset = until(lambda: events and events[0], "the reset")
        assert reset.type == "reset"
        assert reset.data["job"] is None
        job_id = studio.order()
        until(lambda: len(events) > 1, "what comes after")
        assert events[1].id > reset.id
    studio.done(job_id)


def test_events_that_are_gone_are_a_reset(make_studio: Callable[..., Studio]) -> None:
    # Nobody makes these songs; that each of those who wait moves up is an event, too.
    studio = make_studio(keep_events=100, admitted_jobs=1, step_delay=600).start().ready()
    jobs = [studio.order() for _ in range(16)]
    for job_id in jobs:
        until(lambda: studio.job(job_id)["state"] == "running", "the next is admitted")  # noqa: B023 - called at once
        studio.client.delete(f"/v1/jobs/{job_id}")
    assert studio.ended(jobs[-1])["state"] == "cancelled"
    assert studio.query("SELECT count(*) FROM event")[0][0] > 100
    studio.stop()
    studio.start().ready()
    until(lambda: studio.query("SELECT count(*) FROM event")[0][0] <= 100, "old events are forgotten")
    with studio.listening(1) as events:
        assert until(lambda: events and events[0], "the reset").type == "reset"
    newest = studio.query("SELECT max(id) FROM event")[0][0]
    with studio.listening(newest - 1) as events:
        assert until(lambda: events and events[0], "the newest event").id == newest


def test_another_home_hears_nothing(studio: Studio) -> None:
    other = studio.run("token", "create", "--name", "quiet", "--home", "quiet").stdout.strip()
    mine, theirs = studio.token, other
    studio.use(theirs)
    try:
        with studio.listening() as events:
            studio.use(mine)
            studio.done(studio.order())
            assert events == []
    finally:
        studio.use(mine)


def test_a_change_that_a_leaving_listener_noticed_is_not_lost_on_the_next(tmp_path: Path) -> None:
    database = open_database(tmp_path / "mixtape.db")
    table, watch = JobTable(database), ChangeWatch(tmp_path / "mixtape.db")
    feed = EventFeed(table, watch)

    async def heard() -> Event:
        beginning = await feed.beginning(None)
        table.submit("home", JobCreate(id=uuid4(), request=SongRequest()))
        assert watch.changed()  # by the poller of one who left before it read
        stream = feed.listen("home", beginning)
        return await asyncio.wait_for(anext(stream), 10)

    assert asyncio.run(heard()).type == "job"
    watch.close()
    database.close()


def test_a_stream_has_the_right_type_and_begins_at_once(studio: Studio) -> None:
    with studio.client.stream("GET", "/v1/events") as response:
        assert response.headers["content-type"].startswith("text/event-stream")
        assert next(response.iter_lines()).startswith(":")
