"""The one place where errors become what a person reads."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers.translation import async_get_exception_message

from .client import StudioError
from .const import DOMAIN
from .coordinator import error_details, error_key
from .library import LibraryError, LibraryFullError
from .request import RequestError
from .words import WordsError

if TYPE_CHECKING:
    from collections.abc import Iterator

FIELD_ERRORS: Final = frozenset(
    {
        "empty",
        "too_long",
        "control_character",
        "not_text",
        "not_boolean",
        "not_number",
        "not_whole",
        "out_of_range",
        "unknown_key",
        "unknown_time_signature",
        "unknown_language",
        "unknown_engine",
    }
)
"""Codes of ``RequestError`` and ``WordsError``; each has the text ``field_<code>``."""


def number(value: float | None) -> str:
    return "" if value is None else f"{value:g}" if abs(value) < 1e6 else f"{value:.0f}"


def readable(error: Exception) -> str:
    """An error, perhaps of somebody else's integration, in words where it has some."""
    if isinstance(error, HomeAssistantError) and error.translation_domain and error.translation_key:
        return async_get_exception_message(
            error.translation_domain, error.translation_key, error.translation_placeholders
        )
    return str(error) or type(error).__name__


@contextmanager
def translated_errors() -> Iterator[None]:
    """Raise what can go wrong inside as errors of Home Assistant, with translated texts.

    Raises:
        ServiceValidationError: somebody asked for what cannot be; names the field.
        HomeAssistantError: the library's or the studio's trouble.
    """
    try:
        yield
    except (RequestError, WordsError) as err:
        raise ServiceValidationError(
            translation_domain=DOMAIN,
            translation_key=f"field_{err.code}" if err.code in FIELD_ERRORS else "field_invalid",
            translation_placeholders={
                "field": err.field,
                "value": err.value,
                "low": number(err.low),
                "high": number(err.high),
            },
        ) from err
    except LibraryFullError as err:
        raise HomeAssistantError(
            translation_domain=DOMAIN, translation_key="library_full", translation_placeholders={"path": str(err.path)}
        ) from err
    except LibraryError as err:
        raise HomeAssistantError(
            translation_domain=DOMAIN, translation_key="library_error", translation_placeholders={"error": str(err)}
        ) from err
    except StudioError as err:
        raise HomeAssistantError(
            translation_domain=DOMAIN, translation_key=error_key(err), translation_placeholders=error_details(err)
        ) from err
