# SPDX-License-Identifier: EUPL-1.2
"""What is told of what happened: rows of `event`, with whom each concerns, for webhooks and streams.

The index alone writes them, one transaction after the other, so their order is the order in which they can be seen.
What a block decides is told once when the block is final at once, and twice where it may still be taken back: as
`mined` or `failing`, and as `final` or `failed`. How a redemption goes on at the desk is told when it is final.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

import sqlalchemy as sa

from heitje.chain.account import Account, Class
from heitje.chain.addresses import ZERO_ADDRESS
from heitje.chain.words import RedemptionStatus
from heitje.index.rows import Block, Rows
from heitje.relay.operation import Kind, State
from heitje.relay.repository import chunks
from heitje.store.session import ReadSession, WriteSession
from heitje.store.tables import account, event, operation, outcome, redemption, redemption_step

KEPT: Final = 30 * 86_400
"""Seconds for which an event is kept; older ones are not told at all when a chain is read anew."""


class Stage(StrEnum):
    """What became of an operation; after a dot the second half of an event's type."""

    MINED = "mined"
    FAILING = "failing"
    FINAL = "final"
    FAILED = "failed"
    EXPIRED = "expired"
    REJECTED = "rejected"
    TAKEN_BACK = "taken_back"


STEPS: Final = tuple(
    status for status in RedemptionStatus if status not in (RedemptionStatus.NONE, RedemptionStatus.REQUESTED)
)
"""What else is told of a redemption."""

TYPES: Final = (
    *(f"{kind}.{stage}" for kind in Kind for stage in Stage),
    *(f"{Kind.REDEMPTION}.{status.name.lower()}" for status in STEPS),
)
"""Every type of event there is."""


@dataclass(frozen=True, slots=True)
class Span:
    """The blocks that are told of: those of a portion, and those before it that became final with it.

    Attributes:
        blocks: The portion.
        final_before: Number of the block that was final before.
        final: Number and time of the one that is final now.
        batches: Our transactions in the portion.
        now: Unix time.
    """

    blocks: Sequence[Block]
    final_before: int
    final: int
    final_time: int
    batches: Sequence[int]
    now: float

    @property
    def first(self) -> int:
        """Number of the portion's first block."""
        return self.blocks[0].number

    @property
    def is_old(self) -> bool:
        """Whether nobody waits for what happened so long ago."""
        return self.blocks[-1].time < self.now - KEPT


async def tell(session: WriteSession, span: Span, rows: Rows) -> None:
    """Tell of a portion of blocks. Call it when outcomes are set, and before what is final is marked so."""
    if span.is_old:
        return
    times = {block.number: block.time for block in span.blocks}
    ours = await _decided(session)
    told = []
    carried = {row["id"]: row for row in rows.outcome}
    for row in carried.values():
        stage = _stage(row["failure"] is not None, is_final=row["block_number"] <= span.final)
        told.append(_event(ours.get(row["id"]), row, stage, row["block_number"], times[row["block_number"]]))
    for one in ours.values():
        is_final = one.block_number <= span.final
        stage = _stage(one.state == State.FAILING, is_final=is_final)
        if one.block_number >= span.first and one.id not in carried:
            told.append(_event(one, None, stage, one.block_number, times.get(one.block_number, span.final_time)))
        elif one.block_number < span.first and is_final:
            told.append(_event(one, None, stage, one.block_number, span.final_time))
    told += await _foreign(session, span) + await _steps(session, span) + await _rejected(session, span)
    await session.run_many(sa.insert(event), told)


async def tell_expired(session: WriteSession, late: Iterable[sa.Row[Any]], number: int, time: int) -> None:
    """Tell of operations that can no longer be carried."""
    await session.run_many(sa.insert(event), [_event(row, None, Stage.EXPIRED, number, time) for row in late])


async def tell_taken_back(session: WriteSession, ancestor: int, time: int) -> None:
    """Tell of what was decided in blocks after the ancestor. Call it before any of it is deleted."""
    ours = {one.id: one for one in (await _decided(session)).values() if one.block_number > ancestor}
    rows = await session.rows(sa.select(outcome).where(outcome.c.block_number > ancestor))
    carried = {row.id: row._asdict() for row in rows}
    told = [_event(ours.get(i), row, Stage.TAKEN_BACK, ancestor, time) for i, row in carried.items()]
    told += [_event(one, None, Stage.TAKEN_BACK, ancestor, time) for i, one in ours.items() if i not in carried]
    await session.run_many(sa.insert(event), told)


