"""From an action's fields to an order for the studio: what can be refused at home is refused at home.

Pure. The limits are the contract's (``addon/mixtape_studio/contract.py``); a test compares them.
"""

from __future__ import annotations

import math
import re
import unicodedata
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import probatio as vol
from homeassistant.helpers import config_validation as cv

from .client import SongRequest

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from .words import ParsedWish

TEXT_LIMITS: Final[Mapping[str, int]] = {
    "text": 2000,
    "wish": 2000,
    "title": 200,
    "caption": 1000,
    "topic": 1000,
    "lyrics": 10_000,
    "genre": 60,
    "mood": 60,
    "engine": 60,
    "artist": 100,
    "language": 35,
}
"""Field to its greatest number of characters."""
NUMBER_LIMITS: Final[Mapping[str, tuple[float, float]]] = {
    "bpm": (40, 220),
    "duration": (10, 600),
    "seed": (0, 2**32 - 1),
}
TIME_SIGNATURES: Final = ("3/4", "4/4")

_LANGUAGE: Final = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")
_TONICS: Final = frozenset(
    ["C", "C#", "Db", "D", "D#", "Eb", "E", "F", "F#", "Gb", "G", "G#", "Ab", "A", "A#", "Bb", "B"]
)
_MODES: Final = {"": "major", "major": "major", "maj": "major", "minor": "minor", "min": "minor"}
_SHOWN: Final = 40


class RequestError(ValueError):
    """A field that cannot be meant; ``low`` and ``high`` where it is out of range."""

    def __init__(self, field: str, code: str, value: object = "", *, low: float = 0, high: float = 0) -> None:
        super().__init__(f"{field}: {code}")
        self.field = field
        self.code = code
        self.value = str(value)[:_SHOWN]
        self.low = low
        self.high = high


def check_text(field: str, value: object) -> str:
    """Any language, any emoji; no control characters but line feed and tab."""
    if not isinstance(value, str):
        raise RequestError(field, "not_text", value)
    value = value.replace("\r\n", "\n")
    limit = TEXT_LIMITS[field]
    if len(value) > limit:
        raise RequestError(field, "too_long", len(value), high=limit)
    for char in value:
        if char not in "\n\t" and unicodedata.category(char) in ("Cc", "Cs"):
            raise RequestError(field, "control_character", f"U+{ord(char):04X}")
    if not (text := value.strip()):
        raise RequestError(field, "empty")
    return text


def check_number(field: str, value: object, *, whole: bool) -> float:
    low, high = NUMBER_LIMITS[field]
    try:
        number = math.nan if isinstance(value, bool) else float(value)  # type: ignore[arg-type]
    except TypeError, ValueError, OverflowError:
        number = math.nan
    if math.isnan(number) or (whole and math.isfinite(number) and number != int(number)):
        raise RequestError(field, "not_whole" if whole else "not_number", value)
    if not low <= number <= high:
        raise RequestError(field, "out_of_range", value, low=low, high=high)
    return number


def check_key(value: object) -> str:
    """``"f minor"``, ``"F#m"``, ``"Bb"`` → ``"F minor"``, ``"F# minor"``, ``"Bb major"``."""
    text = " ".join(str(value).replace("♯", "#").replace("♭", "b").split())
    head, _, mode = text.partition(" ")
    mode = mode.lower()
    if not mode and len(head) > 1 and head.endswith("m"):
        head, mode = head[:-1], "minor"
    tonic = head[:1].upper() + head[1:]
    if tonic not in _TONICS or mode not in _MODES:
        raise RequestError("key", "unknown_key", value)
    return f"{tonic} {_MODES[mode]}"


def _check_time_signature(value: object) -> str:
    if value not in TIME_SIGNATURES:
        raise RequestError("time_signature", "unknown_time_signature", value)
    return str(value)


def _check_boolean(field: str, value: object) -> bool:
    """Also the words that Home Assistant takes for it, as templates give them."""
    try:
        return cv.boolean(value)
    except vol.Invalid as err:
        raise RequestError(field, "not_boolean", value) from err


def _check_language(value: object) -> str:
    if not isinstance(value, str) or len(value) > TEXT_LIMITS["language"] or not _LANGUAGE.fullmatch(value):
        raise RequestError("language", "unknown_language", value)
    return value


_CHECKS: Final[Mapping[str, Callable[[Any], Any]]] = {
    **{field: partial(check_text, field) for field in TEXT_LIMITS},
    "bpm": lambda value: int(check_number("bpm", value, whole=True)),
    "seed": lambda value: int(check_number("seed", value, whole=True)),
    "duration": lambda value: check_number("duration", value, whole=False),
    "key": check_key,
    "time_signature": _check_time_signature,
    "language": _check_language,
    "instrumental": partial(_check_boolean, "instrumental"),
}


def check_fields(fields: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a request, clean; those that are None are left out.

    Raises:
        RequestError: the first field that cannot be meant.
    """
    return {field: _CHECKS[field](value) for field, value in fields.items() if value is not None}


def from_words(heard: ParsedWish) -> dict[str, Any]:
    """What plain words ask for, as fields of a request."""
    fields = {
        "wish": heard.text,
        "caption": heard.caption,
        "topic": heard.topic,
        "title": heard.title,
        "genre": heard.genre,
        "mood": heard.mood,
        "bpm": heard.bpm,
        "key": heard.key,
        "time_signature": heard.time_signature,
        "duration": heard.duration,
        "instrumental": heard.instrumental,
        "language": heard.language.partition("-")[0],
    }
    return check_fields(fields)


def build_request(
    fields: Mapping[str, Any], *, genre: str | None, mood: str | None, artist: str, language: str
) -> SongRequest:
    """Complete checked fields by the room's defaults and the household's name."""
    name = "".join(char for char in artist if char.isprintable()).strip()[: TEXT_LIMITS["artist"]]
    defaults = {"genre": genre, "mood": mood, "artist": name, "language": language.partition("-")[0]}
    values: dict[str, Any] = {field: value for field, value in defaults.items() if value} | dict(fields)
    return SongRequest(**values)


def check_engine(name: str, known: list[str]) -> None:
    """``known`` is empty while the studio is away: then the studio says so itself, later.

    Raises:
        RequestError: the studio has no such engine.
    """
    if known and name not in (*known, "auto"):
        raise RequestError("engine", "unknown_engine", name)
