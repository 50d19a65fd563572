# SPDX-License-Identifier: EUPL-1.2
"""The city's node over HTTP, for who checks the books in a browser."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Body, Request, Response
from limits import RateLimitItemPerSecond
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import SlidingWindowCounterRateLimiter
from pydantic import Field

from heitje.ledger.asking import MOST_REQUESTS, Method, PublicNode, Question
from heitje.problems import Code, Problem
from heitje.rest.fields import JSON_INTEGER, Answer, Model
from heitje.rest.requests import json_response

_WINDOW: Final = 10
_ALLOWED: Final = 2_000
"""Requests of one network address in ten seconds, each in a batch counted: more than a check of the books needs."""


class RpcRequest(Model):
    """One JSON-RPC request."""

    jsonrpc: Literal["2.0"]
    id: Annotated[int, Field(ge=0, le=2**53, strict=True), JSON_INTEGER] | Annotated[str, Field(max_length=100)]
    method: Method
    params: Annotated[list[Any], Field(default_factory=list, max_length=4)]


class RpcAnswer(Answer):
    """One JSON-RPC answer: a result, or an error of the node or of what may be asked here."""

    jsonrpc: str
    id: int | str
    result: Any = None
    error: dict[str, Any] | None = None


Batch = Annotated[list[RpcRequest], Field(min_length=1, max_length=MOST_REQUESTS)]


def router(node: PublicNode) -> APIRouter:
    """The endpoint, for this node."""
    routes = APIRouter(tags=["ledger"])
    limits = SlidingWindowCounterRateLimiter(MemoryStorage())
    allowed = RateLimitItemPerSecond(_ALLOWED, _WINDOW)

    @routes.post("/rpc", response_model=RpcAnswer | list[RpcAnswer])
    async def ask_node(request: Request, body: Annotated[RpcRequest | Batch, Body()]) -> Response:
        """Ask the city's node (JSON-RPC): six methods that read, about the city's contracts, in bounded ranges."""
        asked = body if isinstance(body, list) else [body]
        questions = [Question(one.id, one.method, one.params) for one in asked]
        client = request.client.host if request.client else "nowhere"
        if not await limits.hit(allowed, client, cost=len(questions)):
            raise Problem(Code.TOO_MANY_REQUESTS, f"At most {allowed.amount} questions to the node in {_WINDOW} s.")
        answers = await node.answer(questions)
        return json_response(answers if isinstance(body, list) else answers[0])

    return routes
