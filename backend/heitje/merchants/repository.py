# SPDX-License-Identifier: EUPL-1.2
"""What moved to and from a shop, in the database."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import sqlalchemy as sa

from heitje.chain.account import Class
from heitje.index.rows import TransferKind
from heitje.relay.operation import UNDER_WAY, Kind
from heitje.store.session import ReadSession
from heitje.store.tables import account, authorization, cursor, operation, transfer

_IN: Final = (TransferKind.PAYMENT, TransferKind.AUTHORIZATION)
_ASKED_IN: Final = (Kind.PAYMENT, Kind.AUTHORIZATION)


async def wallets_of(session: ReadSession, address: str) -> tuple[list[str], bool]:
    """All addresses the holder of this one has, or had; and whether it is, or was, a shop. Empty if nobody has it."""
    number = await session.scalar(sa.select(account.c.number).where(account.c.address == address))
    if not number:
        return [], False
    rows = await session.rows(sa.select(account.c.address, account.c.word).where(account.c.number == number))
    classes = {int(row.word, 16) >> 192 & 0xFF for row in rows}
    return [row.address for row in rows], bool(classes & {Class.MERCHANT, Class.CLOSING})


async def first_block_from(session: ReadSession, at: int) -> int:
    """The first block with a move of credits at this Unix second or later; the one after all, if there is none.

    Blocks come in the order of their times, so halving finds it by the primary key alone.
    """
    newest = await session.scalar(sa.select(cursor.c.number))
    low, high = 0, int(newest or 0) + 1
    columns = (transfer.c.block_number, transfer.c.time)
    while low < high:
        middle = (low + high) // 2
        statement = sa.select(*columns).where(transfer.c.block_number >= middle).order_by(transfer.c.block_number)
        found = await session.first(statement.limit(1))
        if found is None or found.time >= at:
            high = middle
        else:
            low = found.block_number + 1
    return low


async def moves(session: ReadSession, wallets: Sequence[str], since: int, until: int) -> list[sa.Row[Any]]:
    """Payments to these wallets, and authorizations of theirs to others, from one block to before another.

    Rows are transfers with the authorization's nonce, and the class of who received it.
    """
    span = sa.and_(transfer.c.block_number >= since, transfer.c.block_number < until)
    return await _moves(session, wallets, span)


async def moves_of(session: ReadSession, wallets: Sequence[str], digests: Sequence[str]) -> list[sa.Row[Any]]:
    """The same, of these digests only."""
    return await _moves(session, wallets, transfer.c.operation_id.in_(digests))


async def _moves(session: ReadSession, wallets: Sequence[str], which: Any) -> list[sa.Row[Any]]:
    paid = sa.and_(transfer.c.recipient.in_(wallets), transfer.c.kind.in_(_IN))
    given = sa.and_(transfer.c.sender.in_(wallets), transfer.c.kind == TransferKind.AUTHORIZATION)
    statement = (
        sa.select(transfer, authorization.c.nonce, account.c.word.label("payee_word"))
        .outerjoin(authorization, authorization.c.digest == transfer.c.operation_id)
        .outerjoin(account, account.c.address == transfer.c.recipient)
        .where(which, sa.or_(paid, given))
        .order_by(transfer.c.block_number.desc(), transfer.c.log_index.desc())
    )
    return list(await session.rows(statement))


async def asked(session: ReadSession, wallets: Sequence[str], since: float, until: float) -> list[sa.Row[Any]]:
    """Operations to these wallets, and refunds of theirs, that came in between two moments or are under way still."""
    mine = sa.or_(
        sa.and_(operation.c.payee.in_(wallets), operation.c.kind.in_(_ASKED_IN)),
        sa.and_(operation.c.actor.in_(wallets), operation.c.kind == Kind.REFUND),
    )
    then = sa.and_(operation.c.received_at >= since, operation.c.received_at < until)
    statement = sa.select(operation).where(mine, sa.or_(then, operation.c.state.in_(UNDER_WAY)))
    return list(await session.rows(statement.order_by(operation.c.seq.desc())))


async def refunds_by(session: ReadSession, wallets: Sequence[str], since: float) -> list[sa.Row[Any]]:
    """All refunds by these wallets that came in from a moment on, whatever became of them."""
    mine = sa.and_(operation.c.actor.in_(wallets), operation.c.kind == Kind.REFUND)
    return list(await session.rows(sa.select(operation).where(mine, operation.c.received_at >= since)))
