"""Which speakers an area has."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from homeassistant.components.media_player.const import DOMAIN as MEDIA_PLAYER_DOMAIN
from homeassistant.components.media_player.const import MediaPlayerDeviceClass, MediaPlayerEntityFeature
from homeassistant.const import ATTR_DEVICE_CLASS, ATTR_SUPPORTED_FEATURES
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import area_registry as ar
from homeassistant.helpers import entity_registry as er

from .const import DOMAIN

if TYPE_CHECKING:
    from collections.abc import Iterable

# A room that plays on another room, or twice on the members of a group, would echo.
NOT_SPEAKERS = frozenset({DOMAIN, "group", "universal"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A media player that could be a room's speaker."""

    entity_id: str
    device_id: str | None
    is_screen: bool


def choose_speakers(candidates: Iterable[Candidate]) -> list[str]:
    """Prefer speakers to screens, and take one player per device.

    Several integrations may show the same loudspeaker on one device, and a television is usually
    off: it is only suggested where there is nothing else.
    """
    found = sorted(candidates, key=lambda candidate: candidate.entity_id)
    wanted = [candidate for candidate in found if not candidate.is_screen] or found
    devices: set[str] = set()
    speakers: list[str] = []
    for candidate in wanted:
        if candidate.device_id in devices:
            continue
        if candidate.device_id is not None:
            devices.add(candidate.device_id)
        speakers.append(candidate.entity_id)
    return speakers


@callback
def async_speakers_by_area(hass: HomeAssistant) -> dict[str, list[str]]:
    """Area id to the players suggested for it; areas without any are left out."""
    by_area: dict[str, list[Candidate]] = {}
    for entry in er.async_get(hass).entities.values():
        if entry.domain != MEDIA_PLAYER_DOMAIN or entry.platform in NOT_SPEAKERS or entry.disabled or entry.hidden:
            continue
        if not (area_id := er.async_get_effective_area_id(hass, entry)):
            continue
        state = hass.states.get(entry.entity_id)
        features = state.attributes.get(ATTR_SUPPORTED_FEATURES) if state else None
        if features is None:
            features = entry.supported_features
        if not features & MediaPlayerEntityFeature.PLAY_MEDIA:
            continue
        device_class = entry.device_class or entry.original_device_class
        if state:
            device_class = state.attributes.get(ATTR_DEVICE_CLASS, device_class)
        by_area.setdefault(area_id, []).append(
            Candidate(
                entity_id=entry.entity_id,
                device_id=entry.device_id,
                is_screen=device_class in (MediaPlayerDeviceClass.TV, MediaPlayerDeviceClass.PROJECTOR),
            )
        )
    return {area_id: choose_speakers(candidates) for area_id, candidates in by_area.items()}


@callback
def async_area_name(hass: HomeAssistant, area_id: str | None) -> str | None:
    if area_id is None or (area := ar.async_get(hass).async_get_area(area_id)) is None:
        return None
    return area.name
