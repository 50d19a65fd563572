# SPDX-License-Identifier: EUPL-1.2
"""Contract wallets (ERC-1271) as payers, shops, attesters and issuers: Safes, and one that changes its mind."""

from concurrent.futures import ThreadPoolExecutor
from itertools import count

import pytest
from eth_utils.crypto import keccak

from heitje.chain.account import Class
from heitje.chain.addresses import to_address
from tests.support.acts import authorization_body, refund_body
from tests.support.anvil import rpc
from tests.support.city import ISSUER
from tests.support.service import redemption_body, report_body, signed_payment, until
from tests.support.town import SHOPS
from tests.support.wallet import Safe

SHOP = SHOPS[0]
NUMBERS = count(700)
FICKLE = bytes.fromhex(
    "5b"  # it is asked: is the first word of storage empty,
    "60005415"
    "6004356064351416"  # and the first word of the signature the digest?
    "631626ba7e60e01b02"  # then the answer is the magic value, else zero
    "60005260206000f3"
)
FICKLE_AT = to_address("0x00000000000000000000000000000000000f1c7e")


@pytest.fixture(scope="module")
def safes(service, city):
    """Residents whose wallets are Safes of two owners of three, with 2000 cents each; their numbers."""
    numbers = [next(NUMBERS) for _ in range(10)]
    for number in numbers:
        city.wallets[f"member {number}"] = Safe.deploy(city.url, ["Jo", "Kim", "Lou"], 2, number)
    city.enrol(residents=numbers)
    city.issue(city.open_activity(), dict.fromkeys(numbers, 240))
    last = f"/v1/accounts/{city.address_of(numbers[-1])}"
    until(lambda: service.get(last).body.get("balance"), lambda balance: balance == "2000")
    return numbers


def test_a_safe_pays_with_the_signatures_of_its_owners(service, city, safes):
    body = signed_payment(city, safes[0], SHOP, 100, 0)
    assert len(body["signature"]) == 2 + 2 * 130
    answer = service.post("/v1/payments", body, wait=30)
    assert (answer.status, answer.body["state"]) == (200, "final")
    refund = refund_body(city, SHOP, safes[0], 40, answer.body["id"])
    assert service.post("/v1/refunds", refund, wait=30).body["state"] == "final"
    voucher = authorization_body(city, safes[0], SHOP, 7, keccak(b"a safe's voucher"))
    assert service.post("/v1/authorizations", voucher, wait=30).body["state"] == "final"


def test_ten_safes_and_others_pay_in_the_same_second(service, city, safes, residents):
    payers = [number for number in safes[1:] for _ in range(2)]
    nonces = [place % 2 for place in range(len(payers))]
    bodies = [signed_payment(city, payer, SHOP, 10, nonce) for payer, nonce in zip(payers, nonces, strict=True)]
    bodies += [signed_payment(city, residents(), SHOP, 10, 0) for _ in range(3)]
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda body: service.post("/v1/payments", body), bodies))
    assert {answer.status for answer in answers} == {202}
    ended = [service.wait_for(answer.headers["location"]) for answer in answers]
    assert [one["state"] for one in ended] == ["final"] * len(bodies)
    # No transaction asks more than eight wallets.
    sent = [one["transaction"]["hash"] for one in ended[: len(payers)]]
    assert max(sent.count(one) for one in set(sent)) <= 8


def test_a_signature_the_wallet_does_not_confirm_is_refused(service, city, safes):
    body = signed_payment(city, safes[0], SHOP, 100, 1, signer=city.member(safes[1]))
    answer = service.post("/v1/payments", body)
    assert (answer.status, answer.code) == (422, "signature_invalid")
    assert service.post("/v1/payments", {**body, "signature": "0x" + "ab" * 4_096}).code == "signature_invalid"


def test_a_wallet_that_changes_its_mind_is_not_asked_for_ever(service, city, residents):
    rpc(city.url, "anvil_setCode", FICKLE_AT, "0x" + FICKLE.hex())
    number = next(NUMBERS)
    city.send("registrar", "token", "enrol", [(FICKLE_AT, number, Class.RESIDENT)])
    city.issue(city.open_activity(), {number: 60})
    funded = until(lambda: service.get(f"/v1/accounts/{FICKLE_AT}"), lambda seen: seen.status == 200)
    until(lambda: service.get(f"/v1/accounts/{FICKLE_AT}").body["balance"], lambda balance: balance == "500")
    assert funded.body["class"] == "resident"
    good = fickle_payment(city, 0)
    assert service.post("/v1/payments", good, wait=30).body["state"] == "final"
    rpc(city.url, "evm_setIntervalMining", 0)
    try:
        taken = service.post("/v1/payments", fickle_payment(city, 1))
        assert taken.status == 202
        rpc(city.url, "anvil_setStorageAt", FICKLE_AT, "0x" + bytes(32).hex(), "0x" + (1).to_bytes(32, "big").hex())
    finally:
        rpc(city.url, "evm_setIntervalMining", 1)
    ended = service.wait_for(taken.headers["location"])
    assert (ended["state"], ended["failure"]["code"]) == ("rejected", "refused_by_contract")
    assert "no longer confirms" in ended["failure"]["detail"]
    assert service.get(f"/v1/accounts/{FICKLE_AT}").body["underWay"] == "0"
    assert service.post("/v1/payments", fickle_payment(city, 1)).code == "signature_invalid"
    ordinary = signed_payment(city, residents(), SHOP, 10, 0)
    assert service.post("/v1/payments", ordinary, wait=30).body["state"] == "final"


def test_a_shop_an_attester_and_an_issuer_may_be_safes(service, city, residents, salts):
    number = next(NUMBERS)
    try:
        for name in (f"member {number}", "the neighbourhood's board", "the town hall"):
            city.wallets[name] = Safe.deploy(city.url, ["Jo", "Kim", "Lou"], 2, next(NUMBERS) + 10_000)
        city.enrol(merchants=[number])
        board, hall = (city.wallets[name].address for name in ("the neighbourhood's board", "the town hall"))
        city.send("programme", "registry", "setAttester", city.programme, board, True)
        city.send("admin", "authority", "grantRole", ISSUER, hall, 0)
        signed = {"attester": "the neighbourhood's board", "issuer": "the town hall"}
        report = report_body(city.report(city.open_activity(), {residents(): 60}, **signed))
        assert service.post("/v1/reports", report, wait=30).body["state"] == "final"
        paid = signed_payment(city, residents(), number, 80, 0)
        assert service.post("/v1/payments", paid, wait=30).body["state"] == "final"
        redemption = service.post("/v1/redemptions", redemption_body(city, number, 80, salts()), wait=30)
        assert redemption.body["state"] == "final"
    finally:
        city.wallets.pop("the town hall", None)


class Fickle:
    """Confirms what begins with the digest, until its first word of storage is set."""

    address = FICKLE_AT

    def sign_digest(self, digest):
        return digest + b"and some more than a key would need, because it is a contract"


def fickle_payment(city, nonce):
    city.wallets["member 0"] = Fickle()
    return signed_payment(city, 0, SHOP, 10, nonce)
