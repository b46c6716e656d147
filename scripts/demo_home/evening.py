"""One evening: a wish is spoken, the song is made, announced and played, and what was seen is written down."""

import json
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.markup import escape

from .song_file import SongFile, fetch_mp3
from .stage import Stage
from .terminal import Terminal
from .wish import Acknowledgement, Course, Playing, follow_mixtape, speak, wait_until_it_plays

MP3_NAME = "mixtape-demo.mp3"
HEARD = ("genre", "mood", "bpm", "key", "time_signature", "duration", "instrumental", "topic", "caption")


@dataclass(frozen=True)
class Outcome:
    sentence: str
    heard: dict[str, Any]
    acknowledgement: Acknowledgement
    playing: Playing
    song: SongFile
    course: Course

    def report(self, total: float) -> dict[str, Any]:
        """The JSON of ``--report``; ``total`` is the seconds since the demo was started."""
        status, measured = self.playing.status, self.song.measured
        return {
            "sentence": self.sentence,
            "heard": self.heard,
            "song": {
                "title": self.song.title,
                "path": str(self.song.path),
                "seconds": round(measured.seconds, 3),
                "lufs": measured.lufs,
                "true_peak": measured.true_peak,
                "engine": self.song.engine,
                "seed": self.song.seed,
            },
            "player": {
                "entity_id": self.playing.room.player,
                # The speaker's own word "play", in Home Assistant's language.
                "state": "playing" if status.state == "play" else status.state,
                "position": status.position,
                "media": status.media,
            },
            "seconds": {
                "ack": round(self.acknowledgement.seconds, 3),
                "sound": round(self.playing.sound_after, 3),
                "total": round(total, 3),
            },
        }


async def make_a_wish(stage: Stage, sentence: str, folder: Path, terminal: Terminal) -> Outcome:
    """Speaks ``sentence``, follows the song until it plays and saves its MP3 in ``folder``.

    Raises:
        DemoError: on the way something did not happen.
    """
    course = await follow_mixtape(stage.home.api, stage.rooms, terminal.progress)
    terminal.say(f'\n[bold]You:[/bold]   "{escape(sentence)}"')
    started = time.monotonic()
    acknowledgement = await speak(stage.home.api, sentence)
    answer, milliseconds = escape(acknowledgement.speech), acknowledgement.seconds * 1000
    terminal.say(f'[bold]Assist:[/bold] "{answer}"  [dim]({milliseconds:.0f} ms)[/dim]')
    terminal.start_bar()
    try:
        playing = await wait_until_it_plays(stage, course, started)
    finally:
        terminal.stop_bar()
    song = await fetch_mp3(stage.session, playing.status.media or "", folder / MP3_NAME)
    heard = await _heard(stage, course, playing)
    return Outcome(sentence, heard, acknowledgement, playing, song, course)


async def _heard(stage: Stage, course: Course, playing: Playing) -> dict[str, Any]:
    """What the home understood, as it arrived at the studio; and the room."""
    job = await stage.studio.ask(stage.session, "GET", f"/v1/jobs/{(course.ready or {})['job_id']}")
    request = job["request"]
    return {field: request.get(field) for field in HEARD} | {"room": playing.room.name}


def write_report(file: Path, report: dict[str, Any]) -> None:
    file.write_text(json.dumps(report, indent=2, ensure_ascii=False) + "\n")
