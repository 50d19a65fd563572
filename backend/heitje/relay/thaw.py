# SPDX-License-Identifier: EUPL-1.2
"""What an operator sees of a lane, and how one that stopped goes on.

Going on never gives a nonce to other bytes than it had: what this database signed for nonces that are still free stays
as it is, and is sent again. Only what stands on a nonce that another transaction has used goes back into the queue.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa

from heitje.chain.node import Node, RpcError
from heitje.relay import lane_repository as lanes
from heitje.relay import repository as operations
from heitje.store.session import Store
from heitje.store.tables import lane

_FORGOTTEN: Final = (
    "the chain waits for nonce {nonce} of {address}, whose bytes were in a final block so long ago that they are not "
    "kept any more (HEITJE_KEEP_BYTES): this chain is not the one that they were sent to, or it lost that block. No "
    "money is lost by this: what the bytes carried is on the chain, or its time is over. Find out which chain is "
    "right; to go on with this one, use a new key (docs/runbooks/key-rotation.md)"
)


class CannotThaw(Exception):
    """The lane cannot go on yet; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A signed transaction that is not known to be in a block.

    Attributes:
        batch_id: Its row.
        operations: How many it carries.
        sends: How often its bytes were sent.
        answer: What the node said last; None if it never answered.
        mined: Whether the node has it in a block.
    """

    batch_id: int
    nonce: int
    tx_hash: str
    operations: int
    sends: int
    answer: str | None
    mined: bool


@dataclass(frozen=True, slots=True)
class LaneSight:
    """A lane as the database and a node tell of it.

    Attributes:
        on_chain: Nonces that blocks have used.
        final: The same as of the last block that is never taken back.
        pending: The same with what waits in the node's pool.
        is_missing: Whether the chain waits for a nonce for which this database has no transaction.
    """

    lane_id: int
    address: str
    next_nonce: int
    frozen: str | None
    on_chain: int
    final: int
    pending: int
    is_missing: bool
    waiting: tuple[Waiting, ...]

    @property
    def ceiling(self) -> int:
        """The first nonce that this database has given to nothing."""
        return max([self.next_nonce, *(one.nonce + 1 for one in self.waiting)])

    @property
    def goes_on_at(self) -> int:
        """Where free nonces are looked for when it is thawed."""
        return self.on_chain if self.is_missing else max(self.next_nonce, self.on_chain)

    @property
    def displaced(self) -> list[int]:
        """Batches whose nonce something else has used."""
        return [one.batch_id for one in self.waiting if one.nonce < self.on_chain and not one.mined]


async def look(store: Store, node: Node, finality: int) -> list[LaneSight]:
    """All lanes of this database.

    Raises:
        CannotThaw: The node is of another chain than a lane.
        NodeUnreachable, RpcError: The node cannot be asked.
    """
    chain_id = int(await node.call("eth_chainId"), 16)
    async with store.read() as session:
        rows = await session.rows(sa.select(lane).order_by(lane.c.id))
        waiting = {row.id: await lanes.in_flight(session, row.id) for row in rows}
    for row in rows:
        if row.chain_id != chain_id:
            raise CannotThaw(f"this database is of chain {row.chain_id}, but the node is of chain {chain_id}")
    return [await _sight(store, node, row, waiting[row.id], finality) for row in rows]


async def thaw(store: Store, node: Node, finality: int, now: float) -> list[LaneSight]:
    """Let every lane that stopped go on; as they were before.

    Raises:
        CannotThaw: One cannot go on yet, and none does.
        NodeUnreachable, RpcError: The node cannot be asked.
    """
    sights = [sight for sight in await look(store, node, finality) if sight.frozen]
    if not sights:
        raise CannotThaw("no lane of this database has stopped; there is nothing to thaw")
    for sight in sights:
        _require_quiet(sight)
    async with store.write() as session:
        for sight in sights:
            if sight.is_missing and await lanes.are_bytes_forgotten(session, sight.lane_id, sight.on_chain):
                raise CannotThaw(_FORGOTTEN.format(nonce=sight.on_chain, address=sight.address))
            actors = await lanes.thaw(session, sight.lane_id, sight.goes_on_at, sight.displaced, now)
            await operations.arrange_queues(session, actors, now)
    return sights


def _require_quiet(sight: LaneSight) -> None:
    """Nobody else's transaction of this key is on its way, and none can be taken back."""
    if sight.pending > max(sight.on_chain, sight.ceiling):
        raise CannotThaw(
            f"the node still holds transactions of {sight.address} that this database does not know (nonces up to "
            f"{sight.pending - 1}): another program uses the key. Stop it, wait until they are in blocks, try again"
        )
    if sight.on_chain > sight.final and (sight.displaced or sight.is_missing or sight.on_chain > sight.next_nonce):
        raise CannotThaw(
            f"the last transactions of {sight.address} are in blocks that can still be taken back. Wait until they "
            "are final, try again"
        )


async def _sight(
    store: Store, node: Node, row: sa.Row[Any], waiting: Sequence[sa.Row[Any]], finality: int
) -> LaneSight:
    head = int(await node.call("eth_blockNumber"), 16)
    tags = ("latest", "pending", hex(max(0, head - finality)))
    counts = [("eth_getTransactionCount", [row.address, tag]) for tag in tags]
    receipts = [("eth_getTransactionReceipt", [one.tx_hash]) for one in waiting]
    answers = await node.batch([*counts, *receipts])
    for answer in answers:
        if isinstance(answer, RpcError):
            raise answer
    on_chain, pending, final = (int(answer, 16) for answer in answers[:3])
    async with store.read() as session:
        is_missing = on_chain < row.next_nonce and await lanes.is_missing(session, row.id, on_chain)
    return LaneSight(
        lane_id=row.id,
        address=row.address,
        next_nonce=row.next_nonce,
        frozen=row.frozen,
        on_chain=on_chain,
        final=final,
        pending=pending,
        is_missing=is_missing,
        waiting=tuple(
            Waiting(one.id, one.nonce, one.tx_hash, one.size, one.sends, one.last_answer, receipt is not None)
            for one, receipt in zip(waiting, answers[3:], strict=True)
        ),
    )
