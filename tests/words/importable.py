"""The words package of whichever environment runs the tests: the files are the same."""

from __future__ import annotations

import importlib
import importlib.util

PACKAGE = "mixtape_studio.words" if importlib.util.find_spec("mixtape_studio") else "custom_components.mixtape.words"

words = importlib.import_module(PACKAGE)
clauses = importlib.import_module(f"{PACKAGE}.clauses")
parser = importlib.import_module(f"{PACKAGE}.parser")
titles = importlib.import_module(f"{PACKAGE}.titles")
tokens = importlib.import_module(f"{PACKAGE}.tokens")
