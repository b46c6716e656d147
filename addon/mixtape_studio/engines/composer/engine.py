"""The built-in composer as an engine: rules, arrangement and sample-based synthesis; no model, no GPU."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

import numpy as np

from mixtape_studio.contract import MAX_DURATION, MIN_DURATION, Capabilities, EngineState, EngineStatus
from mixtape_studio.engines.base import EngineError, RenderCancelled, RenderedTake, RenderRequest
from mixtape_studio.engines.composer.arrangement import compose
from mixtape_studio.engines.composer.rhythm import pick, stream
from mixtape_studio.engines.composer.score import Part
from mixtape_studio.engines.composer.styles import nearest_mood, nearest_style

if TYPE_CHECKING:
    from tinysoundfont._tinysoundfont import SoundFont

SOUNDFONT_NAME = "MuseScore_General_Lite.sf3"
_PEAK = 0.89
_COMPOSED, _BALANCED, _MIXED = 0.03, 0.1, 0.99
"""Progress after composing, after balancing the parts, after mixing."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    bpm: int
    key: str
    time_signature: str


def suggest(genre: str, mood: str, seed: int) -> Suggestion:
    """Tempo, key and metre that the genre and the mood ask for; the seed varies them."""
    style, feeling = nearest_style(genre), nearest_mood(mood)
    rng = stream(seed, "suggest", style.name)
    low, high = style.tempo
    place = float(np.clip(feeling.tempo + rng.normal(0, 0.08), 0, 1))
    odds = _odds(feeling.major) * _odds(style.major) / _odds(0.6)
    mode = "major" if rng.random() < odds / (1 + odds) else "minor"
    metre = "3/4" if rng.random() < style.waltz else "4/4"
    return Suggestion(round(low + place * (high - low)), f"{pick(rng, style.keys)} {mode}", metre)


def _odds(probability: float) -> float:
    kept = min(0.985, max(0.015, probability))
    return kept / (1 - kept)


class ComposerEngine:
    name = "composer"
    label = "Built-in composer"
    licence = "MIT (SoundFont: MuseScore General, MIT)"

    def __init__(self, soundfont: Path | None = None) -> None:
        """Without a path the SoundFont is the one that ``MIXTAPE_SOUNDFONT`` names."""
        named = os.environ.get("MIXTAPE_SOUNDFONT")
        self._path = soundfont or (Path(named) if named else None)
        self._soundfont: SoundFont | None = None
        self._lock = Lock()

    def capabilities(self) -> Capabilities:
        return Capabilities(
            vocals=False,
            seed=True,
            min_duration=MIN_DURATION,
            max_duration=MAX_DURATION,
            bpm=True,
            key=True,
            exact_duration=True,
            tasks=["text2music"],
            max_takes=1,
            stems=False,
            reference_audio=False,
            real_progress=True,
        )

    def status(self) -> EngineStatus:
        if find_spec("tinysoundfont") is None:
            return EngineStatus(state=EngineState.NOT_INSTALLED, reason="The package tinysoundfont is not installed.")
        if self._path is None:
            reason = "No SoundFont is set; MIXTAPE_SOUNDFONT names the file."
            return EngineStatus(state=EngineState.NOT_INSTALLED, reason=reason)
        if not self._path.is_file():
            return EngineStatus(state=EngineState.NOT_INSTALLED, reason=f"The SoundFont {self._path} does not exist.")
        return EngineStatus(state=EngineState.READY)

    def load(self) -> None:
        """Read the SoundFont, which takes seconds; its clones take none.

        Raises:
            EngineError: it is missing or is not a SoundFont.
        """
        status = self.status()
        if status.state is not EngineState.READY:
            raise EngineError(status.reason)
        from tinysoundfont._tinysoundfont import SoundFont  # noqa: PLC0415 - absent where not installed

        with self._lock:
            if self._soundfont is None:
                try:
                    self._soundfont = SoundFont(str(self._path))
                except RuntimeError as err:
                    raise EngineError(f"The file {self._path} is not a SoundFont.") from err

    def unload(self) -> None:
        with self._lock:
            self._soundfont = None

    def render(
        self,
        request: RenderRequest,
        on_progress: Callable[[float], None],
        cancelled: Callable[[], bool],
    ) -> list[RenderedTake]:
        self.load()
        with self._lock:
            soundfont = self._soundfont
        if soundfont is None:
            raise EngineError("The SoundFont was unloaded while a song was about to be made.")
        from mixtape_studio.engines.composer.mix import BLOCK, Mixer  # noqa: PLC0415 - needs tinysoundfont
        from mixtape_studio.engines.composer.synthesis import SAMPLE_RATE, Player, Samples, gain  # noqa: PLC0415

        def report(progress: float) -> None:
            if cancelled():
                raise RenderCancelled
            on_progress(progress)

        report(0.0)
        score = compose(request)
        report(_COMPOSED)
        players: list[tuple[Player, np.float32]] = []
        for index, part in enumerate(score.parts):
            player = Player(soundfont, part, score)
            players.append((player, np.float32(gain(player))))
            report(_COMPOSED + (_BALANCED - _COMPOSED) * (index + 1) / len(score.parts))
        mixer = Mixer(score, nearest_style(request.genre), nearest_mood(request.mood))
        total = round(request.duration * SAMPLE_RATE)
        samples = np.empty((2, total), np.float32)

        def mix(position: int, stems: list[tuple[Part, Samples]]) -> None:
            block = mixer.process(position, stems)
            samples[:, position : position + block.shape[1]] = block

        # NumPy mixes one block on a second core while the SoundFont, which keeps the GIL, plays the next.
        with ThreadPoolExecutor(1, "mix") as executor:
            mixing = executor.submit(lambda: None)
            for position in range(0, total, BLOCK):
                count = min(BLOCK, total - position)
                stems = []
                for index, (player, level) in enumerate(players):
                    stem = player.render(count)
                    stem *= level
                    stems.append((player.part, stem))
                    done = (position + count * (index + 1) / len(players)) / total
                    report(_BALANCED + (_MIXED - _BALANCED) * done)
                mixing.result()
                mixing = executor.submit(mix, position, stems)
            mixing.result()
        peak = float(max(samples.max(), -samples.min()))
        if peak > 0:
            samples *= np.float32(_PEAK / peak)
        used = dict(score.details) | {"instruments": ", ".join(_instruments(soundfont, score.parts))}
        report(1.0)
        return [RenderedTake(samples=samples, sample_rate=SAMPLE_RATE, seed=request.seed, used=used)]


def _instruments(soundfont: SoundFont, parts: tuple[Part, ...]) -> list[str]:
    names = [soundfont.get_preset_name(part.bank, part.program) for part in parts]
    return list(dict.fromkeys(name for name in names if name))
