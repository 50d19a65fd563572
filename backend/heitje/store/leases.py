# SPDX-License-Identifier: EUPL-1.2
"""What only one process may do at a time, and how another takes over when it stops.

The holder renews its lease; when it does not, because it was killed or stands still, the lease runs out and the next
one takes it. A holder that stood still does not know that: each new holder raises the fence, and every write of a
holder looks, in its own transaction, whether the fence is still its own.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Coroutine
from typing import Any, NamedTuple

import sqlalchemy as sa

from heitje.store.session import ReadSession, WriteSession
from heitje.store.tables import lease as table


class LeaseLost(Exception):
    """Another process has taken over; this one must write and send nothing more."""


class Lease(NamedTuple):
    """The right to do something alone, as long as `fence` is the row's."""

    name: str
    owner: str
    fence: int


async def take(session: WriteSession, name: str, owner: str, now: float, seconds: float) -> Lease | None:
    """The lease, if nobody else holds it. Everybody who held it before is fenced off."""
    if not await is_free(session, name, owner, now):
        return None
    row = await session.first(sa.select(table.c.fence).where(table.c.name == name))
    if row is None:
        first = {"name": name, "owner": owner, "until": now + seconds, "fence": 1}
        await session.run(sa.insert(table).values(**first))
        return Lease(name, owner, 1)
    values = {"owner": owner, "until": now + seconds, "fence": row.fence + 1}
    await session.run(sa.update(table).where(table.c.name == name).values(**values))
    return Lease(name, owner, row.fence + 1)


async def is_free(session: ReadSession, name: str, owner: str, now: float) -> bool:
    """Whether this owner could take the lease now."""
    row = await session.first(sa.select(table).where(table.c.name == name))
    return row is None or row.until < now or row.owner == owner


async def renew(session: WriteSession, lease: Lease, until: float) -> None:
    """Keep the lease until then; what is written in this transaction is written by its holder.

    Raises:
        LeaseLost: Somebody else has it.
    """
    mine = (table.c.name == lease.name, table.c.owner == lease.owner, table.c.fence == lease.fence)
    if not await session.run(sa.update(table).where(*mine).values(until=until)):
        raise LeaseLost(f"another process has taken over as {lease.name}; nothing more is written from here")


async def while_kept(work: Coroutine[Any, Any, None], renewing: Callable[[], Awaitable[None]], every: float) -> None:
    """Work for as long as the lease can be renewed; both end with the first that fails.

    Apart from the work, which may wait long for a node.
    """
    tasks = [asyncio.ensure_future(work), asyncio.ensure_future(_renew_again(renewing, every))]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        await end_all(tasks)


async def end_all(tasks: Collection[asyncio.Task[Any]]) -> None:
    """Cancel tasks, and wait until they have ended.

    More than once: `asyncio.wait_for` forgets that it was cancelled when what it waits for comes at the same moment.
    """
    running = set(tasks)
    while running:
        for task in running:
            task.cancel()
        ended, running = await asyncio.wait(running, timeout=1.0)
        await asyncio.gather(*ended, return_exceptions=True)


async def _renew_again(renewing: Callable[[], Awaitable[None]], every: float) -> None:
    while True:
        await asyncio.sleep(every)
        await renewing()
