# SPDX-License-Identifier: EUPL-1.2
"""One process writes, another is told."""

import asyncio

import pytest
import sqlalchemy as sa

from heitje.store.session import Channel, Store
from heitje.store.tables import operation
from heitje.store.watch import watch
from tests.support.databases import place_of
from tests.support.service import PATIENCE


@pytest.fixture
async def heard(store):
    """What rings in this process, by channel."""
    events = {channel: asyncio.Event() for channel in Channel}
    watching = asyncio.create_task(watch(store, {channel: event.set for channel, event in events.items()}))
    for event in events.values():  # it begins with a ring, for what was committed before
        await asyncio.wait_for(event.wait(), PATIENCE)
    await asyncio.sleep(0.3)
    for event in events.values():
        event.clear()
    yield events
    watching.cancel()
    await asyncio.gather(watching, return_exceptions=True)


@pytest.fixture
async def other(tmp_path, store):
    other = Store.of(place_of(tmp_path))
    yield other
    await other.close()


async def write(store, channel):
    async with store.write() as session:
        values = {"kind": "payment", "actor": "0x", "value": 1, "deadline": 1, "state": "queued", "payload": b""}
        await session.run(sa.insert(operation).values(id=channel, received_at=0.0, changed_at=0.0, **values))
        await session.tell(channel)


@pytest.mark.parametrize("channel", list(Channel))
async def test_what_another_process_commits_is_heard(other, heard, channel):
    await write(other, channel)
    await asyncio.wait_for(heard[channel].wait(), PATIENCE)


async def test_what_is_undone_is_not_heard(other, heard):
    async def fail():
        async with other.write() as session:
            await session.tell(Channel.WORK)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()
    await asyncio.sleep(0.5)
    assert not heard[Channel.WORK].is_set()
