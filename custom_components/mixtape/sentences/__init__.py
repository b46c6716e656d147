"""What Mixtape hears and says; a language is one module and one line here."""

from .en import ENGLISH
from .language import Language

LANGUAGES = {ENGLISH.code: ENGLISH}


def language_for(code: str) -> Language:
    """English where a language is not known yet, as ``words`` reads it."""
    return LANGUAGES.get(code.partition("-")[0], ENGLISH)


__all__ = ["LANGUAGES", "Language", "language_for"]
