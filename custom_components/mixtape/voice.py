"""Spoken wishes: what is heard, what is answered."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from homeassistant.components import conversation
from homeassistant.components.conversation.chat_log import current_chat_log
from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import ServiceValidationError

from .client import Priority
from .const import DOMAIN, LOGGER
from .helpers import number
from .library import LibraryError, LibraryFullError
from .naming import async_area_of_satellite, async_room_names, async_room_of_area, room_named
from .ordering import Order, async_loaded_entry, async_order, check_room
from .request import RequestError, check_text, from_words
from .sentences import LANGUAGES, language_for
from .words import WordsError, parse

if TYPE_CHECKING:
    from hassil.recognize import RecognizeResult
    from homeassistant.components.conversation import ConversationInput
    from homeassistant.core import Context
    from homeassistant.helpers import intent

    from .sentences import Language

MAX_SPOKEN: Final = 40
_WORDS: Final = re.compile(r"[^\W_]+(?:['\u2019-][^\W_]+)*")


class SpokenError(Exception):
    """A wish that nothing comes of; ``str()`` is what to answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spoken:
    """Something somebody said, and where. ``room`` is a name that an agent has understood."""

    text: str
    language: str
    context: Context
    room: str | None = None
    area_id: str | None = None
    satellite_id: str | None = None
    device_id: str | None = None


def sounds_like_a_wish(text: str, language: Language) -> bool:
    """Templates with free words match too much: another command's word may stand neither before the song's nor next."""
    if language.not_ours(text):
        return False
    words = _WORDS.findall(text.lower())
    for word, following in pairwise([*words, ""]):
        if word in language.nouns:
            return following not in language.not_wishes
        if word in language.not_wishes:
            return False
    return True


async def async_answer(hass: HomeAssistant, spoken: Spoken) -> str:
    """Begin to make the song and say so.

    Raises:
        SpokenError: with what to say instead.
    """
    language = language_for(spoken.language)
    say = language.texts
    try:
        entry = async_loaded_entry(hass)
    except ServiceValidationError as err:
        raise SpokenError(say["not_ready"]) from err
    rooms = async_room_names(hass, entry)
    known = ", ".join(names[0] for names in rooms.values())
    try:
        heard = parse(check_text("text", spoken.text), rooms=rooms, language=spoken.language)
        fields = from_words(heard)
    except (WordsError, RequestError) as err:
        raise SpokenError(_refusal(err, language)) from err

    room_id = heard.room
    unknown = heard.unknown_room
    if spoken.room:
        room_id = room_named(spoken.room, rooms)
        unknown = None if room_id else spoken.room
    if unknown:
        raise SpokenError(say["unknown_room" if known else "no_rooms"].format(room=unknown[:MAX_SPOKEN], rooms=known))
    room_id = room_id or async_room_of_area(entry, spoken.area_id)
    try:
        room_id = check_room(hass, entry, room_id, aloud=True)
    except ServiceValidationError as err:
        if err.translation_key == "room_without_speakers" and room_id:
            text = say["no_speakers"].format(room=language.place(rooms[room_id][0]))
        else:
            text = say["which_room" if known else "no_rooms"].format(rooms=known)
        raise SpokenError(text) from err
    order = Order(
        fields=fields,
        text=heard.text,
        room_id=room_id,
        priority=Priority.VOICE,
        language=spoken.language,
        satellite_id=spoken.satellite_id,
        device_id=spoken.device_id,
        context=spoken.context,
    )
    try:
        await async_order(hass, entry, order)
    except LibraryError as err:
        LOGGER.error("A spoken wish could not be kept: %s", err)
        # The log has the path; nobody wants to hear it.
        reason = "disk_full" if isinstance(err, LibraryFullError) else "library"
        raise SpokenError(say["failed"].format(reason=say[reason])) from err
    place = language.place(rooms[room_id][0]) if room_id else None
    key = "making" if entry.runtime_data.studio.connected else "asleep"
    return say[key if place else f"{key}_unplaced"].format(song=language.describe(heard), room=place)


def _refusal(err: WordsError | RequestError, language: Language) -> str:
    field = language.fields.get(err.field, err.field)
    match err.code:
        case "too_long":
            return language.texts["too_long"]
        case "out_of_range":
            return language.texts["out_of_range"].format(field=field, low=number(err.low), high=number(err.high))
        case _:
            return language.texts["not_understood"].format(field=field, value=err.value[:MAX_SPOKEN])


@callback
def async_setup_voice(hass: HomeAssistant) -> None:
    """Have the sentences heard, before any agent is asked.

    There is no public way for an integration to bring sentences; this is how Home Assistant's own sentence
    triggers do it. Should that change, voice falls silent with one warning and everything else works.
    """

    async def _async_heard(user_input: ConversationInput, _: RecognizeResult) -> str | None:
        language = language_for(user_input.language)
        # The sentences stay known to Home Assistant when the entry is removed.
        if not (hass.config_entries.async_entries(DOMAIN) and sounds_like_a_wish(user_input.text, language)):
            return await _async_hand_back(hass, user_input, language)
        spoken = Spoken(
            text=user_input.text,
            language=user_input.language,
            context=user_input.context,
            area_id=async_area_of_satellite(hass, user_input.satellite_id, user_input.device_id),
            satellite_id=user_input.satellite_id,
            device_id=user_input.device_id,
        )
        try:
            return await async_answer(hass, spoken)
        except SpokenError as err:
            return str(err)

    try:
        from homeassistant.components.conversation.agent_manager import get_agent_manager  # noqa: PLC0415

        manager = get_agent_manager(hass)
        for language in LANGUAGES.values():
            manager.register_trigger(list(language.templates), _async_heard)
    # Whatever a changed Home Assistant raises here must not take the rest down.
    except Exception as err:  # noqa: BLE001
        LOGGER.warning("Mixtape's spoken sentences do not work with this version of Home Assistant: %r", err)


async def _async_hand_back(hass: HomeAssistant, user_input: ConversationInput, language: Language) -> str:
    """The sentence was somebody else's: let whoever would have been asked have it."""
    from homeassistant.components.conversation.agent_manager import get_agent_manager  # noqa: PLC0415

    agent = get_agent_manager(hass).default_agent
    own = (None, conversation.HOME_ASSISTANT_AGENT, agent.entity_id if agent else None)
    response: intent.IntentResponse | None = None
    if user_input.agent_id not in own:
        result = await conversation.async_converse(
            hass,
            user_input.text,
            user_input.conversation_id,
            user_input.context,
            language=user_input.language,
            agent_id=user_input.agent_id,
            device_id=user_input.device_id,
            satellite_id=user_input.satellite_id,
        )
        response = result.response
    elif agent and (log := current_chat_log.get()):
        response = await agent.async_handle_intents(user_input, log)
    speech = response.speech.get("plain", {}).get("speech") if response else None
    return speech or language.texts["not_a_wish"]
