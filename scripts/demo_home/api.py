"""Home Assistant's own API, as its frontend uses it: HTTP for flows, one WebSocket for all else."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any

import aiohttp

from .errors import DemoError

ANSWER_LIMIT = 60.0
type Json = dict[str, Any]


class HomeApi:
    """A logged-in connection."""

    def __init__(self, session: aiohttp.ClientSession, url: str, token: str) -> None:
        self.url = url
        self._session = session
        self._headers = {"Authorization": f"Bearer {token}"}
        self._token = token
        self._socket: aiohttp.ClientWebSocketResponse
        self._next_id = 1
        self._answers: dict[int, asyncio.Future[Any]] = {}
        self._listeners: dict[int, Callable[[Json], None]] = {}

    @asynccontextmanager
    async def connected(self) -> AsyncGenerator[None]:
        async with self._session.ws_connect(f"{self.url}/api/websocket", max_msg_size=0) as self._socket:
            await self._socket.receive_json()
            await self._socket.send_json({"type": "auth", "access_token": self._token})
            if (answer := await self._socket.receive_json())["type"] != "auth_ok":
                raise DemoError(f"Home Assistant refused the login: {answer.get('message')}")
            reader = asyncio.create_task(self._read())
            try:
                yield
            finally:
                reader.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await reader

    async def _read(self) -> None:
        async for message in self._socket:
            data = message.json()
            if data["type"] == "event" and (listener := self._listeners.get(data["id"])):
                listener(data["event"])
            elif data["type"] == "result" and (answer := self._answers.pop(data["id"], None)) and not answer.done():
                answer.set_result(data)
        for waiting in self._answers.values():
            if not waiting.done():
                waiting.set_exception(DemoError("Home Assistant closed the connection"))

    async def _ask(self, message_id: int, kind: str, fields: Mapping[str, Any]) -> Any:
        answer = self._answers[message_id] = asyncio.get_running_loop().create_future()
        await self._socket.send_json({"id": message_id, "type": kind, **fields})
        try:
            async with asyncio.timeout(ANSWER_LIMIT):
                result = await answer
        except TimeoutError as err:
            raise DemoError(f"Home Assistant did not answer {kind} within {ANSWER_LIMIT:.0f} seconds") from err
        if not result["success"]:
            raise DemoError(f"Home Assistant refused {kind}: {result['error']['message']}")
        return result["result"]

    def _take_id(self) -> int:
        self._next_id += 1
        return self._next_id

    async def ask(self, kind: str, **fields: Any) -> Any:
        """Raises DemoError when Home Assistant refuses, or does not answer in time."""
        return await self._ask(self._take_id(), kind, fields)

    async def listen(self, listener: Callable[[Json], None], kind: str, **fields: Any) -> None:
        """Calls ``listener`` with every event of a subscription, for as long as the connection lives."""
        message_id = self._take_id()
        self._listeners[message_id] = listener
        await self._ask(message_id, kind, fields)

    async def post(self, path: str, body: Json) -> Any:
        async with self._session.post(f"{self.url}{path}", json=body, headers=self._headers) as response:
            if not response.ok:
                raise DemoError(f"Home Assistant refused {path}: {response.status} {await response.text()}")
            return await response.json()

    async def states(self) -> dict[str, Json]:
        """By entity id."""
        return {state["entity_id"]: state for state in await self.ask("get_states")}

    async def call(
        self, domain: str, service: str, data: Json, *, entity_id: str | None = None, returns: bool = False
    ) -> Json:
        """Calls an action; with ``returns`` its response is what comes back."""
        extra: Json = {"target": {"entity_id": entity_id}} if entity_id else {}
        if returns:
            extra["return_response"] = True
        result = await self.ask("call_service", domain=domain, service=service, service_data=data, **extra)
        return dict(result.get("response") or {})

    async def run_flow(self, kind: str, handler: str | list[str], *answers: Json) -> Json:
        """Walks through a flow as a person does, a form after the other; ``kind`` is "entry" or "subentry".

        Raises:
            DemoError: a form came back with errors, or the flow did not end with an entry.
        """
        base = "/api/config/config_entries" + ("/flow" if kind == "entry" else "/subentries/flow")
        step = await self.post(base, {"handler": handler})
        for answer in answers:
            if step["type"] == "menu":
                step = await self.post(f"{base}/{step['flow_id']}", {"next_step_id": answer["next_step_id"]})
                continue
            if step["type"] != "form":
                break
            step = await self.post(f"{base}/{step['flow_id']}", answer)
            if step.get("errors"):
                raise DemoError(f"setting up {handler} failed: {step['errors']}")
        if step["type"] != "create_entry":
            raise DemoError(
                f"setting up {handler} ended with {step['type']}: {step.get('reason') or step.get('step_id')}"
            )
        return dict(step)
