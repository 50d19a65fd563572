# SPDX-License-Identifier: EUPL-1.2
"""Around every request: no endless bodies in, the API's version out."""

import re
import time
from collections.abc import Mapping
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from heitje import metrics
from heitje.problems import Code, Problem
from heitje.rest.requests import problem_response

API_VERSION: Final = "1.0.0"
MAX_BODY: Final = 128 * 1024
"""Bytes; a report of 200 lines has about 25 000."""

Larger = Mapping[tuple[str, re.Pattern[str]], int]
"""Bytes that certain requests may have, by method and path."""


class Envelope:
    """ASGI middleware."""

    def __init__(self, app: ASGIApp, larger: Larger) -> None:
        self._app = app
        self._larger = larger

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, unless it is too long."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        began = time.perf_counter()

        async def send_with_version(message: Message) -> None:
            if message["type"] == "http.response.start":
                _count(scope, message["status"], time.perf_counter() - began)
                message["headers"] = [*message["headers"], (b"api-version", API_VERSION.encode())]
            await send(message)

        if scope["method"] in ("GET", "HEAD"):
            await self._app(scope, receive, send_with_version)
            return
        body = await _read(receive, self._most(scope))
        if body is None:
            await problem_response(Problem(Code.BODY_TOO_LARGE))(scope, receive, send_with_version)
            return
        await self._app(scope, _replay(body, receive), send_with_version)

    def _most(self, scope: Scope) -> int:
        fitting = (
            most
            for (method, path), most in self._larger.items()
            if method == scope["method"] and path.fullmatch(scope["path"])
        )
        return next(fitting, MAX_BODY)


def route_of(scope: Scope) -> str | None:
    """The template of the route that a request was led to; None if there is none."""
    return scope.get("route_template") or getattr(scope.get("route"), "path", None)


def _count(scope: Scope, status: int, seconds: float) -> None:
    """Note an answer, under its route: paths with addresses and digests in them would be series without end."""
    route = route_of(scope) or "none"
    metrics.REQUESTS.labels(scope["method"], route, status).inc()
    metrics.REQUEST_SECONDS.labels(scope["method"], route).observe(seconds)


async def _read(receive: Receive, most: int) -> bytes | None:
    """The whole body; None if it is too long."""
    parts, length = [], 0
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return b""  # the client is gone
        parts.append(message.get("body", b""))
        length += len(parts[-1])
        if length > most:
            return None
        if not message.get("more_body", False):
            return b"".join(parts)


def _replay(body: bytes, receive: Receive) -> Receive:
    """Gives the body once, then whatever comes after it."""
    waiting = [body]

    async def replayed() -> Message:
        if waiting:
            return {"type": "http.request", "body": waiting.pop(), "more_body": False}
        return await receive()

    return replayed