def _stage(failed: bool, *, is_final: bool) -> Stage:  # noqa: FBT001 - the two halves of a table
    return (Stage.FAILED if is_final else Stage.FAILING) if failed else (Stage.FINAL if is_final else Stage.MINED)


def _event(
    ours: sa.Row[Any] | None, row: Mapping[str, Any] | None, stage: Stage, number: int, time: int
) -> dict[str, Any]:
    """An event about an operation that was sent here, or was carried by somebody else, or both."""
    kind, identity = (ours.kind, ours.id) if ours is not None else (row["kind"], row["id"])  # type: ignore[index]
    sender = row["sender"] if row is not None else None
    recipient = row["recipient"] if row is not None else None
    if ours is not None:
        sender = sender or (ours.actor if ours.actor != ZERO_ADDRESS else None)
        recipient = recipient or ours.payee
    return {
        "type": f"{kind}.{stage}",
        "subject": identity,
        "sender": sender,
        "recipient": recipient,
        "block_number": number,
        "time": time,
    }


async def _decided(session: ReadSession) -> dict[str, sa.Row[Any]]:
    """Operations that were sent here and are decided, but not marked as final, by id."""
    columns = (operation.c[name] for name in ("id", "kind", "state", "actor", "payee", "block_number"))
    statement = sa.select(*columns).where(operation.c.state.in_((State.MINED, State.FAILING)))
    return {row.id: row for row in await session.rows(statement)}


async def _foreign(session: ReadSession, span: Span) -> list[dict[str, Any]]:
    """What others carried in earlier blocks that are final now."""
    later = sa.and_(outcome.c.block_number > span.final_before, outcome.c.block_number <= span.final)
    statement = sa.select(outcome).where(later, outcome.c.block_number < span.first)
    rows = [row._asdict() for row in await session.rows(statement)]
    here = set()
    for chunk in chunks(row["id"] for row in rows):
        here |= {known.id for known in await session.rows(sa.select(operation.c.id).where(operation.c.id.in_(chunk)))}
    return [
        _event(None, row, _stage(row["failure"] is not None, is_final=True), row["block_number"], span.final_time)
        for row in rows
        if row["id"] not in here
    ]


async def _rejected(session: ReadSession, span: Span) -> list[dict[str, Any]]:
    """What the contract refused alone, and is given up."""
    told = []
    for chunk in chunks(map(str, span.batches)):
        refused = sa.and_(operation.c.state == State.REJECTED, operation.c.batch_id.in_([int(i) for i in chunk]))
        columns = (operation.c.id, operation.c.kind, operation.c.actor, operation.c.payee)
        last = span.blocks[-1]
        rows = await session.rows(sa.select(*columns).where(refused))
        told += [_event(row, None, Stage.REJECTED, last.number, last.time) for row in rows]
    return told


async def _steps(session: ReadSession, span: Span) -> list[dict[str, Any]]:
    """How redemptions went on at the desk, in blocks that are final now. It concerns whoever has the number today."""
    step = redemption_step.c
    statement = (
        sa.select(step.id, step.status, step.block_number, step.time, redemption.c.number)
        .join(redemption, redemption.c.id == step.id)
        .where(step.block_number > span.final_before, step.block_number <= span.final, step.status.in_(STEPS))
        .order_by(step.block_number, step.log_index, step.position)
    )
    rows = await session.rows(statement)
    holders = await _holders(session, {row.number for row in rows})
    return [
        {
            "type": f"{Kind.REDEMPTION}.{RedemptionStatus(row.status).name.lower()}",
            "subject": row.id,
            "sender": holders.get(row.number),
            "recipient": None,
            "block_number": row.block_number,
            "time": row.time,
        }
        for row in rows
    ]


async def _holders(session: ReadSession, numbers: Iterable[int]) -> dict[int, str]:
    """The live addresses of numbers."""
    found: dict[int, str] = {}
    for number in numbers:
        for row in await session.rows(sa.select(account.c.address, account.c.word).where(account.c.number == number)):
            if Account.from_word(int(row.word, 16)).holder_class != Class.NONE:
                found[number] = row.address
    return found
