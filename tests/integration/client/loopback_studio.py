"""A loopback server that answers as a test wants, and what a studio would answer."""

from collections.abc import Awaitable, Callable

from aiohttp import web
from aiohttp.test_utils import TestServer

type Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

TOKEN = "mxt_loopback"
JOB_ID = "0b9e8a4c-4f57-4a52-8a55-0a3a4b9f9f01"

MEASURED = {
    "bpm": 119.6,
    "bpm_confidence": 0.9,
    "key": "F minor",
    "key_confidence": 0.8,
    "lufs": -14.0,
    "true_peak": -1.2,
}
TAKE = {
    "id": "take-1",
    "job_id": JOB_ID,
    "title": "Slow Rain",
    "artist": "Home",
    "caption": "A relaxing jazz song",
    "genre": "jazz",
    "mood": "relaxing",
    "lyrics": None,
    "language": "en",
    "wished_bpm": 120,
    "wished_key": None,
    "planned_bpm": 120,
    "planned_key": "F minor",
    "time_signature": "4/4",
    "duration": 60.0,
    "sample_rate": 48000,
    "seed": 7,
    "engine": "composer",
    "engine_label": "Built-in composer",
    "measured": MEASURED,
    "peaks": [0, 128, 255],
    "files": [{"format": "flac", "mime_type": "audio/flac", "size": 11, "sha256": "ab" * 32}],
    "created_at": "2026-11-21T10:00:05Z",
}
JOB = {
    "id": JOB_ID,
    "state": "done",
    "step": "publish",
    "progress": 1.0,
    "priority": "voice",
    "request": {"wish": "a relaxing jazz song", "genre": "jazz", "engine": "auto", "artist": "Mixtape"},
    "plan": None,
    "takes": [TAKE],
    "problem": None,
    "position": None,
    "timings": {"plan": 0.1},
    "created_at": "2026-11-21T10:00:00Z",
    "started_at": "2026-11-21T10:00:01Z",
    "ended_at": None,
}
HEALTH = {
    "status": "ok",
    "contract": "1.0",
    "studio_id": "s-1",
    "version": "0.1.0",
    "worker_alive": True,
    "queue_length": 2,
    "running": 1,
    "default_engine": "composer",
    "free_bytes": 10**12,
    "home_id": "h-1",
}


class LoopbackStudio:
    """Every request goes to the one handler that the test has set."""

    def __init__(self) -> None:
        self.handler: Handler = self._refuse
        self.requests: list[web.Request] = []
        self.bodies: list[bytes] = []
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._handle)
        self.server = TestServer(app, host="127.0.0.1")

    @property
    def url(self) -> str:
        return str(self.server.make_url("")).rstrip("/")

    def answer(self, value: object = None, /, *, status: int = 200, **kwargs: object) -> None:
        """Answer everything with JSON, or with ``web.Response(**kwargs)``."""

        async def handler(_request: web.Request) -> web.StreamResponse:
            if kwargs:
                return web.Response(status=status, **kwargs)
            return web.json_response(value, status=status)

        self.handler = handler

    def refuse(self, status: int, code: str, message: str = "No.", field: str | None = None) -> None:
        self.answer({"problem": {"code": code, "message": message, "field": field}}, status=status)

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        self.requests.append(request)
        self.bodies.append(await request.read())
        return await self.handler(request)

    @staticmethod
    async def _refuse(_request: web.Request) -> web.StreamResponse:
        return web.Response(status=500)
