# SPDX-License-Identifier: EUPL-1.2
"""Who is asking, for the few things that are not public and need no signature of their own.

What moves value is signed, and needs nobody logged in. Everything public is read without. What is left (webhooks, keys)
belongs to an address, and whoever asks must have shown to be it: by a session (a login of its wallet) or by an API key
that the address made. Both come as `Authorization: Bearer …`; the pages of this service send a session as a cookie.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any, Final, TypeAlias
from urllib.parse import urlsplit

from fastapi import Depends, Request
from fastapi.security import HTTPBearer
from starlette.requests import HTTPConnection

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

COOKIE: Final = "heitje_session"
"""The cookie that holds a session's token. Scripts of pages cannot read it."""

_SAFE: Final = ("GET", "HEAD", "OPTIONS")

_bearer = HTTPBearer(auto_error=False, description="A session's token or an API key.")


async def principal(request: Request, _shown: Annotated[Any, Depends(_bearer)]) -> Principal:
    """Whoever asks. The application's state holds how to tell.

    Raises:
        Problem: Nobody that is known.
    """
    authenticate: Authenticate = request.app.state.authenticate
    found = await authenticate(shown_token(request))
    if found is None:
        raise Problem(Code.NOT_LOGGED_IN)
    if not _is_own(request):
        raise Problem(Code.NOT_LOGGED_IN, "The cookie of a session changes things only from pages of this service.")
    return found


async def person(found: Annotated[Principal, Depends(principal)]) -> Principal:
    """The same, but a machine's key is not enough.

    Raises:
        Problem: It is a key.
    """
    if found.by is not Means.SESSION:
        raise Problem(Code.SESSION_NEEDED)
    return found


def shown_token(asked: HTTPConnection) -> str:
    """The token that came with a request: of its `Authorization` header if it has one, else of the cookie."""
    header = asked.headers.get("authorization")
    return token_of(header) if header is not None else asked.cookies.get(COOKIE, "")


def _is_own(request: Request) -> bool:
    """Whether no other site's page can have sent this: a browser adds the cookie by itself, and a token nobody does.

    Browsers say where a request comes from; those that do not know `Sec-Fetch-Site` yet say at least which origin.
    """
    if request.method in _SAFE or "authorization" in request.headers:
        return True
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site == "same-origin"
    return urlsplit(request.headers.get("origin", "")).netloc == request.headers.get("host")


def token_of(header: str) -> str:
    """The token of an `Authorization` header; empty if it has none."""
    scheme, _, token = header.partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


Known = Annotated[Principal, Depends(principal)]
Person = Annotated[Principal, Depends(person)]
