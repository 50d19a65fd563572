# SPDX-License-Identifier: EUPL-1.2
"""Whose bytes are forgotten, and whose are not."""

import pytest
import sqlalchemy as sa

from heitje.relay import lane_repository as lanes
from heitje.relay.tidying import Tidier
from heitje.store.tables import attempt, batch, cursor

DAY = 86_400.0
NOW = 1_000 * DAY
FINAL = 50


@pytest.fixture
async def signed(store):
    """Stores a transaction and its bytes; its nonce is its number."""
    async with store.write() as session:
        at = {"name": "index", "chain_id": 1, "number": 60, "hash": "0x", "time": 0}
        await session.run(sa.insert(cursor).values(**at, final_number=FINAL, final_time=0))

    async def add(nonce, days_ago, state=lanes.BatchState.MINED, block=FINAL):
        async with store.write() as session:
            values = {"lane_id": 1, "nonce": nonce, "kind": "payment", "size": 1, "gas": 1, "fence": 1}
            identity = await session.add(batch, {**values, "state": state, "block_number": block})
            sent = None if days_ago is None else NOW - days_ago * DAY
            row = {"batch_id": identity, "attempt_no": 1, "tx_hash": f"0x{nonce}", "raw": b"signed", "sends": 1}
            await session.add(attempt, {**row, "last_sent_at": sent})

    return add


async def kept(store):
    async with store.read() as session:
        rows = await session.rows(
            sa.select(batch.c.nonce, attempt.c.raw).join(attempt, attempt.c.batch_id == batch.c.id)
        )
    return {row.nonce for row in rows if row.raw}


async def test_what_was_sent_long_ago_and_is_final_loses_its_bytes_and_nothing_else(store, signed):
    await signed(1, 31)
    await signed(2, 31, lanes.BatchState.REVERTED)
    await signed(3, 31, block=FINAL + 1)
    await signed(4, 31, lanes.BatchState.SENT, block=None)
    await signed(5, 31, lanes.BatchState.DISPLACED, block=None)
    await signed(6, 29)
    await Tidier(store, lambda: NOW, keep_keys=30, keep_bytes=30).tidy()
    assert await kept(store) == {3, 4, 5, 6}
    async with store.read() as session:
        hashes = await session.rows(sa.select(attempt.c.tx_hash).order_by(attempt.c.id))
    assert [row.tx_hash for row in hashes] == [f"0x{nonce}" for nonce in range(1, 7)]


async def test_what_has_no_time_because_the_chain_was_read_anew_is_as_old_as_what_was_signed_after_it(store, signed):
    await signed(1, None)
    await signed(2, 31)
    await signed(3, None)
    await signed(4, 2)
    await Tidier(store, lambda: NOW, keep_keys=30, keep_bytes=30).tidy()
    assert await kept(store) == {3, 4}


async def test_it_looks_again_when_an_hour_has_passed(store, signed):
    now = NOW
    tidier = Tidier(store, lambda: now, keep_keys=30, keep_bytes=30)
    await tidier.tidy()
    await signed(1, 31)
    await tidier.tidy()
    assert await kept(store) == {1}
    now += 3_600
    await tidier.tidy()
    assert await kept(store) == set()


async def test_bytes_that_are_forgotten_are_not_sent_and_their_nonce_is_missing(store, signed):
    async with store.write() as session:
        await lanes.open_lane(session, 1, "0xkey", 3)
        lease = await lanes.take_lease(session, 1, "me", NOW, 60)
    await signed(1, 31)
    await signed(2, 1)
    await Tidier(store, lambda: NOW, keep_keys=30, keep_bytes=30).tidy()
    async with store.write() as session:
        await lanes.forget_blocks(session, NOW)
    async with store.read() as session:
        assert [item.nonce for item in await lanes.due(session, lease, NOW)] == [2]
        assert await lanes.is_missing(session, lease.lane_id, 1)
        assert await lanes.are_bytes_forgotten(session, lease.lane_id, 1)
        assert not await lanes.is_missing(session, lease.lane_id, 2)
        assert not await lanes.are_bytes_forgotten(session, lease.lane_id, 2)
