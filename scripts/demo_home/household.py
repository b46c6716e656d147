"""What a person does in Home Assistant's settings: adds the speakers and the voice, and puts them in their places."""

from typing import Any

from .api import HomeApi
from .errors import DemoError
from .home import Home
from .processes import wait_for
from .speakers import Speaker

ENTITY_LIMIT = 30.0


async def _entity_of(api: HomeApi, entry_id: str, domain: str) -> dict[str, Any]:
    async def find() -> dict[str, Any] | None:
        for entity in await api.ask("config/entity_registry/list"):
            if entity["config_entry_id"] == entry_id and entity["entity_id"].startswith(f"{domain}."):
                return dict(entity)
        return None

    return await wait_for(f"the {domain} entity of a new integration", find, limit=ENTITY_LIMIT)


async def add_speaker(home: Home, speaker: Speaker) -> str:
    """Adds a player through Home Assistant's own ``mpd`` flow; returns its entity id."""
    flow = await home.api.run_flow("entry", "mpd", {"host": "127.0.0.1", "port": speaker.port})
    entity = await _entity_of(home.api, flow["result"]["entry_id"], "media_player")
    await home.api.ask(
        "config/device_registry/update",
        device_id=entity["device_id"],
        area_id=home.areas[speaker.area],
        name_by_user=f"{speaker.area} Speaker",
    )
    entity_id = f"media_player.{speaker.area.lower().replace(' ', '_')}_speaker"
    await home.api.ask("config/entity_registry/update", entity_id=entity["entity_id"], new_entity_id=entity_id)

    async def present() -> bool | None:
        state = (await home.api.states()).get(entity_id)
        return True if state and state["state"] != "unavailable" else None

    await wait_for(f"{entity_id} in Home Assistant", present, limit=ENTITY_LIMIT)
    return entity_id


async def add_voice(home: Home, port: int) -> str:
    """Adds the Wyoming server and makes it the voice of Assist; returns its entity id."""
    flow = await home.api.run_flow("entry", "wyoming", {"host": "127.0.0.1", "port": port})
    entity_id = str((await _entity_of(home.api, flow["result"]["entry_id"], "tts"))["entity_id"])
    answer = await home.api.ask("assist_pipeline/pipeline/list")
    preferred = next((one for one in answer["pipelines"] if one["id"] == answer["preferred_pipeline"]), None)
    if preferred is None:
        raise DemoError("Home Assistant has no Assist pipeline")
    changed = {**preferred, "tts_engine": entity_id, "tts_language": "en", "tts_voice": None}
    await home.api.ask("assist_pipeline/pipeline/update", pipeline_id=changed.pop("id"), **changed)
    return entity_id
