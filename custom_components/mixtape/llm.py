"""The tool with which an agent with a language model makes songs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from homeassistant.components.llm import LLMTools
from homeassistant.core import callback
from homeassistant.helpers import intent
from homeassistant.helpers.llm import LLM_API_ASSIST, IntentTool, ToolAnnotations

from .const import DOMAIN
from .intent import CREATE_SONG

if TYPE_CHECKING:
    from homeassistant.core import HomeAssistant
    from homeassistant.helpers.llm import LLMContext


@callback
def async_get_tools(hass: HomeAssistant, _: LLMContext, api_id: str) -> LLMTools | None:
    """The intent as a tool of the Assist API; where somebody speaks is filled in by Home Assistant."""
    handler = next((handler for handler in intent.async_get(hass) if handler.intent_type == CREATE_SONG), None)
    if api_id != LLM_API_ASSIST or handler is None or not hass.config_entries.async_loaded_entries(DOMAIN):
        return None
    tool = IntentTool(
        f"{DOMAIN}__create_song",
        handler,
        title="Create song",
        integration=DOMAIN,
        # It adds a song, another one at each call, and asks nobody outside the home.
        annotations=ToolAnnotations(destructive=False, open_world=False),
    )
    return LLMTools(tools=[tool])
