# SPDX-License-Identifier: EUPL-1.2
"""A lane, its batches and their signed bytes, in the database."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from itertools import count, islice
from typing import Any, Final, NamedTuple

import sqlalchemy as sa

from heitje.relay.batch import is_hopeless, limit_after_revert
from heitje.relay.operation import Cause, Failure, Kind, State
from heitje.relay.repository import move_where
from heitje.store.leases import LeaseLost
from heitje.store.session import ReadSession, WriteSession
from heitje.store.tables import attempt, batch, cursor, lane, operation

_NOBODYS_FAULT: Final = "TokenPaused("
"""What a transaction says that was under way when the token was paused: its items go again afterwards."""

_DENIALS: Final = 3
"""After how many batches that left it out a payment by a contract wallet is given up."""

_DENIED: Final = "The wallet's contract no longer confirms this signature."


_UNDECIDED: Final = (State.BATCHED, State.SUBMITTED)
"""Of operations that are in a transaction, and of which the chain has said nothing."""

_TOGETHER: Final = 500
"""Transactions that one question is about."""


class BatchState(StrEnum):
    """Where a transaction is."""

    SIGNED = "signed"
    SENT = "sent"
    MINED = "mined"
    REVERTED = "reverted"
    DISPLACED = "displaced"


IN_FLIGHT = (BatchState.SIGNED, BatchState.SENT)
"""Signed, and not known to be in a block."""

_has_bytes: Final = sa.func.length(attempt.c.raw) > 0
"""Those of transactions that are long final are forgotten."""


class Lease(NamedTuple):
    """The right to use a lane, as long as `fence` is the lane's."""

    lane_id: int
    owner: str
    fence: int


class Signed(NamedTuple):
    """A transaction that is signed, of `size` operations of a kind, with its gas limit."""

    nonce: int
    kind: Kind
    size: int
    gas: int
    tx_hash: str
    raw: bytes


class Bytes(NamedTuple):
    """Signed bytes that may have to be sent, of a transaction with `size` operations."""

    batch_id: int
    nonce: int
    kind: str
    size: int
    gas: int
    tx_hash: str
    raw: bytes
    last_sent_at: float | None


class Mined(NamedTuple):
    """A transaction of ours in a block; `refusal` is why it reverted, None if it did not."""

    batch_id: int
    block_number: int
    refusal: str | None

    @property
    def state(self) -> BatchState:
        """Where the transaction is by that."""
        return BatchState.MINED if self.refusal is None else BatchState.REVERTED


async def lane_of(session: ReadSession, chain_id: int, address: str) -> sa.Row[Any] | None:
    """The lane of a key."""
    return await session.first(sa.select(lane).where(lane.c.chain_id == chain_id, lane.c.address == address))


async def open_lane(session: WriteSession, chain_id: int, address: str, next_nonce: int) -> None:
    """The lane of a key this database has not seen."""
    values = {"chain_id": chain_id, "address": address, "next_nonce": next_nonce}
    await session.add(lane, {**values, "owner": "", "lease_until": 0.0, "fence": 0, "frozen": None})


async def take_lease(session: WriteSession, lane_id: int, owner: str, now: float, seconds: float) -> Lease | None:
    """The lease, if nobody else holds it. Everybody who held it before is fenced off."""
    free = sa.or_(lane.c.lease_until < now, lane.c.owner == owner)
    taken = await session.run(
        sa.update(lane)
        .where(lane.c.id == lane_id, free)
        .values(owner=owner, lease_until=now + seconds, fence=lane.c.fence + 1)
    )
    if not taken:
        return None
    return Lease(lane_id, owner, await session.scalar(sa.select(lane.c.fence).where(lane.c.id == lane_id)))


async def renew_lease(session: WriteSession, lease: Lease, until: float) -> None:
    """Keep the lease until then; what is written in this transaction is written by its holder.

    Raises:
        LeaseLost: Somebody else has it.
    """
    await _change(session, lease, lease_until=until)


