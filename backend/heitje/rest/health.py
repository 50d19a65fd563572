# SPDX-License-Identifier: EUPL-1.2
"""Whether this process can do its work now, and if not, why.

What is looked at depends on what the process does: one that indexes needs no lane. One that stands by is ready: it
takes over when the process at work stops. `here` says whether the work is done in this process.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from heitje.chain.node import Node, NodeUnreachable, RpcError
from heitje.index.follow import LEASE
from heitje.rest.fields import rfc3339
from heitje.settings import RoleName
from heitje.store.session import Store
from heitje.store.tables import cursor, lane, lease

MAX_LAG: Final = 5
"""Blocks the index may be behind the node."""

MAX_AGE: Final = 60
"""Seconds after which the node's last block is old: the chain, or the node, stands still."""


class Health:
    """Looks at the database, the node, the index and the lane."""

    def __init__(
        self, store: Store, node: Node, clock: Callable[[], float], role: RoleName = RoleName.ALL, me: str = ""
    ) -> None:
        """Take what is looked at, and what this process does; `me` is its name in leases."""
        self._role = role
        self._me = me
        self._store = store
        self._node = node
        self._clock = clock

    async def ready(self) -> tuple[bool, dict[str, Any]]:
        """Whether all is well, and what was seen."""
        seen: dict[str, Any] = {}
        head = await self._head(seen)
        try:
            async with self._store.read() as session:
                at = await session.first(sa.select(cursor))
                lanes = await session.rows(sa.select(lane))
                indexing = await session.first(sa.select(lease.c.owner, lease.c.until).where(lease.c.name == LEASE))
        except SQLAlchemyError as error:
            seen["database"] = {"ok": False, "detail": type(error).__name__}
            return False, seen
        seen["database"] = {"ok": True}
        if self._role is not RoleName.RELAY:
            seen["index"] = {**_index(at, head), **_check(at), "here": self._is_mine(indexing, "until")}
        if self._role is not RoleName.INDEX:
            seen["lane"] = {**self._lane(lanes), "here": any(self._is_mine(row, "lease_until") for row in lanes)}
        return all(part["ok"] for part in seen.values()), seen

    async def _head(self, seen: dict[str, Any]) -> int | None:
        try:
            block = await self._node.call("eth_getBlockByNumber", "latest", False)
        except (NodeUnreachable, RpcError) as error:
            seen["node"] = {"ok": False, "detail": str(error)}
            return None
        try:
            number, age = int(block["number"], 16), max(0, round(self._clock() - int(block["timestamp"], 16)))
        except (TypeError, KeyError, ValueError):
            seen["node"] = {"ok": False, "detail": "the node's latest block is not one"}
            return None
        seen["node"] = {"ok": age <= MAX_AGE, "block": number, "secondsOld": age}
        return number

    def _is_mine(self, row: sa.Row[Any] | None, until: str) -> bool:
        return row is not None and row.owner == self._me and getattr(row, until) >= self._clock()

    def _lane(self, rows: Any) -> dict[str, Any]:
        frozen = [row.frozen for row in rows if row.frozen]
        held = any(row.lease_until >= self._clock() for row in rows)
        if frozen:
            return {"ok": False, "detail": frozen[0]}
        return {"ok": held} if held else {"ok": False, "detail": "no process sends transactions"}


def _check(at: sa.Row[Any] | None) -> dict[str, Any]:
    """What the last comparison with the chain found.

    A difference stops nothing: the contracts decide about every payment, whatever this database says. It is there for
    people, who must not pay out by it.
    """
    if at is None or at.checked_at is None:
        return {}
    detail = {"detail": f"{at.difference}. The chain is right: do not pay out from this database"}
    found = {"block": at.checked_block, "at": rfc3339(at.checked_at), "differences": at.differences}
    return {"check": {**found, **(detail if at.differences else {})}}


def _index(at: sa.Row[Any] | None, head: int | None) -> dict[str, Any]:
    if at is None:
        return {"ok": False, "detail": "the index has not begun"}
    if at.halted:
        return {"ok": False, "block": at.number, "detail": at.halted}
    lag = max(0, head - at.number) if head is not None else None
    if head is not None and head < at.number - MAX_LAG:
        detail = f"the node is at block {head}, behind what is indexed: it reads the chain anew, or it is another chain"
        return {"ok": False, "block": at.number, "blocksBehind": 0, "detail": detail}
    return {"ok": lag is not None and lag <= MAX_LAG, "block": at.number, "blocksBehind": lag}
