# SPDX-License-Identifier: EUPL-1.2
"""The facilitator's three endpoints on the real service and a real chain, asked as the specification has it."""

import time
import urllib.error
from concurrent.futures import ThreadPoolExecutor
from itertools import count

import pytest
from eth_utils.crypto import keccak

from tests.support.acts import authorization_body, withdrawal_body
from tests.support.anvil import rpc
from tests.support.facilitator import asked, offered, sale
from tests.support.service import Service, relayer, signed_payment, until
from tests.support.town import FUNDS, SHOPS
from tests.support.wallet import Safe

SHOP, OTHER = SHOPS
USED = "invalid_exact_evm_nonce_already_used"
NUMBERS = count(800)


@pytest.fixture
def nonce(salts):
    return keccak(b"x402" + salts())


def test_supported_names_the_network_the_token_and_what_to_sign_under(service, city):
    told = service.get("/x402/supported").body
    domain = city.domains["token"]
    extra = {"name": domain.name, "version": "1", "asset": domain.contract, "decimals": "2"}
    assert told["kinds"] == [
        {"x402Version": version, "scheme": "exact", "network": f"eip155:{city.chain_id}", "extra": extra}
        for version in (1, 2)
    ]
    assert told["signers"] == {"eip155:*": [relayer().address]}
    assert told["extensions"] == []


@pytest.mark.parametrize("version", [1, 2])
def test_what_verifies_settles_and_the_shop_has_it(service, city, residents, nonce, version):
    payer = residents()
    held = balance(service, city, SHOP)
    body = sale(city, payer, SHOP, 250, nonce, version=version)
    assert verify(service, body) == {"isValid": True, "payer": city.address_of(payer)}
    paid = settle(service, body)
    transaction = paid.body["transaction"]
    assert paid.body == {
        "success": True,
        "payer": city.address_of(payer),
        "transaction": transaction,
        "network": f"eip155:{city.chain_id}",
        "amount": "250",
        "extra": {"operation": paid.headers["location"], "state": "final"},
    }
    assert int(rpc(city.url, "eth_getTransactionReceipt", transaction)["status"], 16) == 1
    assert (balance(service, city, payer), balance(service, city, SHOP)) == (FUNDS - 250, held + 250)
    assert service.get(paid.headers["location"]).body["transaction"]["hash"] == transaction


def test_verifying_stores_nothing_and_reserves_nothing(service, city, residents, nonce):
    payer = residents()
    body = sale(city, payer, SHOP, FUNDS, nonce)
    assert verify(service, body)["isValid"]
    assert verify(service, body)["isValid"]
    account = service.get(f"/v1/accounts/{city.address_of(payer)}").body
    assert (account["underWay"], account["spendable"]) == ("0", str(FUNDS))


def test_the_same_payment_at_once_and_later_is_paid_once_and_answered_alike(service, city, residents, nonce):
    payer = residents()
    body = sale(city, payer, SHOP, 40, nonce)
    with ThreadPoolExecutor(10) as pool:
        answers = [answer.body for answer in pool.map(lambda _: settle(service, body), range(10))]
    assert [answer["success"] for answer in answers] == [True] * 10
    assert len({answer["transaction"] for answer in answers}) == 1
    assert settle(service, body).body == answers[0]
    assert balance(service, city, payer) == FUNDS - 40
    # By then anyone can read it on the chain, so it is worth nothing to who shows it.
    told = verify(service, body)
    assert (told["isValid"], told["invalidReason"], told["extra"]) == (False, USED, {"code": "authorization_used"})


def test_a_payment_can_be_asked_for_when_its_time_is_over(service, city, residents, nonce):
    body = sale(city, residents(), SHOP, 15, nonce, before=int(time.time()) + 9)
    paid = settle(service, body).body
    assert paid["success"]
    time.sleep(10)
    assert settle(service, body).body == paid


