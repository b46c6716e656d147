"""Whatever JSON comes, a model or an error of ours comes out."""

from __future__ import annotations

import contextlib
import copy
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from custom_components.mixtape.client import Event, Health, Job, StudioResponseError
from custom_components.mixtape.client.client import _decode
from custom_components.mixtape.client.models import EngineList, Liveness
from tests.integration.client.loopback_studio import HEALTH, JOB

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=20)
    | st.sampled_from(["2026-13-01", "9999-12-31T23:59:60Z", "1e999", "NaN", "\ud800"])
)
ANYTHING = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
EVENT = {"id": 1, "type": "job", "at": "2026-11-21T10:00:00Z", "job": JOB}


def _places(value: Any, place: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place in a document, its top included."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [place, *(found for key, item in inner for found in _places(item, (*place, key)))]


def _decoded(model: Any, value: Any) -> None:
    with contextlib.suppress(StudioResponseError):
        assert isinstance(_decode(model, value), model)


@settings(deadline=None, max_examples=300)
@given(st.sampled_from(_places(EVENT)), ANYTHING)
def test_anything_anywhere_in_an_event(place: tuple[Any, ...], value: Any) -> None:
    document = {"": copy.deepcopy(EVENT)}
    *way, last = ("", *place)
    target: Any = document
    for key in way:
        target = target[key]
    target[last] = value
    _decoded(Event, document[""])


@settings(deadline=None)
@given(st.sampled_from([Job, Health, Liveness, EngineList]), ANYTHING)
def test_anything_at_all(model: Any, value: Any) -> None:
    _decoded(model, value)


@settings(deadline=None)
@given(st.sampled_from(sorted(HEALTH)), ANYTHING)
def test_anything_in_the_health(field: str, value: Any) -> None:
    _decoded(Health, {**HEALTH, field: value})
