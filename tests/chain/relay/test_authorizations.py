# SPDX-License-Identifier: EUPL-1.2
"""Vouchers and their withdrawal through the real service to a real chain."""

import time

import pytest
from eth_utils.crypto import keccak

from tests.support.acts import authorization_body, withdrawal_body
from tests.support.anvil import rpc
from tests.support.service import signed_payment
from tests.support.town import SHOPS

SHOP, OTHER = SHOPS


@pytest.fixture
def nonce(salts):
    return keccak(b"voucher" + salts())


def test_a_voucher_signed_offline_is_carried(service, city, residents, nonce):
    payer = residents()
    answer = service.post("/v1/authorizations", authorization_body(city, payer, SHOP, 125, nonce), wait=30)
    assert (answer.status, answer.body["state"]) == (200, "final")
    assert answer.headers["location"] == f"/v1/authorizations/{answer.body['id']}"
    account = service.get(f"/v1/accounts/{city.address_of(payer)}").body
    # It has no place in the order of payments.
    assert (account["balance"], account["nextNonce"]) == ("1875", "0")
    again = service.post("/v1/authorizations", authorization_body(city, payer, SHOP, 126, nonce))
    assert (again.status, again.code) == (409, "authorization_used")


def test_a_voucher_somebody_else_carried_is_final_here_too(service, city, residents, nonce):
    payer = residents()
    digest, arguments = city.authorize(payer, SHOP, 30, nonce)
    function = "transferWithAuthorization(address,address,uint256,uint256,uint256,bytes32,bytes)"
    city.send("carrier", "token", function, *arguments)
    shown = service.wait_for(f"/v1/authorizations/0x{digest.hex()}", "final")
    assert (shown["value"], shown["nonce"], shown["validBefore"]) == ("30", "0x" + nonce.hex(), None)


def test_a_withdrawn_voucher_has_failed_and_is_taken_on_no_more(service, city, residents, nonce):
    payer = residents()
    hold_blocks(city)
    try:
        voucher = service.post("/v1/authorizations", authorization_body(city, payer, SHOP, 50, nonce))
        assert voucher.status == 202
        withdraw_ahead(city, payer, nonce)
    finally:
        rpc(city.url, "evm_setIntervalMining", 1)
    ended = service.wait_for(voucher.headers["location"])
    assert (ended["state"], ended["failure"]["code"]) in (("failed", "withdrawn"), ("final", None))
    late = service.post("/v1/authorizations", authorization_body(city, payer, SHOP, 51, nonce))
    assert late.code == "authorization_used"


def test_a_withdrawal_is_carried_once_and_not_after_the_voucher(service, city, residents, nonce):
    payer, other = residents(), keccak(b"other" + nonce)
    body = withdrawal_body(city, payer, nonce)
    done = service.post("/v1/authorizations/cancellations", body, wait=30)
    assert (done.status, done.body["state"], done.body["kind"]) == (200, "final", "authorization_cancellation")
    assert service.post("/v1/authorizations/cancellations", body).body["id"] == done.body["id"]
    assert service.get(done.headers["location"]).body["state"] == "final"
    assert service.post("/v1/authorizations", authorization_body(city, payer, SHOP, 5, nonce)).code == (
        "authorization_used"
    )
    service.post("/v1/authorizations", authorization_body(city, payer, SHOP, 5, other), wait=30)
    late = service.post("/v1/authorizations/cancellations", withdrawal_body(city, payer, other))
    assert (late.status, late.code) == (409, "authorization_used")