def test_a_payment_that_is_not_final_in_time_is_pending_and_tells_its_transaction(service, city, residents, nonce):
    payer = residents()
    body = sale(city, payer, SHOP, 60, nonce, patience=6)
    rpc(city.url, "evm_setIntervalMining", 0)
    try:
        pending = settle(service, body)
        told = pending.body
        assert (told["success"], told["errorReason"]) == (False, "settlement_pending")
        assert "Send the same again" in told["errorMessage"]
        assert told["extra"]["state"] == "submitted"
        # Who has it are its payer and its shop: they can go on with it.
        assert verify(service, body)["isValid"]
        other = authorization_body(city, payer, OTHER, FUNDS, keccak(nonce))
        broke = verify(service, offered(other, asked(city, OTHER, FUNDS)))
        assert broke["invalidReason"] == "insufficient_funds"
    finally:
        rpc(city.url, "evm_setIntervalMining", 1)
    service.wait_for(pending.headers["location"], "final")
    paid = settle(service, body).body
    assert paid["success"]
    assert paid["transaction"] == told["transaction"]
    assert balance(service, city, payer) == FUNDS - 60


def test_a_payment_that_waits_for_its_transaction_is_pending_without_one(city, residents, nonce, tmp_path):
    body = sale(city, residents(), SHOP, 10, nonce, patience=1)
    rpc(city.url, "evm_setIntervalMining", 0)
    try:
        with Service(tmp_path, city):
            pass  # reads the chain
        with Service(tmp_path, city, "--role=api") as alone:
            told = settle(alone, body).body
            assert (told["success"], told["errorReason"]) == (False, "settlement_pending")
            assert (told["transaction"], told["extra"]["state"]) == ("", "queued")
            assert alone.get("/x402/supported").body["signers"] == {}
    finally:
        rpc(city.url, "evm_setIntervalMining", 1)


def test_what_cannot_be_said_now_is_a_problem_and_no_verdict(city, residents, nonce, tmp_path):
    body = sale(city, residents(), SHOP, 10, nonce)
    blind = Service(tmp_path, city, "--role=api")
    try:
        until(lambda: is_alive(blind), bool)
        for path in ("/x402/verify", "/x402/settle"):
            answer = blind.request("POST", path, body, {"content-type": "application/json"})
            assert (answer.status, answer.code, answer.headers["retry-after"]) == (503, "not_ready", "1")
    finally:
        blind.stop()


def test_a_withdrawn_payment_fails_and_says_so(service, city, residents, nonce):
    payer = residents()
    service.post("/v1/authorizations/cancellations", withdrawal_body(city, payer, nonce), wait=30)
    body = sale(city, payer, SHOP, 30, nonce)
    assert verify(service, body)["invalidReason"] == USED
    refused = settle(service, body).body
    assert (refused["success"], refused["errorReason"], refused["transaction"]) == (False, USED, "")
    assert "Nothing moved" in refused["errorMessage"]
    assert balance(service, city, payer) == FUNDS


def test_a_payment_that_expires_under_way_has_failed_only_then(service, city, residents, nonce):
    body = sale(city, residents(), SHOP, 30, nonce, patience=1, before=int(time.time()) + 7)
    rpc(city.url, "evm_setIntervalMining", 0)
    try:
        assert settle(service, body).body["errorReason"] == "settlement_pending"
        time.sleep(8)
        assert settle(service, body).body["errorReason"] == "settlement_pending"
    finally:
        rpc(city.url, "evm_setIntervalMining", 1)
    ended = until(lambda: settle(service, body).body, lambda told: told["errorReason"] != "settlement_pending")
    assert ended["errorReason"] == "invalid_exact_evm_payload_authorization_valid_before"
    assert "Nothing moved" in ended["errorMessage"]
    assert ended["transaction"] == ""


