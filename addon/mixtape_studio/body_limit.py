"""Refuses bodies that are too large, in the shape of every other error; FastAPI's own limit answers in plain text."""

from typing import Final

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mixtape_studio.contract import ErrorCode, Problem
from mixtape_studio.problems import problem_response

_PATIENCE: Final = 8
"""How many times the limit is read and thrown away, so that the sender hears why."""


class BodyLimit:
    """Looks at the announced length, and counts what comes without one."""

    def __init__(self, app: ASGIApp, *, limit: int) -> None:
        self._app = app
        self._limit = limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        announced = dict(scope["headers"]).get(b"content-length", b"0")
        if announced.isdigit() and int(announced) > self._limit:
            problem = Problem(code=ErrorCode.TOO_LARGE, message=self._message)
            await self._drain(receive)
            await problem_response(problem, headers={"Connection": "close"})(scope, receive, send)
            return
        received = 0

        async def counted() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > self._limit:
                if message.get("more_body", False):
                    await self._drain(receive)
                raise HTTPException(413, self._message)
            return message

        await self._app(scope, counted, send)

    async def _drain(self, receive: Receive) -> None:
        """Read on without keeping it: a client that is cut off while it sends never sees the answer."""
        read = 0
        while read <= _PATIENCE * self._limit:
            message = await receive()
            read += len(message.get("body", b""))
            if not message.get("more_body", False):
                return

    @property
    def _message(self) -> str:
        return f"The body is larger than {self._limit} bytes."
