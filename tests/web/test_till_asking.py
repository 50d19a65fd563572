# SPDX-License-Identifier: EUPL-1.2
"""Amount, code, paid: what a shop and its customer see at the till."""

import pytest
from playwright.sync_api import expect

from tests.support.pages import DESKTOP, LANGUAGES, PHONE, TABLET, check, person, shoot
from tests.support.till import Shop, ask, plain, till

PAID = {"nl": "Betaald", "en": "Paid"}


@pytest.fixture
def shop(service):
    return Shop.open(service)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("device", [PHONE, TABLET, DESKTOP], ids=lambda device: device.name)
def test_amount_code_and_paid_are_one_screen(browser, url, shop, residents, device, language):
    with till(browser, url, shop, device, language) as page:
        check(page)
        shoot(page, f"till-amount-{device.name}-{language}")
        request = ask(page, "2,50" if language == "nl" else "2.50")
        expect(page.locator("#asked-code svg")).to_be_visible()
        expect(page.locator("#asked-state")).to_have_text(
            "Wacht op de klant." if language == "nl" else "Waiting for the customer."
        )
        check(page)
        shoot(page, f"till-waiting-{device.name}-{language}")
        if device is TABLET:
            bottom = page.locator("#asked-state").bounding_box()
            assert bottom["y"] + bottom["height"] <= 768, "the state is below the tablet's screen"
        shop.paid_by(residents(), 250, request, wait=0)
        expect(page.locator("#paid")).to_be_visible()
        expect(page.locator("#paid-title")).to_have_text(PAID[language])
        assert plain(page.locator("#paid-amount").inner_text()) == ("€ 2,50" if language == "nl" else "€2.50")
        expect(page.locator(".till-paid__sign")).to_be_visible()
        check(page)
        shoot(page, f"till-paid-{device.name}-{language}")
        page.locator("#next").click()
        expect(page.locator("#paid")).to_be_hidden()
        expect(page.locator("#amount")).to_be_focused()


def test_keys_that_are_touched_and_keys_of_a_keyboard_write_the_same_amount(browser, url, shop):
    with till(browser, url, shop) as page:
        for key in ("1", "2", ".", "3", "4", "5", "back", "9"):
            page.locator(f"[data-key='{key}']").click()
        expect(page.locator("#amount")).to_have_value("12.39")
        page.locator("#amount").fill("")
        page.keyboard.type("12,39")
        page.keyboard.press("Enter")
        expect(page.locator("#asked-title")).to_have_text("€12.39")
        for size in page.locator(".till-keys button").all():
            box = size.bounding_box()
            assert min(box["width"], box["height"]) >= 44


@pytest.mark.parametrize("typed", ["", "0", "0.001", "1e3", "two", "-5", "10000"])
def test_what_is_no_amount_is_not_asked(browser, url, shop, typed):
    with till(browser, url, shop) as page:
        page.locator("#amount").fill(typed)
        page.locator("#pad button.till-go").click()
        expect(page.locator("#amount-wrong")).to_contain_text("This is no amount")
        expect(page.locator("#asked")).to_be_hidden()
        check(page)


def test_what_is_under_way_is_not_called_paid(browser, url, shop, residents, anvil):
    with till(browser, url, shop) as page:
        request = ask(page, "3")
        anvil.rpc("evm_setIntervalMining", 0)
        try:
            shop.paid_by(residents(), 300, request, wait=0)
            expect(page.locator("#asked-state")).to_have_text("Received, not paid yet. Wait a moment.")
            expect(page.locator("#paid")).to_be_hidden()
            check(page)
            shoot(page, "till-received-tablet-en")
        finally:
            anvil.rpc("evm_setIntervalMining", 1)
        expect(page.locator("#paid")).to_be_visible()


def test_too_little_is_shown_and_the_rest_asked_for(browser, url, shop, residents):
    with till(browser, url, shop) as page:
        request = ask(page, "5")
        customer = residents()
        shop.paid_by(customer, 200, request)
        expect(page.locator("#asked-state")).to_have_text("€2.00 of €5.00 is paid. €3.00 is still to be paid.")
        check(page)
        shoot(page, "till-short-tablet-en")
        page.locator("#asked-rest").click()
        expect(page.locator("#asked-title")).to_have_text("€3.00")
        rest = page.locator("#asked-link").get_attribute("href")
        assert request not in rest
        shop.paid_by(customer, 300, rest.split("request=")[1].split("&")[0])
        expect(page.locator("#paid-amount")).to_have_text("€3.00")


def test_too_much_is_paid_and_the_till_says_by_how_much(browser, url, shop, residents):
    with till(browser, url, shop) as page:
        shop.paid_by(residents(), 400, ask(page, "3.50"))
        expect(page.locator("#paid-notes")).to_contain_text("€0.50 more than the €3.50 you asked")
        check(page)


