# SPDX-License-Identifier: EUPL-1.2
"""Lost wallets and shops that close: what the API tells afterwards, and what it takes on from whom."""

import pytest

from heitje.chain import typed_data
from heitje.chain.account import Class
from tests.support.acts import (
    authorization_body,
    come_to_now,
    execute_replacement,
    long_ago,
    refund_body,
    request_replacement,
)
from tests.support.city import DAY, City
from tests.support.service import Service, redemption_body, signed_payment, until
from tests.support.signed import signer_of

LOST, OTHER, BUYER, SHOP, OLD_SHOP = 101, 102, 103, 500, 501


@pytest.fixture(scope="module")
def place():
    """A city in which a resident's and a shop's replacement can be carried out now."""
    with long_ago(20) as anvil:
        city = City.found(anvil.url)
        city.enrol(residents=[LOST, OTHER, BUYER], merchants=[SHOP, OLD_SHOP])
        city.issue(city.open_activity(closes_in=60 * DAY), dict.fromkeys((LOST, OTHER, BUYER), 240))
        payment = city.payment(BUYER, OLD_SHOP, 500)
        city.pay_batch([payment])
        lost = (LOST, BUYER, OLD_SHOP)
        requests = {number: request_replacement(city, number, new(number).address) for number in lost}
        come_to_now(anvil)
        yield city, requests, "0x" + payment.digest.hex()


@pytest.fixture(scope="module")
def city(place):
    return place[0]


@pytest.fixture(scope="module")
def service(city, tmp_path_factory):
    with Service(tmp_path_factory.mktemp("service"), city) as running:
        yield running


def new(number):
    return signer_of(f"new wallet of {number}")


class NewWallet:
    """Signs as a member with another key."""

    def __init__(self, city, number):
        self.city, self.name, self.key = city, f"member {number}", new(number)

    def __enter__(self):
        self.city.wallets[self.name] = self.key

    def __exit__(self, *_):
        del self.city.wallets[self.name]


def test_a_replaced_wallet_is_told_so_and_the_new_one_has_everything(service, city, place):
    old, fresh = city.address_of(LOST), new(LOST).address
    waiting = service.get(f"/v1/accounts/{old}").body
    assert (waiting["frozen"], waiting["replacing"], waiting["replacedBy"]) == (True, True, None)
    frozen = service.post("/v1/payments", signed_payment(city, LOST, SHOP, 10, 0))
    assert (frozen.code, "asked to replace" in frozen.body["detail"]) == ("account_frozen", True)

    execute_replacement(city, LOST, place[1][LOST])
    dead = until(lambda: service.get(f"/v1/accounts/{old}").body, lambda body: body["replacedBy"] == fresh)
    assert (dead["balance"], dead["class"], dead["replacing"], dead["frozen"]) == ("0", "none", False, False)
    live = service.get(f"/v1/accounts/{fresh}").body
    assert (live["balance"], live["number"], live["class"], live["nextNonce"]) == ("2000", LOST, "resident", "0")
    assert service.get(f"/v1/ledger/transfers?account={fresh}").body["items"][0]["kind"] == "replacement"
    assert service.get("/v1/ledger").body["holds"] is True

    cases = {
        "/v1/payments": signed_payment(city, LOST, SHOP, 10, 0),
        "/v1/authorizations": authorization_body(city, LOST, SHOP, 10, bytes(32)),
    }
    for path, body in cases.items():
        refused = service.post(path, body)
        assert (refused.status, refused.code) == (422, "wallet_replaced")
        assert "the new wallet" in refused.body["detail"]
    with NewWallet(city, LOST):
        paid = service.post("/v1/payments", signed_payment(city, LOST, SHOP, 100, 0), wait=30)
    assert paid.body["state"] == "final"


def test_a_shop_with_a_new_wallet_refunds_and_redeems_and_its_old_one_does_not(service, city, place, salts):
    payment = place[2]
    for number in (BUYER, OLD_SHOP):
        execute_replacement(city, number, place[1][number])
    fresh = new(OLD_SHOP).address
    until(lambda: service.get(f"/v1/accounts/{fresh}"), lambda seen: seen.status == 200)
    redeemed = service.post("/v1/redemptions", redemption_body(city, OLD_SHOP, 10, salts()))
    assert (redeemed.status, redeemed.code) == (422, "wallet_replaced")
    # Both sides of the payment have other wallets now; it is still theirs.
    to_the_old = refund_body(city, OLD_SHOP, BUYER, 50, payment)
    assert service.post("/v1/refunds", to_the_old).code == "wallet_replaced"
    with NewWallet(city, OLD_SHOP), NewWallet(city, BUYER):
        refund = service.post("/v1/refunds", refund_body(city, OLD_SHOP, BUYER, 50, payment), wait=30)
        redemption = service.post("/v1/redemptions", redemption_body(city, OLD_SHOP, 100, salts()), wait=30)
    assert (refund.body["state"], redemption.body["state"]) == ("final", "final")
    # The old wallet cannot take the new one's redemption back.
    identity = redemption.body["id"]
    digest = typed_data.cancel_digest(city.domains["desk"], bytes.fromhex(identity[2:]))
    signature = "0x" + city.member(OLD_SHOP).sign_digest(digest).hex()
    late = service.post(f"/v1/redemptions/{identity}/cancellation", {"signature": signature})
    assert (late.status, late.code) == (422, "wallet_replaced")


def test_a_closing_shop_gives_back_and_redeems_and_is_paid_no_more(service, city, salts):
    paid = service.post("/v1/payments", signed_payment(city, OTHER, SHOP, 300, 0), wait=30).body["id"]
    city.send("registrar", "token", "setClass", SHOP, Class.CLOSING)
    shop = f"/v1/accounts/{city.address_of(SHOP)}"
    until(lambda: service.get(shop).body["class"], lambda seen: seen == "closing")
    assert service.post("/v1/payments", signed_payment(city, OTHER, SHOP, 10, 1)).code == "not_allowed"
    refund = service.post("/v1/refunds", refund_body(city, SHOP, OTHER, 120, paid), wait=30)
    redemption = service.post("/v1/redemptions", redemption_body(city, SHOP, 100, salts()), wait=30)
    assert (refund.body["state"], redemption.body["state"]) == ("final", "final")
