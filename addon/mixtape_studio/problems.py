"""How errors leave over HTTP: all in one shape, ``{"problem": {...}}``."""

from http import HTTPStatus
from typing import Final

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from sqlalchemy.exc import DBAPIError
from starlette.exceptions import HTTPException

from mixtape_studio.contract import ErrorCode, Problem
from mixtape_studio.errors import ProblemError
from mixtape_studio.storage.artifacts import is_disk_full

log = structlog.get_logger()

_STATUS: Final = {
    ErrorCode.INVALID_REQUEST: HTTPStatus.UNPROCESSABLE_ENTITY,
    ErrorCode.UNKNOWN_ENGINE: HTTPStatus.UNPROCESSABLE_ENTITY,
    ErrorCode.UNAUTHORIZED: HTTPStatus.UNAUTHORIZED,
    ErrorCode.FORBIDDEN: HTTPStatus.FORBIDDEN,
    ErrorCode.NOT_FOUND: HTTPStatus.NOT_FOUND,
    ErrorCode.CONFLICT: HTTPStatus.CONFLICT,
    ErrorCode.TOO_LARGE: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    ErrorCode.NOT_READY: HTTPStatus.SERVICE_UNAVAILABLE,
    ErrorCode.ENGINE_UNAVAILABLE: HTTPStatus.SERVICE_UNAVAILABLE,
    ErrorCode.DISK_FULL: HTTPStatus.INSUFFICIENT_STORAGE,
}
_CODES: Final = {
    HTTPStatus.NOT_FOUND: ErrorCode.NOT_FOUND,
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: ErrorCode.TOO_LARGE,
    HTTPStatus.METHOD_NOT_ALLOWED: ErrorCode.INVALID_REQUEST,
}


def problem_response(
    problem: Problem, status: int | None = None, headers: dict[str, str] | None = None
) -> JSONResponse:
    code = status or _STATUS.get(problem.code, HTTPStatus.INTERNAL_SERVER_ERROR)
    return JSONResponse({"problem": problem.model_dump(mode="json")}, status_code=int(code), headers=headers)


def _encodable(text: str) -> str:
    """A lone surrogate, as JSON can smuggle in, cannot leave as UTF-8."""
    return text.encode("utf-8", "backslashreplace").decode()


def validation_problem(error: RequestValidationError) -> Problem:
    """The first error, naming its field without the ``body`` or ``query`` in front."""
    first = error.errors()[0]
    location = [str(part) for part in first["loc"] if part not in ("body", "query", "path", "header")]
    if first["type"] == "json_invalid":
        return Problem(code=ErrorCode.INVALID_REQUEST, message="The body is not valid JSON.", field="body")
    field = _encodable(".".join(location))[:200] or "body"
    message = _encodable(str(first["msg"])).removeprefix("Value error, ")
    return Problem(code=ErrorCode.INVALID_REQUEST, message=f"{field}: {message}"[:500], field=field)


def install(app: FastAPI) -> None:
    """Give every error the one body shape, ``{"problem": {...}}``."""

    @app.exception_handler(ProblemError)
    async def _problem(_request: Request, error: ProblemError) -> JSONResponse:
        headers = {"WWW-Authenticate": "Bearer"} if error.problem.code is ErrorCode.UNAUTHORIZED else None
        return problem_response(error.problem, headers=headers)

    @app.exception_handler(RequestValidationError)
    async def _invalid(_request: Request, error: RequestValidationError) -> JSONResponse:
        return problem_response(validation_problem(error))

    @app.exception_handler(HTTPException)
    async def _http(_request: Request, error: HTTPException) -> JSONResponse:
        if error.status_code == HTTPStatus.BAD_REQUEST:
            # FastAPI's word for a body that its JSON parser gave up on: too deep, or a number of 5000 digits.
            return problem_response(Problem(code=ErrorCode.INVALID_REQUEST, message=str(error.detail), field="body"))
        code = _CODES.get(HTTPStatus(error.status_code), ErrorCode.INTERNAL)
        problem = Problem(code=code, message=str(error.detail))
        return problem_response(problem, error.status_code, dict(error.headers or {}))

    @app.exception_handler(DBAPIError)
    async def _database(request: Request, error: DBAPIError) -> JSONResponse:
        if is_disk_full(error):
            return problem_response(Problem(code=ErrorCode.DISK_FULL, message="The studio's disk is full."))
        return await _unexpected(request, error)

    @app.exception_handler(Exception)
    async def _unexpected(request: Request, error: Exception) -> JSONResponse:
        log.error("request.failed", path=request.url.path, exc_info=error)
        return problem_response(
            Problem(code=ErrorCode.INTERNAL, message="The studio made a mistake; its log tells more.")
        )
