# SPDX-License-Identifier: EUPL-1.2
"""Two processes take requests in on one database. Each has connections of its own, as processes have."""

import asyncio
import time
from contextlib import asynccontextmanager

import pytest
import sqlalchemy as sa

from heitje.chain.account import Account, Class
from heitje.chain.calendar import epoch_of
from heitje.index import repository as index
from heitje.payments.service import PaymentAdmitter
from heitje.problems import Code, Problem
from heitje.relay import repository as operations
from heitje.relay.intake import Intake, Key, forget_keys
from heitje.relay.operation import Kind, State, Submission
from heitje.rest.operations import render_bytes
from heitje.store.bell import Bell
from heitje.store.session import Store
from heitje.store.tables import idempotency, operation
from tests.support.databases import place_of
from tests.support.signed import signer_of

PAYERS = [signer_of(f"payer {number}").address for number in range(20)]
SHOP = signer_of("shop").address
FUNDS = 100
EVERYTHING_ALLOWED = (1 << 64) - 1


@pytest.fixture
async def other(tmp_path, store):
    """The same database, opened by somebody else."""
    other = Store.of(place_of(tmp_path))
    yield other
    await other.close()


@asynccontextmanager
async def intake_of(store):
    intake = Intake(store, {Kind.PAYMENT: PaymentAdmitter()}, render=render_bytes, work=Bell(), clock=time.time)
    running = asyncio.create_task(intake.run())
    yield intake
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


@pytest.fixture
async def intakes(store, other):
    epoch = epoch_of(int(time.time()), 6)
    residents = {
        payer: Account(fresh=FUNDS, epoch=epoch, number=101 + i, holder_class=Class.RESIDENT)
        for i, payer in enumerate(PAYERS)
    }
    accounts = {**residents, SHOP: Account(number=500, holder_class=Class.MERCHANT)}
    never = 2**40
    async with store.write() as session:
        await index.put_accounts(session, {address: known.to_word() for address, known in accounts.items()}, 1)
        await index.put_rules(session, (EVERYTHING_ALLOWED, False, never, never, never, 6), 1)
    async with intake_of(store) as one, intake_of(other) as two:
        yield one, two


def payment(payer, cents, nonce=0, name=""):
    digest = f"0x{name}{nonce}{payer[2:]}"
    body = {"from": payer, "to": SHOP, "value": str(cents), "name": name}
    return Submission(digest, Kind.PAYMENT, payer, nonce, cents, 2**40, body, payee=SHOP)


async def post(intake, wanted, key=None):
    try:
        return await intake.submit(wanted, Key("payments", key or wanted.id), f"/v1/payments/{wanted.id}")
    except Problem as problem:
        return problem.code


async def states(store):
    async with store.read() as session:
        found = await session.rows(sa.select(operation.c.actor, operation.c.nonce, operation.c.state))
    return {(row.actor, row.nonce): row.state for row in found}


async def test_one_nonce_for_two_payments_is_taken_by_one_of_them(store, intakes):
    one, two = intakes
    pairs = await asyncio.gather(
        *(
            asyncio.gather(post(one, payment(payer, 10, name="a")), post(two, payment(payer, 20, name="b")))
            for payer in PAYERS
        )
    )
    for answers in pairs:
        assert answers.count(Code.NONCE_TAKEN) == 1
        assert [answer.status for answer in answers if answer != Code.NONCE_TAKEN] == [202]
    assert len(await states(store)) == len(PAYERS)


async def test_what_two_payments_would_overspend_together_is_spent_once(store, intakes):
    one, two = intakes
    await asyncio.gather(
        *(post(one, payment(payer, FUNDS, 0)) for payer in PAYERS),
        *(post(two, payment(payer, FUNDS, 1)) for payer in PAYERS),
    )
    assert sorted(actor for actor, _ in await states(store)) == sorted(PAYERS)


