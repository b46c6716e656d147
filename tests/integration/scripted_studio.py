"""A studio on loopback that goes wrong as a test wants; what it says when it goes right is the contract's."""

from __future__ import annotations

import asyncio
import hashlib
from typing import TYPE_CHECKING, Any

from aiohttp import web
from aiohttp.test_utils import TestServer

from tests.integration.client.loopback_studio import HEALTH, JOB, TAKE

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    type Fault = Callable[[web.Request], Awaitable[web.StreamResponse | None]]

TOKEN = "mxt_scripted"
MIME = {"flac": "audio/flac", "mp3": "audio/mpeg"}
CAPABILITIES = {
    "vocals": False,
    "seed": True,
    "min_duration": 10,
    "max_duration": 600,
    "bpm": True,
    "key": True,
    "exact_duration": True,
    "tasks": ["text2music"],
    "max_takes": 1,
    "stems": False,
    "reference_audio": False,
    "real_progress": True,
}
ENGINE = {
    "name": "composer",
    "label": "Built-in composer",
    "licence": "MIT",
    "default": True,
    "capabilities": CAPABILITIES,
    "status": {"state": "ready"},
}


class ScriptedStudio:
    def __init__(self) -> None:
        self.token = TOKEN
        self.health = dict(HEALTH)
        self.jobs: dict[str, dict[str, Any]] = {}
        self.orders: list[dict[str, Any]] = []
        self.audio: dict[tuple[str, str], bytes] = {}
        self.downloads = 0
        self.fault: Fault | None = None
        """Asked first; what it returns is the answer."""
        self._server: TestServer | None = None
        self._port = 0
        self._streams: set[asyncio.Queue[dict[str, Any]]] = set()
        self._events = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    async def start(self) -> None:
        app = web.Application(middlewares=[self._middleware])
        app.router.add_get("/v1/health", self._health)
        app.router.add_get("/v1/engines", self._engines)
        app.router.add_post("/v1/jobs", self._create)
        app.router.add_get("/v1/jobs/{id}", self._job)
        app.router.add_get("/v1/events", self._stream)
        app.router.add_get("/v1/takes/{id}/audio", self._audio)
        app.router.add_get("/v1/takes/{id}/cover", self._cover)
        self._server = TestServer(app, host="127.0.0.1", port=self._port)
        await self._server.start_server(shutdown_timeout=0.1)
        self._port = self._server.port or 0

    async def stop(self) -> None:
        if self._server is not None:
            for stream in self._streams:
                stream.put_nowait({})
            await self._server.close()
            self._server = None

    @property
    def followed(self) -> bool:
        return bool(self._streams)

    # What happens in it

    async def tell(self, job_id: str, **changes: Any) -> None:
        """A job has changed."""
        self.jobs[job_id] |= changes
        self._send({"type": "job", "job": self.jobs[job_id]})

    def _send(self, event: dict[str, Any]) -> None:
        self._events += 1
        for stream in self._streams:
            stream.put_nowait({"id": self._events, "at": "2026-11-21T10:00:00Z", **event})

    async def reset(self) -> None:
        self._send({"type": "reset"})

    async def publish(self, job_id: str, *formats: str, done: bool = False) -> None:
        """The take has these files."""
        files = []
        for name in formats:
            data = self.audio.setdefault((job_id, name), f"{name} of {job_id}".encode() * 20_000)
            digest = hashlib.sha256(data).hexdigest()
            files.append({"format": name, "mime_type": MIME[name], "size": len(data), "sha256": digest})
        take = TAKE | {"id": f"take-{job_id}", "job_id": job_id, "files": files}
        state = {"state": "done", "progress": 1.0} if done else {"state": "running", "step": "encode", "progress": 0.9}
        await self.tell(job_id, takes=[take], **state)

    # What it answers

    @web.middleware
    async def _middleware(self, request: web.Request, handler: Any) -> web.StreamResponse:
        if self.fault and (answer := await self.fault(request)) is not None:
            return answer
        authorization = request.headers.get("Authorization")
        if request.path == "/v1/health" and authorization is None:
            return web.json_response({"status": "ok", "contract": self.health["contract"]})
        if authorization != f"Bearer {self.token}":
            return problem(401, "unauthorized")
        response: web.StreamResponse = await handler(request)
        return response

    async def _health(self, _: web.Request) -> web.Response:
        return web.json_response(self.health)

    async def _engines(self, _: web.Request) -> web.Response:
        return web.json_response({"engines": [ENGINE]})

    async def _create(self, request: web.Request) -> web.Response:
        order = await request.json()
        self.orders.append(order)
        known = self.jobs.get(order["id"])
        if known and known["request"] != order["request"]:
            return problem(409, "conflict")
        if known is None:
            fresh = {"state": "queued", "step": None, "progress": 0.0, "takes": [], "position": 1}
            self.jobs[order["id"]] = JOB | {"id": order["id"], "request": order["request"]} | fresh
        return web.json_response(self.jobs[order["id"]], status=202)

    async def _job(self, request: web.Request) -> web.Response:
        job = self.jobs.get(request.match_info["id"])
        return web.json_response(job) if job else problem(404, "not_found")

    async def _stream(self, request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        await response.write(b": hello\n\n")
        mine: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._streams.add(mine)
        try:
            while event := await mine.get():
                data = web.json_response(event).text
                await response.write(f"id: {event['id']}\nevent: {event['type']}\ndata: {data}\n\n".encode())
        finally:
            self._streams.discard(mine)
        return response

    async def _audio(self, request: web.Request) -> web.Response:
        self.downloads += 1
        name = request.query["format"]
        data = self.audio[request.match_info["id"].removeprefix("take-"), name]
        return web.Response(body=data, content_type=MIME[name])

    async def _cover(self, _: web.Request) -> web.Response:
        return web.Response(body=b"\xff\xd8\xff a picture", content_type="image/jpeg")


def problem(status: int, code: str, message: str = "No.", field: str | None = None) -> web.Response:
    return web.json_response({"problem": {"code": code, "message": message, "field": field}}, status=status)
