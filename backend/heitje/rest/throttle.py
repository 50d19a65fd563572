# SPDX-License-Identifier: EUPL-1.2
"""How much one client may ask: by who it is, or by where it comes from.

A window of ten seconds, so that a short burst is nobody's fault. A token counts only when it is somebody's: made-up
ones count for the address they come from, or they would be a way around it.
"""

from __future__ import annotations

import time
from typing import Final

from limits import RateLimitItemPerSecond
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import SlidingWindowCounterRateLimiter
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Receive, Scope, Send

from heitje.problems import Code, Problem
from heitje.rest.principal import Authenticate, shown_token
from heitje.rest.requests import problem_response

_WINDOW: Final = 10
_REMEMBERED: Final = 10.0
"""Seconds for which a token's owner is not looked up again."""

_MOST_REMEMBERED: Final = 10_000
_FREE: Final = ("/livez", "/readyz")


class Throttle:
    """ASGI middleware."""

    def __init__(self, app: ASGIApp, *, authenticate: Authenticate, unknown: int, known: int) -> None:
        """Set requests per second, of an address that is not logged in and of somebody who is; 0: no limit."""
        self._app = app
        self._authenticate = authenticate
        self._limits = SlidingWindowCounterRateLimiter(MemoryStorage())
        self._unknown = RateLimitItemPerSecond(unknown * _WINDOW, _WINDOW) if unknown else None
        self._known = RateLimitItemPerSecond(known * _WINDOW, _WINDOW) if known else None
        self._owners: dict[str, tuple[str | None, float]] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, unless there were too many."""
        if scope["type"] != "http" or scope["path"] in _FREE:
            await self._app(scope, receive, send)
            return
        token = shown_token(HTTPConnection(scope)) if _shows_something(scope) else ""
        owner = await self._owner(token) if token else None
        limit = self._known if owner is not None else self._unknown
        client = owner or (scope.get("client") or ("nowhere",))[0]
        if limit is None or await self._limits.hit(limit, client):
            await self._app(scope, receive, send)
            return
        problem = Problem(Code.TOO_MANY_REQUESTS, f"At most {limit.amount} in {_WINDOW} seconds.")
        await problem_response(problem)(scope, receive, send)

    async def _owner(self, token: str) -> str | None:
        now = time.monotonic()
        found, until = self._owners.get(token, (None, 0.0))
        if until < now:
            principal = await self._authenticate(token)
            found = None if principal is None else principal.address
            if len(self._owners) >= _MOST_REMEMBERED:
                self._owners.clear()
            self._owners[token] = (found, now + _REMEMBERED)
        return found


def _shows_something(scope: Scope) -> bool:
    """Whether there is anything to read: payments, which come by the thousand, show nothing."""
    return any(name in (b"authorization", b"cookie") for name, _ in scope["headers"])
