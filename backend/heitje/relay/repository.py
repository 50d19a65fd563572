# SPDX-License-Identifier: EUPL-1.2
"""Operations in the database. Every change of state goes through `move`, which knows the transition table."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from typing import Any, Final

import orjson
import sqlalchemy as sa

from heitje.relay.operation import (
    ENDED,
    UNDER_WAY,
    Cause,
    Failure,
    Kind,
    Operation,
    State,
    Submission,
    sources,
    target,
)
from heitje.relay.queue import Waiting, arrange
from heitje.store.session import ReadSession, WriteSession
from heitje.store.tables import account, cursor, operation, outcome

_CHUNK: Final = 5_000
"""Values in one IN (…); SQLite takes 32 766, PostgreSQL's protocol 65 535."""


def to_operation(row: sa.Row[Any]) -> Operation:
    """A row of the table."""
    return Operation(
        seq=row.seq,
        id=row.id,
        kind=Kind(row.kind),
        actor=row.actor,
        nonce=row.nonce,
        value=row.value,
        deadline=row.deadline,
        state=State(row.state),
        payload=orjson.loads(row.payload),
        tx_hash=row.tx_hash,
        block_number=row.block_number,
        failure=Failure(row.failure) if row.failure else None,
        failure_detail=row.failure_detail,
    )


async def find(session: ReadSession, operation_id: str) -> Operation | None:
    """The operation with this id."""
    row = await session.first(sa.select(operation).where(operation.c.id == operation_id))
    return to_operation(row) if row is not None else None


async def ended(session: ReadSession, ids: Iterable[str]) -> set[str]:
    """Those of these operations that have ended."""
    found: set[str] = set()
    for chunk in chunks(ids):
        mine = sa.select(operation.c.id).where(operation.c.id.in_(chunk), operation.c.state.in_(ENDED))
        found |= {row.id for row in await session.rows(mine)}
    return found


async def find_many(session: ReadSession, ids: Iterable[str]) -> dict[str, Operation]:
    """Those of these operations that are stored, by id."""
    found = {}
    for chunk in chunks(ids):
        for row in await session.rows(sa.select(operation).where(operation.c.id.in_(chunk))):
            found[row.id] = to_operation(row)
    return found


async def live_of(session: ReadSession, actors: Iterable[str]) -> dict[str, list[sa.Row[Any]]]:
    """What is under way for each of these signers: rows of id, kind, actor, nonce, value and state."""
    columns = (operation.c[name] for name in ("id", "kind", "actor", "nonce", "value", "state"))
    statement = sa.select(*columns).where(operation.c.state.in_(UNDER_WAY))
    live: dict[str, list[sa.Row[Any]]] = defaultdict(list)
    for chunk in chunks(actors):
        for row in await session.rows(statement.where(operation.c.actor.in_(chunk))):
            live[row.actor].append(row)
    return live


async def about(
    session: ReadSession, kinds: Sequence[Kind], subjects: Iterable[str], states: Sequence[State] = UNDER_WAY
) -> dict[str, list[Operation]]:
    """Operations of these kinds and states about these subjects, the oldest first, by subject."""
    found: dict[str, list[Operation]] = defaultdict(list)
    fitting = sa.and_(operation.c.kind.in_(kinds), operation.c.state.in_(states))
    for chunk in chunks(set(subjects)):
        statement = sa.select(operation).where(fitting, operation.c.subject.in_(chunk)).order_by(operation.c.seq)
        for row in await session.rows(statement):
            found[row.subject].append(to_operation(row))
    return found


async def add_many(session: WriteSession, accepted: Sequence[tuple[Submission, State]], now: float) -> None:
    """Store new operations in their first state."""
    await session.run_many(
        sa.insert(operation),
        [
            {
                **_signed(wanted),
                "kind": wanted.kind,
                "state": state,
                "received_at": now,
                "changed_at": now,
            }
            for wanted, state in accepted
        ],
    )


def _signed(wanted: Submission) -> dict[str, Any]:
    """What is signed, and by whom. A redemption has the same id whichever wallet of a number signs it."""
    return {
        "id": wanted.id,
        "actor": wanted.actor,
        "payee": wanted.payee,
        "nonce": wanted.nonce,
        "value": wanted.value,
        "deadline": wanted.deadline,
        "payload": wanted.packed,
        "subject": wanted.subject,
        "wallets": wanted.wallets,
    }


async def ask_again(session: WriteSession, wanted: Sequence[Submission], now: float) -> None:
    """Try operations once more that the contract refused, as they are signed now, by whom they are signed now."""
    anew = {"reverts": 0, "batch_limit": None, "batch_id": None, "failure": None, "failure_detail": None}
    changes = [{**_signed(one), **anew} for one in wanted]
    await move(session, Cause.ASKED_AGAIN, changes, now)


