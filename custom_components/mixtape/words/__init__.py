"""Plain words to the fields of a song: deterministic, standard library only.

The files of this package are the same in the integration and in the studio; the studio's are the
source, and ``scripts/build`` copies them. A language is one module with a ``Vocabulary``.
"""

from __future__ import annotations

from .en import GENRES, MOODS
from .errors import WordsError
from .parser import ParsedWish, parse

__all__ = ["GENRES", "MOODS", "ParsedWish", "WordsError", "parse"]