def test_a_safe_pays_and_a_stranger_signs_for_nobody(service, city, residents, nonce):
    number = next(NUMBERS)
    city.wallets[f"member {number}"] = Safe.deploy(city.url, ["Jo", "Kim", "Lou"], 2, number)
    city.enrol(residents=[number])
    city.issue(city.open_activity(), {number: 60})
    at = f"/v1/accounts/{city.address_of(number)}"
    until(lambda: service.get(at).body.get("balance"), lambda cents: cents == "500")
    body = sale(city, number, SHOP, 100, nonce)
    assert verify(service, body)["isValid"]
    assert settle(service, body).body["success"]
    forged = sale(city, residents(), SHOP, 100, nonce)
    forged["paymentPayload"]["payload"]["signature"] = body["paymentPayload"]["payload"]["signature"]
    for told in (verify(service, forged)["invalidReason"], settle(service, forged).body["errorReason"]):
        assert told == "invalid_exact_evm_payload_signature"


def test_verify_says_what_settle_would(service, city, residents, nonce):
    payer, now = residents(), int(time.time())
    refunded = signed_payment(city, payer, SHOP, 100, 0)
    assert service.post("/v1/payments", refunded, wait=30).body["state"] == "final"
    after, before = (f"invalid_exact_evm_payload_authorization_valid_{name}" for name in ("after", "before"))
    state = "invalid_transaction_state"
    cases = [
        (sale(city, payer, SHOP, 5, nonce, after=now + 60), after, "not_yet_valid"),
        (sale(city, payer, SHOP, 5, nonce, before=now + 4), before, "deadline_passed"),
        (sale(city, payer, SHOP, FUNDS - 99, nonce), "insufficient_funds", "insufficient_credits"),
        (sale(city, payer, SHOP, 0, nonce), state, "zero_value"),
        (sale(city, payer, payer, 5, nonce), state, "same_account"),
        (sale(city, payer, 102, 5, nonce), state, "not_allowed"),
        (sale(city, payer, 999, 5, nonce), state, "account_unknown"),
        (sale(city, 999, SHOP, 5, nonce), state, "account_unknown"),
        # What a shop gives back is a refund, and goes elsewhere.
        (sale(city, SHOP, payer, 5, nonce), state, "not_allowed"),
    ]
    for body, reason, code in cases:
        verified, settled = verify(service, body), settle(service, body)
        assert (verified["isValid"], settled.body["success"], settled.body["transaction"]) == (False, False, "")
        assert (verified["invalidReason"], settled.body["errorReason"]) == (reason, reason), code
        assert verified["extra"] == settled.body["extra"] == {"code": code}
        assert "Nothing moved" in verified["invalidMessage"]
        assert "Nothing moved" in settled.body["errorMessage"]
    assert balance(service, city, payer) == FUNDS - 100


def test_a_frozen_account_and_a_paused_city_pay_nothing(service, city, residents, nonce):
    payer = residents()
    body = sale(city, payer, SHOP, 5, nonce)
    city.send("guardian", "token", "freeze", payer, 1)
    told = until(lambda: verify(service, body), lambda answer: not answer["isValid"])
    assert (told["invalidReason"], told["extra"]) == ("invalid_transaction_state", {"code": "account_frozen"})
    body = sale(city, residents(), SHOP, 5, nonce)
    city.send("guardian", "token", "pause")
    try:
        told = until(lambda: verify(service, body), lambda answer: not answer["isValid"])
        assert told["extra"] == {"code": "paused"}
    finally:
        city.send("unpauser", "token", "unpause")
    until(lambda: verify(service, body), lambda answer: answer["isValid"])


def test_a_request_that_is_none_is_a_problem(service):
    answer = service.request("POST", "/x402/settle", {"x402Version": 2}, {"content-type": "application/json"})
    assert (answer.status, answer.code) == (422, "invalid_request")


def verify(service, body):
    answer = service.request("POST", "/x402/verify", body, {"content-type": "application/json"})
    assert answer.status == 200, answer.body
    return answer.body


def settle(service, body):
    answer = service.request("POST", "/x402/settle", body, {"content-type": "application/json"})
    assert answer.status == 200, answer.body
    return answer


def balance(service, city, number):
    return int(service.get(f"/v1/accounts/{city.address_of(number)}").body["balance"])


def is_alive(service):
    try:
        return service.get("/livez").status == 200
    except urllib.error.URLError:
        return False
