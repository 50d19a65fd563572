# SPDX-License-Identifier: EUPL-1.2
"""Complaints in the database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from heitje.complaints.schemas import ComplaintState, Subject
from heitje.store.session import ReadSession, WriteSession
from heitje.store.tables import complaint


async def add(session: WriteSession, values: Mapping[str, Any]) -> None:
    """Store a complaint."""
    await session.add(complaint, values)


async def answer(session: WriteSession, identity: str, values: Mapping[str, Any]) -> None:
    """Store an answer."""
    await session.run(sa.update(complaint).where(complaint.c.id == identity).values(**values))


async def find(session: ReadSession, identity: str) -> sa.Row[Any] | None:
    """One complaint."""
    return await session.first(sa.select(complaint).where(complaint.c.id == identity))


async def open_of(session: ReadSession, number: int) -> int:
    """How many complaints of a member wait for an answer."""
    mine = sa.and_(complaint.c.number == number, complaint.c.answered_at.is_(None))
    return int(await session.scalar(sa.select(sa.func.count()).where(mine)))


async def page(
    session: ReadSession,
    *,
    number: int | None,
    about: Sequence[Subject] | None,
    state: ComplaintState | None,
    before: int | None,
    limit: int,
) -> list[sa.Row[Any]]:
    """Complaints, the last first."""
    statement = sa.select(complaint).order_by(complaint.c.seq.desc()).limit(limit)
    if number is not None:
        statement = statement.where(complaint.c.number == number)
    if about is not None:
        statement = statement.where(complaint.c.about.in_(about))
    if state is not None:
        is_open = complaint.c.answered_at.is_(None)
        statement = statement.where(is_open if state is ComplaintState.OPEN else ~is_open)
    if before is not None:
        statement = statement.where(complaint.c.seq < before)
    return list(await session.rows(statement))
