"""The engine with the real SoundFont."""

from __future__ import annotations

import threading
import time
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pytest

from mixtape_studio.contract import EngineState
from mixtape_studio.engines.base import EngineError, RenderCancelled
from mixtape_studio.engines.composer import ComposerEngine
from mixtape_studio.engines.composer.styles import styles

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Order


def never() -> bool:
    return False


def ignore(_: float) -> None: ...


def level(samples: np.ndarray) -> float:
    """RMS, dBFS."""
    return float(10 * np.log10(np.mean(samples.astype(np.float64) ** 2) + 1e-12))


@pytest.mark.parametrize("genre", sorted(styles()))
def test_every_genre_sounds(engine: ComposerEngine, order: Order, genre: str) -> None:
    (take,) = engine.render(order(genre, mood="happy", duration=10.01), ignore, never)
    assert take.samples.shape == (2, round(10.01 * 48_000))
    assert take.samples.dtype == np.float32
    assert take.sample_rate == 48_000
    assert np.isfinite(take.samples).all()
    peak = np.abs(take.samples).max()
    assert 0.5 < peak <= 1
    assert level(take.samples[:, 24_000:-96_000]) > -30
    # Not mono, and not lost in mono.
    middle, side = take.samples.sum(axis=0) / 2, (take.samples[0] - take.samples[1]) / 2
    assert -30 < level(side) - level(middle) < -2
    # No second of silence within the music, and silence at the end.
    seconds = [level(take.samples[:, at : at + 48_000]) for at in range(4_800, 7 * 48_000, 48_000)]
    assert min(seconds) > -45
    assert level(take.samples[:, -480:]) < -60
    assert take.used["style"] == genre
    assert take.used["instruments"]


@pytest.mark.parametrize("duration", [10.0, 33.333, 59.7])
def test_the_length_is_exact_and_the_end_decays(engine: ComposerEngine, order: Order, duration: float) -> None:
    (take,) = engine.render(order("pop", duration=duration), ignore, never)
    assert take.samples.shape[1] == round(duration * 48_000)
    tail = [level(take.samples[:, -at:][:, :9_600]) for at in range(96_000, 0, -9_600)]
    assert tail[-1] < tail[0] - 25
    assert all(after < before + 3 for before, after in pairwise(tail))
    # No cut: no jump between two samples, least of all at the end.
    assert np.abs(np.diff(take.samples[:, -24_000:])).max() < 0.08


def test_the_same_order_gives_the_same_samples(engine: ComposerEngine, order: Order) -> None:
    request = order("electronic", duration=12.0)
    (one,) = engine.render(request, ignore, never)
    (other,) = engine.render(request, ignore, never)
    assert np.array_equal(one.samples, other.samples)
    (different,) = engine.render(order("electronic", duration=12.0, seed=2), ignore, never)
    assert not np.array_equal(one.samples, different.samples)


def test_two_renderings_at_once_do_not_disturb_each_other(engine: ComposerEngine, order: Order) -> None:
    requests = [order("jazz", duration=10.0), order("rock", duration=10.0)]
    alone = [engine.render(request, ignore, never)[0].samples for request in requests]
    together: dict[int, np.ndarray] = {}

    def make(index: int) -> None:
        together[index] = engine.render(requests[index], ignore, never)[0].samples

    threads = [threading.Thread(target=make, args=(index,)) for index in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert all(np.array_equal(alone[index], together[index]) for index in range(2))


def test_progress_rises_to_one(engine: ComposerEngine, order: Order) -> None:
    seen: list[float] = []
    engine.render(order("jazz", duration=20.0), seen.append, never)
    assert seen[0] == 0.0
    assert seen[-1] == 1.0
    assert seen == sorted(seen)
    assert len(seen) > 20
    assert max(np.diff(seen)) < 0.15


def test_cancelled_within_one_chunk(engine: ComposerEngine, order: Order) -> None:
    asked = 0
    seen: list[float] = []

    def cancelled() -> bool:
        nonlocal asked
        asked += 1
        return asked > 25

    with pytest.raises(RenderCancelled):
        engine.render(order("jazz", duration=300.0), seen.append, cancelled)
    assert asked == 26
    assert len(seen) == 25
    assert seen[-1] < 0.5


def test_unknown_words_are_played_as_the_nearest(engine: ComposerEngine, order: Order) -> None:
    (take,) = engine.render(order("bossa nova", mood="zzz", duration=10.0), ignore, never)
    assert take.used["style"] == "jazz"
    assert take.used["mood"] == "neutral"


def test_what_it_says_of_itself(engine: ComposerEngine) -> None:
    assert engine.name == "composer"
    assert engine.label == "Built-in composer"
    capabilities = engine.capabilities()
    assert capabilities.exact_duration
    assert not capabilities.vocals
    assert (capabilities.min_duration, capabilities.max_duration) == (10.0, 600.0)
    assert engine.status().state is EngineState.READY


def test_a_missing_soundfont_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = ComposerEngine(tmp_path / "none.sf3")
    assert engine.status().state is EngineState.NOT_INSTALLED
    assert "none.sf3" in (engine.status().reason or "")
    with pytest.raises(EngineError, match=r"none\.sf3"):
        engine.load()
    monkeypatch.delenv("MIXTAPE_SOUNDFONT", raising=False)
    assert "MIXTAPE_SOUNDFONT" in (ComposerEngine().status().reason or "")
    monkeypatch.setenv("MIXTAPE_SOUNDFONT", str(tmp_path / "other.sf3"))
    assert "other.sf3" in (ComposerEngine().status().reason or "")


def test_a_missing_synthesiser_is_told(engine: ComposerEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mixtape_studio.engines.composer.engine.find_spec", lambda _: None)
    assert engine.status().state is EngineState.NOT_INSTALLED
    assert "tinysoundfont" in (engine.status().reason or "")


def test_a_file_that_is_no_soundfont_is_told(tmp_path: Path) -> None:
    path = tmp_path / "broken.sf3"
    path.write_bytes(b"RIFF" + bytes(400))
    with pytest.raises(EngineError, match="not a SoundFont"):
        ComposerEngine(path).load()


def test_unloading_and_loading_again(order: Order, engine: ComposerEngine) -> None:
    before = engine.render(order(duration=10.0), ignore, never)[0].samples
    engine.unload()
    begin = time.monotonic()
    after = engine.render(order(duration=10.0), ignore, never)[0].samples
    assert np.array_equal(before, after)
    assert time.monotonic() - begin < 60
