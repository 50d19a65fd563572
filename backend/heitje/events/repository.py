# SPDX-License-Identifier: EUPL-1.2
"""Events in the database, as the index has written them."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Final

import sqlalchemy as sa

from heitje.store.session import ReadSession, WriteSession
from heitje.store.tables import event

_MOST_DELETED: Final = 2_000
"""In one transaction, so that nobody waits for long."""


async def newest(session: ReadSession) -> int:
    """The last event; 0 before there is one."""
    found: int | None = await session.scalar(sa.select(sa.func.max(event.c.seq)))
    return found or 0


async def oldest(session: ReadSession) -> int:
    """The first event that is kept; 0 if none is."""
    found: int | None = await session.scalar(sa.select(sa.func.min(event.c.seq)))
    return found or 0


async def find(session: ReadSession, seq: int) -> sa.Row[Any] | None:
    """One event; None if it is not kept any more."""
    return await session.first(sa.select(event).where(event.c.seq == seq))


async def about(session: ReadSession, accounts: Collection[str], after: int, upto: int, limit: int) -> list[Any]:
    """Events that concern any of these accounts, in order."""
    concerned = sa.or_(event.c.sender.in_(accounts), event.c.recipient.in_(accounts))
    within = sa.and_(event.c.seq > after, event.c.seq <= upto)
    return list(await session.rows(sa.select(event).where(within, concerned).order_by(event.c.seq).limit(limit)))


async def forget(session: WriteSession, before: float) -> bool:
    """Delete some events that are older; whether there may be more.

    The last one stays in any case: SQLite numbers on from the highest that is there, and a number that was given out
    once must not be given out again.
    """
    last = sa.select(sa.func.max(event.c.seq)).scalar_subquery()
    old = sa.select(event.c.seq).where(event.c.time < before, event.c.seq < last).order_by(event.c.seq)
    deleted = await session.run(sa.delete(event).where(event.c.seq.in_(old.limit(_MOST_DELETED))))
    return deleted == _MOST_DELETED
