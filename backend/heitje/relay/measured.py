# SPDX-License-Identifier: EUPL-1.2
"""A node whose answers are timed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from heitje import metrics
from heitje.chain.node import Call, Node, NodeUnreachable


class MeasuredNode:
    """Asks another node, and counts how long that took and how often nothing came back."""

    def __init__(self, node: Node) -> None:
        self._node = node

    async def call(self, method: str, *params: Any) -> Any:
        """See `heitje.chain.node.Node.call`."""
        with metrics.RPC_FAILURES.count_exceptions(NodeUnreachable), metrics.RPC_SECONDS.time():
            return await self._node.call(method, *params)

    async def batch(self, calls: Sequence[Call]) -> list[Any]:
        """See `heitje.chain.node.Node.batch`."""
        with metrics.RPC_FAILURES.count_exceptions(NodeUnreachable), metrics.RPC_SECONDS.time():
            return await self._node.batch(calls)
