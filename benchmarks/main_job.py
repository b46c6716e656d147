"""The main job, part by part: from a spoken wish to a speaker that plays, all programs real.

Two figures have targets: how soon Assist answers (95th percentile), and what a 60 s song takes beyond the
engine's own rendering. The spoken announcement is no overhead: somebody wants to hear it; it has its own line.
"""

from __future__ import annotations

import asyncio
import contextlib
import statistics
import tempfile
import time
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from demo_home.processes import wait_for
from demo_home.stage import Stage, stage
from demo_home.wish import Course, follow_mixtape, speak, wait_until_it_plays
from figures import Figure, argument_parser, report

SONGS = 3
WISHES = 20
WISH = "create a one minute {} song for the {}"
GENRES = ("jazz", "rock", "pop", "ambient", "electronic")
ROOMS = ("living room", "kitchen", "nursery")


@dataclass(frozen=True)
class Parts:
    """Seconds."""

    accepted: float
    """From the wish to the start of the studio's work."""
    plan: float
    render: float
    master: float
    encode: float
    """Encoding to FLAC, publishing, and the news of it at home."""
    filing: float
    """Fetching, checking and filing at home, with the cover."""
    playback: float
    """From the filed song to its first sound."""
    sound: float
    """From the wish to the song's first sound."""

    @property
    def overhead(self) -> float:
        return self.sound - self.render


async def finished_job(scene: Stage, job_id: str) -> dict[str, Any]:
    """The MP3 follows the first sound; then the job ends and its timings are whole."""

    async def ended() -> dict[str, Any] | None:
        job = await scene.studio.ask(scene.session, "GET", f"/v1/jobs/{job_id}")
        return None if job["state"] in {"queued", "running"} else dict(job)

    return await wait_for("the end of the studio's job", ended, limit=120)


async def quiet(scene: Stage) -> None:
    for room in scene.rooms.values():
        with contextlib.suppress(Exception):
            await scene.home.api.call("media_player", "media_stop", {}, entity_id=room.player)


async def one_song(scene: Stage, course: Course) -> Parts:
    """A 60 s song by the action, without an announcement."""
    course.reset()
    started, began = time.monotonic(), time.time()
    response = await scene.home.api.call(
        "mixtape",
        "quick_song",
        {"text": WISH.format("jazz", "living room"), "announce": False},
        returns=True,
    )
    playing = await wait_until_it_plays(scene, course, started)
    job = await finished_job(scene, response["job_id"])
    timings, marks = job["timings"], course.marks
    accepted = _seconds(job["started_at"]) - began
    rendered = accepted + timings["plan"] + timings.get("lyrics", 0) + timings["render"]
    return Parts(
        accepted=accepted,
        plan=timings["plan"] + timings.get("lyrics", 0),
        render=timings["render"],
        master=timings["master"],
        encode=marks["fetch"] - started - rendered - timings["master"],
        filing=marks["ready"] - marks["fetch"],
        playback=playing.sound_after - (marks["ready"] - started),
        sound=playing.sound_after,
    )


def _seconds(moment: str) -> float:
    return datetime.fromisoformat(moment).timestamp()


async def announced_song(scene: Stage, course: Course) -> tuple[float, float]:
    """A song with its announcement: seconds from the filed song to the announcement's end, and to the song."""
    course.reset()
    started = time.monotonic()
    await speak(scene.home.api, WISH.format("jazz", "kitchen"))
    playing = await wait_until_it_plays(scene, course, started)
    if course.announced_from is None:
        raise SystemExit("the song was not announced")
    ready = course.marks["ready"] - started
    return playing.sound_after - (course.announced_from - started), playing.sound_after - ready


async def acknowledgements(scene: Stage) -> list[float]:
    """Assist answers while the studio works on what it was asked before."""
    seconds = []
    for number in range(WISHES):
        wish = WISH.format(GENRES[number % len(GENRES)], ROOMS[number % len(ROOMS)])
        seconds.append((await speak(scene.home.api, wish)).seconds)
    for state in ("queued", "running"):
        for job in (await scene.studio.ask(scene.session, "GET", f"/v1/jobs?state={state}"))["jobs"]:
            with contextlib.suppress(Exception):
                await scene.studio.ask(scene.session, "DELETE", f"/v1/jobs/{job['id']}")
    return seconds


async def measure(folder: Path) -> list[Figure]:
    async with stage(folder, silent=True, on_step=print) as scene:
        course = await follow_mixtape(scene.home.api, scene.rooms, lambda *_: None)
        songs = []
        for number in range(SONGS):
            print(f"Song {number + 1} of {SONGS}")
            songs.append(await one_song(scene, course))
            await quiet(scene)
        print("A song with an announcement")
        announcement, delivery = await announced_song(scene, course)
        await quiet(scene)
        print(f"{WISHES} wishes")
        answers = sorted(await acknowledgements(scene))
    p95 = statistics.quantiles(answers, n=20, method="inclusive")[-1]
    names = {
        "accepted": "wish to the start of the work",
        "plan": "planning",
        "render": "rendering (the engine's own)",
        "master": "mastering",
        "encode": "encoding, publishing, telling the home",
        "filing": "transfer and filing",
        "playback": "start of playback",
        "sound": "wish to sound",
    }
    figures = [
        Figure(f"acknowledgement, p95 of {WISHES}", p95 * 1000, "ms", target=300),
        Figure("acknowledgement, median", statistics.median(answers) * 1000, "ms"),
    ]
    figures += [
        Figure(f"60 s song: {words}", statistics.median(getattr(song, part) for song in songs), "s")
        for part, words in names.items()
    ]
    overhead = statistics.median(song.overhead for song in songs)
    return [
        *figures,
        Figure("60 s song: overhead beyond rendering", overhead, "s", target=2),
        Figure("announcement, first word to the song", announcement, "s"),
        Figure("filed song to its sound, announced", delivery, "s"),
    ]


def main() -> None:
    options = argument_parser(__doc__ or "").parse_args()
    with tempfile.TemporaryDirectory(prefix="mixtape-bench-") as folder:
        figures = asyncio.run(measure(Path(folder)))
    report("main_job", figures, options)


if __name__ == "__main__":
    main()
