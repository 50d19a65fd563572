# SPDX-License-Identifier: EUPL-1.2
"""Several nodes of one chain, in the order in which they are to be used; one of them at a time.

Everything is asked of one node until it does not answer, or falls behind the others; then of the first in the list that
does neither. What was read is read again there. What was sent is not: whether the first node passed it on is unknown,
and the lane sends the same bytes again by itself.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from types import TracebackType
from typing import Any, Final, Self

import structlog

from heitje.chain.node import Call, NodeUnreachable, RpcError, RpcNode

log = structlog.get_logger(__name__)

_SEND: Final = "eth_sendRawTransaction"

BEHIND: Final = 3
"""Blocks that a node may be behind the best of the others."""

_LOOK_EVERY: Final = 2.0
"""Seconds between two comparisons of the nodes' heads."""

_LOOK_FOR: Final = 2.0
"""Seconds that a node has to tell its head; one that takes longer is not used if another is quicker."""


class Nodes:
    """The nodes at these HTTP addresses, as one `Node`. Use it as `async with Nodes(urls) as node`."""

    def __init__(self, urls: Sequence[str], *, timeout: float = 20.0) -> None:
        self._nodes = [RpcNode(url, timeout=timeout) for url in urls]
        self._urls = list(urls)
        self._current = 0
        self._looked_at = 0.0
        self._looking = asyncio.Lock()
        self._chain: int | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the connections to all of them."""
        for node in self._nodes:
            await node.close()

    async def call(self, method: str, *params: Any) -> Any:
        """Ask one thing; see `Node.call`."""
        return await self._ask(lambda node: node.call(method, *params), is_read=method != _SEND)

    async def batch(self, calls: Sequence[Call]) -> list[Any]:
        """Ask many things of one node; see `Node.batch`."""
        is_read = all(method != _SEND for method, _ in calls)
        answers: list[Any] = await self._ask(lambda node: node.batch(calls), is_read=is_read)
        return answers

    async def _ask(self, ask: Callable[[RpcNode], Awaitable[Any]], *, is_read: bool) -> Any:
        if len(self._nodes) > 1 and time.monotonic() - self._looked_at > _LOOK_EVERY:
            await self._choose(None)
        chosen = self._current
        try:
            return await ask(self._nodes[chosen])
        except NodeUnreachable:
            if len(self._nodes) == 1 or not await self._choose(chosen) or not is_read:
                raise
            return await ask(self._nodes[self._current])

    async def _choose(self, silent: int | None) -> bool:
        """Compare the nodes, and use another one if the present one is not good enough; whether it is another now.

        Args:
            silent: The node that has just not answered.
        """
        async with self._looking:
            if silent is not None and silent != self._current:
                return True  # somebody else has noticed it as well
            heads = await asyncio.gather(*(self._head(node) for node in self._nodes))
            self._looked_at = time.monotonic()
            if self._chain is None:  # the first in the list that answers says which chain this is
                self._chain = next((head[0] for head in heads if head is not None), None)
            numbers = {place: head[1] for place, head in enumerate(heads) if head and head[0] == self._chain}
            best = max(numbers.values(), default=0)
            good = [place for place, number in numbers.items() if number + BEHIND >= best and place != silent]
            if not good or self._current in good:
                return False
            log.warning("another node is used", was=self._urls[self._current], now=self._urls[good[0]])
            self._current = good[0]
            return True

    async def _head(self, node: RpcNode) -> tuple[int, int] | None:
        """A node's chain and its last block; None if it does not say."""
        try:
            answers = await asyncio.wait_for(node.batch([("eth_chainId", []), ("eth_blockNumber", [])]), _LOOK_FOR)
        except (NodeUnreachable, TimeoutError):
            return None
        if any(isinstance(answer, RpcError) for answer in answers):
            return None
        try:
            return int(answers[0], 16), int(answers[1], 16)
        except (TypeError, ValueError):
            return None
