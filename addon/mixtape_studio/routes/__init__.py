"""HTTP. Routers only route: what is decided is decided in ``jobs`` and ``storage``."""

from typing import Any, Final

from pydantic import BaseModel

from mixtape_studio.contract import Problem


class ProblemBody(BaseModel):
    """The body of every error."""

    problem: Problem


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The errors of a route, for the OpenAPI document."""
    return {status: _ANSWERS[status] for status in (*statuses, 401, 500)}


_TEXTS: Final = {
    400: "The request is malformed",
    401: "No token, or one that the studio does not know",
    403: "The token's scope does not allow it",
    404: "There is no such thing in this home",
    409: "The id was used for another order",
    413: "The body is too large",
    416: "No such range",
    422: "The request cannot be understood; the field is named",
    500: "The studio made a mistake",
    503: "Not ready yet",
    507: "The studio's disk is full",
}
_ANSWERS: Final[dict[int, dict[str, Any]]] = {
    status: {"model": ProblemBody, "description": text} for status, text in _TEXTS.items()
}
