"""Open the home's library, or say what to repair."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from homeassistant.exceptions import ConfigEntryError, ConfigEntryNotReady

from . import issues
from .const import DOMAIN
from .library import Library, LibraryDamagedError, LibraryError, LibraryFullError, LibraryNewerError

if TYPE_CHECKING:
    from homeassistant.core import HomeAssistant

    from .coordinator import MixtapeConfigEntry


async def async_open_library(hass: HomeAssistant, entry: MixtapeConfigEntry) -> Library:
    """A library that cannot be read stops everything, and is left as it is."""
    folder = Path(hass.config.path(DOMAIN))
    placeholders = {"path": str(folder / "mixtape.db")}
    try:
        library = await hass.async_add_executor_job(Library.open, folder)
    except LibraryDamagedError as err:
        issues.async_library_damaged(hass, entry, str(err.path))
        raise ConfigEntryError(
            translation_domain=DOMAIN, translation_key="library_damaged", translation_placeholders=placeholders
        ) from err
    except LibraryNewerError as err:
        issues.async_library_newer(hass, entry, str(err.path))
        raise ConfigEntryError(
            translation_domain=DOMAIN, translation_key="library_newer", translation_placeholders=placeholders
        ) from err
    except LibraryError as err:
        if isinstance(err, LibraryFullError):
            issues.async_library_full(hass, entry, str(err.path))
        raise ConfigEntryNotReady(
            translation_domain=DOMAIN, translation_key="library_error", translation_placeholders={"error": str(err)}
        ) from err
    for key in (issues.LIBRARY_DAMAGED, issues.LIBRARY_NEWER, issues.LIBRARY_FULL):
        issues.async_clear(hass, entry, key)
    return library
