# SPDX-License-Identifier: EUPL-1.2
"""What an old wallet began, the new one of the same number goes on with: nothing is counted twice, or not at all."""

import pytest

from heitje.chain import typed_data
from tests.support.acts import come_to_now, execute_replacement, long_ago, refund_body, request_replacement
from tests.support.city import DAY, City
from tests.support.service import Service, until
from tests.support.signed import signer_of

BUYER, OTHER, SHOP = 101, 102, 500
PAID = 500


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A shop that gave 400 of 500 cents back with its old wallet, and whose replacement can be carried out now."""
    with long_ago(20) as anvil:
        city = City.found(anvil.url)
        city.enrol(residents=[BUYER, OTHER], merchants=[SHOP])
        city.issue(city.open_activity(closes_in=60 * DAY), {BUYER: 240, OTHER: 240})
        payment = city.payment(BUYER, SHOP, PAID)
        city.pay_batch([payment])
        city.pay(OTHER, SHOP, 2_000)
        city.transfer_with_authorization(SHOP, BUYER, 400, typed_data.refund_nonce(payment.digest, 0))
        request = request_replacement(city, SHOP, signer_of("new wallet").address)

        def replace():
            execute_replacement(city, SHOP, request)
            monkeypatch.setitem(city.wallets, f"member {SHOP}", signer_of("new wallet"))
            until(
                lambda: service.get(f"/v1/accounts/{signer_of('new wallet').address}").status, lambda seen: seen == 200
            )

        come_to_now(anvil)
        with Service(tmp_path, city) as service:
            yield city, service, "0x" + payment.digest.hex(), replace


def test_what_the_old_wallet_gave_back_counts_whatever_the_new_one_calls_its_refunds(place):
    city, service, payment, replace = place
    replace()
    seen = service.get(f"/v1/payments/{payment}/refunds").body
    assert (seen["refunded"], seen["left"], seen["nextK"]) == ("400", "100", 1)

    again = service.post("/v1/refunds", refund_body(city, SHOP, BUYER, 100, payment, 0))
    assert (again.status, again.code) == (409, "authorization_used")
    too_much = service.post("/v1/refunds", refund_body(city, SHOP, BUYER, 101, payment, 1))
    assert (too_much.status, too_much.code) == (422, "refund_too_large")
    rest = service.post("/v1/refunds", refund_body(city, SHOP, BUYER, 100, payment, 1), wait=30)
    assert rest.body["state"] == "final"

    # The token knows no refunds: by another way the new wallet uses the old one's number.
    city.transfer_with_authorization(SHOP, BUYER, 30, typed_data.refund_nonce(bytes.fromhex(payment[2:]), 0))
    seen = until(lambda: service.get(f"/v1/payments/{payment}/refunds").body, lambda body: len(body["items"]) == 3)
    assert (seen["refunded"], seen["left"], seen["nextK"]) == ("530", "0", 2)
    assert [(item["k"], item["value"]) for item in seen["items"]] == [(0, "400"), (0, "30"), (1, "100")]
    assert service.post("/v1/refunds", refund_body(city, SHOP, BUYER, 1, payment, 2)).code == "refund_too_large"
