# SPDX-License-Identifier: EUPL-1.2
"""Redemptions the municipality did not end in time, through the real service to a real chain."""

import pytest

from tests.support.acts import come_to_now, long_ago
from tests.support.city import DAY, City
from tests.support.service import Service, redemption_body, until

SHOP = 500


@pytest.fixture(scope="module")
def place():
    """A city whose redemptions were requested 70 days ago: one is locked since, one was locked yesterday."""
    with long_ago(70) as anvil:
        city = City.found(anvil.url, months_back=3)
        city.enrol(residents=[101], merchants=[SHOP])
        city.issue(city.open_activity(), {101: 240})
        city.pay(101, SHOP, 1_500)
        ids = [city.redeem(SHOP, cents) for cents in (100, 200, 300, 400)]
        city.lock([ids[1]])
        anvil.move_time_to(city.now() + 69 * DAY)
        city.lock([ids[2]])
        come_to_now(anvil)
        yield city, ["0x" + one.hex() for one in ids]


@pytest.fixture(scope="module")
def city(place):
    return place[0]


@pytest.fixture(scope="module")
def service(city, tmp_path_factory):
    with Service(tmp_path_factory.mktemp("service"), city) as running:
        yield running


def post(service, identity, key=None, wait=0):
    headers = {"idempotency-key": key or identity}
    if wait:
        headers["prefer"] = f"wait={wait}"
    return service.request("POST", f"/v1/redemptions/{identity}/reclaim", None, headers)


@pytest.mark.parametrize(("which", "cents"), [(0, 100), (1, 200)])
def test_anybody_can_have_it_given_back_in_the_end_locked_or_not(service, city, place, which, cents):
    identity = place[1][which]
    shop = f"/v1/accounts/{city.address_of(SHOP)}"
    balance, waiting = (int(service.get(shop).body[name]) for name in ("balance", "openRedemptions"))
    answer = post(service, identity, wait=30)
    assert (answer.status, answer.body["state"], answer.body["kind"]) == (200, "final", "reclaim")
    assert answer.headers["location"] == f"/v1/redemptions/{identity}/reclaim"
    shown = service.get(f"/v1/redemptions/{identity}").body["onChain"]
    assert (shown["status"], shown["reclaimableFrom"]) == ("reclaimed", None)
    account = service.get(shop).body
    assert (int(account["balance"]), account["openRedemptions"]) == (balance + cents, waiting - 1)
    # The same again is the same, under any key.
    assert post(service, identity, key="another").body["id"] == answer.body["id"]
    assert identity in [one["id"] for one in service.get("/v1/redemptions?status=reclaimed").body["items"]]
    moves = service.get(f"/v1/ledger/transfers?account={city.address_of(SHOP)}").body["items"]
    assert (moves[0]["kind"], moves[0]["operation"]) == ("release", identity)


def test_before_its_time_it_is_refused_and_says_from_when(service, city, place):
    for identity in (place[1][2], service.post("/v1/redemptions", redemption_body(city, SHOP, 5, bytes(32)), wait=30)):
        known = identity if isinstance(identity, str) else identity.body["id"]
        answer = post(service, known)
        assert (answer.status, answer.code) == (409, "reclaim_too_early")
        assert "from" in answer.body["detail"]
        assert service.get(f"/v1/redemptions/{known}").body["onChain"]["reclaimableFrom"] is not None
    assert service.get(f"/v1/redemptions/{place[1][2]}/reclaim").code == "not_found"


def test_what_is_not_there_or_has_ended_is_not_reclaimed(service, city, place):
    assert post(service, "0x" + "00" * 32).status == 404
    identity = place[1][3]
    city.refund([bytes.fromhex(identity[2:])])
    until(
        lambda: service.get(f"/v1/redemptions/{identity}").body["onChain"]["status"],
        lambda status: status == "refunded",
    )
    late = post(service, identity)
    assert (late.status, late.code) == (409, "redemption_ended")


def test_settling_takes_one_off_what_the_shop_has_open(service, city):
    """The index sees it, though no credit of the shop's own moves."""
    shop = f"/v1/accounts/{city.address_of(SHOP)}"
    answer = service.post("/v1/redemptions", redemption_body(city, SHOP, 7, b"settled".ljust(32)), wait=30)
    before = service.get(shop).body["openRedemptions"]
    identity = bytes.fromhex(answer.body["id"][2:])
    city.lock([identity])
    city.settle([(city.reference("E2E open"), [identity])])
    until(lambda: service.get(shop).body["openRedemptions"], lambda now: now == before - 1)


def test_the_city_tells_how_long_everything_takes_and_until_when(service, city):
    body = service.get("/v1/city").body
    assert body["terms"] == {
        "epochMonths": 6,
        "replacementWindow": 14 * DAY,
        "clawbackWindow": 42 * DAY,
        "reclaimAfter": 30 * DAY,
        "lockedReclaimAfter": 60 * DAY,
    }
    assert body["rules"]["paused"] is False
    dates = city.call("token", "rules")[2:]
    later = [date + 5 * DAY for date in dates]
    city.send("admin", "token", "extendWindDown", *later)
    moved = until(
        lambda: service.get("/v1/city").body["rules"], lambda now: now["payUntil"] != body["rules"]["payUntil"]
    )
    assert moved["payUntil"] > body["rules"]["payUntil"]