async def allot(session: WriteSession, lease: Lease, wanted: int) -> list[int]:
    """So many nonces that are now ours: the next ones that no transaction of ours has.

    Raises:
        LeaseLost: Somebody else has the lane.
    """
    await _change(session, lease, next_nonce=lane.c.next_nonce)
    first: int = await session.scalar(sa.select(lane.c.next_nonce).where(lane.c.id == lease.lane_id))
    later = sa.select(batch.c.nonce).where(batch.c.lane_id == lease.lane_id, batch.c.nonce >= first)
    taken = {row.nonce for row in await session.rows(later)}
    nonces = list(islice((nonce for nonce in count(first) if nonce not in taken), wanted))
    await _change(session, lease, next_nonce=nonces[-1] + 1)
    return nonces


async def freeze(session: WriteSession, lease: Lease, reason: str) -> None:
    """Send nothing until somebody has looked.

    Raises:
        LeaseLost: Somebody else has the lane.
    """
    await _change(session, lease, frozen=reason)


async def _change(session: WriteSession, lease: Lease, **values: Any) -> None:
    changed = await session.run(
        sa.update(lane)
        .where(lane.c.id == lease.lane_id, lane.c.fence == lease.fence, lane.c.owner == lease.owner)
        .values(**values)
    )
    if not changed:
        raise LeaseLost("another process has taken over this key; nothing more is sent from here")


async def add_batches(session: WriteSession, lease: Lease, signed: Sequence[Signed]) -> dict[int, int]:
    """Store transactions before they are sent; the batches' ids, by nonce."""
    mine = {"lane_id": lease.lane_id, "fence": lease.fence, "state": BatchState.SIGNED}
    described = [{**mine, "nonce": one.nonce, "kind": one.kind, "size": one.size, "gas": one.gas} for one in signed]
    await session.run_many(sa.insert(batch), described)
    since = sa.and_(batch.c.lane_id == lease.lane_id, batch.c.nonce >= min(one.nonce for one in signed))
    ids = {row.nonce: row.id for row in await session.rows(sa.select(batch.c.nonce, batch.c.id).where(since))}
    attempts = [{"batch_id": ids[one.nonce], "tx_hash": one.tx_hash, "raw": one.raw} for one in signed]
    await session.run_many(sa.insert(attempt), [{**one, "attempt_no": 1, "sends": 0} for one in attempts])
    return ids


async def in_flight_by_kind(session: ReadSession, lane_id: int) -> dict[Kind, int]:
    """How many transactions of each kind are on their way."""
    mine = sa.and_(batch.c.lane_id == lane_id, batch.c.state.in_(IN_FLIGHT))
    statement = sa.select(batch.c.kind, sa.func.count().label("number")).where(mine).group_by(batch.c.kind)
    return {Kind(row.kind): row.number for row in await session.rows(statement)}


async def due(session: ReadSession, lease: Lease, sent_before: float) -> list[Bytes]:
    """What was never sent, or not since then, in the order of the nonces. Nothing, if somebody else has the lane."""
    late = sa.or_(attempt.c.last_sent_at.is_(None), attempt.c.last_sent_at < sent_before)
    statement = (
        sa.select(batch.c.id, batch.c.nonce, batch.c.kind, batch.c.size, batch.c.gas)
        .add_columns(attempt.c.tx_hash, attempt.c.raw, attempt.c.last_sent_at)
        .join(attempt, attempt.c.batch_id == batch.c.id)
        .join(lane, lane.c.id == batch.c.lane_id)
        .where(lane.c.id == lease.lane_id, lane.c.fence == lease.fence, batch.c.state.in_(IN_FLIGHT), late)
        .where(_has_bytes)
        .order_by(batch.c.nonce, attempt.c.attempt_no)
    )
    return [Bytes._make(row) for row in await session.rows(statement)]


