# SPDX-License-Identifier: EUPL-1.2
"""A customer without a connection, and a till without one: what is taken, what it risks, what becomes of it."""

import secrets
import time
from contextlib import contextmanager

import pytest
from playwright.sync_api import expect

from tests.support.browser import DeviceKey, Passkey
from tests.support.pages import CHROMIUM, FLAGS, LANGUAGES, PHONE, TABLET, check, shoot
from tests.support.service import until
from tests.support.till import Shop, ask, digits, film, till


@pytest.fixture
def shop(service):
    return Shop.open(service)


IS_KEPT = """async () => navigator.serviceWorker.controller !== null &&
  (await caches.match(location.pathname, {ignoreVary: true})) !== undefined"""


def read(page, voucher):
    """Somebody pastes the digits of a code."""
    page.locator("#scan-text").fill(digits(voucher))
    page.get_by_role("button", name="Read these digits").click()


def take_offline(page, shop):
    """The connection is gone, and the till has noticed."""
    page.context.set_offline(True)
    expect(page.locator("#trouble")).to_contain_text("no connection")


@contextmanager
def scanning(browser, url, shop, device=TABLET):
    with till(browser, url, shop, device) as page:
        page.get_by_role("link", name="Without connection").click()
        expect(page.locator("#scan")).to_be_visible()
        yield page


def test_a_code_of_a_customer_without_connection_is_handed_in_and_paid(browser, url, shop, residents):
    with till(browser, url, shop) as page:
        request = ask(page, "2.50")
        page.locator("#asked-scan").click()
        expect(page.locator("#scan-asked")).to_have_text("You ask €2.50.")
        check(page)
        shoot(page, "till-scan-tablet-en")
        read(page, shop.voucher(residents(), 250, request))
        expect(page.locator("#paid-amount")).to_have_text("€2.50")
        page.locator("#next").click()
        expect(page.locator("#asked")).to_be_hidden()


@pytest.mark.parametrize("kind", [DeviceKey, Passkey])
def test_a_till_without_connection_knows_whose_phone_confirmed(browser, url, shop, kind, service):
    city, number = shop.city, 900 + (kind is Passkey)
    city.wallets[f"member {number}"] = kind(f"phone of {number} {secrets.token_hex(4)}")
    city.enrol(residents=[number])
    city.issue(city.open_activity(), {number: 60})
    until(lambda: service.get(f"/v1/accounts/{city.address_of(number)}").status, lambda status: status == 200)
    good = shop.voucher(number, 300)
    with scanning(browser, url, shop) as page:
        take_offline(page, shop)
        for forged in (
            {**good, "value": "301"},
            {**good, "from": city.address_of(101)},
            {**good, "nonce": "0x" + secrets.token_hex(32)},
            {**good, "signature": good["signature"][:200] + "00" + good["signature"][202:]},
        ):
            read(page, forged)
            expect(page.locator("#scan-result")).to_contain_text("not genuine")
            expect(page.locator("#kept li")).to_have_count(0)
        read(page, good)
        expect(page.locator("#scan-result")).to_contain_text("Not paid yet: €3.00. You bear the risk")
        page.context.set_offline(False)
        expect(page.locator("#paid-amount")).to_have_text("€3.00")


@pytest.mark.parametrize("device", [PHONE, TABLET], ids=lambda device: device.name)
def test_a_till_without_connection_keeps_codes_within_the_shops_limits(browser, url, shop, residents, device):
    with scanning(browser, url, shop, device) as page:
        page.get_by_role("link", name="Settings").click()
        page.get_by_label("At most for all codes together").fill("12")
        page.get_by_role("button", name="Keep these settings").click()
        expect(page.locator("#settings-status")).to_have_text("Kept.")
        page.get_by_role("link", name="Without connection").click()
        take_offline(page, shop)
        read(page, shop.voucher(residents(), 1_001))
        expect(page.locator("#scan-result")).to_contain_text("€10.01 is more than this till may take")
        read(page, shop.voucher(residents(), 1_000))
        expect(page.locator("#kept-risk")).to_have_text("Not paid yet: €10.00. At most €12.00 together.")
        read(page, shop.voucher(residents(), 201))
        expect(page.locator("#scan-result")).to_contain_text("€2.01 is more than this till may take")
        read(page, shop.voucher(residents(), 200))
        expect(page.locator("#kept li")).to_have_count(2)
        expect(page.locator("#kept li").first).to_contain_text("kept here, not paid yet")
        check(page)
        shoot(page, f"till-kept-{device.name}-en")
        assert shop.day["payments"] == 0
        page.context.set_offline(False)
        until(lambda: shop.day["taken"], lambda taken: taken == "1200", 30)
        expect(page.locator("#kept")).not_to_contain_text("not paid yet")