async def move(session: WriteSession, cause: Cause, changes: Sequence[Mapping[str, Any]], now: float) -> None:
    """Change the state of operations, and other columns with it.

    Args:
        session: Where.
        cause: Why.
        changes: For each operation its `id`, and the columns to set; the same columns for all. Operations whose state
            this cause cannot change stay as they are.
        now: Unix time.
    """
    if not changes:
        return
    columns: dict[str, Any] = {name: sa.bindparam(f"new_{name}") for name in changes[0] if name != "id"}
    # Not IN (…): a statement that is run for many values cannot expand a list.
    changeable = sa.or_(*(operation.c.state == state for state in sources(cause)))
    statement = (
        sa.update(operation)
        .where(operation.c.id == sa.bindparam("which"), changeable)
        .values(state=target(cause), changed_at=now, **columns)
    )
    values = [
        {"which" if name == "id" else f"new_{name}": value for name, value in change.items()} for change in changes
    ]
    await session.run_many(statement, values)


async def move_where(
    session: WriteSession, cause: Cause, condition: sa.ColumnElement[bool], now: float, **columns: Any
) -> int:
    """Change the state of all operations that fit a condition and whose state this cause can change; how many."""
    return await session.run(
        sa.update(operation)
        .where(condition, operation.c.state.in_(sources(cause)))
        .values(state=target(cause), changed_at=now, **columns)
    )


async def outcomes(session: ReadSession, ids: Iterable[str]) -> dict[str, sa.Row[Any]]:
    """What the chain has decided about these already, whoever carried them, by id."""
    found = {}
    for chunk in chunks(ids):
        for row in await session.rows(sa.select(outcome).where(outcome.c.id.in_(chunk))):
            found[row.id] = row
    return found


async def state_in(session: ReadSession, block_number: int) -> State:
    """The state of what was carried out in this block, whoever carried it."""
    final: int | None = await session.scalar(sa.select(cursor.c.final_number))
    return State.FINAL if final is not None and block_number <= final else State.MINED


async def decide_known(session: WriteSession, decided: Iterable[sa.Row[Any]], now: float) -> None:
    """Set the outcome of operations that were asked for after somebody had carried them."""
    for row in decided:
        cause = Cause.FAILED if row.failure else Cause.SUCCEEDED
        change = {"id": row.id, "tx_hash": row.tx_hash, "block_number": row.block_number, "failure": row.failure}
        await move(session, cause, [change], now)
        final = sa.select(cursor.c.final_number).scalar_subquery()
        await finalize(session, sa.and_(operation.c.id == row.id, operation.c.block_number <= final), now)


async def finalize(session: WriteSession, condition: sa.ColumnElement[bool], now: float) -> None:
    """What the chain decided about these operations, in blocks that are final, stays so."""
    for cause in (Cause.FINALIZED, Cause.FAILURE_FINALIZED):
        await move_where(session, cause, condition, now)


async def queue(session: ReadSession, kinds: Sequence[Kind], limit: int) -> list[sa.Row[Any]]:
    """What goes next: whole rows in the order of arrival, at most so many of each kind."""
    rows: list[sa.Row[Any]] = []
    for kind in kinds:
        statement = (
            sa.select(operation)
            .where(operation.c.state == State.QUEUED, operation.c.kind == kind)
            .order_by(operation.c.seq)
            .limit(limit)
        )
        rows.extend(await session.rows(statement))
    return rows


async def arrange_queues(session: WriteSession, payers: Iterable[str], now: float) -> None:
    """Let payments of these payers follow one another without a gap: queue what may go, park what may not."""
    payers = set(payers)
    live = await live_of(session, payers)
    nonces = await chain_nonces(session, live)
    by_cause: dict[Cause, list[dict[str, str]]] = defaultdict(list)
    for payer, rows in live.items():
        waiting = [Waiting(row.id, row.nonce, State(row.state)) for row in rows if row.nonce is not None]
        for operation_id, cause in arrange(nonces.get(payer, 0), waiting).items():
            by_cause[cause].append({"id": operation_id})
    for cause, changes in by_cause.items():
        await move(session, cause, changes, now)


async def chain_nonces(session: ReadSession, payers: Iterable[str]) -> dict[str, int]:
    """The next payment nonce of each payer, at the indexed block."""
    found: dict[str, int] = {}
    for chunk in chunks(payers):
        statement = sa.select(account.c.address, account.c.nonce).where(account.c.address.in_(chunk))
        found.update((row.address, row.nonce) for row in await session.rows(statement))
    return found


def chunks(values: Iterable[str]) -> Iterable[list[str]]:
    """Values in portions one statement can hold."""
    iterator = iter(values)
    while chunk := list(islice(iterator, _CHUNK)):
        yield chunk
