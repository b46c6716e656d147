"""A newcomer types what the demo suggests: it must be understood."""

import subprocess
from pathlib import Path

import pytest
from hassil.intents import Intents
from hassil.recognize import recognize

from custom_components.mixtape.sentences import LANGUAGES
from custom_components.mixtape.words import parse

ROOT = Path(__file__).parents[2]
ROOMS = {"1": ["Living Room"], "2": ["Kitchen"], "3": ["Nursery"]}
ASKED = "from demo_home.__main__ import DEFAULT_SENTENCE, NEXT; print(DEFAULT_SENTENCE, *NEXT, sep='\\n')"


def suggestions() -> list[str]:
    return subprocess.run(
        [ROOT / ".venv/bin/python", "-c", ASKED],
        env={"PYTHONPATH": str(ROOT / "scripts")},
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()


@pytest.mark.parametrize("sentence", suggestions())
def test_a_suggested_sentence_is_understood(sentence: str) -> None:
    wildcard = {"wildcard": True}
    intents = Intents.from_dict(
        {
            "language": "en",
            "intents": {"wish": {"data": [{"sentences": list(LANGUAGES["en"].templates)}]}},
            "lists": {"style": wildcard, "rest": wildcard},
        }
    )
    assert recognize(sentence, intents) is not None
    assert parse(sentence, rooms=ROOMS).room in ROOMS


def test_four_sentences() -> None:
    assert len(suggestions()) == 4
