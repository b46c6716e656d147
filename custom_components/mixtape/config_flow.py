"""Set Mixtape up in the user interface: the studio, then the rooms."""

from typing import TYPE_CHECKING, Any, override

import probatio as vol
from homeassistant.config_entries import (
    SOURCE_REAUTH,
    SOURCE_RECONFIGURE,
    ConfigEntry,
    ConfigEntryState,
    ConfigFlow,
    ConfigFlowResult,
    ConfigSubentryData,
    ConfigSubentryFlow,
)
from homeassistant.const import CONF_TOKEN, CONF_URL
from homeassistant.core import callback
from homeassistant.helpers.aiohttp_client import async_get_clientsession
from homeassistant.helpers.selector import (
    SelectOptionDict,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
    TextSelector,
    TextSelectorConfig,
    TextSelectorType,
)
from yarl import URL

from .areas import async_area_name, async_speakers_by_area
from .client import CONTRACT_VERSION, contract_supported
from .const import DOMAIN, SUBENTRY_ROOM
from .room_flow import RoomFlow, room_data
from .studio_check import StudioFound, StudioRefused, async_check_studio, normalise_url

if TYPE_CHECKING:
    from collections.abc import Mapping

    from homeassistant.helpers.service_info.zeroconf import ZeroconfServiceInfo

    from .coordinator import MixtapeConfigEntry

CONF_ROOMS = "rooms"

TOKEN_SELECTOR = TextSelector(TextSelectorConfig(type=TextSelectorType.PASSWORD, autocomplete="off"))
TOKEN_SCHEMA = vol.Schema({vol.Required(CONF_TOKEN): TOKEN_SELECTOR})
STUDIO_SCHEMA = vol.Schema(
    {
        vol.Required(CONF_URL): TextSelector(TextSelectorConfig(type=TextSelectorType.URL)),
        vol.Required(CONF_TOKEN): TOKEN_SELECTOR,
    }
)
EXAMPLE_URL = "http://192.168.1.20:8765"


