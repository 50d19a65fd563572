# SPDX-License-Identifier: EUPL-1.2
"""Operations in a real database."""

from heitje.relay import repository
from heitje.relay.operation import PRECEDENCE, Cause, Failure, Kind, State, Submission


def redemption(actor):
    return Submission("0x01", Kind.REDEMPTION, actor, None, 300, 2_000_000_000, {"from": actor})


async def test_a_redemption_asked_for_again_by_the_new_wallet_reserves_the_new_wallets_credits(store):
    async with store.write() as session:
        await repository.add_many(session, [(redemption("old wallet"), State.QUEUED)], 1.0)
        await repository.move(session, Cause.SIGNED, [{"id": "0x01", "batch_id": 1}], 2.0)
        await repository.move(session, Cause.REFUSED, [{"id": "0x01", "failure": Failure.REFUSED}], 3.0)
        await repository.ask_again(session, [redemption("new wallet")], 4.0)
    async with store.read() as session:
        live = await repository.live_of(session, ["old wallet", "new wallet"])
        again = await repository.find(session, "0x01")
    assert {actor: [row.value for row in rows] for actor, rows in live.items()} == {"new wallet": [300]}
    assert (again.actor, again.payload, again.state, again.failure) == (
        "new wallet",
        {"from": "new wallet"},
        State.QUEUED,
        None,
    )


def test_every_kind_has_its_place_in_the_order():
    assert sorted(PRECEDENCE) == sorted(Kind)
