# SPDX-License-Identifier: EUPL-1.2
"""The ledger in the database, as the index has it from the chain."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from heitje.store.session import ReadSession
from heitje.store.tables import account, cursor, desk, ledger, replacement, transfer


async def position(session: ReadSession) -> sa.Row[Any] | None:
    """Where the index is."""
    return await session.first(sa.select(cursor))


async def sums(session: ReadSession) -> tuple[int, int, int, int]:
    """Issued, settled, clawed back and expired, in cents."""
    row = await session.first(sa.select(ledger).order_by(ledger.c.block_number.desc()).limit(1))
    return (0, 0, 0, 0) if row is None else (row.issued, row.settled, row.clawed_back, row.expired)


async def balances(session: ReadSession, first_desk: str) -> tuple[int, int]:
    """The sum of all balances, and of all desks' balances, in cents."""
    total = await session.scalar(sa.select(sa.func.coalesce(sa.func.sum(account.c.balance), 0)))
    at_desks = sa.or_(account.c.address == first_desk, account.c.address.in_(sa.select(desk.c.address)))
    escrow = await session.scalar(sa.select(sa.func.coalesce(sa.func.sum(account.c.balance), 0)).where(at_desks))
    return int(total), int(escrow)


async def holder_of(session: ReadSession, number: int) -> str | None:
    """The live address of a number that was replaced."""
    order = (replacement.c.block_number.desc(), replacement.c.log_index.desc())
    statement = sa.select(replacement.c.new_holder).where(replacement.c.number == number).order_by(*order).limit(1)
    found: str | None = await session.scalar(statement)
    return found


async def transfers(
    session: ReadSession, address: str | None, before: tuple[int, ...] | None, limit: int
) -> list[sa.Row[Any]]:
    """Moves of credits, the newest first."""
    statement = sa.select(transfer)
    if address is not None:
        statement = statement.where(sa.or_(transfer.c.sender == address, transfer.c.recipient == address))
    if before is not None:
        statement = statement.where(sa.tuple_(transfer.c.block_number, transfer.c.log_index) < sa.tuple_(*before))
    order = (transfer.c.block_number.desc(), transfer.c.log_index.desc())
    return list(await session.rows(statement.order_by(*order).limit(limit)))


async def find_transfer(session: ReadSession, block_number: int, log_index: int) -> sa.Row[Any] | None:
    """One move of credits."""
    place = (transfer.c.block_number == block_number, transfer.c.log_index == log_index)
    return await session.first(sa.select(transfer).where(*place))


async def transfers_between(session: ReadSession, number: int, since: int, before: int) -> list[sa.Row[Any]]:
    """Moves of credits to and from every account a member has had, the oldest first; Unix time."""
    own = sa.select(account.c.address).where(account.c.number == number)
    statement = (
        sa.select(transfer)
        .where(sa.or_(transfer.c.sender.in_(own), transfer.c.recipient.in_(own)))
        .where(transfer.c.time >= since, transfer.c.time < before)
        .order_by(transfer.c.block_number, transfer.c.log_index)
    )
    return list(await session.rows(statement))


async def addresses_of(session: ReadSession, number: int) -> list[str]:
    """Every account a member has had."""
    return [row.address for row in await session.rows(sa.select(account.c.address).where(account.c.number == number))]


async def numbers_of(session: ReadSession, addresses: Sequence[str]) -> dict[str, int]:
    """The members' numbers of accounts, by address; desks have none."""
    statement = sa.select(account.c.address, account.c.number).where(account.c.address.in_(addresses))
    return {row.address: int(row.number) for row in await session.rows(statement) if row.number}
