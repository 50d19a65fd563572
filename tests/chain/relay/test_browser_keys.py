# SPDX-License-Identifier: EUPL-1.2
"""Browsers' keys through the real service to a real chain: phones pay, a till refunds and redeems, officials report."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from eth_utils.crypto import keccak

from heitje.chain import typed_data
from tests.support.acts import (
    authorization_body,
    reduction_body,
    refund_body,
    report_cancellation_body,
    withdrawal_body,
)
from tests.support.browser import DeviceKey, Passkey, WebCryptoKey, twin
from tests.support.city import ISSUER
from tests.support.service import redemption_body, report_body, signed_payment, until
from tests.support.town import SHOPS
from tests.support.wallet import Safe

SHOP = SHOPS[0]
TILL = 600
FIRST = 701
PHONES, PASSKEYS, SAFE = range(FIRST, FIRST + 16), range(FIRST + 16, FIRST + 32), FIRST + 32
CROWD = [*PHONES[6:], *PASSKEYS[6:], SAFE]
"""Those who pay together; each of the others is for one test."""


@pytest.fixture(scope="module", autouse=True)
def people(service, city):
    """Residents with device keys and passkeys of 2000 cents each, and a shop whose till has a passkey."""
    city.wallets |= {f"member {number}": DeviceKey(f"phone {number}") for number in PHONES}
    city.wallets |= {f"member {number}": Passkey(f"passkey {number}") for number in PASSKEYS}
    city.wallets |= {f"member {PHONES[6]}": WebCryptoKey(), f"member {TILL}": Passkey("till")}
    city.wallets[f"member {SAFE}"] = Safe.deploy(city.url, ["Jo", "Kim", "Lou"], 2)
    everybody = [*PHONES, *PASSKEYS, SAFE]
    city.enrol(residents=everybody, merchants=[TILL])
    city.issue(city.open_activity(), dict.fromkeys(everybody, 240))
    last = f"/v1/accounts/{city.address_of(SAFE)}"
    until(lambda: service.get(last).body.get("balance"), lambda balance: balance == "2000")


def test_phones_passkeys_keys_and_a_safe_pay_in_the_same_second(service, city, residents):
    payers = [*CROWD, residents(), residents()]
    bodies = [signed_payment(city, payer, SHOP, 10, 0) for payer in payers]
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda body: service.post("/v1/payments", body), bodies))
    assert {answer.status for answer in answers} == {202}
    ended = [service.wait_for(answer.headers["location"]) for answer in answers]
    assert [one["state"] for one in ended] == ["final"] * len(bodies)
    together = [one["transaction"]["hash"] for one in ended]
    assert max(map(together.count, together)) > 5


def test_what_a_browsers_key_did_not_sign_is_the_same_clear_problem(service, city):
    phone, passkey = PHONES[1], PASSKEYS[1]
    by_phone, by_passkey = signed_payment(city, phone, SHOP, 10, 0), signed_payment(city, passkey, SHOP, 10, 0)
    good = {body["from"]: bytes.fromhex(body["signature"][2:]) for body in (by_phone, by_passkey)}
    of_phone, of_passkey = good[by_phone["from"]], good[by_passkey["from"]]
    unverified = city.member(passkey).without_verification()
    verified_by_nobody = signed_payment(city, passkey, SHOP, 10, 0, signer=unverified)["signature"]
    attempts = [
        (by_phone, twin(of_phone), "upper half"),
        (by_phone, of_phone[:127], "128"),
        (by_phone, of_phone + b"\0", "authenticator data"),
        (by_phone, of_passkey, "passkey was given another challenge"),
        (by_phone, bytes(128), "within the curve's order"),
        (by_passkey, twin(of_passkey), "upper half"),
        (by_passkey, of_passkey[:150], "authenticator data"),
        (by_passkey, of_passkey[:-1], "did not sign"),
        (by_passkey, bytes.fromhex(verified_by_nobody[2:]), "user verification must be required"),
        (by_passkey, of_phone, "did not sign"),
    ]
    for body, signature, why in attempts:
        answer = service.post("/v1/payments", {**body, "signature": "0x" + signature.hex()})
        assert (answer.status, answer.code) == (422, "signature_invalid")
        assert why in answer.body["detail"], (why, answer.body)
    for body in (by_phone, by_passkey):
        assert service.post("/v1/payments", body, wait=30).body["state"] == "final"


def test_a_key_that_is_somebody_elses_is_named(service, city):
    other = city.member(PHONES[2])
    body = signed_payment(city, PHONES[3], SHOP, 10, 0, signer=other)
    answer = service.post("/v1/payments", body)
    assert answer.code == "signature_invalid"
    assert other.address in answer.body["detail"]
    assert city.address_of(PHONES[3]) in answer.body["detail"]


def test_a_till_with_a_passkey_is_paid_refunds_and_redeems_and_cancels(service, city, salts):
    paid = service.post("/v1/payments", signed_payment(city, PHONES[4], TILL, 500, 0), wait=30)
    refund = refund_body(city, TILL, PHONES[4], 120, paid.body["id"])
    assert service.post("/v1/refunds", refund, wait=30).body["state"] == "final"
    redemption = service.post("/v1/redemptions", redemption_body(city, TILL, 80, salts()), wait=30)
    assert redemption.body["state"] == "final"
    identity = redemption.body["id"]
    digest = typed_data.cancel_digest(city.domains["desk"], bytes.fromhex(identity[2:]))
    path, good = f"/v1/redemptions/{identity}/cancellation", city.member(TILL).sign_digest(digest)
    assert service.post(path, {"signature": "0x" + twin(good).hex()}).code == "signature_invalid"
    assert service.post(path, {"signature": "0x" + good.hex()}, wait=30).body["state"] == "final"


@pytest.mark.parametrize("payer", [PHONES[5], PASSKEYS[5]])
def test_vouchers_are_carried_and_withdrawn(service, city, payer):
    spent, withdrawn = keccak(b"spent %d" % payer), keccak(b"withdrawn %d" % payer)
    voucher = authorization_body(city, payer, SHOP, 7, spent)
    assert service.post("/v1/authorizations", voucher, wait=30).body["state"] == "final"
    answer = service.post("/v1/authorizations/cancellations", withdrawal_body(city, payer, withdrawn), wait=30)
    assert answer.body["state"] == "final"


def test_a_device_key_attests_reduces_and_cancels_and_a_passkey_releases(service, city, residents):
    attester, issuer = DeviceKey("phone of the union"), Passkey("security key of the office")
    city.wallets |= {"union": attester, "office": issuer}
    city.send("programme", "registry", "setAttester", city.programme, attester.address, True)
    city.send("admin", "authority", "grantRole", ISSUER, issuer.address, 0)
    number, activity = residents(), city.open_activity()
    report = city.report(activity, {number: 60}, attester="union", issuer="office")
    forged = {**report_body(report), "issuerSignature": "0x" + twin(report.issuer_signature).hex()}
    refused = service.post("/v1/reports", forged)
    assert refused.code == "signature_invalid"
    assert "The issuer's signature" in refused.body["detail"]
    assert service.post("/v1/reports", report_body(report), wait=30).body["state"] == "final"
    never = city.report(city.open_activity(), {number: 60}, attester="union", issuer="office")
    cancelled = service.post(*cancellation(city, never), wait=30)
    assert cancelled.body["state"] == "final"
    uid = activity << 32 | number
    struck = service.post(f"/v1/attestations/{uid}/reductions", reduction_body(city, uid, 30, "union"), wait=30)
    assert struck.body["state"] == "final"


def cancellation(city, report):
    return f"/v1/reports/0x{report.digest.hex()}/cancellation", report_cancellation_body(city, report.digest, "union")


def test_the_longest_passkeys_signature_that_is_taken_is_carried_and_a_longer_one_is_not(service, city):
    payer = PASSKEYS[0]
    short = len(city.member(payer).sign_digest(bytes(32)))
    for length, state in ((4_096, "final"), (4_097, None)):
        more = ',"crossOrigin":false,"other":"' + "x" * (length - short - len(',"other":""')) + '"'
        signer = Passkey(f"passkey {payer}", more=more)
        body = signed_payment(city, payer, SHOP, 10, 0, signer=signer)
        assert len(body["signature"]) == 2 + 2 * length
        answer = service.post("/v1/payments", body, wait=30)
        assert answer.body.get("state") == state
