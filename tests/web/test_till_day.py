# SPDX-License-Identifier: EUPL-1.2
"""The day's takings at the till: sums, lists, receipts, and giving back."""

import csv
import io

import pytest
from playwright.sync_api import expect

from tests.support.pages import DESKTOP, LANGUAGES, PHONE, TABLET, check, person, shoot
from tests.support.till import Shop, plain, till


@pytest.fixture
def shop(service):
    return Shop.open(service)


@pytest.fixture
def payments(shop, residents):
    """The digests of two payments, of 5.00 and 2.25."""
    return [shop.paid_by(residents(), cents).body["id"] for cents in (500, 225)]


def open_payment(page, amount):
    page.locator("#day-list button", has_text=amount).click()
    expect(page.locator("#day-one")).to_be_visible()


def give_back(page, amount=None):
    if amount is not None:
        page.locator("#refund-amount").fill(amount)
    page.locator("#refund button").click()


def takings(page, language="en"):
    page.goto(f"/{language}/till#day")
    expect(page.locator("#day")).to_be_visible()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("device", [PHONE, TABLET, DESKTOP], ids=lambda device: device.name)
def test_a_day_has_its_sums_its_list_and_a_receipt(browser, url, shop, payments, device, language):
    with till(browser, url, shop, device, language) as page:
        takings(page, language)
        expect(page.locator("#sum-count")).to_have_text("2")
        assert plain(page.locator("#sum-taken").inner_text()) == ("€ 7,25" if language == "nl" else "€7.25")
        expect(page.locator("#day-list li")).to_have_count(2)
        for typed in ("2,25", "2.25", payments[1][2:10].lower()):
            page.locator("#day-search").fill(typed)
            expect(page.locator("#day-list li")).to_have_count(1)
        open_payment(page, payments[1][2:10].upper())
        check(page)
        shoot(page, f"till-day-{device.name}-{language}")
        page.locator("#one-receipt").click()
        expect(page.locator("h1")).to_contain_text(payments[1][2:10].upper())
        check(page)
        shoot(page, f"till-receipt-{device.name}-{language}")


def test_a_payment_is_given_back_in_parts_and_never_more_than_is_left(browser, url, shop, payments):
    with till(browser, url, shop) as page:
        takings(page)
        open_payment(page, "€5.00")
        expect(page.locator("#refund-amount")).to_have_value("5.00")
        for wrong in ("5.01", "0", "all"):
            give_back(page, wrong)
            expect(page.locator("#refund-wrong")).to_contain_text("at most €5.00. Nothing was given back.")
        check(page)
        give_back(page, "1.50")
        expect(page.locator("#refund-status")).to_contain_text("€1.50 was given back to the customer.")
        expect(page.locator("#one-told")).to_contain_text("€1.50 of it was given back. €3.50 is left.")
        expect(page.locator("#sum-back")).to_have_text("€1.50")
        expect(page.locator("#sum-net")).to_have_text("€5.75")
        open_payment(page, "€5.00")
        expect(page.locator("#refund-amount")).to_have_value("3.50")
        shoot(page, "till-refund-tablet-en")
        give_back(page)
        expect(page.locator("#refund-status")).to_contain_text("€3.50 was given back")
        open_payment(page, "€5.00")
        expect(page.locator("#one-told")).to_contain_text("€0.00 is left")
        expect(page.locator("#refund")).to_be_hidden()
        page.goto(f"/en/till/{shop.address}/payments/{payments[0]}")
        expect(page.locator("article")).to_contain_text("Remains paid€0.00")
    assert (shop.day["refunds"], shop.day["refunded"]) == (2, "500")


def test_staff_see_the_day_but_cannot_give_back(browser, url, shop, payments):
    with person(browser, url, TABLET, "en") as page:
        page.goto(f"/en/till/{shop.address}#day")
        open_payment(page, "€2.25")
        expect(page.locator("#refund-owner")).to_be_visible()
        expect(page.locator("#refund")).to_be_hidden()
        check(page)
        shoot(page, "till-staff-day-tablet-en")


def test_two_tills_that_give_back_at_once_do_not_give_back_twice(browser, url, shop, payments):
    with till(browser, url, shop) as one, till(browser, url, shop) as other:
        for page in (one, other):
            takings(page)
            open_payment(page, "€5.00")
            expect(page.locator("#refund")).to_be_visible()
        give_back(one, "4")
        expect(one.locator("#refund-status")).to_contain_text("€4.00 was given back")
        give_back(other, "4")
        expect(other.locator("#refund-status")).to_contain_text("More was given back meanwhile. This time nothing was")
        expect(other.locator("#one-told")).to_contain_text("€1.00 is left")
    assert shop.day["refunded"] == "400"


def test_a_shop_that_has_exchanged_everything_is_told_why_it_cannot_give_back(browser, url, shop, payments, service):
    identity = "0x" + shop.city.redeem(shop.number, 725).hex()
    service.wait_for(f"/v1/redemptions/{identity}", "final")
    with till(browser, url, shop) as page:
        takings(page)
        open_payment(page, "€5.00")
        give_back(page)
        expect(page.locator("#refund-status")).to_contain_text("too few credits")
        check(page)
    assert shop.day["refunds"] == 0


def test_giving_back_without_a_connection_says_that_nothing_is_done_twice(browser, url, shop, payments):
    with till(browser, url, shop) as page:
        takings(page)
        open_payment(page, "€5.00")
        expect(page.locator("#refund")).to_be_visible()
        page.context.set_offline(True)
        give_back(page)
        expect(page.locator("#refund-status")).to_contain_text("Nothing is done twice")
        page.context.set_offline(False)
        give_back(page)
        expect(page.locator("#refund-status")).to_contain_text("€5.00 was given back")
    assert shop.day["refunds"] == 1


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_day_can_be_kept_as_a_table(browser, url, shop, payments, language):
    with till(browser, url, shop, TABLET, language) as page:
        takings(page, language)
        expect(page.locator("#day-list li")).to_have_count(2)
        with page.expect_download() as downloaded:
            page.locator("#day-csv").click()
        text = downloaded.value.path().read_text("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text), delimiter=";" if language == "nl" else ","))
    assert [row[2] for row in rows[1:]] == (["5,00", "2,25"] if language == "nl" else ["5.00", "2.25"])
    assert [row[6] for row in rows[1:]] == payments
    assert rows[0][3] == ("stand" if language == "nl" else "state")


def test_another_day_has_its_own_list_and_one_without_takings_is_empty(browser, url, shop, payments):
    with till(browser, url, shop) as page:
        takings(page)
        expect(page.locator("#day-list li")).to_have_count(2)
        page.locator("#day-date").fill("2026-01-05")
        expect(page.locator("#day-none")).to_be_visible()
        expect(page.locator("#sum-count")).to_have_text("0")
        check(page)


def test_an_unknown_receipt_is_a_page_with_words(browser, url, shop):
    with person(browser, url, PHONE, "nl") as page:
        page.goto(f"/nl/till/{shop.address}/payments/0x{'0' * 64}")
        expect(page.locator("main")).to_contain_text("Wij kunnen dit niet vinden")
        check(page)
