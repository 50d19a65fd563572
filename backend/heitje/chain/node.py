# SPDX-License-Identifier: EUPL-1.2
"""The way to a chain: JSON-RPC over HTTP, one request or many in one round trip."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from types import TracebackType
from typing import Any, Final, Protocol, Self, TypeAlias

import aiohttp
import orjson

Call: TypeAlias = tuple[str, Sequence[Any]]
"""A method's name and its parameters."""

_BATCH_LIMIT: Final = 200
"""Requests per HTTP message. Besu refuses more than 1 024 (`--rpc-http-max-batch-size`); proxies refuse long bodies."""

_IN_PARALLEL: Final = 4
"""HTTP messages under way at once for one long batch."""


class RpcError(Exception):
    """The node answered, and the answer is an error.

    `code` and `message` are the node's; `data` is what it added, for a reverted call the revert data in hex.
    """

    def __init__(self, code: int, message: str, data: Any = None) -> None:
        super().__init__(f"{message} ({code})")
        self.code = code
        self.message = message
        self.data = data


class NodeUnreachable(Exception):
    """No usable answer came: refused, cut off, too late, or not JSON-RPC. Whether the node acted is unknown."""


class Node(Protocol):
    """One node of the chain."""

    async def call(self, method: str, *params: Any) -> Any:
        """Ask one thing.

        Raises:
            RpcError: The node refused.
            NodeUnreachable: No usable answer; what became of the request is unknown.
        """
        ...

    async def batch(self, calls: Sequence[Call]) -> list[Any]:
        """Ask many things; the answers come in the order of the calls.

        A refusal stands in its place as an `RpcError` that is returned, not raised.

        Raises:
            NodeUnreachable: At least one answer is missing; what became of the requests is unknown.
        """
        ...


class RpcNode:
    """A node at an HTTP address. Use it as `async with RpcNode(url) as node`, or call `close` when done."""

    def __init__(self, url: str, *, timeout: float = 20.0) -> None:
        self._url = url
        self._timeout = aiohttp.ClientTimeout(total=timeout)
        self._session: aiohttp.ClientSession | None = None
        self._next_id = 0

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the connections. The node can be used again afterwards."""
        if self._session is not None:
            session, self._session = self._session, None
            await session.close()

    async def call(self, method: str, *params: Any) -> Any:
        """Ask one thing; see `Node.call`."""
        answer = await self._post(self._request(method, params))
        if not isinstance(answer, dict):
            raise NodeUnreachable("the node's answer is not JSON-RPC")
        result = _result(answer)
        if isinstance(result, RpcError):
            raise result
        return result

    async def batch(self, calls: Sequence[Call]) -> list[Any]:
        """Ask many things, in messages of at most 200; see `Node.batch`."""
        limit = asyncio.Semaphore(_IN_PARALLEL)

        async def part(start: int) -> list[Any]:
            async with limit:
                return await self._batch(calls[start : start + _BATCH_LIMIT])

        parts = await asyncio.gather(*(part(start) for start in range(0, len(calls), _BATCH_LIMIT)))
        return [result for results in parts for result in results]

    async def _batch(self, calls: Sequence[Call]) -> list[Any]:
        requests = [self._request(method, params) for method, params in calls]
        answers = await self._post(requests)
        if isinstance(answers, dict) and "error" in answers:
            error = _result(answers)  # the node refused the batch as a whole
            return [error] * len(calls)
        if not isinstance(answers, list):
            raise NodeUnreachable("the node's answer is not a JSON-RPC batch")
        by_id = {answer.get("id"): answer for answer in answers if isinstance(answer, dict)}
        try:
            return [_result(by_id[request["id"]]) for request in requests]
        except KeyError as missing:
            raise NodeUnreachable("the node left out an answer of a batch") from missing

    def _request(self, method: str, params: Sequence[Any]) -> dict[str, Any]:
        self._next_id += 1
        return {"jsonrpc": "2.0", "id": self._next_id, "method": method, "params": list(params)}

    async def _post(self, body: Any) -> Any:
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=self._timeout, headers={"content-type": "application/json"})
        try:
            async with self._session.post(self._url, data=orjson.dumps(body)) as response:
                raw = await response.read()
            return orjson.loads(raw)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise NodeUnreachable(f"no answer from the node at {self._url}: {error or type(error).__name__}") from error
        except orjson.JSONDecodeError as error:
            raise NodeUnreachable(f"the node at {self._url} did not answer in JSON (HTTP {response.status})") from error


def _result(answer: dict[str, Any]) -> Any:
    """The result of one answer, or the `RpcError` it holds."""
    error = answer.get("error")
    if error is None:
        return answer.get("result")
    if not isinstance(error, dict):
        return RpcError(-32603, str(error))
    code = error.get("code")
    return RpcError(code if isinstance(code, int) else -32603, str(error.get("message", "")), error.get("data"))


def quantity(value: int) -> str:
    """A number as JSON-RPC writes it: hex without leading zeros."""
    return hex(value)
