# SPDX-License-Identifier: EUPL-1.2
"""More than one desk, and what a desk allows after the date: what the index and the relayer make of it."""

from heitje.chain.typed_data import Domain
from tests.support.acts import come_to_now, long_ago
from tests.support.anvil import Anvil
from tests.support.city import DAY, FUNCTIONS, City
from tests.support.service import Service, redemption_body

SHOP = 500


def add_desk(city):
    """Another desk beside the first, with the same roles; the city's own from here on."""
    city._deploy("desk", "RedemptionDesk", city.addresses["authority"], city.addresses["token"], 30 * DAY, 60 * DAY)
    desk = city.addresses["desk"]
    for role, names in FUNCTIONS["desk"].items():
        selectors = [city._interfaces["desk"].function(name).selector for name in names]
        city.send("admin", "authority", "setTargetFunctionRole", desk, selectors, role)
    city.domains["desk"] = Domain("Heitje RedemptionDesk", "1", city.chain_id, desk)
    city.send("admin", "token", "setDesk", desk, True)


def test_what_another_desk_pays_out_is_settled_and_not_taken_back(tmp_path):
    with Anvil() as anvil:
        city = City.found(anvil.url)
        city.enrol(residents=[101], merchants=[SHOP])
        city.issue(city.open_activity(), {101: 240})
        city.pay(101, SHOP, 1_000)
        first = dict(city.addresses), dict(city.domains)
        add_desk(city)
        paid_out, given_back = city.redeem(SHOP, 300, "paid out"), city.redeem(SHOP, 200, "given back")
        city.redeem(SHOP, 100, "waits")
        city.lock([paid_out, given_back])
        city.settle([(city.reference("bank"), [paid_out])])
        city.refund([given_back])
        city.addresses, city.domains = first
        come_to_now(anvil)
        with Service(tmp_path, city) as service:
            ledger = service.get("/v1/ledger").body
            kinds = [item["kind"] for item in service.get("/v1/ledger/transfers").body["items"]]
    sums = [int(ledger[name]) for name in ("issued", "settled", "clawedBack", "expired")]
    assert (sums, ledger["holds"], ledger["escrow"]) == ([2_000, 300, 0, 0], True, "100")
    assert kinds == ["release", "settlement", *["redemption"] * 3, "payment", "reward"]


def test_what_came_back_after_the_date_can_be_redeemed_again_while_the_grace_lasts(tmp_path):
    with long_ago(5 * 365 + 5) as anvil:
        city = City.found(anvil.url)
        city.enrol(residents=[101], merchants=[SHOP])
        city.issue(city.open_activity(), {101: 240})
        city.pay(101, SHOP, 1_000)
        late = city.redeem(SHOP, 600)
        city.lock([late])
        anvil.move_time_to(city.call("token", "rules")[4] + DAY)  # past redeemUntil
        city.refund([late])
        come_to_now(anvil)
        with Service(tmp_path, city) as service:
            again = service.post("/v1/redemptions", redemption_body(city, SHOP, 500, b"1" * 32), wait=30)
            more = service.post("/v1/redemptions", redemption_body(city, SHOP, 101, b"2" * 32))
            shown = service.get(f"/v1/redemptions/{again.body['id']}").body["onChain"]
    assert (again.status, again.body["state"], shown["status"]) == (200, "final", "requested")
    assert (more.status, more.code) == (422, "payments_ended")