def test_codes_that_are_kept_survive_that_the_page_is_closed(browser, url, shop, residents):
    with scanning(browser, url, shop) as page:
        take_offline(page, shop)
        read(page, shop.voucher(residents(), 700))
        expect(page.locator("#kept li")).to_have_count(1)
        other = page.context.new_page()
        page.close()
        page.context.set_offline(False)
        other.goto("/en/till")
        expect(other.locator("#paid-amount")).to_have_text("€7.00")


@pytest.mark.parametrize("staff", [False, True], ids=["owner", "staff"])
def test_a_till_opens_without_a_connection_and_has_its_codes_yet(browser, url, shop, residents, staff):
    with till(browser, url, shop) as page:
        until(lambda: page.evaluate(IS_KEPT), bool)
        if staff:
            page.evaluate("indexedDB.deleteDatabase('heitje')")
            page.goto(f"/en/till/{shop.address}")
        until(lambda: page.evaluate(IS_KEPT), bool)
        page.get_by_role("link", name="Without connection").click()
        take_offline(page, shop)
        read(page, shop.voucher(residents(), 400))
        expect(page.locator("#kept li")).to_have_count(1)
        page.reload()
        expect(page.locator("#trouble")).to_contain_text("no connection")
        expect(page.locator("#kept li")).to_contain_text("kept here, not paid yet")
        check(page)
        page.context.set_offline(False)
        expect(page.locator("#paid-amount")).to_have_text("€4.00")


def test_the_till_says_which_code_failed_and_that_it_can_be_tried_again(browser, url, shop, residents):
    poor, rich = residents(), residents()
    with scanning(browser, url, shop) as page:
        take_offline(page, shop)
        read(page, shop.voucher(poor, 1_000))
        read(page, shop.voucher(rich, 600))
        expect(page.locator("#kept li")).to_have_count(2)
        assert shop.paid_by(poor, 1_500).status == 200
        page.context.set_offline(False)
        expect(page.locator("#paid-amount")).to_have_text("€6.00")
        page.locator("#next").click()
        page.get_by_role("link", name="Without connection").click()
        failed = page.locator("#kept li", has_text="€10.00")
        expect(failed).to_contain_text("failed, nothing was paid")
        expect(page.locator("#kept li", has_text="€6.00")).to_contain_text("paid")
        check(page)
        failed.get_by_role("button", name="Try again").click()
        expect(page.locator("#scan-result")).to_contain_text("€10.00 was not paid.")
        expect(page.locator("#scan-result")).to_contain_text("too few credits")
        shoot(page, "till-failed-tablet-en")
        page.locator("#kept-tidy").click()
        expect(page.locator("#kept li")).to_have_count(0)


def test_a_code_for_another_amount_is_taken_only_if_the_shop_wants_it(browser, url, shop, residents):
    with till(browser, url, shop) as page:
        request = ask(page, "3")
        page.locator("#asked-scan").click()
        voucher = shop.voucher(residents(), 200, request)
        read(page, voucher)
        expect(page.locator("#scan-result")).to_contain_text(
            "This code is for €2.00, and you asked €3.00. Nothing was paid yet."
        )
        check(page)
        page.locator("#scan-leave").click()
        expect(page.locator("#scan-result")).to_contain_text("The code was not taken. Nothing was paid.")
        read(page, voucher)
        page.locator("#scan-take").click()
        expect(page.locator("#paid-amount")).to_have_text("€2.00")
        page.locator("#next").click()
        expect(page.locator("#asked-state")).to_have_text("€2.00 of €3.00 is paid. €1.00 is still to be paid.")


def test_what_is_no_code_for_this_shop_is_refused_in_plain_words(browser, url, shop, residents):
    other = Shop.open(shop.service)
    payer = residents()
    with scanning(browser, url, shop) as page:
        for typed, told in (
            ("hello", "not a customer's code"),
            ("123456789", "not a customer's code"),
            (digits(other.voucher(payer, 100)), "for another shop"),
            (digits(shop.voucher(payer, 100, before=int(time.time()) - 1)), "too old"),
        ):
            page.locator("#scan-text").fill(typed)
            page.get_by_role("button", name="Read these digits").click()
            expect(page.locator("#scan-result")).to_contain_text(told)
            expect(page.locator("#scan-result")).to_contain_text("Nothing was paid")
        assert shop.day["items"] == []


