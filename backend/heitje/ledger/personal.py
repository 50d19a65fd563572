# SPDX-License-Identifier: EUPL-1.2
"""What the chain knows of one member and the index does not keep: what is left of the limits, why it is frozen."""

from __future__ import annotations

import asyncio
from typing import Any, Final

from heitje.chain.abi import load
from heitje.chain.logs import topic
from heitje.chain.node import Node, NodeUnreachable, RpcError

_FROZEN: Final = topic("Frozen(uint32,address,uint16)")

_PATIENCE: Final = 3.0
"""Seconds for which somebody's page waits for the node."""


class Personal:
    """Asks the chain. What it cannot say now is None: a page shows the rest without it."""

    def __init__(self, node: Node, token: str, registry: str, deploy_block: int) -> None:
        self._node = node
        self._token = token
        self._registry = registry
        self._deploy_block = deploy_block

    async def left(self, number: int, month: int) -> tuple[int, int] | None:
        """Cents that a member can still earn in a month (`12 * year + (month - 1)`), and in its calendar year."""
        interface = load("ActivityRegistry")
        asked = {"to": self._registry, "data": "0x" + interface.encode("left", number, month).hex()}
        answer = await self._ask("eth_call", asked, "latest")
        if answer is None:
            return None
        in_month, in_year = interface.decode("left", bytes.fromhex(answer[2:]))
        return int(in_month), int(in_year)

    async def freeze_reason(self, number: int) -> int | None:
        """The code with which a member was last frozen."""
        wanted = {
            "fromBlock": hex(self._deploy_block),
            "address": self._token,
            "topics": [_FROZEN, f"0x{number:064x}"],
        }
        logs = await self._ask("eth_getLogs", wanted)
        return int(logs[-1]["data"], 16) if logs else None

    async def _ask(self, method: str, *params: Any) -> Any:
        try:
            async with asyncio.timeout(_PATIENCE):
                return await self._node.call(method, *params)
        except (NodeUnreachable, RpcError, TimeoutError):
            return None
