"""Repairs that can be made here: a new library beside a damaged one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import probatio as vol
from homeassistant.components.repairs import RepairsFlow, RepairsFlowResult
from homeassistant.util import dt as dt_util

if TYPE_CHECKING:
    from homeassistant.core import HomeAssistant


async def async_create_fix_flow(
    _: HomeAssistant, __: str, data: dict[str, str | int | float | None] | None
) -> RepairsFlow:
    """Only a damaged library can be repaired here; ``data`` comes from ``issues``."""
    data = data or {}
    return NewLibraryFlow(entry_id=str(data["entry_id"]), path=Path(str(data["path"])))


class NewLibraryFlow(RepairsFlow):
    def __init__(self, *, entry_id: str, path: Path) -> None:
        self._entry_id = entry_id
        self._path = path

    async def async_step_init(self, _: dict[str, str] | None = None) -> RepairsFlowResult:
        return await self.async_step_confirm()

    async def async_step_confirm(self, user_input: dict[str, str] | None = None) -> RepairsFlowResult:
        if user_input is None:
            return self.async_show_form(
                step_id="confirm", data_schema=vol.Schema({}), description_placeholders={"path": str(self._path)}
            )
        if not await self.hass.async_add_executor_job(set_aside, self._path, dt_util.now().strftime("%Y%m%d-%H%M%S")):
            return self.async_abort(reason="gone")
        self.hass.config_entries.async_schedule_reload(self._entry_id)
        return self.async_create_entry(data={})


def set_aside(path: Path, stamp: str) -> bool:
    """Rename a database and what SQLite keeps beside it; nothing is deleted. False: there was none."""
    if not path.exists():
        return False
    for file in (path, path.with_name(f"{path.name}-wal"), path.with_name(f"{path.name}-shm")):
        if file.exists():
            file.rename(file.with_name(f"{file.name}.damaged-{stamp}"))
    return True
