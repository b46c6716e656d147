"""What somebody has to repair; each issue appears once per entry and goes when it is solved."""

from typing import TYPE_CHECKING, Final

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import issue_registry as ir

from .const import DOMAIN

if TYPE_CHECKING:
    from homeassistant.config_entries import ConfigEntry

    from .client import StudioContractError

UNSUPPORTED_STUDIO: Final = "unsupported_studio"
LIBRARY_DAMAGED: Final = "library_damaged"
LIBRARY_NEWER: Final = "library_newer"
LIBRARY_FULL: Final = "library_full"


@callback
def async_unsupported_studio(hass: HomeAssistant, entry: ConfigEntry, err: StudioContractError) -> None:
    _async_create(hass, entry, UNSUPPORTED_STUDIO, found=str(err.found), supported=str(err.supported))


@callback
def async_library_damaged(hass: HomeAssistant, entry: ConfigEntry, path: str) -> None:
    _async_create(hass, entry, LIBRARY_DAMAGED, fixable=True, path=path)


@callback
def async_library_newer(hass: HomeAssistant, entry: ConfigEntry, path: str) -> None:
    _async_create(hass, entry, LIBRARY_NEWER, path=path)


@callback
def async_library_full(hass: HomeAssistant, entry: ConfigEntry, path: str) -> None:
    _async_create(hass, entry, LIBRARY_FULL, path=path)


@callback
def async_clear(hass: HomeAssistant, entry: ConfigEntry, key: str) -> None:
    ir.async_delete_issue(hass, DOMAIN, issue_id(entry, key))


@callback
def async_clear_all(hass: HomeAssistant, entry: ConfigEntry) -> None:
    for key in (UNSUPPORTED_STUDIO, LIBRARY_DAMAGED, LIBRARY_NEWER, LIBRARY_FULL):
        async_clear(hass, entry, key)


def issue_id(entry: ConfigEntry, key: str) -> str:
    return f"{key}_{entry.entry_id}"


def _async_create(
    hass: HomeAssistant, entry: ConfigEntry, key: str, *, fixable: bool = False, **placeholders: str
) -> None:
    ir.async_create_issue(
        hass,
        DOMAIN,
        issue_id(entry, key),
        data={"entry_id": entry.entry_id, **placeholders},
        is_fixable=fixable,
        severity=ir.IssueSeverity.ERROR,
        translation_key=key,
        translation_placeholders=placeholders,
    )
