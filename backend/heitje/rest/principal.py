# SPDX-License-Identifier: EUPL-1.2
"""Who is asking, for the few things that are not public and need no signature of their own.

What moves value is signed, and needs nobody logged in. Everything public is read without. What is left (webhooks, keys)
belongs to an address, and whoever asks must have shown to be it: by a session (Sign-In with Ethereum) or by an API key
that the address made. Both come as `Authorization: Bearer …`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any, TypeAlias

from fastapi import Depends, Request
from fastapi.security import HTTPBearer

from heitje.problems import Code, Problem


class Means(StrEnum):
    """How somebody has shown who they are."""

    SESSION = "session"
    KEY = "key"


@dataclass(frozen=True, slots=True)
class Principal:
    """Who is asking.

    Attributes:
        address: EIP-55.
        by: What was shown.
        session: Digest of the session's token, to end it; for a key, its prefix.
    """

    address: str
    by: Means
    session: str


Authenticate: TypeAlias = Callable[[str], Awaitable[Principal | None]]
"""Whose token this is; None if it is nobody's, or not any more."""

_bearer = HTTPBearer(auto_error=False, description="A session's token or an API key.")


async def principal(request: Request, _shown: Annotated[Any, Depends(_bearer)]) -> Principal:
    """Whoever asks. The application's state holds how to tell.

    Raises:
        Problem: Nobody that is known.
    """
    authenticate: Authenticate = request.app.state.authenticate
    found = await authenticate(token_of(request.headers.get("authorization", "")))
    if found is None:
        raise Problem(Code.NOT_LOGGED_IN)
    return found


async def person(found: Annotated[Principal, Depends(principal)]) -> Principal:
    """The same, but a machine's key is not enough.

    Raises:
        Problem: It is a key.
    """
    if found.by is not Means.SESSION:
        raise Problem(Code.SESSION_NEEDED)
    return found


def token_of(header: str) -> str:
    """The token of an `Authorization` header; empty if it has none."""
    scheme, _, token = header.partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


Known = Annotated[Principal, Depends(principal)]
Person = Annotated[Principal, Depends(person)]
