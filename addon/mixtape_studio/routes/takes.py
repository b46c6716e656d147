"""Finished takes and their files."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Header, Query, Request, Response
from fastapi.responses import FileResponse
from starlette.concurrency import run_in_threadpool
from starlette.types import Message, Receive, Scope, Send

from mixtape_studio.auth import HomeIdentity
from mixtape_studio.contract import MIME_TYPES, AudioFormat, ErrorCode, Take
from mixtape_studio.errors import ProblemError
from mixtape_studio.jobs.table import JobTable
from mixtape_studio.routes import problems
from mixtape_studio.storage.artifacts import Artifacts

router = APIRouter(prefix="/v1/takes", tags=["takes"])

_AUDIO: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The whole file",
        "content": {mime: {"schema": {"type": "string", "format": "binary"}} for mime in MIME_TYPES.values()},
    },
    206: {"description": "The range that was asked for"},
    304: {"description": "The home has this file"},
    400: {"description": "The Range header is malformed", "content": {"text/plain": {}}},
    416: {"description": "The file ends before the range", "content": {"text/plain": {}}},
}


class AudioResponse(FileResponse):
    """Calls ``on_end`` once the file's last byte has left, with the whole file or at the end of a range."""

    def __init__(self, *arguments: Any, on_end: Callable[[], None], **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._on_end = on_end

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        missing = -1  # bytes until the end of the file; below 0 where this answer does not get there
        gone = False

        async def listen() -> Message:
            nonlocal gone
            message = await receive()
            # The server says so after every answer, too; then nothing is missing any more.
            gone = gone or (message["type"] == "http.disconnect" and missing > 0)
            return message

        async def count(message: Message) -> None:
            nonlocal missing
            if message["type"] == "http.response.start":
                missing = _bytes_to_the_end(message)
            await send(message)
            missing -= len(message.get("body", b""))

        await super().__call__(scope, listen, count)
        if scope["method"] == "GET" and missing == 0 and not gone:
            await run_in_threadpool(self._on_end)


def _bytes_to_the_end(start: Message) -> int:
    """Of the answer that begins so; -1 where its last byte is not the file's."""
    headers = {name.lower(): value for name, value in start["headers"]}
    length = int(headers.get(b"content-length", b"-1"))
    if start["status"] == HTTPStatus.OK:
        return length
    # "bytes 100-199/2000"; several ranges come as parts, without one of the whole.
    place, _, size = headers.get(b"content-range", b"").rpartition(b"/")
    last = place.rpartition(b"-")[2]
    return length if start["status"] == HTTPStatus.PARTIAL_CONTENT and last and int(last) + 1 == int(size) else -1


@router.get("/{take_id}", operation_id="get_take", responses=problems(403, 404, 422))
def get_take(request: Request, identity: HomeIdentity, take_id: str) -> Take:
    table: JobTable = request.app.state.table
    return table.take(identity.home_id, take_id)


@router.head("/{take_id}/audio", operation_id="head_take_audio", responses=_AUDIO | problems(403, 404, 422))
@router.get(
    "/{take_id}/audio",
    operation_id="get_take_audio",
    response_class=FileResponse,
    responses=_AUDIO | problems(403, 404, 422),
)
def get_take_audio(
    request: Request,
    identity: HomeIdentity,
    take_id: str,
    audio_format: Annotated[AudioFormat, Query(alias="format")] = AudioFormat.FLAC,
    if_none_match: Annotated[str | None, Header()] = None,
) -> Response:
    """The audio, whole or by ``Range``. The ETag is the SHA-256 of the file."""
    table: JobTable = request.app.state.table
    artifacts: Artifacts = request.app.state.artifacts
    take = table.take(identity.home_id, take_id)
    file = next((file for file in take.files if file.format is audio_format), None)
    if file is None:
        raise ProblemError(ErrorCode.NOT_FOUND, f"The take has no {audio_format} yet.", "format")
    path = artifacts.take(take.job_id, f"take-{take_id.rpartition('-')[2]}.{audio_format}")
    if not path.is_file():
        raise ProblemError(ErrorCode.NOT_FOUND, "The take's file is gone from the studio's disk.", "take_id")
    etag = f'"{file.sha256}"'
    headers = {"ETag": etag, "Cache-Control": "private, max-age=31536000, immutable"}
    if if_none_match is not None and _matches(if_none_match, etag):
        return Response(status_code=304, headers=headers)
    headers["Content-Disposition"] = f"inline; filename*=UTF-8''{quote(take.title, safe='')}.{audio_format}"
    return AudioResponse(path, media_type=file.mime_type, headers=headers, on_end=lambda: table.mark_fetched(take_id))


@router.get(
    "/{take_id}/cover",
    operation_id="get_take_cover",
    response_class=FileResponse,
    responses={200: {"description": "The cover", "content": {"image/jpeg": {}}}, **problems(403, 404, 422)},
)
def get_take_cover(request: Request, identity: HomeIdentity, take_id: str) -> FileResponse:
    table: JobTable = request.app.state.table
    artifacts: Artifacts = request.app.state.artifacts
    take = table.take(identity.home_id, take_id)
    path = artifacts.take(take.job_id, f"take-{take_id.rpartition('-')[2]}.jpg")
    if not path.is_file():
        raise ProblemError(ErrorCode.NOT_FOUND, "The take has no cover.", "take_id")
    return FileResponse(path, media_type="image/jpeg")


def _matches(if_none_match: str, etag: str) -> bool:
    wanted = [part.strip().removeprefix("W/") for part in if_none_match.split(",")]
    return etag in wanted or "*" in wanted
