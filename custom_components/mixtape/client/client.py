"""The studio over HTTP: one method, one request."""

import asyncio
import math
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

import orjson
from aiohttp import ClientError, ClientResponse, ClientSession, ClientTimeout, ServerDisconnectedError, hdrs
from mashumaro.mixins.orjson import DataClassORJSONMixin

from .events import EventStream
from .exceptions import (
    StudioAuthenticationError,
    StudioConflictError,
    StudioConnectionError,
    StudioContractError,
    StudioNotFoundError,
    StudioProblemError,
    StudioResponseError,
    StudioTimeoutError,
)
from .models import (
    AudioFormat,
    EngineInfo,
    EngineList,
    ErrorCode,
    Health,
    Job,
    JobCreate,
    JobList,
    JobState,
    Liveness,
    Priority,
    Problem,
    SongRequest,
    Take,
)

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Mapping

CONTRACT_VERSION: Final = "1.0"
"""Major.minor; a studio with another major is refused."""

MAX_JOBS: Final = 500
"""How many the studio lists at most."""
MAX_JSON: Final = 64 * 1024 * 1024
"""Bytes of one answer: some 3,000 jobs with their takes."""
MAX_ORDER: Final = 1024 * 1024
"""Bytes; the longest texts that any studio takes are far below."""
MAX_COVER: Final = 8 * 1024 * 1024

MAX_PROBLEM: Final = 1024 * 1024

