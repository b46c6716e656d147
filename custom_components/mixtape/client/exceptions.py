"""What can go wrong between a home and its studio.

::

    StudioError
    ├── StudioConnectionError            not reached, or cut off; worth trying again
    │   └── StudioTimeoutError           reached or not, it took too long
    ├── StudioAuthenticationError        the token is missing, wrong or not enough
    ├── StudioContractError              another major contract version
    ├── StudioResponseError              an answer that a studio would not give
    └── StudioProblemError               the studio says no, with a stable code
        ├── StudioConflictError          the id is taken by another order
        └── StudioNotFoundError          no such job, take or file
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .models import ErrorCode


class StudioError(Exception):
    """The root: nothing else escapes this package."""


class StudioConnectionError(StudioError):
    """The studio could not be reached, or the connection broke."""


class StudioTimeoutError(StudioConnectionError):
    """The studio took too long."""


class StudioAuthenticationError(StudioError):
    """The studio refuses the token."""


class StudioContractError(StudioError):
    """The studio speaks another major version of the contract."""

    def __init__(self, found: str, supported: str) -> None:
        super().__init__(f"The studio speaks contract {found}, this home speaks {supported}")
        self.found = found
        self.supported = supported


class StudioResponseError(StudioError):
    """The answer is not one of a studio: something else listens there, or it is broken."""

    def __init__(self, message: str, *, status: int | None = None) -> None:
        super().__init__(message)
        self.status = status


class StudioProblemError(StudioError):
    """The studio refuses, with a stable code."""

    def __init__(self, code: ErrorCode, message: str, field: str | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.field = field
        """The request field at fault, dotted."""


class StudioConflictError(StudioProblemError):
    """The same id was used for another order, or the job has ended."""


class StudioNotFoundError(StudioProblemError):
    """The studio knows no such thing."""