async def test_a_gap_is_filled_by_the_payment_that_another_process_takes_in(store, intakes):
    one, two = intakes
    await asyncio.gather(
        *(post(one, payment(payer, 10, 1)) for payer in PAYERS), *(post(two, payment(payer, 10, 0)) for payer in PAYERS)
    )
    assert await states(store) == {(payer, nonce): State.QUEUED for payer in PAYERS for nonce in (0, 1)}


async def test_one_request_sent_to_two_processes_is_done_once_and_answered_twice(store, intakes):
    for payer in PAYERS:
        wanted = payment(payer, 10)
        answers = await asyncio.gather(*(post(intake, wanted, f"key of {payer}") for intake in intakes))
        assert {(answer.status, answer.body) for answer in answers} == {(202, answers[0].body)}
        assert sorted(answer.replayed for answer in answers) == [False, True]
    assert len(await states(store)) == len(PAYERS)


async def test_one_key_for_two_payments_is_used_by_one_of_them(store, intakes):
    one, two = intakes
    for payer in PAYERS:
        first, second = payment(payer, 10, 0), payment(payer, 10, 1)
        answers = await asyncio.gather(post(one, first, f"key of {payer}"), post(two, second, f"key of {payer}"))
        assert answers.count(Code.IDEMPOTENCY_KEY_REUSED) == 1
    assert len(await states(store)) == len(PAYERS)


async def test_a_writer_waits_for_the_one_before_and_sees_what_it_wrote(store, other):
    async def look_and_write():
        async with other.write() as session:
            return await operations.find(session, payment(PAYERS[0], 10).id)

    async with store.write() as session:
        waiting = asyncio.create_task(look_and_write())
        await asyncio.sleep(0.3)
        await operations.add_many(session, [(payment(PAYERS[0], 10), State.QUEUED)], 1.0)
        assert not waiting.done()
    found = await waiting
    assert found is not None
    assert found.value == 10


async def test_what_is_undone_leaves_nothing_and_lets_the_next_one_write(store, other):
    async def fail():
        async with store.write() as session:
            await operations.add_many(session, [(payment(PAYERS[0], 10), State.QUEUED)], 1.0)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()
    async with other.write() as session:
        assert await operations.find(session, payment(PAYERS[0], 10).id) is None


async def test_a_reader_sees_one_moment_whatever_is_committed_meanwhile(store, other):
    async with store.read() as session:
        assert await operations.find(session, payment(PAYERS[0], 10).id) is None
        async with other.write() as writing:
            await operations.add_many(writing, [(payment(PAYERS[0], 10), State.QUEUED)], 1.0)
        assert await operations.find(session, payment(PAYERS[0], 10).id) is None
    async with store.read() as session:
        assert await operations.find(session, payment(PAYERS[0], 10).id) is not None


async def test_a_reader_cannot_write(store):
    async with store.read() as session:
        with pytest.raises(sa.exc.DBAPIError, match=r"read-?only"):
            await session._connection.execute(sa.delete(operation))


async def test_keys_are_forgotten_after_their_time_and_in_portions(store, intakes):
    one, _ = intakes
    for payer in PAYERS[:5]:
        await post(one, payment(payer, 10))
    async with store.write() as session:
        await session.run(sa.update(idempotency).values(created_at=1_000.0))
    await post(one, payment(PAYERS[5], 10))
    async with store.write() as session:
        assert await forget_keys(session, 1_001.0, 3) == 3
        assert await forget_keys(session, 1_001.0, 3) == 2
        assert await forget_keys(session, 1_001.0, 3) == 0
    again = await post(one, payment(PAYERS[0], 10), "another key")
    assert again.operation_id == payment(PAYERS[0], 10).id
    assert len(await states(store)) == 6


async def test_words_of_others_cannot_keep_a_row_from_being_written(store):
    async with store.write() as session:
        await operations.add_many(session, [(payment(PAYERS[0], 10), State.REJECTED)], 1.0)
        words = sa.update(operation).values(failure_detail="out of \0 and half a \ud83d")
        await session.run(words)
    async with store.read() as session:
        found = await operations.find(session, payment(PAYERS[0], 10).id)
    assert found.failure_detail == "out of \N{REPLACEMENT CHARACTER} and half a ?"
