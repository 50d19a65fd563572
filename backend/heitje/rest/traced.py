# SPDX-License-Identifier: EUPL-1.2
"""Around the whole application, when requests are traced: a span for each, under its route."""

from __future__ import annotations

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from heitje import tracing
from heitje.rest.middleware import route_of


class Traced:
    """ASGI middleware. Outside of all other, where faults are answered too."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        with tracing.request(scope["headers"]) as traced:

            async def send_and_note(message: Message) -> None:
                if message["type"] == "http.response.start":
                    traced.answered(scope["method"], route_of(scope), message["status"])
                await send(message)

            await self._app(scope, receive, send_and_note)
