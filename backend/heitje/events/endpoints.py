# SPDX-License-Identifier: EUPL-1.2
"""What happens to an account, as server-sent events."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Annotated, Any, Final

import structlog
from fastapi import APIRouter, Header, Path, Query, Response
from starlette.types import Receive, Scope, Send

from heitje.events.tail import Listener, Tail
from heitje.index.telling import TYPES
from heitje.problems import Problem
from heitje.rest.fields import Address
from heitje.rest.requests import problem_response

log = structlog.get_logger(__name__)

_MEDIA: Final = "text/event-stream"
_HEARTBEAT: Final = 15.0
"""Seconds without an event after which a comment is sent, so that nothing in between takes the connection for dead."""

_PATIENCE: Final = 10.0
"""Seconds that a reader may let us wait."""

_LONGEST: Final = 3_600
"""Seconds of one connection; a browser connects again by itself."""

_RETRY: Final = 2_000
"""Milliseconds after which a browser connects again."""

_HEADERS: Final = [
    (b"content-type", _MEDIA.encode()),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),  # nginx would keep events back
]

_EVENT: Final = {
    "type": "object",
    "title": "One event of the stream",
    "required": ["data"],
    "properties": {
        "id": {"type": "string"},
        "event": {"type": "string", "enum": [*TYPES, "missed"]},
        "data": {
            "type": "string",
            "contentMediaType": "application/json",
            "contentSchema": {
                "anyOf": [
                    {"$ref": "#/components/schemas/EventBody"},
                    {"type": "object", "maxProperties": 0, "description": "Of `missed`."},
                ]
            },
        },
    },
}

_STREAM: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "description": "Events without end. Each has its id, its type, and an EventBody in JSON as its data.",
        "content": {_MEDIA: {"schema": _EVENT}},
    }
}


def router(tail: Tail) -> APIRouter:
    """The endpoint, for what this follows."""
    routes = APIRouter(prefix="/v1/accounts", tags=["events"])

    @routes.get("/{address}/events", response_class=Response, responses=_STREAM)
    async def follow_account(
        address: Annotated[Address, Path(description="EIP-55 address.")],
        last_event_id: Annotated[
            str,
            Header(max_length=18, pattern="^[0-9]*$", description="Go on after this one. Without it, from now on."),
        ] = "",
        seconds: Annotated[
            int, Query(ge=0, le=_LONGEST, description="End after so long; 0: what has happened since, and no more.")
        ] = _LONGEST,
    ) -> Response:
        """Payments, refunds, redemptions from or to an account, as they happen (server-sent events).

        `missed` instead of an event says that some since `Last-Event-ID` are not kept any more: ask for the lists.
        """
        last = int(last_event_id) if last_event_id else None
        return EventStream(tail, address, last, seconds)

    return routes


class EventStream(Response):
    """An answer that goes on: first what was missed, then what happens."""

    def __init__(self, tail: Tail, account: str, last: int | None, seconds: int) -> None:
        super().__init__(media_type=_MEDIA)
        self._tail = tail
        self._account = account
        self._last = last
        self._seconds = seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Stream until the reader is gone, the time is up, or the reader is too slow."""
        try:
            with self._tail.place():
                streaming = asyncio.ensure_future(self._stream(send))
                leaving = asyncio.ensure_future(_left(receive))
                try:
                    await asyncio.wait((streaming, leaving), return_when=asyncio.FIRST_COMPLETED)
                finally:
                    leaving.cancel()
                    streaming.cancel()
                    with suppress(asyncio.CancelledError, TimeoutError):
                        await streaming
        except Problem as problem:
            await problem_response(problem)(scope, receive, send)

    async def _stream(self, send: Send) -> None:
        loop = asyncio.get_running_loop()
        end = loop.time() + self._seconds
        await send({"type": "http.response.start", "status": 200, "headers": _HEADERS})
        oldest, newest = await self._tail.bounds()
        # An id from before the database was begun anew is later than anything here: there is nothing to go on from.
        last = min(self._last, newest) if self._last is not None else newest
        await self._write(send, b"retry: %d\nid: %d\n\n" % (_RETRY, last))
        if self._last is not None and (self._last > newest or last + 1 < oldest):
            await self._write(send, b"event: missed\ndata: {}\n\n")
        async for seq, body in self._tail.since(self._account, last, newest):
            await self._write(send, _framed(seq, body))
        with self._tail.listen(self._account, newest) as listener:
            while (left := end - loop.time()) > 0 and not listener.is_over:
                await self._pass_on(send, listener, min(left, _HEARTBEAT))
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _pass_on(self, send: Send, listener: Listener, seconds: float) -> None:
        got = await listener.next(seconds)
        if got is not None:
            await self._write(send, _framed(*got))
        elif not listener.is_over:
            await self._write(send, b": still here\n\n")

    async def _write(self, send: Send, chunk: bytes) -> None:
        """Hand on some bytes.

        Raises:
            TimeoutError: The reader does not take them; the server closes the connection.
        """
        try:
            await asyncio.wait_for(send({"type": "http.response.body", "body": chunk, "more_body": True}), _PATIENCE)
        except TimeoutError:
            log.info("a slow reader of events is let go", account=self._account)
            raise


def _framed(seq: int, body: bytes) -> bytes:
    """An event on the wire. Its body is JSON of one line, whose type comes first."""
    kind = body[len(b'{"type":"') :].partition(b'"')[0]
    return b"id: %d\nevent: %b\ndata: %b\n\n" % (seq, kind, body)


async def _left(receive: Receive) -> None:
    """Waits until the reader is gone."""
    while (await receive())["type"] != "http.disconnect":
        pass
