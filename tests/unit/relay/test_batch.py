# SPDX-License-Identifier: EUPL-1.2
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from heitje.relay.batch import (
    COSTS,
    DEVICE_KEY_GAS,
    MAX_CALLDATA,
    MAX_GAS,
    MAX_WALLETS,
    PASSKEY_GAS,
    Item,
    is_hopeless,
    limit_after_revert,
    messages,
    plan_batches,
    weight_limit,
)
from heitje.relay.operation import Kind


def payments(count, payers=7):
    return [Item(seq, Kind.PAYMENT, f"payer {seq % payers}", seq // payers) for seq in range(count)]


@st.composite
def queues(draw):
    kinds = draw(st.lists(st.sampled_from(list(Kind)), max_size=120))
    next_nonce = {}
    items = []
    for seq, kind in enumerate(kinds):
        actor = draw(st.sampled_from("abcd"))
        nonce = None
        if kind is Kind.PAYMENT:
            nonce = next_nonce.get(actor, 0)
            next_nonce[actor] = nonce + 1
        weight = draw(st.integers(1, 200)) if kind is Kind.REPORT else 1
        limit = draw(st.none() | st.integers(1, 30))
        wallets = draw(st.sampled_from((0, 0, 1)))
        extra = draw(st.integers(0, 4_031)) if wallets else 0
        browser_gas = draw(st.sampled_from((0, DEVICE_KEY_GAS, PASSKEY_GAS)))
        items.append(Item(seq, kind, actor, nonce, weight, limit, wallets, extra, browser_gas))
    shuffled = draw(st.permutations(items))
    return [Item(seq, *item[1:]) for seq, item in enumerate(map(astuple, shuffled))]


def astuple(item):
    parts = (item.seq, item.kind, item.actor, item.nonce, item.weight, item.limit)
    return (*parts, item.wallets, item.extra_bytes, item.browser_gas)


@given(queues(), st.integers(0, 20), st.integers(2_000_000, MAX_GAS))
def test_no_plan_is_larger_than_a_transaction_may_be(queue, room, max_gas):
    for plan in plan_batches(queue, room=room, max_gas=max_gas):
        assert plan.calldata <= MAX_CALLDATA
        assert len(plan.items) <= COSTS[plan.kind].most
        assert sum(item.wallets for item in plan.items) <= MAX_WALLETS
        assert all(item.kind is plan.kind for item in plan.items)
        # A single item that is too large for the limit still gets its chance alone.
        assert plan.gas <= max_gas or len(plan.items) == 1
        assert all(item.limit is None or len(plan.items) <= item.limit for item in plan.items)


@given(queues(), st.integers(0, 20))
def test_nothing_is_planned_twice_and_no_more_than_there_is_room_for(queue, room):
    plans = plan_batches(queue, room=room)
    planned = [item.seq for plan in plans for item in plan.items]
    assert len(plans) <= room
    assert len(planned) == len(set(planned))
    assert set(planned) <= {item.seq for item in queue}


@given(queues(), st.integers(1, 6))
def test_payments_of_one_payer_leave_in_the_order_of_their_nonces_without_a_gap(queue, room):
    sent = {}
    for plan in plan_batches(queue, room=room):
        for item in plan.items:
            if item.kind is Kind.PAYMENT:
                assert item.nonce == sent.get(item.actor, 0)
                sent[item.actor] = item.nonce + 1


def test_with_room_enough_everything_is_planned():
    queue = payments(1_000)
    plans = plan_batches(queue, room=16)
    assert sum(len(plan.items) for plan in plans) == 1_000
    assert len(plans) == -(-1_000 // weight_limit(Kind.PAYMENT))


def test_however_much_there_is_of_one_kind_each_other_gets_its_turn():
    spam = [Item(seq, Kind.AUTHORIZATION_CANCELLATION, f"resident {seq}") for seq in range(500)]
    others = [Item(500 + place, kind, "somebody") for place, kind in enumerate((Kind.REDUCTION, Kind.REPORT))]
    paid = Item(502, Kind.PAYMENT, "payer", 0)
    plans = plan_batches([*spam, *others, paid], room=16)
    turns = [plan.kind for plan in plans]
    first = [Kind.AUTHORIZATION_CANCELLATION, Kind.REDUCTION, Kind.PAYMENT, Kind.REPORT]
    assert turns == [*first, *[Kind.AUTHORIZATION_CANCELLATION] * 12]


def test_what_is_on_its_way_counts_as_a_turn_that_was_had():
    queue = [Item(seq, Kind.AUTHORIZATION_CANCELLATION, "resident") for seq in range(20)]
    queue += [Item(20 + seq, Kind.REDEMPTION, "shop") for seq in range(3)]
    (plan,) = plan_batches(queue, room=1, in_flight={Kind.AUTHORIZATION_CANCELLATION: 15})
    assert (plan.kind, len(plan.items)) == (Kind.REDEMPTION, 3)
    (plan,) = plan_batches(queue, room=1, in_flight={Kind.AUTHORIZATION_CANCELLATION: 7, Kind.REDEMPTION: 8})
    assert plan.kind is Kind.AUTHORIZATION_CANCELLATION


def test_of_kinds_that_come_together_what_takes_something_back_goes_first():
    queue = [Item(0, Kind.AUTHORIZATION, "a"), Item(1, Kind.REPORT, "b"), Item(2, Kind.REPORT_CANCELLATION, "b")]
    queue.append(Item(3, Kind.AUTHORIZATION_CANCELLATION, "a"))
    turns = [plan.kind for plan in plan_batches(queue, room=16)]
    assert turns[:2] == [Kind.AUTHORIZATION_CANCELLATION, Kind.REPORT_CANCELLATION]


def test_every_wallet_in_a_batch_has_its_gas_and_the_items_after_it_have_theirs():
    queue = [
        Item(seq, Kind.PAYMENT, f"payer {seq}", 0, wallets=seq % 2, extra_bytes=64 * (seq % 2)) for seq in range(60)
    ]
    plans = plan_batches(queue, room=16)
    assert [sum(item.wallets for item in plan.items) for plan in plans] == [8, 8, 8, 6]
    reserve = 200_000 * 64 // 63 + 10_000  # what the token must see left before it asks, beside its items
    for plan in plans:
        items = COSTS[Kind.PAYMENT].item * len(plan.items)
        assert plan.gas >= COSTS[Kind.PAYMENT].base + items + reserve * plan.wallets


def test_every_browsers_key_in_a_batch_has_its_gas():
    costs = [0, DEVICE_KEY_GAS, PASSKEY_GAS]
    queue = [Item(seq, Kind.PAYMENT, f"payer {seq}", 0, browser_gas=costs[seq % 3]) for seq in range(600)]
    plans = plan_batches(queue, room=16)
    assert sum(len(plan.items) for plan in plans) == 600
    for plan in plans:
        verifying = sum(item.browser_gas for item in plan.items)
        assert plan.gas == COSTS[Kind.PAYMENT].base + COSTS[Kind.PAYMENT].item * len(plan.items) + verifying <= MAX_GAS


def test_a_report_of_two_hundred_lines_fits_in_one_transaction():
    (plan,) = plan_batches([Item(0, Kind.REPORT, "attester", weight=200)], room=1)
    assert plan.gas <= MAX_GAS


def test_the_first_revert_changes_nothing_and_the_second_halves():
    assert limit_after_revert(8, 1) is None
    assert limit_after_revert(8, 2) == 4
    assert limit_after_revert(1, 2) == 1


@given(st.integers(1, 2_000))
def test_bisecting_ends_with_the_bad_item_alone_after_log2_rounds(size):
    rounds = 0
    while size > 1:
        size = limit_after_revert(size, 2)
        rounds += 1
    assert rounds <= 11
    assert is_hopeless(size, 2)
    assert not is_hopeless(size, 1)


@given(st.lists(st.integers(1, 60)), st.integers(20, 100))
def test_messages_keep_all_in_order_and_none_is_longer_than_may_be_unless_it_is_one_item(lengths, most):
    items = list(enumerate(lengths))
    portions = list(messages(items, lambda item: item[1], most))
    assert [item for portion in portions for item in portion] == items
    assert all(len(portion) == 1 or sum(length for _, length in portion) <= most for portion in portions)
    for one, following in pairwise(portions):
        assert sum(length for _, length in one) + following[0][1] > most