async def stamp(session: WriteSession, sent: Sequence[Bytes], answers: Sequence[str], now: float) -> None:
    """Note what the node said to bytes that were sent."""
    which = sa.update(attempt).where(attempt.c.tx_hash == sa.bindparam("which"))
    await session.run_many(
        which.values(sends=attempt.c.sends + 1, last_sent_at=now, last_answer=sa.bindparam("answer")),
        [{"which": item.tx_hash, "answer": answer} for item, answer in zip(sent, answers, strict=True)],
    )


async def mark_sent(session: WriteSession, batch_ids: Sequence[int], now: float) -> None:
    """A node has these transactions."""
    if not batch_ids:
        return
    signed = sa.and_(batch.c.id.in_(batch_ids), batch.c.state == BatchState.SIGNED)
    await session.run(sa.update(batch).where(signed).values(state=BatchState.SENT))
    await move_where(session, Cause.SENT, operation.c.batch_id.in_(batch_ids), now)


async def in_flight_span(session: ReadSession, lane_id: int) -> tuple[int, int] | None:
    """The lowest and the highest nonce whose transaction is not known to be in a block; None if there is none."""
    low, high = sa.func.min(batch.c.nonce).label("low"), sa.func.max(batch.c.nonce).label("high")
    row = await session.first(sa.select(low, high).where(batch.c.lane_id == lane_id, batch.c.state.in_(IN_FLIGHT)))
    return None if row is None or row.low is None else (row.low, row.high)


async def is_missing(session: ReadSession, lane_id: int, nonce: int) -> bool:
    """Whether no transaction of ours that can be sent, or is in a block, has this nonce."""
    sendable = sa.and_(batch.c.state.in_(IN_FLIGHT), _has_bytes)
    usable = sa.or_(sendable, batch.c.state.in_((BatchState.MINED, BatchState.REVERTED)))
    mine = sa.and_(batch.c.lane_id == lane_id, batch.c.nonce == nonce, usable)
    found = sa.select(batch.c.id).join(attempt, attempt.c.batch_id == batch.c.id).where(mine)
    return await session.scalar(found) is None


async def are_bytes_forgotten(session: ReadSession, lane_id: int, nonce: int) -> bool:
    """Whether this nonce has a transaction of ours that cannot be sent again."""
    mine = sa.and_(batch.c.lane_id == lane_id, batch.c.nonce == nonce, sa.not_(_has_bytes))
    found = sa.select(batch.c.id).join(attempt, attempt.c.batch_id == batch.c.id).where(mine)
    return await session.scalar(found) is not None


async def hash_of(session: ReadSession, operation_id: str) -> str | None:
    """The transaction that an operation is on its way in; None if it waits for one."""
    statement = (
        sa.select(attempt.c.tx_hash)
        .join(operation, operation.c.batch_id == attempt.c.batch_id)
        .where(operation.c.id == operation_id, operation.c.state.in_((State.BATCHED, State.SUBMITTED)))
        .order_by(attempt.c.attempt_no.desc())
    )
    found: str | None = await session.scalar(statement)
    return found


async def in_flight_hashes(session: ReadSession) -> dict[str, int]:
    """The batch of each transaction that is on its way, by hash."""
    statement = (
        sa.select(attempt.c.tx_hash, batch.c.id)
        .join(batch, batch.c.id == attempt.c.batch_id)
        .where(batch.c.state.in_(IN_FLIGHT))
    )
    return {row.tx_hash: row.id for row in await session.rows(statement)}


async def conclude(session: WriteSession, mined: Sequence[Mined], now: float) -> set[str]:
    """Transactions of ours are in blocks. What they did not decide goes back into the queue, or is given up.

    Returns:
        The signers of what went back.
    """
    which = sa.update(batch).where(batch.c.id == sa.bindparam("which"))
    await session.run_many(
        which.values(state=sa.bindparam("new_state"), block_number=sa.bindparam("number")),
        [{"which": one.batch_id, "new_state": one.state, "number": one.block_number} for one in mined],
    )
    undecided: set[int] = set()
    for start in range(0, len(mined), _TOGETHER):
        ids = [one.batch_id for one in mined[start : start + _TOGETHER]]
        inside = sa.and_(operation.c.batch_id.in_(ids), operation.c.state.in_(_UNDECIDED))
        undecided |= {row.batch_id for row in await session.rows(sa.select(operation.c.batch_id).where(inside))}
    actors: set[str] = set()
    for one in mined:
        if one.batch_id in undecided:
            actors |= await _give_back(session, one.batch_id, refusal=one.refusal, now=now)
    return actors