def test_with_a_connection_the_service_says_whether_a_code_is_genuine(browser, url, shop, residents):
    voucher = shop.voucher(residents(), 100)
    with scanning(browser, url, shop) as page:
        read(page, {**voucher, "value": "200"})
        expect(page.locator("#scan-result")).to_contain_text("€2.00 was not paid.")
        expect(page.locator("#scan-result")).to_contain_text("confirmation does not fit")
        expect(page.locator("#kept li")).to_contain_text("failed, nothing was paid")
        assert shop.day["items"] == []


def test_a_code_of_a_customer_who_is_blocked_says_so(browser, url, city, shop, residents):
    payer = residents()
    voucher = shop.voucher(payer, 100)
    city.send("guardian", "token", "freeze", payer, 1)
    until(lambda: shop.service.get(f"/v1/accounts/{city.address_of(payer)}").body["frozen"], bool)
    with scanning(browser, url, shop) as page:
        read(page, voucher)
        expect(page.locator("#scan-result")).to_contain_text("This account is blocked for now. Nothing was paid")
        check(page)


def test_a_code_whose_time_is_over_is_not_called_waiting(browser, url, shop, residents):
    with scanning(browser, url, shop) as page:
        take_offline(page, shop)
        read(page, shop.voucher(residents(), 100, before=int(time.time()) + 9))
        expect(page.locator("#kept li")).to_contain_text("kept here, not paid yet")
        # The page says how it is when one opens it, by the service's clock, which it knows only so well.
        for _ in range(30):
            page.wait_for_timeout(2_000)
            page.get_by_role("link", name="Settings").click()
            page.get_by_role("link", name="Without connection").click()
            if "too old; not paid, as far as this till knows" in page.locator("#kept li").inner_text():
                break
        expect(page.locator("#kept li")).to_contain_text("too old; not paid, as far as this till knows")
        page.context.set_offline(False)
        expect(page.locator("#kept li")).to_contain_text("failed, nothing was paid")


def test_a_code_that_is_read_twice_counts_once(browser, url, shop, residents):
    voucher = shop.voucher(residents(), 150)
    with scanning(browser, url, shop) as page:
        read(page, voucher)
        expect(page.locator("#paid")).to_be_visible()
        page.locator("#next").click()
        page.get_by_role("link", name="Without connection").click()
        read(page, voucher)
        expect(page.locator("#scan-result")).to_contain_text("This code was read before: paid. It counts once.")
    with scanning(browser, url, shop) as second:
        read(second, voucher)  # another till, which has not seen it
        expect(second.locator("#paid")).to_be_visible()
    assert shop.day["payments"] == 1


def test_an_answer_that_does_not_come_leaves_the_code_kept_and_nothing_is_paid_twice(browser, url, shop, residents):
    with scanning(browser, url, shop) as page:
        lost = []

        def lose(route):
            """The request arrives; its answer does not."""
            lost.append(route.fetch())
            route.abort()

        page.route("**/v1/authorizations", lose, times=1)
        read(page, shop.voucher(residents(), 550))
        expect(page.locator("#paid-amount")).to_have_text("€5.50")
        for _ in range(100):  # an event can tell of the payment before the lost answer has come to here
            if lost:
                break
            page.wait_for_timeout(200)
        assert len(lost) == 1
        assert shop.day["taken"] == "550"


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_camera_that_is_refused_is_no_dead_end(browser, url, shop, language):
    with till(browser, url, shop, PHONE, language) as page:
        page.goto(f"/{language}/till#scan")
        page.locator("#scan-start").click()
        expect(page.locator("#scan-result .heitje-message--error")).to_be_visible()
        expect(page.locator("#scan-text")).to_be_visible()
        check(page)
        shoot(page, f"till-no-camera-phone-{language}")


def test_the_camera_reads_a_customers_code(playwright, url, shop, residents, tmp_path):
    film(digits(shop.voucher(residents(), 330)), tmp_path / "phone.y4m")
    flags = (
        *FLAGS,
        "--use-fake-device-for-media-stream",
        f"--use-file-for-fake-video-capture={tmp_path / 'phone.y4m'}",
    )
    browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(flags))
    try:
        with scanning(browser, url, shop) as page:
            page.locator("#scan-start").click()
            expect(page.locator("#paid-amount")).to_have_text("€3.30")
    finally:
        browser.close()
