"""Opaque tokens: 256 random bits, kept only as their SHA-256, each for one home and one scope."""

import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Final
from uuid import uuid4

import sqlalchemy as sa
from fastapi import Depends, Request, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from mixtape_studio.contract import ErrorCode
from mixtape_studio.errors import ProblemError
from mixtape_studio.storage.database import Database
from mixtape_studio.storage.schema import DEFAULT_HOME, StudioRow, TokenRow

PREFIX: Final = "mxt_"

_bearer = HTTPBearer(auto_error=False, description="A token that the studio made.")


class Scope(StrEnum):
    HOME = "home"
    """Songs of the token's home."""
    METRICS = "metrics"
    """Health and engines, nothing of any home."""
    ADMIN = "admin"
    """All of it, for the token's home."""


@dataclass(frozen=True, slots=True)
class Identity:
    """Who is asking."""

    token_id: int
    home_id: str
    scope: Scope


@dataclass(frozen=True, slots=True)
class TokenInfo:
    """A token without its secret."""

    id: int
    home_id: str
    name: str
    scope: Scope
    created_at: datetime
    revoked_at: datetime | None


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


class Tokens:
    def __init__(self, database: Database) -> None:
        self._database = database

    def create(
        self,
        name: str,
        *,
        scope: Scope = Scope.HOME,
        home_id: str = DEFAULT_HOME,
        show: Callable[[str], None] = lambda _: None,
    ) -> str:
        """Make a token and return it: the only time that anybody sees it. Where ``show`` fails there is none."""
        token = PREFIX + secrets.token_urlsafe(32)
        with self._database.write() as session:
            session.add(
                TokenRow(home_id=home_id, name=name, scope=scope, sha256=_digest(token), created_at=datetime.now(UTC))
            )
            session.flush()
            show(token)
        return token

    def list(self) -> list[TokenInfo]:
        with self._database.read() as session:
            rows = session.scalars(sa.select(TokenRow).order_by(TokenRow.id)).all()
            return [
                TokenInfo(row.id, row.home_id, row.name, Scope(row.scope), row.created_at, row.revoked_at)
                for row in rows
            ]

    def revoke(self, token_id: int) -> bool:
        """False where there is no such token, or it was revoked before."""
        change = (
            sa.update(TokenRow)
            .where(TokenRow.id == token_id, TokenRow.revoked_at.is_(None))
            .values(revoked_at=datetime.now(UTC))
            .returning(TokenRow.id)
        )
        with self._database.write() as session:
            return session.scalar(change) is not None

    def find(self, token: str) -> Identity | None:
        query = sa.select(TokenRow).where(TokenRow.sha256 == _digest(token), TokenRow.revoked_at.is_(None))
        with self._database.read() as session:
            row = session.scalar(query)
        if row is None:
            return None
        return Identity(row.id, row.home_id, Scope(row.scope))

    def any(self) -> bool:
        with self._database.read() as session:
            return session.scalar(sa.select(TokenRow.id).limit(1)) is not None


def studio_id(database: Database) -> str:
    """This studio's lasting id; made when it is first asked for."""
    with database.write() as session:
        row = session.scalar(sa.select(StudioRow))
        if row is None:
            row = StudioRow(id=uuid4().hex, home_id=DEFAULT_HOME, created_at=datetime.now(UTC))
            session.add(row)
        return row.id


def identify(
    request: Request, credentials: Annotated[HTTPAuthorizationCredentials | None, Security(_bearer)]
) -> Identity | None:
    """None without a token.

    Raises:
        ProblemError: 401, a token that is wrong, revoked or no token at all.
    """
    if credentials is None:
        if "authorization" in request.headers:
            raise ProblemError(ErrorCode.UNAUTHORIZED, "The Authorization header holds no bearer token.")
        return None
    tokens: Tokens = request.app.state.tokens
    found = tokens.find(credentials.credentials)
    if found is None:
        raise ProblemError(ErrorCode.UNAUTHORIZED, "The studio does not know this token.")
    return found


def _require(*scopes: Scope) -> Callable[[Identity | None], Identity]:
    def check(identity: Annotated[Identity | None, Depends(identify)]) -> Identity:
        if identity is None:
            raise ProblemError(ErrorCode.UNAUTHORIZED, "The studio asks for a token.")
        if identity.scope not in scopes:
            raise ProblemError(ErrorCode.FORBIDDEN, f"A token of the scope {identity.scope} may not do this.")
        return identity

    return check


AnyIdentity = Annotated[Identity | None, Depends(identify)]
HomeIdentity = Annotated[Identity, Depends(_require(Scope.HOME, Scope.ADMIN))]
ReadIdentity = Annotated[Identity, Depends(_require(Scope.HOME, Scope.ADMIN, Scope.METRICS))]
