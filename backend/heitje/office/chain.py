# SPDX-License-Identifier: EUPL-1.2
"""The contracts of one city, asked by name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from heitje.chain.abi import Revert, decode_revert, load
from heitje.chain.logs import topic
from heitje.chain.node import Node, NodeUnreachable, RpcError
from heitje.city.roles import AUTHORITY, DESK, REGISTRY, TOKEN
from heitje.problems import Code, Problem
from heitje.relay.calldata import Contracts

MOST_GAS: Final = 16_000_000
"""What one transaction may use, below the limit of a block (EIP-7825 caps it at 16 777 216)."""

UNNAMED: Final = "Unnamed"
"""A refusal for which the chain gave no reason that we know."""


class Question(NamedTuple):
    """A view of one of our contracts."""

    contract: str
    function: str
    args: tuple[Any, ...] = ()


class Chain:
    """Asks the node. Whatever cannot be asked is a problem with a code."""

    def __init__(self, node: Node, contracts: Contracts, first_block: int) -> None:
        self._node = node
        self._first_block = hex(first_block)
        self.addresses: Final = {
            AUTHORITY: contracts.authority,
            TOKEN: contracts.token,
            REGISTRY: contracts.registry,
            DESK: contracts.desk,
        }

    def contract_at(self, address: str) -> str | None:
        """Which of ours is at an address."""
        return next((name for name, at in self.addresses.items() if at == address), None)

    async def ask(self, contract: str, function: str, *args: Any) -> Any:
        """What a view answers.

        Raises:
            Problem: The node cannot be asked, or the contract refused.
        """
        (answer,) = await self.ask_many([Question(contract, function, args)])
        if isinstance(answer, Revert):
            raise Problem(Code.REFUSED_BY_CONTRACT, f"It says {answer}.")
        return answer

    async def ask_many(self, questions: Sequence[Question]) -> list[Any]:
        """What views answer, in order; a `Revert` stands where the contract refused.

        Raises:
            Problem: The node cannot be asked.
        """
        calls = [
            ("eth_call", [self._call(q.contract, load(q.contract).encode(q.function, *q.args)), "latest"])
            for q in questions
        ]
        answers = await self._batch(calls) if calls else []
        return [
            _refusal(answer)
            if isinstance(answer, RpcError)
            else load(q.contract).decode(q.function, bytes.fromhex(answer[2:]))
            for q, answer in zip(questions, answers, strict=True)
        ]

    async def try_out(self, sender: str, to: str, data: bytes, block: str = "latest") -> Revert | None:
        """Why the chain would refuse a transaction now; None if it would not.

        Raises:
            Problem: The node cannot be asked.
        """
        request = {"from": sender, "to": to, "data": "0x" + data.hex(), "gas": hex(MOST_GAS)}
        (answer,) = await self._batch([("eth_call", [request, block])])
        return _refusal(answer) if isinstance(answer, RpcError) else None

    async def gas_for(self, sender: str, to: str, data: bytes) -> int:
        """Gas to allow a transaction: a quarter more than it takes now.

        Raises:
            Problem: The node cannot be asked.
        """
        request = {"from": sender, "to": to, "data": "0x" + data.hex(), "gas": hex(MOST_GAS)}
        (answer,) = await self._batch([("eth_estimateGas", [request])])
        return MOST_GAS if isinstance(answer, RpcError) else min(int(answer, 16) * 5 // 4, MOST_GAS)

    async def now(self) -> int:
        """The time of the last block, Unix time.

        Raises:
            Problem: The node cannot be asked.
        """
        (block,) = await self._batch([("eth_getBlockByNumber", ["latest", False])])
        if isinstance(block, RpcError) or block is None:
            raise Problem(Code.NODE_UNREACHABLE)
        return int(block["timestamp"], 16)

    async def logs(self, contract: str, events: Sequence[str], *topics: str | None) -> list[dict[str, Any]]:
        """The logs of some events of a contract since it was deployed, in order.

        Args:
            contract: One of ours.
            events: Their signatures.
            topics: What their indexed arguments must be; None for anything.

        Raises:
            Problem: The node cannot be asked.
        """
        wanted = [[topic(event) for event in events], *topics]
        where = {"address": self.addresses[contract], "fromBlock": self._first_block, "topics": wanted}
        (found,) = await self._batch([("eth_getLogs", [where])])
        if isinstance(found, RpcError):
            raise Problem(Code.NODE_UNREACHABLE, found.message)
        return list(found)

    async def raw(self, method: str, *params: Any) -> Any:
        """Anything else; an `RpcError` is returned.

        Raises:
            Problem: The node cannot be asked.
        """
        (answer,) = await self._batch([(method, params)])
        return answer

    def _call(self, contract: str, data: bytes) -> dict[str, str]:
        return {"to": self.addresses[contract], "data": "0x" + data.hex()}

    async def _batch(self, calls: Sequence[tuple[str, Sequence[Any]]]) -> list[Any]:
        try:
            return await self._node.batch(calls)
        except NodeUnreachable:
            raise Problem(Code.NODE_UNREACHABLE) from None


def _refusal(error: RpcError) -> Revert:
    """What a contract said when it refused."""
    data = error.data if isinstance(error.data, str) else ""
    found = decode_revert(bytes.fromhex(data[2:])) if data.startswith("0x") else None
    return found or Revert(UNNAMED, {}, UNNAMED)
