# SPDX-License-Identifier: EUPL-1.2
"""What the index writes. Everything here happens inside one transaction per portion of blocks."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from heitje import metrics
from heitje.chain.words import Account
from heitje.index import telling
from heitje.index.rows import Block, Rows, Sums, Verdict
from heitje.relay import lane_repository as lanes
from heitje.relay import repository as operations
from heitje.relay.operation import LIVE, Cause, Failure, Kind, State
from heitje.store import tables
from heitje.store.session import ReadSession, WriteSession
from heitje.store.tables import account, block, cursor, ledger, operation, outcome

INDEX = "index"
"""The name of the index's cursor."""

_KEEP_BLOCKS = 512
"""Hashes of so many blocks are kept beyond what is final."""


async def position(session: ReadSession) -> sa.Row[Any] | None:
    """Where the index is: number, hash and time of its last block, and of the last final one."""
    return await session.first(sa.select(cursor).where(cursor.c.name == INDEX))


async def hash_at(session: ReadSession, number: int) -> str | None:
    """The hash of a block that was indexed; None if it is no longer, or was not, kept."""
    found: str | None = await session.scalar(sa.select(block.c.hash).where(block.c.number == number))
    return found


async def sums(session: ReadSession) -> Sums:
    """The four sums at the last indexed block."""
    row = await session.first(sa.select(ledger).order_by(ledger.c.block_number.desc()).limit(1))
    return Sums() if row is None else Sums(row.issued, row.settled, row.clawed_back, row.expired)


async def addresses_of(session: ReadSession, numbers: Iterable[int]) -> set[str]:
    """All addresses that have, or had, these numbers."""
    rows = await session.rows(sa.select(account.c.address).where(account.c.number.in_(list(numbers))))
    return {row.address for row in rows}


async def desks(session: ReadSession) -> set[str]:
    """All accounts that are, or were, desks."""
    return {row.address for row in await session.rows(sa.select(tables.desk.c.address))}


async def accounts_after(session: ReadSession, number: int) -> list[str]:
    """Accounts that were written after a block."""
    rows = await session.rows(sa.select(account.c.address).where(account.c.block_number > number))
    return [row.address for row in rows]


async def append(session: WriteSession, blocks: Sequence[Block], rows: Rows) -> None:
    """Add what these blocks say."""
    heads = [{"number": b.number, "hash": b.hash, "parent": b.parent, "time": b.time} for b in blocks]
    await session.run_many(sa.insert(block), heads)
    for table in tables.APPENDED_BY_BLOCK:
        if table not in (tables.rules, outcome):
            await session.run_many(sa.insert(table), getattr(rows, table.name))
    await session.put_many(outcome, list({row["id"]: row for row in rows.outcome}.values()))


async def put_accounts(session: WriteSession, words: Mapping[str, int], number: int) -> None:
    """Replace accounts by what the token said of them at a block."""
    accounts = {address: Account.from_word(word) for address, word in words.items()}
    await session.put_many(
        account,
        [
            {
                "address": address,
                "number": known.number,
                "word": hex(words[address]),
                "balance": known.balance,
                "nonce": known.nonce,
                "block_number": number,
            }
            for address, known in accounts.items()
        ],
    )


async def put_rules(session: WriteSession, values: tuple[int, bool, int, int, int, int], number: int) -> None:
    """The token's rules as of a block."""
    matrix, paused, issue_until, pay_until, redeem_until, epoch_months = values
    row = {
        "block_number": number,
        "matrix": hex(matrix),
        "paused": paused,
        "issue_until": issue_until,
        "pay_until": pay_until,
        "redeem_until": redeem_until,
        "epoch_months": epoch_months,
    }
    await session.put_many(tables.rules, [row])


async def move_cursor(session: WriteSession, chain_id: int, last: Block, final: tuple[int, int]) -> None:
    """The index is at this block now, and the chain cannot go back before the final one (number and time)."""
    final_number, final_time = final
    row = {
        "name": INDEX,
        "chain_id": chain_id,
        "number": last.number,
        "hash": last.hash,
        "time": last.time,
        "final_number": final_number,
        "final_time": final_time,
        "halted": None,
    }
    await session.put_many(cursor, [row])
    await session.run(sa.delete(block).where(block.c.number < final_number - _KEEP_BLOCKS))


