# SPDX-License-Identifier: EUPL-1.2
"""Waiting for operations to end, in a real database."""

import asyncio
import time

import pytest

from heitje.relay import repository
from heitje.relay.endings import Endings
from heitje.relay.operation import Cause, Failure, Kind, State, Submission
from heitje.store.bell import Gong

MANY = 200


def voucher(place):
    return Submission(f"0x{place:064x}", Kind.AUTHORIZATION, "a buyer", None, 5, 2_000_000_000, {})


@pytest.fixture
async def ids(store):
    wanted = [voucher(place) for place in range(MANY)]
    async with store.write() as session:
        await repository.add_many(session, [(one, State.QUEUED) for one in wanted], 1.0)
        await repository.move(session, Cause.SIGNED, [{"id": one.id, "batch_id": 1} for one in wanted], 2.0)
    return [one.id for one in wanted]


@pytest.fixture
async def news():
    return Gong()


@pytest.fixture
async def endings(store, news):
    endings = Endings(store, news)
    running = asyncio.create_task(endings.run())
    yield endings
    running.cancel()


async def end(store, ids):
    async with store.write() as session:
        changes = [{"id": one, "failure": Failure.REFUSED} for one in ids]
        await repository.move(session, Cause.REFUSED, changes, 3.0)


async def test_who_waits_is_told_at_the_ring_and_others_wait_on(store, news, endings, ids):
    waits = [asyncio.create_task(endings.wait(one, 30.0)) for one in ids]
    await asyncio.sleep(0.3)
    await end(store, ids[1:])
    began = time.monotonic()
    news.ring()
    assert await asyncio.gather(*waits[1:]) == [True] * (MANY - 1)
    assert time.monotonic() - began < 1.0
    assert not waits[0].done()
    waits[0].cancel()


async def test_one_look_serves_all_who_wait(store, news, endings, ids, monkeypatch):
    asked, ended = [], repository.ended

    async def noted(session, wanted):
        asked.append(len(set(wanted)))
        return await ended(session, wanted)

    monkeypatch.setattr(repository, "ended", noted)
    waits = [asyncio.create_task(endings.wait(one, 30.0)) for one in (*ids, *ids)]
    await asyncio.sleep(0.5)
    assert set(asked) == {MANY}
    assert len(asked) < 8
    await end(store, ids)
    news.ring()
    assert all(await asyncio.gather(*waits))


async def test_what_ended_before_is_told_at_once_and_what_does_not_end_in_time_has_not(store, endings, ids):
    await end(store, ids[:1])
    began = time.monotonic()
    assert await endings.wait(ids[0], 30.0)
    assert time.monotonic() - began < 0.5
    assert not await endings.wait(ids[1], 0.1)
    assert not endings._waiting


async def test_an_end_that_another_process_wrote_is_seen_without_a_ring(store, endings, ids):
    waiting = asyncio.create_task(endings.wait(ids[0], 30.0))
    await asyncio.sleep(0.2)
    await end(store, ids)
    assert await asyncio.wait_for(waiting, 5.0)
