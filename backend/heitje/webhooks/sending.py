# SPDX-License-Identifier: EUPL-1.2
"""One message to one server: at most ten seconds, no redirects, and of the answer only the beginning is read."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Final, Self

import aiohttp

from heitje.webhooks.guard import Guard, Lookup, Refused, check_url

TIMEOUT: Final = 10.0
"""Seconds for all of it: name, connection, answer."""

KEPT: Final = 2_048
"""Characters of an answer."""

_READ: Final = 4 * KEPT
"""Bytes: no character has more than four."""

GONE: Final = 410


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a message.

    Attributes:
        status: HTTP status; None without an answer.
        response: The beginning of the answer.
        error: Why it is no success; None if it is one.
        seconds: How long it took.
    """

    status: int | None
    response: str
    error: str | None
    seconds: float


class Sender:
    """Sends messages. Use it as `async with Sender(...) as sender`.

    Args:
        loopback: Whether this machine itself will do as a receiver, without TLS.
        timeout: Seconds for a message and its answer.
        lookup: How the addresses of a name are found; by default as the system finds them.
    """

    def __init__(self, *, loopback: bool, timeout: float = TIMEOUT, lookup: Lookup | None = None) -> None:
        self._loopback = loopback
        self._timeout = timeout
        self._lookup = lookup

    async def __aenter__(self) -> Self:
        # A connection of its own for each message and no cached address: what was checked may lead elsewhere now.
        connector = aiohttp.TCPConnector(
            resolver=Guard(loopback=self._loopback, lookup=self._lookup), use_dns_cache=False, force_close=True, limit=0
        )
        self._session = aiohttp.ClientSession(
            connector=connector,
            timeout=aiohttp.ClientTimeout(total=self._timeout),
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            trust_env=False,
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._session.close()

    async def send(self, url: str, headers: Mapping[str, str], body: bytes) -> Outcome:
        """Send these bytes; what came of it. It never raises: whatever a receiver does is an outcome."""
        began = time.monotonic()
        status, response = None, ""
        try:
            place = check_url(url, loopback=self._loopback)
            told = {
                **headers,
                "content-type": "application/json",
                "user-agent": "Heitje-Webhooks/1",
                "accept-encoding": "identity",
            }
            async with self._session.post(place, data=body, headers=told, allow_redirects=False) as answer:
                status = answer.status
                response = _text(await _beginning(answer.content))
            error = None if 200 <= status < 300 else _why(status)
        except Refused as refusal:
            error = f"nothing was sent: {refusal}"
        except TimeoutError:
            error = f"no complete answer within {self._timeout:g} seconds"
        except (aiohttp.ClientError, OSError, ValueError) as failure:
            error = _text(f"{type(failure).__name__}: {failure}".encode())
        return Outcome(status, response, error, time.monotonic() - began)


async def _beginning(content: aiohttp.StreamReader) -> bytes:
    parts, length = [], 0
    while length < _READ and (part := await content.read(_READ - length)):
        parts.append(part)
        length += len(part)
    return b"".join(parts)


def _why(status: int) -> str:
    if status == GONE:
        return "the receiver says that it wants nothing any more (410)"
    if 300 <= status < 400:
        return f"the receiver redirects ({status}), which is not followed"
    return f"the receiver answered with {status}"


def _text(raw: bytes) -> str:
    """What can be stored: no database takes a NUL."""
    return raw.decode("utf-8", "replace").replace("\0", "\N{REPLACEMENT CHARACTER}")[:KEPT]
