# SPDX-License-Identifier: EUPL-1.2
"""Which roles an address holds, as the chain has them now: whoever lost one has lost it at once."""

from __future__ import annotations

from heitje.chain.abi import load
from heitje.chain.node import Node, NodeUnreachable, RpcError
from heitje.city.roles import OFFICES, Role
from heitje.problems import Code, Problem


class Offices:
    """Asks the authority."""

    def __init__(self, node: Node, authority: str) -> None:
        self._node = node
        self._authority = authority

    async def roles_of(self, address: str) -> dict[Role, int]:
        """The roles of an address, each with the seconds between announcing and doing.

        Raises:
            Problem: The node cannot be asked.
        """
        authority = load("Authority")
        asked = [authority.encode("hasRole", int(role), address) for role in OFFICES]
        calls = [("eth_call", [{"to": self._authority, "data": "0x" + data.hex()}, "latest"]) for data in asked]
        try:
            answers = await self._node.batch(calls)
        except NodeUnreachable:
            raise Problem(Code.NODE_UNREACHABLE) from None
        held: dict[Role, int] = {}
        for role, answer in zip(OFFICES, answers, strict=True):
            if isinstance(answer, RpcError):
                raise Problem(Code.NODE_UNREACHABLE, answer.message)
            is_member, delay = authority.decode("hasRole", bytes.fromhex(answer[2:]))
            if is_member:
                held[role] = int(delay)
        return held

    async def need(self, address: str, *roles: Role) -> frozenset[Role]:
        """Those of these roles that an address holds.

        Raises:
            Problem: It holds none of them, or the node cannot be asked.
        """
        held = frozenset(roles) & (await self.roles_of(address)).keys()
        if not held:
            raise Problem(Code.ROLE_NEEDED, f"It takes the role {' or '.join(role.name for role in roles)}.")
        return held
