"""Believe the speaker: does it play our song, did the song end, did somebody take over? Pure decisions.

An accepted call proves nothing. Playing means: the speaker names our URL and its own reported position rises.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from .speakers import plays

if TYPE_CHECKING:
    from .speakers import Expected, Reading

END_MARGIN: Final = 2.0
"""Seconds before the end from which on silence is the song's end, not somebody's stop. MPD's whole-second
positions lag by up to one, a forced look by up to another half."""

NEAR_END: Final = 15.0
"""Seconds before the end from which on a polled speaker is looked at often, so that a stop that
somebody pressed shortly before the end is seen before END_MARGIN."""

PATIENCE: Final = 4.0
"""Seconds after which a speaker that plays but never reports its position again is believed, provided
that it fetched our file: Cast and Sonos report once per change, ESPHome never."""

START_SLACK: Final = 2.0
"""Seconds by which a position may be ahead of the time since the call; more is the previous playback."""


class Evidence(StrEnum):
    POSITION = "position"
    """Two of the speaker's own reports, the later one further on."""
    FETCHED = "fetched"
    """It says it plays and has fetched our file, but reports no second position."""


@dataclass(slots=True)
class Verification:
    """Collects readings after one play call."""

    expected: Expected
    first_at: float | None = None
    """Seconds after the call when it first said that it plays ours."""
    reports: list[tuple[float | None, object]] = field(default_factory=list)
    saw_other: bool = False

    def look(self, reading: Reading, elapsed: float, *, fetched: bool) -> Evidence | None:
        """``elapsed``: seconds since the call; ``fetched``: our file was asked for since the call."""
        ours = plays(reading, self.expected)
        if not reading.sounding or ours is False:
            self.saw_other = reading.sounding and ours is False
            self.first_at = None
            self.reports.clear()
            return None
        self.saw_other = False
        if reading.state != "playing" or (reading.position or 0.0) > elapsed + START_SLACK:
            return None
        if self.first_at is None:
            self.first_at = elapsed
        report = (reading.position, reading.updated_at)
        if not self.reports or self.reports[-1] != report:
            self.reports.append(report)
        if ours and self._rising():
            return Evidence.POSITION
        if len(self.reports) == 1 and fetched and elapsed - self.first_at >= PATIENCE:
            return Evidence.FETCHED
        return None

    def _rising(self) -> bool:
        positions = [position for position, _ in self.reports if position is not None]
        return any(later > earlier for earlier, later in pairwise(positions))


class Verdict(StrEnum):
    PLAYING = "playing"
    PAUSED = "paused"
    ENDED = "ended"
    STOPPED = "stopped"
    TAKEN = "taken"
    """It plays something that is not ours: somebody else's music, to be left alone."""
    LOST = "lost"


def judge(reading: Reading, expected: Expected, progress: float, duration: float) -> Verdict:
    """What became of our song on a speaker that was playing it.

    ``progress``: seconds, drawn on from the speaker's last report to now.
    """
    near_end = progress >= duration - END_MARGIN
    if not reading.available or reading.state == "unknown":
        return Verdict.LOST
    if reading.state in ("playing", "buffering", "paused") and plays(reading, expected) is False:
        return Verdict.TAKEN
    if reading.sounding:
        # The speaker repeats by itself what the room's queue wants to go on from.
        again = near_end and reading.position is not None and reading.position < min(5.0, duration / 2)
        return Verdict.ENDED if again else Verdict.PLAYING
    if near_end:
        # Also "paused": Home Assistant shows a Sonos that has come to its end as paused.
        return Verdict.ENDED
    return Verdict.PAUSED if reading.state == "paused" else Verdict.STOPPED


def next_look(remaining: float, *, settled: bool = True) -> float:
    """Seconds until a speaker should be asked again, ``remaining`` seconds before its expected end."""
    if not settled:
        return 1.0
    if remaining > NEAR_END + 1.0:
        return remaining - NEAR_END
    if remaining > 1.5:
        return min(2.0, remaining - 1.0)
    # Overdue by long: it buffers, or its clock is not ours. Ask calmly.
    return 0.3 if remaining > -10.0 else 5.0