async def _give_back(session: WriteSession, batch_id: int, *, refusal: str | None, now: float) -> set[str]:
    """Put what a transaction did not decide back into the queue, or give it up; the signers of it."""
    undecided = sa.and_(operation.c.batch_id == batch_id, operation.c.state.in_(_UNDECIDED))
    statement = sa.select(operation.c.actor, operation.c.reverts).where(undecided)
    rows = await session.rows(statement)
    if refusal is None:
        # A key's signature stays good; a contract may say no to one that it said yes to when it was sent here.
        unsure = sa.and_(undecided, operation.c.wallets > 0)
        denied = sa.and_(unsure, operation.c.reverts >= _DENIALS - 1)
        told = {"failure": Failure.REFUSED, "failure_detail": _DENIED}
        await move_where(session, Cause.REFUSED, denied, now, **told)
        again = {"batch_id": None, "reverts": operation.c.reverts + 1}
        await move_where(session, Cause.NOT_INCLUDED, unsure, now, **again)
        back = {"batch_id": None, "reverts": 0, "batch_limit": None}
        await move_where(session, Cause.NOT_INCLUDED, undecided, now, **back)
        return {row.actor for row in rows}
    if refusal.startswith(_NOBODYS_FAULT):
        await move_where(session, Cause.NOT_INCLUDED, undecided, now, batch_id=None)
        return {row.actor for row in rows}
    size: int = await session.scalar(sa.select(batch.c.size).where(batch.c.id == batch_id))
    reverts = max(row.reverts for row in rows) + 1
    if is_hopeless(size, reverts):
        await move_where(session, Cause.REFUSED, undecided, now, failure=Failure.REFUSED, failure_detail=refusal)
    else:
        limit = limit_after_revert(size, reverts)
        kept = 0 if limit is not None and size > 1 else reverts
        back = {"batch_id": None, "reverts": kept, "batch_limit": limit if limit is not None else size}
        await move_where(session, Cause.NOT_INCLUDED, undecided, now, **back)
    return {row.actor for row in rows}


async def take_back(session: WriteSession, ancestor: int, now: float) -> set[str]:
    """Blocks after the ancestor are no more: our transactions in them wait again, with the same bytes.

    Returns:
        The signers of everything that is under way again.
    """
    gone = sa.select(operation.c.actor).where(operation.c.block_number > ancestor)
    actors = {row.actor for row in await session.rows(gone)}
    dead = sa.and_(batch.c.block_number > ancestor, batch.c.state.in_((BatchState.MINED, BatchState.REVERTED)))
    ids = [row.id for row in await session.rows(sa.select(batch.c.id).where(dead))]
    await session.run(sa.update(batch).where(dead).values(state=BatchState.SENT, block_number=None))
    if ids:
        hashes = attempt.c.batch_id.in_(ids)
        await session.run(sa.update(attempt).where(hashes).values(last_sent_at=None))
    cleared = {"tx_hash": None, "block_number": None, "failure": None, "failure_detail": None}
    after = operation.c.block_number > ancestor
    ours = sa.and_(after, operation.c.batch_id.in_(ids))
    await move_where(session, Cause.TAKEN_BACK, ours, now, **cleared)
    await move_where(session, Cause.TAKEN_BACK_ELSEWHERE, after, now, **cleared, batch_id=None)
    return actors


