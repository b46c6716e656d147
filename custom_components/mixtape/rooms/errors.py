"""Why a room does not play. One error with a stable code; its text is a translation key."""

from __future__ import annotations

from enum import StrEnum

from homeassistant.exceptions import HomeAssistantError

from custom_components.mixtape.const import DOMAIN


class PlaybackCode(StrEnum):
    NO_SPEAKERS = "no_speakers"
    """The room has none."""
    NO_FILE = "no_file"
    """The song has no audio file in the library."""
    NO_SONG = "no_song"
    """Nothing to play, or the library does not know the song."""
    NO_URL = "no_url"
    """Home Assistant knows no address of itself that a speaker could reach."""
    SPEAKER_MISSING = "speaker_missing"
    SPEAKER_UNAVAILABLE = "speaker_unavailable"
    SPEAKER_OFF = "speaker_off"
    NOT_STARTED = "not_started"
    """The speaker took the call, but its position never rose."""
    WRONG_MEDIA = "wrong_media"
    """The speaker plays something else."""
    REFUSED = "refused"
    """The speaker's own integration raised an error."""
    IGNORED = "ignored"
    """The speaker took the call and went on as before."""
    UNSUPPORTED = "unsupported"
    """None of the room's speakers can do that."""
    SUPERSEDED = "superseded"
    """Somebody asked for something else before this began to play."""


class PlaybackError(HomeAssistantError):
    def __init__(
        self, code: PlaybackCode, entity_id: str | None = None, detail: str = "", *, speaker: str | None = None
    ) -> None:
        """``speaker``: what people call the one with this entity id."""
        super().__init__(
            translation_domain=DOMAIN,
            translation_key=f"playback_{code}",
            translation_placeholders={"speaker": speaker or entity_id or "", "detail": detail},
        )
        self.code = code
        self.entity_id = entity_id
        self.detail = detail
