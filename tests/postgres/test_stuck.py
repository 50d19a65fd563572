# SPDX-License-Identifier: EUPL-1.2
"""Processes that stand still, and connections that break."""

import asyncio
import time

import pytest
import sqlalchemy as sa

from heitje.store.session import Channel
from heitje.store.tables import lease
from heitje.store.watch import watch
from tests.support.service import PATIENCE

ROW = {"name": "index", "owner": "somebody", "until": 0.0, "fence": 1}
DROP_THE_OTHERS = sa.text(
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
)


async def owners(store):
    async with store.read() as session:
        return [row.owner for row in await session.rows(sa.select(lease.c.owner))]


async def test_a_process_that_stands_still_in_a_transaction_keeps_others_waiting_for_seconds_only(store, other):
    stands = asyncio.Event()

    async def stand_still():
        async with store.write() as session:
            await session.run(sa.insert(lease).values(**ROW))
            stands.set()
            await asyncio.sleep(60)

    async def write():
        async with other.write() as session:
            await session.run(sa.insert(lease).values(**{**ROW, "owner": "the next one"}))

    standing = asyncio.create_task(stand_still())
    await asyncio.wait_for(stands.wait(), PATIENCE)
    began = time.monotonic()
    await write()
    assert 8 < time.monotonic() - began < 50
    with pytest.raises(sa.exc.DBAPIError):
        await standing
    assert await owners(store) == ["the next one"]


async def test_who_listens_notices_that_the_connection_is_gone_and_hears_again_when_it_listens_again(store, other):
    heard = asyncio.Event()
    bells = {Channel.WORK: heard.set, Channel.NEWS: heard.set}
    watching = asyncio.create_task(watch(store, bells))
    await asyncio.wait_for(heard.wait(), PATIENCE)
    async with other.write() as session:
        await session._connection.execute(DROP_THE_OTHERS)
    with pytest.raises(ConnectionError):
        await asyncio.wait_for(watching, PATIENCE)
    heard.clear()
    watching = asyncio.create_task(watch(store, bells))
    await asyncio.wait_for(heard.wait(), PATIENCE)  # for what was missed
    heard.clear()
    async with other.write() as session:
        await session.tell(Channel.WORK)
    await asyncio.wait_for(heard.wait(), PATIENCE)
    watching.cancel()
    await asyncio.gather(watching, return_exceptions=True)


async def test_after_the_database_has_dropped_every_connection_the_next_transaction_works(store, other):
    assert await owners(store) == []
    async with store.write() as session:
        await session.run(sa.insert(lease).values(**ROW))
    async with other.write() as session:
        await session._connection.execute(DROP_THE_OTHERS)
    assert await owners(store) == ["somebody"]
    async with store.write() as session:
        await session.run(sa.update(lease).values(owner="again"))
    assert await owners(store) == ["again"]
