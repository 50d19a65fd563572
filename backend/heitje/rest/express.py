# SPDX-License-Identifier: EUPL-1.2
"""The short way for what is most of the load: a well-formed payment goes straight to its endpoint.

The framework's way through middleware, routers and dependencies takes longer than checking, storing and answering a
payment. So that there is one behaviour and not two, only what is beyond doubt goes this way: the path and the method, a
JSON body that the endpoint's own model takes, a usable Idempotency-Key. Everything else, each error among it, goes the
ordinary way and gets the ordinary answer.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final, NamedTuple

from fastapi import Response
from pydantic import BaseModel, ValidationError
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from heitje.problems import Problem
from heitje.rest.requests import is_usable_key, problem_response, seconds_to_wait

_JSON: Final = b"application/json"


class Stop(NamedTuple):
    """An endpoint that can be reached the short way: its body's model, and what it does with one."""

    model: type[BaseModel]
    serve: Callable[[Any, str, float], Awaitable[Response]]


class Express:
    """ASGI middleware. It must come after what reads the body: it takes the first message for all of it."""

    def __init__(self, app: ASGIApp, stops: Mapping[str, Stop]) -> None:
        """Take the endpoints by path; all of them are POST."""
        self._app = app
        self._stops = stops

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request, or pass it on."""
        stop = self._stops.get(scope["path"]) if scope["type"] == "http" and scope["method"] == "POST" else None
        headers = dict(scope["headers"]) if stop is not None else {}
        key = headers.get(b"idempotency-key", b"").decode("latin-1")
        if stop is None or headers.get(b"content-type") != _JSON or scope["query_string"] or not is_usable_key(key):
            await self._app(scope, receive, send)
            return
        message = await receive()
        try:
            body = stop.model.model_validate_json(message.get("body", b""))
        except ValidationError:
            await self._app(scope, _again(message, receive), send)
            return
        scope["route_template"] = scope["path"]
        try:
            response = await stop.serve(body, key, seconds_to_wait(headers.get(b"prefer", b"").decode("latin-1")))
        except Problem as problem:
            response = problem_response(problem)
        await response(scope, receive, send)


def _again(message: Message, receive: Receive) -> Receive:
    """Gives a message that was read already, then whatever comes after it."""
    waiting = [message]

    async def replayed() -> Message:
        return waiting.pop() if waiting else await receive()

    return replayed