async def decide(session: WriteSession, rows: Rows, nonces: Mapping[str, int], last: Block, now: float) -> set[str]:
    """Set the outcome of operations: those named in logs, and those whose nonce another payment used.

    Returns:
        The signers of what changed.
    """
    named = await operations.find_many(session, (row["id"] for row in rows.outcome))
    by_cause: dict[Cause, list[dict[str, Any]]] = defaultdict(list)
    for row in rows.outcome:
        if row["id"] in named:
            cause = Cause.FAILED if row["failure"] else Cause.SUCCEEDED
            change = {name: row[name] for name in ("id", "tx_hash", "block_number", "failure")}
            by_cause[cause].append({**change, "failure_detail": None})
    for cause, changes in by_cause.items():
        await operations.move(session, cause, changes, now)
    await _judge(session, rows.verdicts, now)
    actors = {known.actor for known in named.values()}
    for actor, live in (await operations.live_of(session, nonces)).items():
        actors.add(actor)  # also when only others' payments moved the nonce: what was parked may go now
        used = [row.id for row in live if row.kind == Kind.PAYMENT and row.nonce < nonces[actor]]
        if used:
            values = {"failure": Failure.NONCE_USED, "block_number": last.number}
            await operations.move(session, Cause.FAILED, [{"id": identity, **values} for identity in used], now)
    return actors


async def _judge(session: WriteSession, verdicts: Sequence[Verdict], now: float) -> None:
    """Set the outcome of operations that others have decided, by doing what leaves no room for them."""
    kinds = tuple({kind for verdict in verdicts for kind in verdict.kinds})
    subjects = {verdict.subject for verdict in verdicts}
    about = await operations.about(session, kinds, subjects, (*LIVE, State.REJECTED))
    for verdict in verdicts if about else ():
        for found in about.get(verdict.subject, ()):
            if found.kind not in verdict.kinds or verdict.actor not in (None, found.actor):
                continue
            change = {"id": found.id, "block_number": verdict.block_number, "failure_detail": None}
            kept = found.payload.get("minutes", 0) if verdict.minutes is not None else 0
            if verdict.minutes is not None and kept < verdict.minutes:
                continue
            if verdict.done_by == found.actor and kept == verdict.minutes:
                done = {**change, "tx_hash": verdict.tx_hash, "failure": None}
                await operations.move(session, Cause.SUCCEEDED, [done], now)
            else:
                await operations.move(session, Cause.FAILED, [{**change, "failure": verdict.failure}], now)


async def finalize(session: WriteSession, final_number: int, final_time: int, now: float) -> set[str]:
    """What is in final blocks is final; what can no longer be carried has expired.

    Returns:
        The signers of what expired.
    """
    decided = sa.and_(operation.c.state.in_((State.MINED, State.FAILING)), operation.c.block_number <= final_number)
    for row in await session.rows(sa.select(operation.c.kind, operation.c.received_at).where(_done(final_number))):
        metrics.OPERATION_SECONDS.labels(row.kind).observe(now - row.received_at)
    await operations.finalize(session, decided, now)
    late = sa.and_(operation.c.state.in_(LIVE), operation.c.deadline < final_time)
    columns = (operation.c.id, operation.c.kind, operation.c.actor, operation.c.payee)
    rows = await session.rows(sa.select(*columns).where(late))
    if rows:
        await telling.tell_expired(session, rows, final_number, final_time)
        values = {"failure": Failure.DEADLINE_PASSED, "block_number": final_number}
        await operations.move_where(session, Cause.DEADLINE_PASSED, late, now, **values)
    return {row.actor for row in rows}


def _done(final_number: int) -> sa.ColumnElement[bool]:
    """Operations that succeeded in a block that is final, and were not final before."""
    return sa.and_(operation.c.state == State.MINED, operation.c.block_number <= final_number)


async def take_back(session: WriteSession, ancestor: int, time: int, now: float) -> set[str]:
    """Delete what came from blocks after the ancestor.

    Returns:
        The signers of operations that are under way again.
    """
    await telling.tell_taken_back(session, ancestor, time)
    actors = await lanes.take_back(session, ancestor, now)
    for table in tables.APPENDED_BY_BLOCK:
        await session.run(sa.delete(table).where(table.c.block_number > ancestor))
    await session.run(sa.delete(block).where(block.c.number > ancestor))
    return actors


async def note_check(session: WriteSession, now: float, number: int, differences: int, first: str | None) -> None:
    """What came of a comparison with the chain, as of a block. It stays until the next one, or until all is read anew.

    Args:
        session: Where.
        now: Unix time.
        number: The block.
        differences: How many were found.
        first: The first of them, in words; None if there are none.
    """
    values = {"checked_at": now, "checked_block": number, "differences": differences, "difference": first}
    await session.run(sa.update(cursor).where(cursor.c.name == INDEX).values(**values))


async def halt(session: WriteSession, reason: str) -> None:
    """The index stops here until somebody has looked."""
    await session.run(sa.update(cursor).where(cursor.c.name == INDEX).values(halted=reason))
