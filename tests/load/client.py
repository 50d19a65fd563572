# SPDX-License-Identifier: EUPL-1.2
"""A lean HTTP client: what it costs is taken from the service it measures, because both share the machine.

It writes requests that were made beforehand and reads answers of known length, over connections that stay open. The
load is open: requests are due at fixed times, whether or not earlier ones were answered.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field

CONNECTIONS = 256


@dataclass(slots=True)
class Outcome:
    """What was asked and answered. Times are Unix seconds, by place in the sequence; 0 where there is none."""

    due: list[float]
    answered: list[float]
    statuses: list[int]
    refusals: dict[str, int] = field(default_factory=dict)

    @classmethod
    def of(cls, count: int) -> Outcome:
        """For so many requests."""
        return cls([0.0] * count, [0.0] * count, [0] * count)


class _Connection(asyncio.Protocol):
    """One request at a time."""

    def __init__(self, pool: _Pool) -> None:
        self._pool = pool
        self._buffer = b""
        self._place = -1
        self._transport: asyncio.WriteTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.WriteTransport)
        self._transport = transport
        self._pool.made(self)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - the protocol names it
        if self._place >= 0:
            self._pool.done(self._place, 0, b"")
        self._pool.lost(self)

    def close(self) -> None:
        """End it."""
        assert self._transport is not None
        self._transport.close()

    def send(self, place: int, raw: bytes) -> None:
        """Write a request."""
        assert self._transport is not None
        self._place = place
        self._transport.write(raw)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head, separator, body = self._buffer.partition(b"\r\n\r\n")
        if not separator:
            return
        lower = head.lower()
        start = lower.index(b"content-length:") + 15
        length = int(lower[start : lower.find(b"\r", start) if b"\r" in lower[start:] else None])
        if len(body) < length:
            return
        self._buffer = b""
        place, self._place = self._place, -1
        self._pool.done(place, int(head[9:12]), body)
        self._pool.free(self)


class _Pool:
    def __init__(self, port: int, requests: Sequence[bytes], outcome: Outcome) -> None:
        self._port = port
        self._opening: set[asyncio.Future[None]] = set()
        self._requests = requests
        self._outcome = outcome
        self._idle: list[_Connection] = []
        self._all: set[_Connection] = set()
        self._due: deque[int] = deque()
        self._open = len(requests)
        self.finished = asyncio.Event()

    def made(self, connection: _Connection) -> None:
        """A connection is open."""
        self._all.add(connection)
        self.free(connection)

    def free(self, connection: _Connection) -> None:
        """A connection has nothing to do."""
        if self._due:
            self._write(connection, self._due.popleft())
        else:
            self._idle.append(connection)

    def lost(self, connection: _Connection) -> None:
        """The service closed a connection: open another in its place, but not when all is done."""
        self._all.discard(connection)
        if connection in self._idle:
            self._idle.remove(connection)
        if self._open > 0:
            self._opening.add(task := asyncio.ensure_future(self.open()))
            task.add_done_callback(self._opening.discard)

    async def open(self) -> None:
        await asyncio.get_running_loop().create_connection(lambda: _Connection(self), "127.0.0.1", self._port)

    def due(self, place: int) -> None:
        self._outcome.due[place] = time.time()
        if self._idle:
            self._write(self._idle.pop(), place)  # the one used last: the service closes those that rest too long
        else:
            self._due.append(place)

    def done(self, place: int, status: int, body: bytes) -> None:
        self._outcome.answered[place] = time.time()
        self._outcome.statuses[place] = status
        if status not in (200, 202):
            code = body.partition(b'"code":"')[2].partition(b'"')[0].decode() or str(status)
            self._outcome.refusals[code] = self._outcome.refusals.get(code, 0) + 1
        self._open -= 1
        if not self._open:
            self.finished.set()

    async def finish(self, patience: float) -> None:
        """Wait for all answers, as long as some come."""
        left = -1
        while self._open != left:
            left = self._open
            with suppress(TimeoutError):
                await asyncio.wait_for(self.finished.wait(), patience)
                return
        raise TimeoutError(f"{left} of {len(self._requests)} requests were not answered, and none for {patience:g} s")

    async def close(self) -> None:
        """Close all connections."""
        self._open = 0
        for opening in self._opening:
            opening.cancel()
        for connection in list(self._all):
            connection.close()
        await asyncio.sleep(0)  # the loop tells them that they are closed

    def _write(self, connection: _Connection, place: int) -> None:
        connection.send(place, self._requests[place])


async def drive(port: int, requests: Sequence[bytes], rate: float, *, patience: float = 60.0) -> Outcome:
    """Send requests at a rate, and wait for the answers.

    Args:
        port: On this machine.
        requests: Whole HTTP requests.
        rate: Requests per second; 0 for as fast as they are answered.
        patience: Seconds to wait for the next answer after the last request.

    Raises:
        TimeoutError: No answer came for so long.
    """
    loop = asyncio.get_running_loop()
    outcome = Outcome.of(len(requests))
    pool = _Pool(port, requests, outcome)
    for _ in range(CONNECTIONS):
        await pool.open()
    began = loop.time()
    place = 0
    while place < len(requests):
        now_due = len(requests) if not rate else min(len(requests), int((loop.time() - began) * rate) + 1)
        while place < now_due:
            pool.due(place)
            place += 1
        await asyncio.sleep(0.005)
    try:
        await pool.finish(patience)
    finally:
        await pool.close()
    return outcome
