# SPDX-License-Identifier: EUPL-1.2
"""Redemptions in the database, as the index has them from the chain."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa

from heitje.chain.account import Class
from heitje.store.session import ReadSession
from heitje.store.tables import account, redemption, redemption_step


def _latest_status() -> sa.ScalarSelect[Any]:
    return (
        sa.select(redemption_step.c.status)
        .where(redemption_step.c.id == redemption.c.id)
        .order_by(redemption_step.c.block_number.desc(), redemption_step.c.log_index.desc())
        .limit(1)
        .correlate(redemption)
        .scalar_subquery()
    )


async def page(
    session: ReadSession, *, number: int | None, status: int | None, before: tuple[int, ...] | None, limit: int
) -> list[sa.Row[Any]]:
    """Redemptions, the newest first."""
    statement = sa.select(redemption)
    if number is not None:
        statement = statement.where(redemption.c.number == number)
    if status is not None:
        statement = statement.where(_latest_status() == status)
    if before is not None:
        place = sa.tuple_(redemption.c.block_number, redemption.c.log_index)
        statement = statement.where(place < sa.tuple_(*before))
    order = (redemption.c.block_number.desc(), redemption.c.log_index.desc())
    return list(await session.rows(statement.order_by(*order).limit(limit)))


async def find(session: ReadSession, redemption_id: str) -> sa.Row[Any] | None:
    """A redemption that is, or was, at the desk."""
    return await session.first(sa.select(redemption).where(redemption.c.id == redemption_id))


async def steps(session: ReadSession, ids: Iterable[str]) -> dict[str, list[sa.Row[Any]]]:
    """Everything that happened to these redemptions, in order, by id."""
    order = (redemption_step.c.block_number, redemption_step.c.log_index)
    statement = sa.select(redemption_step).where(redemption_step.c.id.in_(list(ids))).order_by(*order)
    found: dict[str, list[sa.Row[Any]]] = {}
    for row in await session.rows(statement):
        found.setdefault(row.id, []).append(row)
    return found


async def holder_of(session: ReadSession, number: int) -> str | None:
    """The live address of a number at the indexed block."""
    rows = await session.rows(sa.select(account.c.address, account.c.word).where(account.c.number == number))
    live = (row.address for row in rows if int(row.word, 16) >> 192 & 0xFF != Class.NONE)
    return next(live, None)
