# SPDX-License-Identifier: EUPL-1.2
"""A city that has lived through everything: the check in a browser finds nothing wrong where nothing is."""

import pytest
from playwright.sync_api import expect

from tests.chain.audit.day import BAKER, BEGINS, RESIDENTS, live
from tests.support.anvil import Anvil
from tests.support.browser import DeviceKey, Passkey
from tests.support.city import DAY, ISSUER, City
from tests.support.pages import person
from tests.support.service import Service


@pytest.fixture(scope="module")
def city():
    """Refunds, reclaims, corrections, Safes, lost phones; a report of browsers' keys; then credits that expire."""
    with Anvil(f"--timestamp={BEGINS}") as anvil:
        city = live(City.found(anvil.url)).city
        attester, issuer = DeviceKey("phone of the union"), Passkey("security key of the office")
        city.wallets |= {"union": attester, "office": issuer}
        city.send("programme", "registry", "setAttester", city.programme, attester.address, True)
        city.send("admin", "authority", "grantRole", ISSUER, issuer.address, 0)
        report = city.report(city.open_activity(), {71: 60}, attester="union", issuer="office")
        city.send("carrier", "registry", "issue", *report.arguments)
        city.wait(400 * DAY)
        city.send("carrier", "token", "expire", [city.address_of(number) for number in RESIDENTS])
        yield city


@pytest.fixture(scope="module")
def service(city, tmp_path_factory):
    with Service(tmp_path_factory.mktemp("life"), city) as running:
        yield running


def test_nothing_is_wrong_where_nothing_is_and_what_was_not_checked_is_counted(browser, service, city):
    ledger = service.get("/v1/ledger").body
    assert min(int(ledger[name]) for name in ("settled", "clawedBack", "expired", "escrow")) > 0
    with person(browser, f"http://localhost:{service.port}", language="en") as page:
        page.goto("/en/ledger/check")
        page.get_by_role("button", name="Check the books").click()
        outcome = page.locator("#outcome")
        expect(outcome).to_be_visible(timeout=60_000)
        assert page.locator("#findings").count() == 0, page.locator("#findings").inner_text()
        expect(outcome).to_contain_text("The books are right")
        expect(outcome).to_contain_text("NOT checked here: 4.")


def test_the_statistics_add_up_to_the_same_sums(service):
    ledger = service.get("/v1/ledger").body
    months = service.get("/v1/statistics/months").body["items"]
    for ours, theirs in {
        "issued": "issued",
        "redeemed": "settled",
        "expired": "expired",
        "clawedBack": "clawedBack",
    }.items():
        assert sum(int(month[ours]) for month in months) == int(ledger[theirs])


def test_a_shop_that_nobody_could_hide_in_is_not_shown(service, city):
    assert city.account(BAKER).balance > 0
    months = service.get("/v1/statistics/months").body["items"]
    assert [month["spent"] for month in months] == [None] * len(months)
    rows = service.get("/v1/statistics/programmes").body["items"]
    assert [row["issued"] for row in rows] == [None] * len(rows)