def test_two_payments_for_one_code_are_shown_as_what_they_are(browser, url, shop, residents):
    with till(browser, url, shop) as page:
        request = ask(page, "1")
        shop.paid_by(residents(), 100, request)
        expect(page.locator("#paid")).to_be_visible()
        page.locator("#next").click()
        shop.paid_by(residents(), 100, request)
        page.get_by_role("link", name="Takings").click()
        expect(page.locator("#day-list li")).to_have_count(2)
        expect(page.locator("#day-list li").first).to_contain_text("paid twice for one code")
        expect(page.locator("#day-list li").last).not_to_contain_text("twice")


def test_a_payment_without_a_code_is_this_customers_only_if_the_shop_says_so(browser, url, shop, residents):
    with till(browser, url, shop) as page:
        ask(page, "2")
        shop.paid_by(residents(), 200)
        note = page.locator("#asked-notes")
        expect(note).to_contain_text("€2.00 was paid without this code. Is that this customer?")
        expect(page.locator("#paid")).to_be_hidden()
        check(page)
        note.get_by_role("button", name="Yes, this customer").click()
        expect(page.locator("#paid-amount")).to_have_text("€2.00")


def test_a_payment_of_what_was_cancelled_is_not_lost(browser, url, shop, residents):
    with till(browser, url, shop) as page:
        request = ask(page, "2")
        page.locator("#asked-cancel").click()
        expect(page.locator("#asked")).to_be_hidden()
        shop.paid_by(residents(), 200, request)
        expect(page.locator("#paid-notes")).to_contain_text("You had cancelled this")


def test_a_till_that_is_loaded_again_still_waits_for_its_customer(browser, url, shop, residents):
    with till(browser, url, shop) as page:
        request = ask(page, "1.50")
        page.reload()
        expect(page.locator("#asked-title")).to_have_text("€1.50")
        shop.paid_by(residents(), 150, request)
        expect(page.locator("#paid-amount")).to_have_text("€1.50")


def test_without_a_connection_the_till_says_that_it_cannot_see_what_is_paid(browser, url, shop, residents):
    with till(browser, url, shop) as page:
        request = ask(page, "2")
        page.context.set_offline(True)
        expect(page.locator("#asked-state")).to_contain_text("cannot see whether it is paid")
        expect(page.locator("#trouble")).to_contain_text("This till has no connection")
        shop.paid_by(residents(), 200, request)
        expect(page.locator("#paid")).to_be_hidden()
        check(page)
        shoot(page, "till-no-connection-tablet-en")
        page.context.set_offline(False)
        expect(page.locator("#paid-amount")).to_have_text("€2.00")
        page.locator("#next").click()
        expect(page.locator("#trouble")).to_be_empty()


COUNT_TONES = """
window.tones = 0;
const start = AudioScheduledSourceNode.prototype.start;
AudioScheduledSourceNode.prototype.start = function (...when) { window.tones += 1; return start.apply(this, when); };
"""


@pytest.mark.parametrize("mute", [False, True], ids=("with sound", "mute"))
def test_paid_can_be_heard_unless_the_shop_does_not_want_that(browser, url, shop, residents, mute):
    with till(browser, url, shop) as page:
        page.add_init_script(COUNT_TONES)
        page.reload()
        page.get_by_role("link", name="Settings").click()
        if mute:
            page.get_by_label("A sound when something is paid").uncheck()
            page.get_by_role("button", name="Keep these settings").click()
            expect(page.locator("#settings-status")).to_have_text("Kept.")
        page.get_by_role("link", name="Ask", exact=True).click()
        shop.paid_by(residents(), 100, ask(page, "1"))
        expect(page.locator("#paid")).to_be_visible()
        assert page.evaluate("window.tones") == (0 if mute else 2)


def test_two_browsers_with_the_same_shop_show_the_same(browser, url, shop, residents):
    with till(browser, url, shop) as owner, person(browser, url, PHONE, "nl") as staff:
        owner.goto("/en/till#more")
        expect(owner.locator("#second svg")).to_be_visible()
        link = owner.locator("#second-link").get_attribute("href")
        staff.goto(link.replace("/en/", "/nl/"))
        request = ask(staff, "4,20")
        owner.get_by_role("link", name="Ask", exact=True).click()
        shop.paid_by(residents(), 420, request)
        expect(staff.locator("#paid")).to_be_visible()
        expect(owner.locator("#latest li")).to_contain_text("€4.20")
        expect(owner.locator("#latest-sum")).to_have_text("€4.20")
        expect(owner.locator("#paid")).to_be_hidden()
