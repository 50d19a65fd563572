# SPDX-License-Identifier: EUPL-1.2
import asyncio

import pytest

from heitje.store import leases
from heitje.store.leases import LeaseLost, while_kept


async def take(store, owner, now, seconds=6.0):
    async with store.write() as session:
        return await leases.take(session, "index", owner, now, seconds)


async def renew(store, lease, until):
    async with store.write() as session:
        await leases.renew(session, lease, until)


async def test_one_process_holds_a_lease_and_the_others_do_not_get_it(store):
    held = await take(store, "one", now=100.0)
    assert (held.owner, held.fence) == ("one", 1)
    assert await take(store, "two", now=106.0) is None
    await renew(store, held, 112.0)
    assert await take(store, "two", now=112.0) is None


async def test_a_lease_that_ran_out_is_taken_and_its_old_holder_is_fenced_off(store):
    old = await take(store, "one", now=100.0)
    new = await take(store, "two", now=106.1)
    assert new.fence == old.fence + 1
    with pytest.raises(LeaseLost):
        await renew(store, old, 200.0)
    assert await take(store, "one", now=107.0) is None


async def test_a_lease_that_was_given_back_is_free_at_once(store):
    await renew(store, await take(store, "one", now=100.0), 0.0)
    assert (await take(store, "two", now=100.1)).fence == 2


async def test_a_holder_that_takes_its_lease_again_fences_off_what_it_did_before(store):
    before = await take(store, "one", now=100.0)
    after = await take(store, "one", now=101.0)
    assert after.fence == before.fence + 1
    with pytest.raises(LeaseLost):
        await renew(store, before, 200.0)


async def test_work_ends_as_soon_as_the_lease_cannot_be_renewed():
    begun = ended = False

    async def work():
        nonlocal begun, ended
        begun = True
        try:
            await asyncio.sleep(60)
        finally:
            ended = True

    async def lose():
        raise LeaseLost("taken")

    with pytest.raises(LeaseLost, match="taken"):
        await while_kept(work(), lose, 0.01)
    assert begun
    assert ended


async def test_the_lease_is_renewed_while_the_work_waits_for_something_else():
    times, enough = 0, asyncio.Event()

    async def count():
        nonlocal times
        times += 1
        if times == 3:
            enough.set()

    async def wait():
        await enough.wait()

    await asyncio.wait_for(while_kept(wait(), count, 0.01), 60)
    assert times >= 3