async def forget_blocks(session: WriteSession, now: float) -> None:
    """Nothing is known of any block any more: every transaction of ours, and every operation, waits to be found.

    Bytes and nonces stay. What is found in no block when the chain has been read is sent again, as it was signed.
    """
    known = batch.c.state.in_((BatchState.MINED, BatchState.REVERTED))
    await session.run(sa.update(batch).where(known).values(state=BatchState.SENT, block_number=None))
    waiting = sa.select(batch.c.id).where(batch.c.state == BatchState.SENT)
    await session.run(sa.update(attempt).where(attempt.c.batch_id.in_(waiting)).values(last_sent_at=None))
    cleared = {"tx_hash": None, "block_number": None, "failure": None, "failure_detail": None}
    await move_where(session, Cause.READ_ANEW, operation.c.batch_id.in_(waiting), now, **cleared)
    await move_where(session, Cause.READ_ANEW_ELSEWHERE, sa.true(), now, **cleared, batch_id=None)


async def last_sent_before(session: ReadSession, before: float, after: int) -> int:
    """The last row of signed bytes, behind a row, that was sent before then; that row if there is none.

    Rows are numbered in the order of signing, so what is not behind it was signed before then.
    """
    old = sa.and_(attempt.c.last_sent_at < before, attempt.c.id > after)
    found: int | None = await session.scalar(sa.select(sa.func.max(attempt.c.id)).where(old))
    return after if found is None else found


async def forget_bytes(session: WriteSession, after: int, upto: int) -> int:
    """Forget the bytes of transactions in final blocks, of the rows behind one up to another; how many.

    Their hashes, their nonces and what they carried stay.
    """
    final = sa.select(cursor.c.final_number).scalar_subquery()
    ended = batch.c.state.in_((BatchState.MINED, BatchState.REVERTED))
    done = sa.select(batch.c.id).where(ended, batch.c.block_number <= final)
    old = sa.and_(attempt.c.id > after, attempt.c.id <= upto, _has_bytes, attempt.c.batch_id.in_(done))
    return await session.run(sa.update(attempt).where(old).values(raw=b""))


async def in_flight(session: ReadSession, lane_id: int) -> Sequence[sa.Row[Any]]:
    """Signed transactions not known to be in a block, in the order of the nonces: id, nonce, hash, sends, answer."""
    statement = (
        sa.select(batch.c.id, batch.c.nonce, batch.c.size, attempt.c.tx_hash, attempt.c.sends, attempt.c.last_answer)
        .join(attempt, attempt.c.batch_id == batch.c.id)
        .where(batch.c.lane_id == lane_id, batch.c.state.in_(IN_FLIGHT))
        .order_by(batch.c.nonce)
    )
    return await session.rows(statement)


async def thaw(session: WriteSession, lane_id: int, next_nonce: int, displaced: Sequence[int], now: float) -> set[str]:
    """Let a lane go on after an operator looked.

    Args:
        session: Where.
        lane_id: Which.
        next_nonce: Where the lane looks for free nonces from now on. Those that have bytes keep them.
        displaced: Batches whose nonce another transaction has used. What is in them goes back into the queue; the
            contracts refuse what was carried after all.
        now: Unix time.

    Returns:
        The signers of what went back.
    """
    await session.run(sa.update(lane).where(lane.c.id == lane_id).values(next_nonce=next_nonce, frozen=None))
    free_again = sa.and_(batch.c.lane_id == lane_id, batch.c.nonce >= next_nonce, batch.c.state == BatchState.DISPLACED)
    await session.run(sa.update(batch).where(free_again).values(state=BatchState.SIGNED))
    actors: set[str] = set()
    for batch_id in displaced:
        still = sa.and_(batch.c.id == batch_id, batch.c.state.in_(IN_FLIGHT))
        if not await session.run(sa.update(batch).where(still).values(state=BatchState.DISPLACED)):
            continue  # the index has found it in a block meanwhile
        inside = operation.c.batch_id == batch_id
        actors |= {row.actor for row in await session.rows(sa.select(operation.c.actor).where(inside))}
        await move_where(session, Cause.NOT_INCLUDED, inside, now, batch_id=None)
    return actors