def test_no_voucher_overtakes_a_withdrawal_that_was_taken_on_before_it(service, city, residents, nonce):
    payer = residents()
    withdrawal = withdrawal_body(city, payer, nonce)
    hold_blocks(city)
    try:
        taken_on = service.post("/v1/authorizations/cancellations", withdrawal)
        assert taken_on.status == 202
        voucher = service.post("/v1/authorizations", authorization_body(city, payer, SHOP, 700, nonce))
        assert (voucher.status, voucher.code) == (409, "withdrawal_taken")
        assert taken_on.body["id"] in voucher.body["detail"]
        # The nonce is the signer's own: what others do with the same number is nothing to it.
        other = service.post("/v1/authorizations", authorization_body(city, residents(), SHOP, 700, nonce))
        assert other.status == 202
    finally:
        rpc(city.url, "evm_setIntervalMining", 1)
    assert service.wait_for(taken_on.headers["location"])["state"] == "final"
    assert service.wait_for(other.headers["location"])["state"] == "final"
    assert service.get(f"/v1/accounts/{city.address_of(payer)}").body["balance"] == "2000"


def test_a_stranger_has_nothing_to_withdraw(service, city, nonce):
    answer = service.post("/v1/authorizations/cancellations", withdrawal_body(city, 999, nonce))
    assert (answer.status, answer.code) == (422, "account_unknown")


def test_what_cannot_be_carried_is_refused(service, city, residents, nonce):
    payer, now = residents(), int(time.time())
    cases = {
        "not_yet_valid": authorization_body(city, payer, SHOP, 5, nonce, after=now + 60),
        "deadline_passed": authorization_body(city, payer, SHOP, 5, nonce, before=now),
        "zero_value": authorization_body(city, payer, SHOP, 0, nonce),
        "same_account": authorization_body(city, payer, payer, 5, nonce),
        "not_allowed": authorization_body(city, payer, 102, 5, nonce),
        "account_unknown": authorization_body(city, payer, 999, 5, nonce),
        "insufficient_credits": authorization_body(city, payer, SHOP, 2_001, nonce),
    }
    for code, body in cases.items():
        answer = service.post("/v1/authorizations", body)
        assert (answer.code, answer.status) == (code, 422)
        assert "Nothing moved" in answer.body["detail"]


def test_what_a_shop_gives_back_is_a_refund_and_goes_there(service, city, residents, nonce):
    payer = residents()
    service.post("/v1/payments", signed_payment(city, payer, SHOP, 100, 0), wait=30)
    answer = service.post("/v1/authorizations", authorization_body(city, SHOP, payer, 100, nonce))
    assert answer.code == "not_allowed"
    assert "/v1/refunds" in answer.body["detail"]


def test_a_voucher_expires_only_after_a_final_block_past_its_time(service, city, residents, nonce):
    payer = residents()
    hold_blocks(city)
    try:
        before = int(time.time()) + 3
        voucher = service.post("/v1/authorizations", authorization_body(city, payer, SHOP, 40, nonce, before=before))
        assert voucher.body["underWayUntil"] is not None
        time.sleep(4)
        # Its time is over, but no block says so: until then it is under way.
        assert service.get(voucher.headers["location"]).body["state"] in ("queued", "batched", "submitted")
        assert service.get(f"/v1/accounts/{city.address_of(payer)}").body["underWay"] == "40"
    finally:
        rpc(city.url, "evm_setIntervalMining", 1)
    ended = service.wait_for(voucher.headers["location"])
    assert (ended["state"], ended["failure"]["code"]) == ("expired", "deadline_passed")
    assert service.get(f"/v1/accounts/{city.address_of(payer)}").body["underWay"] == "0"


def hold_blocks(city):
    """Nothing is mined until the interval is set again."""
    rpc(city.url, "evm_setIntervalMining", 0)


def withdraw_ahead(city, payer, nonce):
    """Somebody else withdraws; mined with the next block, after or before the voucher."""
    body = withdrawal_body(city, payer, nonce)
    function = "cancelAuthorization(address,bytes32,bytes)"
    data = city._interfaces["token"].encode(function, body["authorizer"], nonce, bytes.fromhex(body["signature"][2:]))
    (sender,) = rpc(city.url, "eth_accounts")
    call = {"from": sender, "to": city.addresses["token"], "data": "0x" + data.hex(), "gasPrice": "0x0"}
    rpc(city.url, "eth_sendTransaction", {**call, "gas": hex(500_000)})
