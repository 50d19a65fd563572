# SPDX-License-Identifier: EUPL-1.2
"""Redemptions through the real service to a real chain."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from heitje.chain import typed_data
from tests.support.anvil import rpc
from tests.support.service import Service, redemption_body, signed_payment, until
from tests.support.signed import signer_of
from tests.support.town import RESIDENTS, SHOPS

SHOP, OTHER = SHOPS


@pytest.fixture(scope="module", autouse=True)
def earnings(city):
    for payer in RESIDENTS[20:]:
        city.pay_batch([city.payment(payer, SHOP, 1_000), city.payment(payer, OTHER, 500, nonce=1)])


def on_chain(service, identity):
    return service.get(f"/v1/redemptions/{identity}").body["onChain"]


def cancellation(city, merchant, identity):
    digest = typed_data.cancel_digest(city.domains["desk"], bytes.fromhex(identity[2:]))
    return {"signature": "0x" + city.member(merchant).sign_digest(digest).hex()}


def test_a_redemption_goes_all_the_way_to_settled(service, city, salts):
    answer = service.post("/v1/redemptions", redemption_body(city, SHOP, 700, salts()), wait=30)
    assert (answer.status, answer.body["state"]) == (200, "final")
    identity = answer.body["id"]
    assert answer.body["onChain"]["status"] == "requested"
    city.lock([bytes.fromhex(identity[2:])])
    city.settle([(city.reference("E2E 1"), [bytes.fromhex(identity[2:])])])
    shown = until(lambda: on_chain(service, identity), lambda seen: seen["status"] == "settled")
    assert shown["lockId"] == 1
    assert shown["payoutReference"] == "0x" + city.reference("E2E 1").hex()
    assert service.get("/v1/ledger").body["settled"] == "700"
    settled = service.get(f"/v1/redemptions?number={SHOP}&status=settled").body["items"]
    assert [item["id"] for item in settled] == [identity]


def test_a_redemption_asked_for_twice_is_one(service, city, salts):
    body = redemption_body(city, SHOP, 50, salts())
    first = service.post("/v1/redemptions", body)
    again = service.post("/v1/redemptions", body, wait=30)
    assert again.headers["location"] == first.headers["location"]
    assert again.body["state"] == "final"


def test_a_merchant_can_cancel_until_it_is_locked(service, city, salts):
    free = service.post("/v1/redemptions", redemption_body(city, SHOP, 60, salts()), wait=30).body["id"]
    locked = service.post("/v1/redemptions", redemption_body(city, SHOP, 70, salts()), wait=30).body["id"]
    wrong = service.post(f"/v1/redemptions/{free}/cancellation", cancellation(city, OTHER, free))
    assert wrong.code == "signature_invalid"
    path = f"/v1/redemptions/{free}/cancellation"
    cancelled = service.post(path, cancellation(city, SHOP, free), wait=30)
    assert (cancelled.body["state"], cancelled.headers["location"]) == ("final", path)
    assert service.get(f"/v1/redemptions/{free}").body["onChain"]["status"] == "cancelled"
    city.lock([bytes.fromhex(locked[2:])])
    until(lambda: on_chain(service, locked)["status"], lambda status: status == "locked")
    late = service.post(f"/v1/redemptions/{locked}/cancellation", cancellation(city, SHOP, locked))
    assert (late.status, late.code) == (409, "redemption_ended")


def test_what_cannot_be_redeemed_is_refused(service, city, salts):
    too_much = service.post("/v1/redemptions", redemption_body(city, SHOP, 10**9, salts()))
    assert (too_much.code, too_much.body["contract"]["error"]) == ("insufficient_credits", "ERC20InsufficientBalance")
    assert "10,000,000.00 euros are asked for" in too_much.body["detail"]
    assert service.post("/v1/redemptions", redemption_body(city, SHOP, 0, salts())).code == "zero_value"
    resident = service.post("/v1/redemptions", redemption_body(city, RESIDENTS[0], 1, salts()))
    assert resident.code == "not_allowed"
    body = redemption_body(city, SHOP, 10, salts())
    assert service.post("/v1/redemptions", {**body, "amount": "11"}).code == "signature_invalid"


def test_one_bad_item_is_found_by_halving_and_the_others_go_through(city, tmp_path, salts):
    """Three redemptions are taken on; before they are carried, their merchant withdraws the second."""
    bodies = [redemption_body(city, OTHER, 10 + place, salts()) for place in range(3)]
    with Service(tmp_path, city, HEITJE_WINDOW="1", HEITJE_LINGER="0.5") as service:
        rpc(city.url, "evm_setIntervalMining", 0)
        try:
            # Fills the window of one transaction, so that the redemptions wait and share the next.
            service.post("/v1/payments", signed_payment(city, RESIDENTS[0], SHOP, 10, 0))
            time.sleep(1.5)
            with ThreadPoolExecutor(3) as pool:
                answers = list(pool.map(lambda body: service.post("/v1/redemptions", body), bodies))
            assert [answer.status for answer in answers] == [202, 202, 202]
            withdraw(city, bytes.fromhex(answers[1].body["id"][2:]))
        finally:
            rpc(city.url, "evm_setIntervalMining", 1)
        ended = [service.wait_for(answer.headers["location"]) for answer in answers]
        assert [one["state"] for one in ended] == ["final", "rejected", "final"]
        assert "AuthorizationAlreadyUsed" in ended[1]["failure"]["detail"]
        reverted = [line for line in service.log.read_text().splitlines() if '"kind": "redemption"' in line]
        assert len(reverted) > 3


def withdraw(city, identity):
    """The merchant cancels the authorization; mined with the next block."""
    signer = city.member(OTHER)
    digest = typed_data.cancel_authorization_digest(city.domains["token"], signer.address, identity)
    data = city._interfaces["token"].encode(
        "cancelAuthorization(address,bytes32,bytes)", signer.address, identity, signer.sign_digest(digest)
    )

    sender = signer_of("carrier")
    fields = {
        "chainId": city.chain_id,
        "nonce": int(rpc(city.url, "eth_getTransactionCount", sender.address, "pending"), 16),
        "value": 0,
        "gas": 500_000,
        "data": data,
        "to": city.addresses["token"],
        "maxFeePerGas": 0,
        "maxPriorityFeePerGas": 0,
    }
    rpc(city.url, "eth_sendRawTransaction", "0x" + sender.sign_transaction(fields).hex())
