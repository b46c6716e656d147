"""The languages: one module and one line each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from .en import ENGLISH
from .en_titles import ENGLISH_TITLES

if TYPE_CHECKING:
    from .vocabulary import Vocabulary

VOCABULARIES: Final = {vocabulary.language: vocabulary for vocabulary in (ENGLISH,)}
TITLES: Final = {"en": ENGLISH_TITLES}


def vocabulary_for(language: str) -> Vocabulary:
    return VOCABULARIES.get(language.partition("-")[0].lower(), ENGLISH)
