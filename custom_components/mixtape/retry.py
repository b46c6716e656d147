"""What to do after an error while a song is being made: try again, when, or give up. Pure."""

from dataclasses import dataclass
from typing import Final

from .client import (
    ErrorCode,
    Problem,
    StudioAuthenticationError,
    StudioConnectionError,
    StudioContractError,
    StudioError,
    StudioProblemError,
    StudioResponseError,
)
from .library import AudioDamagedError, LibraryError, LibraryFullError

DOWNLOAD_ATTEMPTS: Final = 3
"""A hash that is wrong three times is no accident."""
ATTEMPTS: Final = 6
LONGEST_PAUSE: Final = 600.0
FULL_DISK_PAUSE: Final = 60.0

# The studio's own troubles, which may pass; everything else that it refuses stays refused.
_PASSING: Final = frozenset({ErrorCode.INTERNAL, ErrorCode.NOT_READY, ErrorCode.TIMEOUT})


@dataclass(frozen=True, slots=True)
class TryAgain:
    """``pause``: seconds, then, where asked for, until the studio is there."""

    pause: float
    when_connected: bool = False


@dataclass(frozen=True, slots=True)
class GiveUp:
    """``code``: stable; the studio's own codes and ``damaged_download``, ``library``."""

    code: str
    message: str
    field: str | None = None


def backoff(attempt: int, first: float = 1.0) -> float:
    """Seconds before attempt number ``attempt`` + 1."""
    return float(min(LONGEST_PAUSE, first * 2 ** min(attempt, 12)))


def after(error: StudioError | LibraryError, attempt: int) -> TryAgain | GiveUp:
    """``attempt`` counts the failures in a row of one step, from 1."""
    if isinstance(error, StudioConnectionError | StudioAuthenticationError | StudioContractError):
        # A wish waits for its studio as long as it takes, and for somebody to give us a new token.
        return TryAgain(backoff(attempt - 1, 0.5), when_connected=True)
    if isinstance(error, StudioResponseError) and (error.status or 0) >= 500:
        # Not the studio, but what stands before it, such as a proxy, while the studio is away.
        return TryAgain(backoff(attempt - 1), when_connected=True)
    if isinstance(error, LibraryFullError):
        return TryAgain(backoff(attempt - 1, FULL_DISK_PAUSE))
    if isinstance(error, StudioProblemError) and error.code is ErrorCode.DISK_FULL:
        return TryAgain(backoff(attempt - 1, FULL_DISK_PAUSE), when_connected=True)
    if attempt < _attempts(error):
        return TryAgain(backoff(attempt - 1))
    return _reason(error, attempt)


def _reason(error: StudioError | LibraryError, attempt: int) -> GiveUp:
    match error:
        case StudioProblemError():
            return GiveUp(error.code.value, error.message, error.field)
        case AudioDamagedError():
            return GiveUp("damaged_download", f"The download was damaged {attempt} times: {error}")
        case LibraryError():
            return GiveUp("library", str(error))
        case _:
            return GiveUp(ErrorCode.INTERNAL.value, str(error))


def _attempts(error: StudioError | LibraryError) -> int:
    if isinstance(error, StudioProblemError) and error.code not in _PASSING:
        return 1
    return DOWNLOAD_ATTEMPTS if isinstance(error, AudioDamagedError) else ATTEMPTS


def from_problem(problem: Problem | None) -> GiveUp:
    """Why the studio's job failed."""
    if problem is None:
        return GiveUp(ErrorCode.INTERNAL.value, "The studio gave no reason.")
    return GiveUp(problem.code.value, problem.message, problem.field)