_PROBLEMS: Final[Mapping[int, type[StudioProblemError]]] = {
    HTTPStatus.CONFLICT: StudioConflictError,
    HTTPStatus.NOT_FOUND: StudioNotFoundError,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeouts:
    """Seconds after which the client gives up."""

    connect: float = 10
    """Until the connection stands."""
    request: float = 30
    """Until the answer's headers, or until the end of an answer that is read whole."""
    idle: float = 45
    """Between two pieces of a stream; the studio's heartbeat comes every 15 s."""
    transfer: float = 900
    """Until the end of an audio file."""


@dataclass(frozen=True, slots=True)
class StudioClient:
    """A token's view of one studio, over the caller's session.

    Every method raises ``StudioError`` or one of its kinds, and nothing else.
    """

    session: ClientSession
    url: str
    token: str = field(default="", repr=False)
    timeouts: Timeouts = field(default_factory=Timeouts)

    async def liveness(self) -> Liveness:
        """Whether a studio of our contract answers; needs no token.

        Raises:
            StudioContractError: the studio's contract has another major number.
        """
        body = await self._json("GET", "/v1/health", authenticate=False)
        return _checked_liveness(body)

    async def health(self) -> Health:
        """How the studio is; also the test of the token.

        Raises:
            StudioContractError: the studio's contract has another major number.
        """
        body = await self._json("GET", "/v1/health")
        _checked_liveness(body)
        if not self.token:
            raise StudioAuthenticationError("No token is set")
        return _decode(Health, body)

    async def engines(self) -> list[EngineInfo]:
        return _decode(EngineList, await self._json("GET", "/v1/engines")).engines

    async def create_job(self, job_id: str, request: SongRequest, priority: Priority = Priority.VOICE) -> Job:
        """Order a song; safe to repeat with the same id and request.

        Raises:
            StudioConflictError: the id was used for another order.
            StudioProblemError: the request is refused; ``field`` names what is wrong.
        """
        order = JobCreate(id=job_id, request=request, priority=priority)
        return _decode(Job, await self._json("POST", "/v1/jobs", body=_encode(order)))

    async def job(self, job_id: str) -> Job:
        return _decode(Job, await self._json("GET", f"/v1/jobs/{_segment(job_id)}"))

    async def jobs(self, *states: JobState, limit: int = MAX_JOBS) -> list[Job]:
        """The home's jobs, newest first; of all states unless some are named."""
        query = "&".join([f"limit={limit}", *(f"state={state.value}" for state in states)])
        return _decode(JobList, await self._json("GET", f"/v1/jobs?{query}")).jobs

    async def cancel(self, job_id: str) -> Job:
        """Ask the studio to stop; the job's own state tells when it has."""
        return _decode(Job, await self._json("DELETE", f"/v1/jobs/{_segment(job_id)}"))

    async def take(self, take_id: str) -> Take:
        return _decode(Take, await self._json("GET", f"/v1/takes/{_segment(take_id)}"))

    async def cover(self, take_id: str) -> bytes:
        """The cover picture, a JPEG."""
        async with self._response("GET", f"/v1/takes/{_segment(take_id)}/cover", accept="image/jpeg") as response:
            return await self._read_whole(response, MAX_COVER)

    async def iter_audio(self, take_id: str, audio_format: AudioFormat) -> AsyncGenerator[bytes]:
        """The encoded file in pieces. Hash it: this only promises as many bytes as were announced."""
        path = f"/v1/takes/{_segment(take_id)}/audio?format={audio_format.value}"
        deadline = asyncio.get_running_loop().time() + self.timeouts.transfer
        async with self._response("GET", path, accept="audio/") as response:
            while chunk := await self._read_some(response, deadline):
                yield chunk

    @asynccontextmanager
    async def events(self, last_event_id: str | None = None) -> AsyncIterator[EventStream]:
        """One connection to the studio's events after ``last_event_id``; ``follow`` keeps one up."""
        headers = {} if last_event_id is None else {"Last-Event-ID": last_event_id}
        async with self._response("GET", "/v1/events", accept="text/event-stream", headers=headers) as response:
            stream = EventStream(lambda: self._read_some(response), last_event_id)
            await stream.begin()
            yield stream

    async def _json(self, method: str, path: str, *, body: bytes | None = None, authenticate: bool = True) -> Any:
        try:
            return await self._json_once(method, path, body=body, authenticate=authenticate)
        except StudioConnectionError as err:
            if not isinstance(err.__cause__, ServerDisconnectedError):
                raise
        # A kept connection was closed just as we used it. Every request of ours is safe to repeat.
        return await self._json_once(method, path, body=body, authenticate=authenticate)

    async def _json_once(self, method: str, path: str, *, body: bytes | None, authenticate: bool) -> Any:
        with self._own_errors():
            async with (
                asyncio.timeout(self.timeouts.request),
                self._response(
                    method, path, accept="application/json", body=body, authenticate=authenticate
                ) as response,
            ):
                return _loads(await self._read_whole(response, MAX_JSON), response.status)

    @asynccontextmanager
    async def _response(
        self,
        method: str,
        path: str,
        *,
        accept: str,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
        authenticate: bool = True,
    ) -> AsyncIterator[ClientResponse]:
        """Yield a successful response whose type begins with ``accept``."""
        sent = {hdrs.ACCEPT: f"{accept}*" if accept.endswith("/") else accept, **(headers or {})}
        if authenticate and self.token:
            if not (self.token.isascii() and self.token.isprintable()):
                raise StudioAuthenticationError("The token has characters that no token has")
            sent[hdrs.AUTHORIZATION] = f"Bearer {self.token}"
        if body is not None:
            sent[hdrs.CONTENT_TYPE] = "application/json"
        with self._own_errors():
            async with asyncio.timeout(self.timeouts.request):
                response = await self.session.request(
                    method,
                    f"{self.url.rstrip('/')}{path}",
                    headers=sent,
                    data=body,
                    # A token must not follow a redirect to somebody else.
                    allow_redirects=False,
                    # The session's total limit would end an event stream; ours are around each wait.
                    timeout=ClientTimeout(total=None, sock_connect=self.timeouts.connect),
                )
        try:
            if response.status >= HTTPStatus.MULTIPLE_CHOICES:
                raise await self._refusal(response)
            if not response.content_type.startswith(accept):
                raise StudioResponseError(
                    f"{self.url} answered with {response.content_type}, not {accept}", status=response.status
                )
            yield response
        finally:
            # Gives the connection back if all was read, and drops it otherwise.
            response.release() if response.content.at_eof() else response.close()

    async def _refusal(
        self, response: ClientResponse
    ) -> StudioAuthenticationError | StudioProblemError | StudioResponseError:
        problem = _problem(response, await self._read_whole(response, MAX_PROBLEM))
        if response.status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
            return StudioAuthenticationError(problem.message if problem else "The studio refuses the token")
        if problem is None:
            return StudioResponseError(f"{self.url} answered with status {response.status}", status=response.status)
        kind = _PROBLEMS.get(response.status, StudioProblemError)
        return kind(problem.code, problem.message, problem.field)

    async def _read_whole(self, response: ClientResponse, limit: int) -> bytes:
        deadline = asyncio.get_running_loop().time() + self.timeouts.request
        body = bytearray()
        while chunk := await self._read_some(response, deadline):
            body += chunk
            if len(body) > limit:
                raise StudioResponseError(f"{self.url} sent more than {limit} bytes", status=response.status)
        return bytes(body)

    async def _read_some(self, response: ClientResponse, deadline: float | None = None) -> bytes:
        """Return the next piece, empty at the end."""
        limit = self.timeouts.idle
        if deadline is not None:
            limit = min(limit, deadline - asyncio.get_running_loop().time())
        with self._own_errors():
            async with asyncio.timeout(limit):
                return await response.content.readany()

    @contextmanager
    def _own_errors(self) -> Iterator[None]:
        try:
            yield
        except TimeoutError as err:
            raise StudioTimeoutError(f"The studio at {self.url} took too long") from err
        except (ClientError, OSError) as err:
            raise StudioConnectionError(f"The studio at {self.url} cannot be reached: {err}") from err
        except RuntimeError as err:
            if not self.session.closed:
                raise
            raise StudioConnectionError("The session is closed") from err


def contract_supported(contract: str) -> bool:
    """Whether this client can talk to a studio of that contract, such as its announcement says."""
    return contract.partition(".")[0] == CONTRACT_VERSION.partition(".")[0]


def _segment(value: str) -> str:
    return quote(value, safe="")


def _loads(body: bytes, status: int) -> Any:
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError as err:
        raise StudioResponseError(f"The answer is not JSON: {err}", status=status) from err


def _decode[T: DataClassORJSONMixin](model: type[T], value: Any) -> T:
    try:
        return model.from_dict(value)
    # What mashumaro raises or lets through for a missing field, a wrong type, a value that is no object.
    except (AttributeError, LookupError, TypeError, ValueError) as err:
        raise StudioResponseError(f"The answer is no {model.__name__}: {err}") from err


def _encode(order: JobCreate) -> bytes:
    """Refuse what JSON cannot carry, rather than send something else in its place."""
    if order.request.duration is not None and not math.isfinite(order.request.duration):
        raise StudioProblemError(ErrorCode.INVALID_REQUEST, "The duration is not a number", "request.duration")
    try:
        body = order.to_jsonb()
    except (TypeError, ValueError) as err:
        raise StudioProblemError(ErrorCode.INVALID_REQUEST, f"The request cannot be sent: {err}", "request") from err
    # A studio hangs up on too large a body, and its answer may be lost with the connection.
    if len(body) > MAX_ORDER:
        raise StudioProblemError(ErrorCode.TOO_LARGE, f"The request is larger than {MAX_ORDER} bytes", "request")
    return body


def _checked_liveness(value: Any) -> Liveness:
    liveness = _decode(Liveness, value)
    if not contract_supported(liveness.contract):
        raise StudioContractError(liveness.contract, CONTRACT_VERSION)
    return liveness


def _problem(response: ClientResponse, body: bytes) -> Problem | None:
    if response.content_type != "application/json":
        return None
    try:
        return _decode(Problem, _loads(body, response.status)["problem"])
    except StudioResponseError, TypeError, LookupError:
        return None
