# SPDX-License-Identifier: EUPL-1.2
"""What a shop took on a day, through the real service from a real chain."""

import json
import time
from datetime import UTC, datetime, timedelta
from itertools import count
from zoneinfo import ZoneInfo

import pytest

from heitje.chain.typed_data import refund_nonce
from tests.support.acts import authorization_body, come_to_now, long_ago, refund_body
from tests.support.city import DAY, City
from tests.support.service import Service, signed_payment, until, write_files

SHOPS = count(800)
AMSTERDAM = ZoneInfo("Europe/Amsterdam")
REQUEST = "0x" + "ab" * 32


@pytest.fixture
def shop(service, city):
    number = next(SHOPS)
    city.enrol(merchants=[number])
    until(lambda: service.get(f"/v1/accounts/{city.address_of(number)}").status, lambda status: status == 200)
    return number


def day_of(service, city, shop, day="today"):
    return service.get(f"/v1/merchants/{city.address_of(shop)}/days/{day}")


def pay(service, city, resident, shop, cents, request="0x" + 64 * "0", wait=15):
    nonce = int(service.get(f"/v1/accounts/{city.address_of(resident)}").body["nextNonce"])
    body = signed_payment(city, resident, shop, cents, nonce, request_id=bytes.fromhex(request[2:]))
    return service.post("/v1/payments", body, wait=wait).body


def test_a_day_has_payments_vouchers_and_refunds_and_what_remains(service, city, shop, residents):
    payer, other = residents(), residents()
    paid = pay(service, city, payer, shop, 500, REQUEST)
    voucher = authorization_body(city, other, shop, 250, b"n" * 32)
    handed = service.post("/v1/authorizations", voucher, wait=15).body
    back = service.post("/v1/refunds", refund_body(city, shop, payer, 120, paid["id"]), wait=15).body
    day = day_of(service, city, shop).body
    sums = {name: day[name] for name in ("payments", "taken", "refunds", "refunded", "net", "underWay")}
    assert sums == {"payments": 2, "taken": "750", "refunds": 1, "refunded": "120", "net": "630", "underWay": "0"}
    items = {item["id"]: item for item in day["items"]}
    assert set(items) == {paid["id"], handed["id"], back["id"]}
    assert {item["state"] for item in items.values()} == {"final"}
    one = items[paid["id"]]
    assert (one["kind"], one["requestId"], one["refunded"]) == ("payment", REQUEST, "120")
    assert one["person"] == city.address_of(payer)
    assert items[handed["id"]]["requestId"] == voucher["nonce"]
    given = items[back["id"]]
    assert (given["kind"], given["payment"], given["person"]) == ("refund", paid["id"], city.address_of(payer))


def test_what_others_carried_counts_as_well(service, city, shop, residents):
    payer = residents()
    city.pay(payer, shop, 300)
    (digest,) = until(lambda: [one["id"] for one in day_of(service, city, shop).body["items"]], bool)
    city.transfer_with_authorization(shop, payer, 100, refund_nonce(bytes.fromhex(digest[2:]), 0))
    day = until(lambda: day_of(service, city, shop).body, lambda day: day["refunds"] == 1)
    assert (day["taken"], day["refunded"], day["net"]) == ("300", "100", "200")
    assert [item["kind"] for item in day["items"]] == ["refund", "payment"]
    assert [item["requestId"] for item in day["items"]] == [None, None]


def test_what_is_under_way_is_shown_and_not_counted(service, city, shop, residents, anvil):
    anvil.rpc("evm_setIntervalMining", 0)
    try:
        sent = pay(service, city, residents(), shop, 400, wait=0)
        day = day_of(service, city, shop).body
        assert (day["payments"], day["taken"], day["underWay"]) == (0, "0", "400")
        assert [item["id"] for item in day["items"]] == [sent["id"]]
        assert day["items"][0]["state"] not in ("final", "mined")
    finally:
        anvil.rpc("evm_setIntervalMining", 1)
    service.wait_for(f"/v1/payments/{sent['id']}", "final")
    day = until(lambda: day_of(service, city, shop).body, lambda day: day["payments"] == 1)
    assert (day["taken"], day["underWay"], len(day["items"])) == ("400", "0", 1)


def test_a_receipt_has_the_payment_and_all_that_was_given_back_of_it(service, city, shop, residents):
    payer = residents()
    paid = pay(service, city, payer, shop, 500)
    for k, cents in enumerate((100, 150)):
        service.post("/v1/refunds", refund_body(city, shop, payer, cents, paid["id"], k), wait=15)
    address = city.address_of(shop)
    receipt = service.get(f"/v1/merchants/{address}/payments/{paid['id']}").body
    assert (receipt["taking"]["value"], receipt["taking"]["refunded"]) == ("500", "250")
    assert sorted(item["value"] for item in receipt["refunds"]) == ["100", "150"]
    elsewhere = service.get(f"/v1/merchants/{city.address_of(500)}/payments/{paid['id']}")
    assert (elsewhere.status, elsewhere.code) == (404, "not_found")


def test_there_is_no_day_of_who_is_no_shop_or_of_no_day(service, city, shop):
    assert day_of(service, city, 101).code == "not_found"
    assert service.get(f"/v1/merchants/0x{'1' * 40}/days/today").code == "not_found"
    assert day_of(service, city, shop, "0001-01-01").code == "not_found"
    assert day_of(service, city, shop, "9999-12-31").code == "not_found"
    assert day_of(service, city, shop, "yesterday").code == "invalid_request"
    assert day_of(service, city, shop, "2026-01-05").body["items"] == []


def test_a_day_begins_at_midnight_in_the_city(tmp_path):
    """Two payments, one second before and one second after a midnight in Amsterdam."""
    with long_ago(3) as anvil:
        city = City.found(anvil.url)
        city.enrol(residents=[101], merchants=[500])
        city.issue(city.open_activity(), {101: 240})
        second = datetime.fromtimestamp(time.time() - DAY, UTC).astimezone(AMSTERDAM).date()
        midnight = int(datetime(second.year, second.month, second.day, tzinfo=AMSTERDAM).timestamp())
        anvil.move_time_to(midnight - 300)
        payments = [city.payment(101, 500, cents, nonce=nonce) for nonce, cents in enumerate((100, 250))]
        for at, payment in zip((midnight - 1, midnight), payments, strict=True):
            anvil.rpc("evm_setNextBlockTimestamp", at)
            assert int(city.pay_batch([payment])["status"], 16) == 1
        come_to_now(anvil)
        write_files(tmp_path, city)
        deployment = tmp_path / "deployment.json"
        deployment.write_text(json.dumps({**json.loads(deployment.read_text()), "city": "heerlen"}))
        with Service(tmp_path, city) as service:
            first = second - timedelta(days=1)
            days = [day_of(service, city, 500, day.isoformat()).body for day in (first, second)]
            assert [day["taken"] for day in days] == ["100", "250"]
            assert day_of(service, city, 500).body["payments"] == 0
