# SPDX-License-Identifier: EUPL-1.2
"""Has the whole chain read anew, and keeps what was asked of us and what we signed.

The way out when the index stopped because the chain took back what was final, and when projections differ from the
chain. Everything the index wrote is deleted; operations, transactions and their nonces stay. What the chain says when
it is read again decides about each of them, and what it does not say is under way again.
"""

from collections.abc import Callable

import sqlalchemy as sa

from heitje.index.follow import Follower
from heitje.index.repository import position
from heitje.relay import lane_repository as lanes
from heitje.store import tables
from heitje.store.session import Store, WriteSession


class StillRunning(Exception):
    """A process works with this database; the message says what to do."""


async def forget(store: Store, now: float) -> None:
    """Delete what the index wrote; all of it or, when this is cut off, nothing.

    Raises:
        StillRunning: A process holds a lane's lease, or the index's.
    """
    async with store.write() as session:
        relays = await session.scalar(sa.select(tables.lane.c.id).where(tables.lane.c.lease_until >= now).limit(1))
        indexes = await session.scalar(sa.select(tables.lease.c.name).where(tables.lease.c.until >= now).limit(1))
        if relays or indexes:
            raise StillRunning("a process works with this database. Stop the service first, then read anew")
        await lanes.forget_blocks(session, now)
        await _delete(session)


async def reread(store: Store, follower: Follower, tell: Callable[[int], None]) -> int:
    """Read the chain to its end; the last block.

    Args:
        store: The database.
        follower: Of the same database.
        tell: Is told the last block read, after each portion.
    """
    while await follower.step():
        async with store.read() as session:
            at = await position(session)
        if at is not None:
            tell(at.number)
    async with store.read() as session:
        at = await position(session)
    return at.number if at is not None else -1


async def _delete(session: WriteSession) -> None:
    for table in (*tables.APPENDED_BY_BLOCK, tables.account, tables.block, tables.cursor):
        await session.run(sa.delete(table))
