# SPDX-License-Identifier: EUPL-1.2
"""What requests and answers have in common, in FastAPI's terms. Only endpoints and `api.py` import this."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from typing import Annotated, Any, Final

import orjson
from fastapi import Depends, Header, Query, Response

from heitje.problems import Code, Problem
from heitje.relay.endings import Endings
from heitje.relay.intake import Acknowledgement

JSON: Final = "application/json"
PROBLEM: Final = "application/problem+json"
KEY_PATTERN: Final = r"^[\x21-\x7e]{1,255}$"
"""Of an Idempotency-Key."""
MAX_WAIT: Final = 30.0
"""Most seconds of `Prefer: wait`."""

_KEY: Final = re.compile(KEY_PATTERN)
_WAIT: Final = re.compile(r"(?:^|[,;\s])wait\s*=\s*\"?(\d{1,6})\"?(?:$|[,;\s])")


async def idempotency_key(
    idempotency_key: Annotated[
        str | None, Header(description="New for each thing that is to be done once; 1 to 255 printable characters.")
    ] = None,
) -> str:
    """The key of a request that moves value.

    Raises:
        Problem: There is none, or it is not usable.
    """
    if idempotency_key is None:
        raise Problem(Code.IDEMPOTENCY_KEY_MISSING)
    if not is_usable_key(idempotency_key):
        raise Problem(Code.IDEMPOTENCY_KEY_INVALID)
    return idempotency_key


async def preferred_wait(
    prefer: Annotated[
        str | None, Header(description="`wait=N`: answer when it has ended, at the latest after N (up to 30) seconds.")
    ] = None,
) -> float:
    """Seconds to wait for the end of an operation (RFC 7240); 0 without the header."""
    return seconds_to_wait(prefer or "")


def is_usable_key(key: str) -> bool:
    """Whether this can be an Idempotency-Key."""
    return _KEY.fullmatch(key) is not None


def seconds_to_wait(prefer: str) -> float:
    """What a `Prefer` header asks for, as far as it can be had."""
    found = _WAIT.search(prefer) if prefer else None
    return min(float(found.group(1)), MAX_WAIT) if found else 0.0


IdempotencyKey = Annotated[str, Depends(idempotency_key)]
Wait = Annotated[float, Depends(preferred_wait)]
Cursor = Annotated[str | None, Query(max_length=100, description="From `next` of the page before.")]
Limit = Annotated[int, Query(ge=1, le=200, description="Most items in one answer.")]


def json_response(body: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """An answer in JSON."""
    content = body if isinstance(body, bytes) else orjson.dumps(body)
    return Response(content, status, headers, JSON)


def problem_response(problem: Problem) -> Response:
    """A problem as an answer."""
    body = problem.body()
    headers = {"Retry-After": "1"} if body["status"] in (409, 429, 503) and problem.code in _RETRY else {}
    if problem.code is Code.NOT_LOGGED_IN:
        headers["WWW-Authenticate"] = "Bearer"
    return Response(orjson.dumps(body), body["status"], headers, PROBLEM)


_RETRY: Final = (
    Code.TOO_MANY_UNDER_WAY,
    Code.TOO_MANY_REQUESTS,
    Code.TOO_MANY_DELIVERIES,
    Code.TOO_MANY_STREAMS,
    Code.BUSY,
    Code.NODE_UNREACHABLE,
    Code.NOT_READY,
    Code.PAUSED,
    Code.IDEMPOTENCY_KEY_RUNNING,
)


async def acknowledge(
    acknowledgement: Acknowledgement, endings: Endings, wait: float, show: Callable[[str], Awaitable[dict[str, Any]]]
) -> Response:
    """The answer to a request that was accepted: at once, or when it has ended but no later than asked for."""
    status, body = acknowledgement.status, acknowledgement.body
    if wait and status != 200:
        status = 200 if await endings.wait(acknowledgement.operation_id, wait) else 202
        body = orjson.dumps(await show(acknowledgement.operation_id))
    headers = {"Location": acknowledgement.location}
    if wait:
        headers["Preference-Applied"] = f"wait={int(wait)}"
    if acknowledgement.replayed:
        headers["Idempotency-Replayed"] = "true"
    return json_response(body, status, headers)
