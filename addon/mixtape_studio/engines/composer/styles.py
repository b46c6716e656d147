"""Genres and moods: the data files of this folder, checked when read, and the nearest one to any words."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Mapping
from difflib import SequenceMatcher
from functools import cache
from pathlib import Path
from typing import Literal, Protocol, TypeVar

from pydantic import BaseModel, ConfigDict, Field

GENRES = Path(__file__).parent / "genres"
MOODS = Path(__file__).parent / "moods.toml"
DEFAULT_GENRE = "pop"
DEFAULT_MOOD = "neutral"

Mode = Literal["major", "minor"]
Colour = Literal["default", "soft", "bright", "dark"]
Levels = dict[str, list[list[str]]]
"""Per time signature: alternatives for each intensity, calm to busy."""


class _Data(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Harmony(_Data):
    secondary: float = Field(default=0.0, description="Probability that a chord gets its own dominant before it.")
    tritone: float = Field(
        default=0.0, description="Probability that a dominant is replaced by its tritone substitute."
    )
    interchange: float = Field(
        default=0.0, description="Probability that a subdominant in major is borrowed from minor."
    )
    final: dict[Mode, list[str]]
    cadence: dict[Mode, list[str]] = Field(description="The bar that leads to the final chord.")
    turnaround: dict[Mode, list[str]] = Field(default={}, description="Bars that lead back, for the end of a section.")
    major: dict[str, list[str]]
    minor: dict[str, list[str]]


class Form(_Data):
    templates: list[str]
    bars: dict[str, int]
    energy: dict[str, float] = {}


class Melody(_Data):
    scale: Literal["full", "pentatonic"] = "full"
    chromatic: float = Field(default=0.0, description="Probability of a chromatic approach from below.")
    appoggiatura: float = Field(default=0.1, description="Probability that a long tone is leaned into from above.")
    rest: float = Field(default=0.15, description="Probability that a bar of the tune is left to breathe.")
    rhythms: Levels


Groove = dict[str, str]
"""Drum name → step pattern."""


class Drums(_Data):
    kits: dict[Colour, int]
    level: float
    pan: float = 0.0
    reverb: float = 0.12
    pump: float = 0.0
    enter: float = 0.3
    fills: dict[str, list[Groove]]
    grooves: dict[str, list[list[Groove]]]


class PartStyle(_Data):
    name: str
    role: Literal["lead", "counter", "comp", "pad", "bass"]
    bank: int = 0
    programs: dict[Colour, list[int]]
    range: tuple[int, int]
    level: float = Field(description="dB relative to the other parts.")
    pan: float = 0.0
    reverb: float = 0.15
    delay: float = 0.0
    pump: float = 0.0
    enter: float = Field(default=0.0, description="Sections with less energy are left out.")
    leave: float = Field(default=2.0, description="Sections with more energy are left out.")
    sections: list[str] = Field(default=[], description="Only in these kinds of section; empty: all.")
    voices: int = 3
    rootless: bool = False
    shape: Literal["led", "power"] = Field(default="led", description="Led voicings, or root, fifth and octave.")
    double: bool = Field(default=False, description="Played twice, left and right, as guitars are recorded.")
    patterns: Levels = {}

    def plays_in(self, kind: str, energy: float) -> bool:
        return self.enter <= energy <= self.leave and (not self.sections or kind in self.sections)


class Mix(_Data):
    reverb_seconds: float = 1.6
    reverb_level: float = Field(default=0.0, description="dB.")
    brightness: float = Field(default=0.0, description="dB of the treble shelf.")
    compress: float = Field(default=2.0, description="Ratio of the bus compressor.")
    drive: float = Field(default=1.1, description="Saturation; 1 is nearly clean.")


class Style(_Data):
    name: str
    aliases: list[str] = []
    tempo: tuple[int, int]
    swing: float = Field(default=0.5, ge=0.5, le=0.75)
    swing_unit: float = 1.0
    tail: float = Field(default=2.4, description="Seconds that the final chord rings at least.")
    humanise: float = Field(default=0.008, description="Standard deviation of the players' timing, seconds.")
    strict: float = Field(default=2.0, description="What parallel fifths cost in voice leading, semitones.")
    major: float
    keys: list[str]
    waltz: float = Field(default=0.0, description="Probability of 3/4 where the wish leaves it open.")
    harmony: Harmony
    form: Form
    melody: Melody
    drums: Drums | None = None
    parts: list[PartStyle]
    mix: Mix = Mix()


class Mood(_Data):
    name: str
    aliases: list[str] = []
    tempo: float
    major: float
    density: float
    lift: float
    dynamics: float
    energy: float
    brightness: float
    reverb: float
    legato: float
    range: float = 1.0
    colour: Colour


class _Named(Protocol):
    @property
    def name(self) -> str: ...
    @property
    def aliases(self) -> list[str]: ...


Entry = TypeVar("Entry", bound=_Named)


@cache
def styles() -> Mapping[str, Style]:
    """Every file in ``genres/``, by name."""
    read = [Style.model_validate(tomllib.loads(path.read_text("utf-8"))) for path in sorted(GENRES.glob("*.toml"))]
    return {style.name: style for style in read}


@cache
def moods() -> Mapping[str, Mood]:
    data = tomllib.loads(MOODS.read_text("utf-8"))
    return {name: Mood.model_validate({"name": name, **entry}) for name, entry in data.items()}


def _nearest(text: str, entries: Mapping[str, Entry], default: str) -> Entry:
    wanted = " ".join(re.sub(r"[^\w&]+", " ", text.casefold()).split())
    names = {
        " ".join(re.sub(r"[^\w&]+", " ", name.casefold()).split()): entry
        for entry in entries.values()
        for name in (entry.name, *entry.aliases)
    }
    if wanted in names:
        return names[wanted]
    # All names in the words count by their length, a genre's own name thrice, the last word most: "jazz piano" is jazz,
    # "acoustic rock" is rock.
    weights: Counter[str] = Counter()
    for name, entry in names.items():
        if name and f" {name} " in f" {wanted} ":
            weights[entry.name] += len(name) * (3 if name == entry.name.replace("-", " ") else 1)
            weights[entry.name] += 6 if wanted.endswith(name) else 0
    if weights:
        return entries[max(weights, key=lambda name: weights[name])]
    scored = [(SequenceMatcher(None, wanted, name).ratio(), name) for name in names if name]
    ratio, name = max(scored)
    return names[name] if ratio >= 0.7 else entries[default]


def nearest_style(genre: str) -> Style:
    """Any words to a genre: by name, by alias, by likeness, else the default. Never fails."""
    return _nearest(genre, styles(), DEFAULT_GENRE if DEFAULT_GENRE in styles() else next(iter(styles())))


def nearest_mood(mood: str) -> Mood:
    return _nearest(mood, moods(), DEFAULT_MOOD)