class MixtapeConfigFlow(ConfigFlow, domain=DOMAIN):
    VERSION = 1
    MINOR_VERSION = 1

    def __init__(self) -> None:
        self._url = ""
        self._token = ""

    @classmethod
    @callback
    @override
    def async_get_supported_subentry_types(cls, config_entry: ConfigEntry) -> dict[str, type[ConfigSubentryFlow]]:
        return {SUBENTRY_ROOM: RoomFlow}

    @override
    async def async_step_user(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        return await self._async_studio_step("user", STUDIO_SCHEMA, user_input)

    @override
    async def async_step_zeroconf(self, discovery_info: ZeroconfServiceInfo) -> ConfigFlowResult:
        properties = discovery_info.properties
        if not (studio_id := properties.get("id")):
            return self.async_abort(reason="invalid_discovery_info")
        if (contract := properties.get("contract")) and not contract_supported(contract):
            return self.async_abort(
                reason="unsupported_version",
                description_placeholders={"found": contract, "supported": CONTRACT_VERSION},
            )
        url = str(URL.build(scheme="http", host=discovery_info.host, port=discovery_info.port or 0))
        entry = await self.async_set_unique_id(studio_id)
        if entry and _may_move(entry):
            _async_update_entry(self, entry, {CONF_URL: url})
        self._abort_if_unique_id_configured()
        if self._async_current_entries(include_ignore=False):
            return self.async_abort(reason="one_studio")
        self._url = url
        self.context["title_placeholders"] = {"name": discovery_info.name.partition(".")[0]}
        return await self.async_step_token()

    async def async_step_token(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask for the token of a studio that was found."""
        return await self._async_studio_step("token", TOKEN_SCHEMA, user_input)

    async def async_step_reauth(self, entry_data: Mapping[str, Any]) -> ConfigFlowResult:
        self._url = entry_data[CONF_URL]
        return await self.async_step_reauth_confirm()

    async def async_step_reauth_confirm(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        return await self._async_studio_step("reauth_confirm", TOKEN_SCHEMA, user_input)

    async def async_step_reconfigure(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        self._url = self._get_reconfigure_entry().data[CONF_URL]
        return await self._async_studio_step("reconfigure", STUDIO_SCHEMA, user_input)

    async def async_step_rooms(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Offer every area that has a speaker as a room."""
        found = async_speakers_by_area(self.hass)
        if not found:
            return self._create([], "no_rooms")
        if user_input is not None:
            rooms = [
                ConfigSubentryData(
                    data=room_data({}, area_id=area_id, speakers=found[area_id]),
                    subentry_type=SUBENTRY_ROOM,
                    title=async_area_name(self.hass, area_id) or area_id,
                    unique_id=area_id,
                )
                for area_id in user_input[CONF_ROOMS]
            ]
            return self._create(rooms, "default" if rooms else "no_rooms")
        options = [
            SelectOptionDict(value=area_id, label=f"{async_area_name(self.hass, area_id)} ({len(speakers)})")
            for area_id, speakers in found.items()
        ]
        options.sort(key=lambda option: option["label"])
        selector = SelectSelector(SelectSelectorConfig(options=options, multiple=True, mode=SelectSelectorMode.LIST))
        return self.async_show_form(
            step_id="rooms",
            data_schema=vol.Schema({vol.Required(CONF_ROOMS, default=list(found)): selector}),
            last_step=True,
        )

    async def _async_studio_step(
        self, step_id: str, schema: vol.Schema, user_input: dict[str, Any] | None
    ) -> ConfigFlowResult:
        """Show a form for the studio's address or token, until the studio accepts them."""
        errors: dict[str, str] = {}
        placeholders = {"url": self._url, "example_url": EXAMPLE_URL}
        if user_input is not None:
            try:
                self._url = normalise_url(user_input.get(CONF_URL, self._url))
                self._token = user_input[CONF_TOKEN].strip()
                studio = await async_check_studio(async_get_clientsession(self.hass), self._url, self._token)
            except StudioRefused as refused:
                # A form without the field at fault says it for the whole form.
                field = refused.form_field if refused.form_field in schema.schema else "base"
                errors[field] = refused.key
                placeholders |= refused.placeholders
            else:
                return await self._async_accepted(studio)
        suggested = user_input or {CONF_URL: self._url}
        return self.async_show_form(
            step_id=step_id,
            # A secret is never sent back to the browser.
            data_schema=self.add_suggested_values_to_schema(schema, {CONF_URL: suggested.get(CONF_URL, self._url)}),
            errors=errors,
            description_placeholders=placeholders,
        )

    async def _async_accepted(self, studio: StudioFound) -> ConfigFlowResult:
        await self.async_set_unique_id(studio.studio_id, raise_on_progress=False)
        data = {CONF_URL: self._url, CONF_TOKEN: self._token}
        if self.source == SOURCE_REAUTH:
            self._abort_if_unique_id_mismatch(reason="another_studio")
            _async_update_entry(self, self._get_reauth_entry(), data)
            return self.async_abort(reason="reauth_successful")
        if self.source == SOURCE_RECONFIGURE:
            # Songs and rooms are the home's: they stay when the studio is replaced.
            _async_update_entry(self, self._get_reconfigure_entry(), data, studio_id=studio.studio_id)
            return self.async_abort(reason="reconfigure_successful")
        self._abort_if_unique_id_configured()
        if self._async_current_entries(include_ignore=False):
            return self.async_abort(reason="one_studio")
        return await self.async_step_rooms()

    def _create(self, rooms: list[ConfigSubentryData], description: str) -> ConfigFlowResult:
        return self.async_create_entry(
            title="Mixtape",
            data={CONF_URL: self._url, CONF_TOKEN: self._token},
            subentries=rooms,
            description=description,
        )


def _may_move(entry: MixtapeConfigEntry) -> bool:
    """A studio that answers where it is stays there, and so does one that the user reaches by TLS.

    A host with several networks announces itself once in each.
    """
    if URL(entry.data[CONF_URL]).scheme == "https":
        return False
    return entry.state is not ConfigEntryState.LOADED or not entry.runtime_data.studio.connected


@callback
def _async_update_entry(
    flow: ConfigFlow, entry: MixtapeConfigEntry, updates: dict[str, str], *, studio_id: str | None = None
) -> None:
    """Change an entry and load it anew, once.

    A loaded entry listens to its own changes; one that failed to load, or that did not change, needs telling.
    """
    listening = bool(entry.update_listeners)
    changed = flow.hass.config_entries.async_update_entry(
        entry, data={**entry.data, **updates}, unique_id=studio_id or entry.unique_id
    )
    if not (changed and listening):
        flow.hass.config_entries.async_schedule_reload(entry.entry_id)
