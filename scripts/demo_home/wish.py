"""Speaks a wish into Assist and follows it until the speaker itself says that the song plays."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from .api import HomeApi
from .errors import DemoError
from .mixtape_setup import Room
from .speakers import Speaker, SpeakerStatus
from .stage import Stage

SONG_LIMIT = 300.0
WORK_LIMIT = 10.0
"""Seconds within which a room shows that a song is being made, if the sentence was a wish for one."""
POLL = 0.15
RISING_FOR = 2.0
"""Seconds of music that count as playing."""

TRY = 'try: scripts/demo "create a relaxing jazz song for the living room"'
SONG_PATH = "/api/mixtape/audio/"


@dataclass(frozen=True)
class Acknowledgement:
    speech: str
    seconds: float
    """From the wish to the answer."""


@dataclass(frozen=True)
class Playing:
    room: Room
    speaker: Speaker
    status: SpeakerStatus
    sound_after: float
    """Seconds from the wish to the first sound of the song."""


@dataclass
class Course:
    """What Home Assistant's event bus says about the wish."""

    rooms: tuple[Room, ...]
    on_progress: Callable[[str, float], None]
    announced_from: float | None = None
    """When a speaker was first heard to speak: ``time.monotonic()``."""
    ready: dict[str, Any] | None = None
    failed: dict[str, Any] | None = None
    silent: dict[str, Any] | None = None
    """Of a song that was made, but that the room's speakers do not play."""
    step: str = ""
    share: float = 0.0
    marks: dict[str, float] = field(default_factory=dict)
    """When each step was first seen, by its name: ``time.monotonic()``."""

    def reset(self) -> None:
        """Before the next wish."""
        self.announced_from = self.ready = self.failed = self.silent = None
        self.marks.clear()

    def hear(self, event: dict[str, Any]) -> None:
        if event["event_type"] == "mixtape_song_ready":
            self.ready = event["data"]
            self.marks.setdefault("ready", time.monotonic())
        elif event["event_type"] == "mixtape_song_failed":
            self.failed = event["data"]
        elif event["event_type"] == "mixtape_playback_failed":
            self.silent = event["data"]
        elif event["event_type"] == "state_changed" and (new := event["data"]["new_state"]) is not None:
            self._see(new["entity_id"], new["state"])

    def _see(self, entity_id: str, state: str) -> None:
        if state in {"unknown", "unavailable"}:
            return
        if any(entity_id == room.progress for room in self.rooms):
            self.share = float(state) / 100
        elif any(entity_id == room.step for room in self.rooms):
            self.step = state
            if state != "idle":
                self.marks.setdefault(state, time.monotonic())
        else:
            return
        self.on_progress(self.step, self.share)


async def follow_mixtape(api: HomeApi, rooms: dict[str, Room], on_progress: Callable[[str, float], None]) -> Course:
    """Listens before the wish is spoken, so that nothing is missed."""
    course = Course(tuple(rooms.values()), on_progress)
    for kind in ("mixtape_song_ready", "mixtape_song_failed", "mixtape_playback_failed", "state_changed"):
        await api.listen(course.hear, "subscribe_events", event_type=kind)
    return course


async def speak(api: HomeApi, sentence: str) -> Acknowledgement:
    """Raises DemoError when Assist did not take the sentence for a wish."""
    start = time.monotonic()
    answer = await api.post("/api/conversation/process", {"text": sentence, "language": "en"})
    seconds = time.monotonic() - start
    response = answer["response"]
    speech = response["speech"].get("plain", {}).get("speech", "")
    if response["response_type"] == "error":
        raise DemoError(f"Assist did not understand {sentence!r}: {speech}", TRY)
    return Acknowledgement(speech, seconds)


def _check(stage: Stage, course: Course, started: float) -> None:
    """Raises DemoError when there is nothing to wait for any longer."""
    if course.failed is not None:
        raise DemoError(f"the song could not be made: {course.failed.get('message') or course.failed}")
    if (silent := course.silent) is not None:
        speaker = silent.get("speaker") or silent.get("entity_id") or "the room"
        reason = silent.get("message") or silent.get("code") or "no reason given"
        raise DemoError(f"{silent.get('title') or 'the song'} is made, but does not play on {speaker}: {reason}")
    if not course.marks and time.monotonic() - started > WORK_LIMIT:
        raise DemoError("Assist answered, but no room makes a song", TRY)
    for program in (stage.home.program, stage.studio.program):
        program.check()


async def wait_until_it_plays(stage: Stage, course: Course, started: float) -> Playing:
    """Asks the speakers themselves; ``started`` is the time of the wish.

    Raises:
        DemoError: the song failed, or no speaker played it in time.
    """
    deadline = started + SONG_LIMIT
    first: tuple[str, float, float] | None = None
    while time.monotonic() < deadline:
        _check(stage, course, started)
        for area, speaker in stage.speakers.items():
            status = await speaker.status()
            if status.state != "play" or status.media is None or not status.position:
                continue
            if "/api/tts_proxy/" in status.media:
                course.announced_from = course.announced_from or time.monotonic() - status.position
            if SONG_PATH not in status.media:
                continue
            now = time.monotonic()
            if first is None or first[0] != status.media:
                first = (status.media, now - status.position, status.position)
            elif status.position - first[2] >= RISING_FOR:
                return Playing(stage.rooms[area], speaker, status, first[1] - started)
        await asyncio.sleep(POLL)
    raise DemoError(f"no speaker played the song within {SONG_LIMIT:.0f} seconds (last step: {course.step or 'none'})")
