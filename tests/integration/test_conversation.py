"""Speaking with the real Home Assistant."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import pytest
from homeassistant.components import conversation
from homeassistant.components.conversation import agent_manager
from homeassistant.core import Context
from homeassistant.helpers import area_registry as ar
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers import intent, llm
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.mixtape.const import DOMAIN
from custom_components.mixtape.intent import CREATE_SONG
from custom_components.mixtape.library import Library, LibraryError, LibraryFullError
from custom_components.mixtape.voice import async_setup_voice
from tests.integration.conftest import eventually
from tests.integration.scripted_studio import TOKEN

if TYPE_CHECKING:
    from homeassistant.core import HomeAssistant

    from tests.integration.conftest import Home
    from tests.integration.scripted_studio import ScriptedStudio


@pytest.fixture
async def entry(home: Home, scripted: ScriptedStudio) -> Any:
    entry = await home.set_up(scripted.url, TOKEN)
    await eventually(lambda: entry.runtime_data.studio.connected)
    return entry


async def say(hass: HomeAssistant, text: str, **where: Any) -> str:
    result = await conversation.async_converse(hass, text, None, Context(), language="en", **where)
    return result.response.speech["plain"]["speech"]


def satellite(hass: HomeAssistant, area_id: str | None, *, of_entity: bool = False) -> dict[str, str]:
    """A voice satellite in an area: by its device, or by its entity only."""
    owner = MockConfigEntry(domain="satellite")
    owner.add_to_hass(hass)
    device = dr.async_get(hass).async_get_or_create(config_entry_id=owner.entry_id, identifiers={("s", "1")})
    entity = er.async_get(hass).async_get_or_create(
        "assist_satellite", "satellite", "1", device_id=device.id, original_name="Satellite"
    )
    if of_entity:
        er.async_get(hass).async_update_entity(entity.entity_id, area_id=area_id)
        return {"satellite_id": entity.entity_id, "device_id": device.id}
    dr.async_get(hass).async_update_device(device.id, area_id=area_id)
    return {"device_id": device.id}


async def test_a_wish_with_a_room(hass: HomeAssistant, entry: Any, scripted: ScriptedStudio) -> None:
    answer = await say(hass, "Create a relaxing jazz song for the living room.")
    assert answer == "I'm making a relaxing jazz song for the living room."
    await eventually(lambda: scripted.orders)
    (order,) = scripted.orders
    assert (order["priority"], order["request"]["genre"], order["request"]["mood"]) == ("voice", "jazz", "relaxing")


@pytest.mark.parametrize("of_entity", [False, True])
async def test_where_it_was_spoken_is_where_it_plays(
    hass: HomeAssistant, home: Home, entry: Any, *, of_entity: bool
) -> None:
    where = satellite(hass, home.area_ids["Bedroom"], of_entity=of_entity)
    assert await say(hass, "write a song about the sea", **where) == "I'm making a song about the sea for the bedroom."
    # A room that is named goes before it.
    assert (await say(hass, "make me a rock song in the kitchen", **where)).endswith("for the kitchen.")
    (first, second) = entry.runtime_data.library.wishes()
    assert first.satellite_id == where.get("satellite_id")
    assert [wish.room_id for wish in (first, second)] == [
        home.room_id(entry, "Bedroom"),
        home.room_id(entry, "Kitchen"),
    ]


async def test_a_studio_that_sleeps(hass: HomeAssistant, entry: Any, scripted: ScriptedStudio) -> None:
    await scripted.stop()
    await eventually(lambda: not entry.runtime_data.studio.connected)
    answer = await say(hass, "make a relaxing song for the kitchen")
    assert answer == "The studio is asleep. I'll make a relaxing song for the kitchen when it is back."
    assert len(entry.runtime_data.library.wishes()) == 1


@pytest.mark.parametrize(
    ("sentence", "answer"),
    [
        ("make a song for the garage", "I don't know a room called garage. I know Living Room, Kitchen, Bedroom."),
        ("make a song", "For which room? I know Living Room, Kitchen, Bedroom."),
        (
            "make a song at 900 bpm in the kitchen",
            "I can't do that: the tempo in beats per minute must be between 40 and 220.",
        ),
        ("make a song " + "about the very long sea " * 200, "That was too long for me. Please say it in fewer words."),
    ],
)
async def test_what_cannot_be_done_is_answered(hass: HomeAssistant, entry: Any, sentence: str, answer: str) -> None:
    assert await say(hass, sentence) == answer
    assert entry.runtime_data.library.wishes() == []


async def test_a_wish_with_a_control_character(hass: HomeAssistant, entry: Any) -> None:
    answer = await say(hass, "make a song about \x07 in the kitchen")
    assert answer == "I can't do that: I don't understand the wish U+0007."


async def test_a_room_without_speakers(hass: HomeAssistant, home: Home, entry: Any) -> None:
    room = entry.subentries[home.room_id(entry, "Kitchen")]
    hass.config_entries.async_update_subentry(entry, room, data={**room.data, "speakers": []})
    await hass.async_block_till_done()
    answer = await say(hass, "make a song in the kitchen")
    assert answer == "There is no speaker in the kitchen. Add one in Mixtape's settings."


async def test_without_rooms(hass: HomeAssistant, home: Home, scripted: ScriptedStudio) -> None:
    entry = await home.set_up(scripted.url, TOKEN, rooms=[])
    assert await say(hass, "make a song") == "Mixtape has no room yet. Add one in its settings."
    assert await hass.config_entries.async_unload(entry.entry_id)
    assert await say(hass, "make a song") == "Mixtape is not set up, or could not be loaded."


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (LibraryError("/config/mixtape: no"), "the library cannot be used"),
        (LibraryFullError(Path("/config/mixtape")), "the disk is full"),
    ],
)
async def test_a_wish_that_cannot_be_kept(
    hass: HomeAssistant, entry: Any, monkeypatch: pytest.MonkeyPatch, error: LibraryError, reason: str
) -> None:
    def fail(*_: Any) -> None:
        raise error

    monkeypatch.setattr(Library, "add_wish", fail)
    assert await say(hass, "make a song in the kitchen") == f"Sorry, I could not keep your wish: {reason}."


# Other people's sentences


async def test_home_assistants_own_sentences_still_work(hass: HomeAssistant, entry: Any) -> None:
    assert await async_setup_component(hass, "light", {})
    hass.states.async_set("light.kitchen", "off", {"friendly_name": "Kitchen light"})
    turned_on = []
    hass.services.async_register("light", "turn_on", turned_on.append)
    await say(hass, "turn on Kitchen light")
    assert len(turned_on) == 1
    for sentence in ("pause", "next track", "play Bohemian Rhapsody by Queen in the kitchen", "play music"):
        await say(hass, sentence)
    assert entry.runtime_data.library.wishes() == []


async def test_what_only_sounds_like_a_wish_is_given_back(hass: HomeAssistant, entry: Any) -> None:
    """No built-in sentence is known that our templates match, so this one is made with a custom intent."""
    heard = []

    class Note(intent.IntentHandler):
        intent_type = "HassTurnOn"

        async def async_handle(self, intent_obj: intent.Intent) -> intent.IntentResponse:
            heard.append(intent_obj)
            return intent_obj.create_response()

    assert await say(hass, "create a timer for the song") == "Sorry, I couldn't understand that."
    agent_manager.get_agent_manager(hass).update_config_intents(
        {"HassTurnOn": {"data": [{"sentences": ["create a timer for the song"]}]}}
    )
    await agent_manager.get_agent_manager(hass).default_agent.async_reload(language="en")
    intent.async_register(hass, Note())
    await say(hass, "create a timer for the song")
    assert len(heard) == 1
    assert entry.runtime_data.library.wishes() == []


class Parrot(conversation.AbstractConversationAgent):
    """An agent of somebody else."""

    supported_languages: ClassVar[list[str]] = ["en"]

    def __init__(self) -> None:
        self.heard: list[str] = []

    async def async_process(self, user_input: conversation.ConversationInput) -> conversation.ConversationResult:
        self.heard.append(user_input.text)
        response = intent.IntentResponse(language=user_input.language)
        response.async_set_speech(f"Parrot: {user_input.text}")
        return conversation.ConversationResult(response=response, conversation_id=None)


async def test_it_is_given_back_to_the_agent_that_was_asked(hass: HomeAssistant, entry: Any) -> None:
    parrot = Parrot()
    agent_manager.get_agent_manager(hass).async_set_agent("parrot", parrot)
    user_input = conversation.ConversationInput(
        text="create a timer for the song",
        context=Context(),
        conversation_id=None,
        device_id=None,
        satellite_id=None,
        language="en",
        agent_id="parrot",
    )
    # As a pipeline does: sentence triggers come before any agent.
    with conversation.async_get_chat_log(hass, chat_session(hass), user_input) as log:
        agent = agent_manager.get_agent_manager(hass).default_agent
        answer = await agent.async_handle_sentence_triggers(user_input, log)
    assert answer == "Parrot: create a timer for the song"


def chat_session(hass: HomeAssistant) -> Any:
    from homeassistant.helpers import chat_session as sessions

    with sessions.async_get_chat_session(hass) as session:
        return session


async def test_a_changed_home_assistant_costs_the_sentences_only(
    hass: HomeAssistant, entry: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.delattr(agent_manager.AgentManager, "register_trigger")
    async_setup_voice(hass)
    assert "Mixtape's spoken sentences do not work with this version of Home Assistant" in caplog.text


# The intent


async def handle(hass: HomeAssistant, **slots: str) -> str:
    response = await intent.async_handle(
        hass, "test", CREATE_SONG, {name: {"value": value} for name, value in slots.items()}
    )
    return response.speech["plain"]["speech"]


async def test_the_intent(hass: HomeAssistant, home: Home, entry: Any) -> None:
    assert await handle(hass, wish="a lullaby", area="Bedroom") == "I'm making a lullaby for the bedroom."
    assert (await handle(hass, wish="a lullaby", area=home.area_ids["Kitchen"])).endswith("for the kitchen.")
    assert (await handle(hass, wish="a lullaby", preferred_area_id=home.area_ids["Kitchen"])).endswith("the kitchen.")
    with pytest.raises(intent.IntentHandleError, match="I don't know a room called Moon"):
        await handle(hass, wish="a lullaby", area="Moon")
    ar.async_get(hass).async_create("Shed")
    with pytest.raises(intent.IntentHandleError, match="Shed"):
        await handle(hass, wish="a lullaby", area="Shed")


async def test_an_agent_with_a_language_model_has_it_as_a_tool(hass: HomeAssistant, home: Home, entry: Any) -> None:
    assert await async_setup_component(hass, "llm", {})
    where = satellite(hass, home.area_ids["Bedroom"])
    context = llm.LLMContext(
        platform="test", context=Context(), language="en", assistant="conversation", device_id=where["device_id"]
    )
    api = await llm.async_get_api(hass, "assist", context)
    tool = next(tool for tool in api.tools if tool.name == "mixtape__create_song")
    await api.async_call_tool(llm.ToolInput(tool.name, {"wish": "a sad country song"}))
    (wish,) = entry.runtime_data.library.wishes()
    assert wish.room_id == home.room_id(entry, "Bedroom")
    assert wish.request["genre"] == "country"
    assert await hass.config_entries.async_unload(entry.entry_id)
    api = await llm.async_get_api(hass, "assist", context)
    assert not [tool for tool in api.tools if tool.name.startswith("mixtape__")]


async def test_without_an_entry_every_sentence_is_home_assistants(
    hass: HomeAssistant, home: Home, scripted: ScriptedStudio
) -> None:
    assert await async_setup_component(hass, DOMAIN, {})
    assert await say(hass, "make a song") == "Sorry, I couldn't understand that."
    entry = await home.set_up(scripted.url, TOKEN)
    await hass.config_entries.async_remove(entry.entry_id)
    assert await say(hass, "make a song") == "Sorry, I couldn't understand that."
