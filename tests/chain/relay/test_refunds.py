# SPDX-License-Identifier: EUPL-1.2
"""Refunds of shops through the real service to a real chain."""

import time

import pytest

from heitje.chain.typed_data import refund_nonce
from tests.support.acts import refund_body
from tests.support.service import Service, redemption_body, signed_payment, until
from tests.support.town import SHOPS

SHOP, OTHER = SHOPS


@pytest.fixture
def payer(residents):
    return residents()


@pytest.fixture
def paid(service, city, payer):
    """A final payment of 500 cents; its digest."""
    answer = service.post("/v1/payments", signed_payment(city, payer, SHOP, 500, 0), wait=30)
    assert answer.body["state"] == "final"
    return answer.body["id"]


def test_a_payment_is_given_back_in_parts_until_nothing_is_left(service, city, payer, paid):
    first = service.post("/v1/refunds", refund_body(city, SHOP, payer, 200, paid), wait=30)
    assert (first.status, first.body["state"], first.body["kind"]) == (200, "final", "refund")
    assert first.headers["location"] == f"/v1/refunds/{first.body['id']}"
    too_much = service.post("/v1/refunds", refund_body(city, SHOP, payer, 301, paid, 1))
    assert (too_much.status, too_much.code) == (422, "refund_too_large")
    assert "300 cents are left" in too_much.body["detail"]
    rest = service.post("/v1/refunds", refund_body(city, SHOP, payer, 300, paid, 1), wait=30)
    assert rest.body["state"] == "final"
    shown = service.get(f"/v1/payments/{paid}/refunds").body
    assert (shown["value"], shown["refunded"], shown["left"], shown["nextK"]) == ("500", "500", "0", 2)
    assert [(item["id"], item["value"]) for item in shown["items"]] == [
        (first.body["id"], "200"),
        (rest.body["id"], "300"),
    ]
    assert service.get(f"/v1/accounts/{city.address_of(payer)}").body["balance"] == "2000"
    moves = service.get(f"/v1/ledger/transfers?account={city.address_of(payer)}").body["items"]
    assert [move["kind"] for move in moves] == ["authorization", "authorization", "payment", "reward"]


def test_what_is_under_way_counts_and_the_same_refund_twice_is_one(service, city, payer, paid):
    body = refund_body(city, SHOP, payer, 400, paid)
    first = service.post("/v1/refunds", body)
    second = service.post("/v1/refunds", refund_body(city, SHOP, payer, 400, paid, 1))
    assert second.code == "refund_too_large"
    taken = service.post("/v1/refunds", refund_body(city, SHOP, payer, 100, paid))
    assert taken.code in ("authorization_taken", "authorization_used")
    assert service.post("/v1/refunds", body).body["id"] == first.body["id"]
    assert service.wait_for(first.headers["location"])["state"] == "final"


def test_a_refund_belongs_to_a_payment_between_the_same_two(service, city, payer, paid, residents):
    another = residents()
    cases = [
        refund_body(city, SHOP, payer, 10, "0x" + "ab" * 32),
        refund_body(city, SHOP, another, 10, paid),
        refund_body(city, OTHER, payer, 10, paid),
    ]
    for body in cases:
        answer = service.post("/v1/refunds", body)
        assert (answer.status, answer.code) == (422, "payment_unknown")
        assert "Nothing moved" in answer.body["detail"]
    by_a_resident = service.post("/v1/refunds", refund_body(city, another, payer, 10, paid))
    assert by_a_resident.code == "not_allowed"


def test_a_shop_that_has_redeemed_everything_has_nothing_to_give_back(service, city, payer, salts):
    payment = service.post("/v1/payments", signed_payment(city, payer, OTHER, 90, 0), wait=30).body["id"]
    service.post("/v1/redemptions", redemption_body(city, OTHER, 90, salts()), wait=30)
    answer = service.post("/v1/refunds", refund_body(city, OTHER, payer, 90, payment))
    assert (answer.code, answer.body["spendable"]) == ("insufficient_credits", "0")


def test_another_k_than_was_signed_is_another_refund(service, city, payer, paid):
    body = refund_body(city, SHOP, payer, 10, paid)
    assert service.post("/v1/refunds", {**body, "k": 1}).code == "signature_invalid"
    assert service.post("/v1/refunds", {**body, "k": 16}).code == "invalid_request"


def test_a_refund_somebody_else_carried_counts(service, city, payer, paid):
    body = refund_body(city, SHOP, payer, 450, paid, before=int(time.time()) + 1_000)
    nonce = refund_nonce(bytes.fromhex(paid[2:]), 0)
    city.transfer_with_authorization(SHOP, payer, 450, nonce)
    shown = until(lambda: service.get(f"/v1/payments/{paid}/refunds").body, lambda body: body["refunded"] == "450")
    assert shown["left"] == "50"
    assert service.post("/v1/refunds", body).code == "authorization_used"
    assert service.post("/v1/refunds", refund_body(city, SHOP, payer, 51, paid, 1)).code == "refund_too_large"


def test_only_what_is_final_is_given_back(city, payer, tmp_path):
    with Service(tmp_path, city, "--finality=6") as service:
        mined = service.post("/v1/payments", signed_payment(city, payer, SHOP, 500, 0)).headers["location"]
        payment = service.wait_for(mined, "mined")["id"]
        early = service.post("/v1/refunds", refund_body(city, SHOP, payer, 500, payment))
        assert (early.status, early.code) == (409, "payment_not_final")
        service.wait_for(mined, "final")
        assert service.post("/v1/refunds", refund_body(city, SHOP, payer, 500, payment)).status == 202
