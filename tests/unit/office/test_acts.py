# SPDX-License-Identifier: EUPL-1.2
"""Acts of officials: from what a form brings to what the contracts take."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heitje.chain import typed_data
from heitje.chain.abi import load
from heitje.chain.typed_data import Domain, Group
from heitje.city.payouts import Payout, payout_reference
from heitje.city.roles import Role
from heitje.office.acts import ACTS, Domains, WrongParticular, act_of
from heitje.office.groups import parse_groups, written
from tests.support.city import signer_of

ME = signer_of("official").address
WALLET = signer_of("a phone").address
DESK = Domain("Heitje RedemptionDesk", "1", 31_337, signer_of("desk").address)
DOMAINS = Domains(DESK, DESK, DESK)
ID = bytes(range(32))


@pytest.mark.parametrize(
    ("name", "particulars", "function", "expected"),
    [
        ("freeze", {"number": "7", "reason": "2"}, "freeze(uint32,uint16)", {"number": 7, "reason": 2}),
        ("set-cap", {"programme": "1", "cap": "25000,50"}, None, {"programme": 1, "cap": 2_500_050}),
        ("lower-year", {"number": "7", "year": "2026", "euros": "300"}, None, {"year": 2026, "euros": 300}),
        ("dismiss", {"programme": "3", "address": WALLET}, None, {"attester": WALLET, "appointed": False}),
        ("reduce", {"uid": str(5 << 32 | 7), "minutes": "60"}, None, {"uid": 5 << 32 | 7, "minutes_": 60}),
    ],
)
def test_a_form_becomes_the_call_that_the_contract_takes(name, particulars, function, expected):
    act = act_of(name, ME, particulars)
    signature, args = load(act.kind.contract).decode_call(act.call())
    assert function in (None, signature)
    assert expected.items() <= args.items()


def test_what_is_signed_is_carried_with_its_signature_as_the_last_argument():
    act = act_of("lock", ME, {"ids": "0x" + ID.hex()})
    message = act.message(DOMAINS, 1_000)
    assert message.digest == typed_data.lock_digest(DESK, ME, [ID], 1_000)
    _, args = load("RedemptionDesk").decode_call(act.call(b"signed", 1_000))
    assert args == {"treasurer": ME, "ids": [ID], "deadline": 1_000, "signature": b"signed"}


def test_a_settlement_names_the_hash_of_each_bank_reference():
    act = act_of("settle", ME, {"groups": "HTJ-7-AB=0x" + ID.hex()})
    groups = [Group(payout_reference("HTJ-7-AB"), [ID])]
    assert act.message(DOMAINS, 9).digest == typed_data.settle_digest(DESK, ME, groups, 9)


@pytest.mark.parametrize(
    ("name", "particulars", "wrong"),
    [
        ("freeze", {"reason": "1"}, "number"),
        ("freeze", {"number": "0", "reason": "1"}, "number"),
        ("freeze", {"number": "7", "reason": "70000"}, "reason"),
        ("enrol", {"number": "7", "address": "0x12", "class": "resident"}, "address"),
        ("enrol", {"number": "7", "address": WALLET, "class": "desk"}, "class"),
        ("lock", {"ids": ""}, "ids"),
        ("lock", {"ids": "0x12"}, "ids"),
        ("settle", {"groups": "no reference"}, "groups"),
        ("settle", {"groups": f"A=0x{ID.hex()};B=0x{ID.hex()}"}, "groups"),
        ("open-activity", {"noDisplacement": ""}, "programme"),
    ],
)
def test_what_cannot_be_understood_is_named(name, particulars, wrong):
    with pytest.raises(WrongParticular) as error:
        act_of(name, ME, particulars)
    assert str(error.value) == wrong


def test_an_activity_without_the_declaration_is_no_act():
    numbers = ("programme", "month", "centsPerHour", "maxMinutes", "opensAt", "closesAt", "neighbourhood")
    particulars = {**dict.fromkeys(numbers, "1"), "description": "0x" + ID.hex()}
    assert act_of("open-activity", ME, {**particulars, "noDisplacement": "true"}).values["noDisplacement"]
    with pytest.raises(WrongParticular, match="noDisplacement"):
        act_of("open-activity", ME, particulars)


def test_every_act_belongs_to_an_office():
    assert {kind.role for kind in ACTS.values()} <= set(Role)
    assert Role.TREASURER is ACTS["lock"].role


names = st.from_regex(r"[A-Za-z0-9/()?:.'+ -]{1,35}", fullmatch=True)
payouts = st.lists(
    st.tuples(names, st.lists(st.binary(min_size=32, max_size=32), min_size=1, max_size=5)), min_size=1, max_size=5
)


@given(payouts)
def test_bank_payments_survive_the_way_through_a_form(found):
    given_ = [Payout(name, 0, 0, tuple(ids)) for name, ids in found]
    ids = [one for payout in given_ for one in payout.ids]
    if len({payout.end_to_end_id for payout in given_}) == len(given_) and len(set(ids)) == len(ids):
        assert parse_groups(written(given_)) == tuple(given_)
