# SPDX-License-Identifier: EUPL-1.2
"""Redemptions at the desk: one treasurer locks, the bank pays, another settles or gives back."""

import csv
import io

import pytest
from playwright.sync_api import expect

from heitje.chain.abi import load
from heitje.chain.calendar import month_of
from tests.support.city import signer_of
from tests.support.pages import DESKTOP, PHONE, check, shoot
from tests.support.service import until
from tests.web.desk.officials import sign

SETTLE = {"en": "The bank has paid: settle", "nl": "De bank heeft betaald: afwikkelen"}
LOCK = {"en": "Lock", "nl": "Vastzetten"}


def due(service, city, payer, shop, cents):
    """A redemption that waits at the desk, and that the service knows."""
    city.pay(payer, shop, cents)
    redemption = city.redeem(shop, cents, f"{payer}")
    until(lambda: service.get(f"/v1/redemptions/0x{redemption.hex()}").status, lambda status: status == 200)
    return redemption


def state(city, redemption):
    return city.call("desk", "redemptionOf", redemption)["status"]


@pytest.mark.parametrize(("language", "device", "payer"), [("en", DESKTOP, 101), ("nl", PHONE, 119)])
def test_two_treasurers_pay_a_shop(at_the_desk, service, city, language, device, payer):
    redemption = due(service, city, payer, 500, 400)
    with at_the_desk("treasurer", device, language) as page:
        page.goto(f"/{language}/desk/redemptions")
        check(page)
        shoot(page, f"desk-redemptions-due-{device.name}-{language}")
        page.get_by_role("button", name=LOCK[language], exact=True).click()
        words = page.locator("main").inner_text().replace("\xa0", " ")
        assert ("€ 4,00" if language == "nl" else "€4.00") in words
        check(page)
        shoot(page, f"desk-lock-{device.name}-{language}")
        sign(page, language)
        assert state(city, redemption) == 2
        page.goto(f"/{language}/desk/redemptions")
        assert page.get_by_role("button", name=SETTLE[language]).count() == 0  # who locked does not settle
        check(page)
        text = page.evaluate(
            "path => fetch(path).then(answer => answer.text())", f"/{language}/desk/redemptions/payouts.csv"
        )
        rows = list(csv.DictReader(io.StringIO(text), delimiter=";"))
        assert ("500", "4.00") in [(row["member"], row["amount"]) for row in rows]
    with at_the_desk("second treasurer", device, language) as page:
        page.goto(f"/{language}/desk/redemptions")
        assert rows[0]["end_to_end_id"] in page.locator("main").inner_text()
        check(page)
        shoot(page, f"desk-redemptions-locked-{device.name}-{language}")
        page.get_by_role("button", name=SETTLE[language]).click()
        check(page)
        shoot(page, f"desk-settle-{device.name}-{language}")
        sign(page, language)
        shoot(page, f"desk-settled-{device.name}-{language}")
    assert state(city, redemption) == 3


def test_a_treasurer_gives_back_and_says_why(at_the_desk, service, city):
    redemption = due(service, city, 120, 501, 300)
    with at_the_desk("treasurer") as page:
        page.goto("/en/desk/redemptions")
        page.locator("#r-due").select_option("3")
        page.get_by_role("button", name="Give back", exact=True).first.click()
        assert "The merchant asked for it" in page.locator("main").inner_text()
        check(page)
        shoot(page, "desk-refund")
        sign(page)
    assert state(city, redemption) == 4
    assert city.account(501).balance == 300


def test_what_the_bank_sent_back_is_given_back_by_another_than_who_locked(at_the_desk, service, city):
    redemption = due(service, city, 118, 501, 150)
    city.lock([redemption])
    with at_the_desk("second treasurer") as page:
        page.goto("/en/desk/redemptions")
        page.get_by_text("The bank sent a payment back").click()
        page.locator("#r-locked").select_option("1")
        check(page)
        page.locator("details").get_by_role("button", name="Give back").click()
        assert "The bank returned the payment" in page.locator("main").inner_text()
        assert "€1.50" in page.locator("main").inner_text()
        sign(page)
    assert state(city, redemption) == 4


def test_two_treasurers_at_once_lock_one_thing_once(at_the_desk, service, city):
    due(service, city, 120, 502, 200)
    with at_the_desk("treasurer") as one, at_the_desk("second treasurer") as other:
        for page in (one, other):
            page.goto("/en/desk/redemptions")
            page.get_by_role("button", name="Lock", exact=True).click()
            expect(page.locator("#sign")).to_be_visible()
        sign(one)
        other.locator("#sign").click()
        expect(other.locator("#status .heitje-message--error")).to_contain_text("in the meantime")
        shoot(other, "desk-too-late")


def test_what_a_stranger_signs_is_not_passed_on(service, city):
    stranger = signer_of("a stranger to the office")
    fields = {"chainId": city.chain_id, "nonce": 0, "value": 0, "gas": 100_000, "to": city.addresses["token"]}
    raw = stranger.sign_transaction({**fields, "data": b"", "maxFeePerGas": 0, "maxPriorityFeePerGas": 0})
    answer = service.post("/v1/office/transactions", {"raw": "0x" + raw.hex()})
    assert (answer.status, answer.code) == (403, "role_needed")


def test_a_transaction_that_is_sent_twice_is_one(service, city):
    registrar = signer_of("registrar")
    nonce = service.get(f"/v1/office/accounts/{registrar.address}").body["nonce"]
    data = load("ActivityRegistry").encode("lowerYear", 120, month_of(city.now()) // 12, 10)
    fields = {"chainId": city.chain_id, "nonce": nonce, "value": 0, "gas": 200_000, "to": city.addresses["registry"]}
    raw = registrar.sign_transaction({**fields, "data": data, "maxFeePerGas": 0, "maxPriorityFeePerGas": 0})
    first = service.post("/v1/office/transactions", {"raw": "0x" + raw.hex()})
    place = first.headers["location"]
    until(lambda: service.get(place).body["state"], lambda state: state == "done")
    again = service.post("/v1/office/transactions", {"raw": "0x" + raw.hex()})
    assert (first.status, again.status) == (202, 202)
    assert again.headers["location"] == place
    assert service.get("/v1/office/transactions/0x" + "00" * 32).status == 404


def test_only_calls_of_the_citys_contracts_are_passed_on(service, city):
    guardian = signer_of("guardian")
    fields = {"chainId": city.chain_id, "nonce": 10_000, "value": 0, "gas": 100_000, "to": guardian.address}
    raw = guardian.sign_transaction({**fields, "data": b"", "maxFeePerGas": 0, "maxPriorityFeePerGas": 0})
    answer = service.post("/v1/office/transactions", {"raw": "0x" + raw.hex()})
    assert (answer.status, answer.code) == (422, "transaction_refused")
    assert service.post("/v1/office/transactions", {"raw": "0x02c0"}).status == 422
    assert service.post("/v1/office/transactions", {"raw": "0xff"}).status == 422
