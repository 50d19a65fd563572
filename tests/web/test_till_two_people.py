# SPDX-License-Identifier: EUPL-1.2
"""A shop and its customer, each with their own browser: the till asks, the app pays, with a connection and without."""

import re

import pytest
from playwright.sync_api import expect

from tests.support.pages import CHROMIUM, FLAGS, PHONE, check, person, shoot
from tests.support.residents import be_resident, kept_on_phone, open_app
from tests.support.till import Shop, ask, film_of, till


@pytest.fixture
def shop(service):
    return Shop.open(service)


def phone_of(page, resident, language="en"):
    """A resident's phone, whose app has seen its credits."""
    be_resident(page, language, resident)
    open_app(page, language)
    page.locator("#spendable").wait_for()


@pytest.mark.parametrize("language", ["nl", "en"])
def test_the_app_pays_what_the_till_asks_and_both_say_so(browser, url, shop, residents, language):
    with till(browser, url, shop, language=language) as shops, person(browser, url, PHONE, language) as customers:
        phone_of(customers, residents(), language)
        ask(shops, "3.75")
        customers.goto(shops.locator("#asked-link").get_attribute("href"))
        customers.locator("#confirm").click()
        expect(shops.locator("#paid")).to_be_visible()
        expect(customers.locator("#outcome .heitje-message--ok")).to_be_visible()
        check(shops)
        check(customers)
        shoot(customers, f"till-customer-{language}")
    assert shop.day["taken"] == "375"


def test_a_phone_without_connection_shows_what_the_tills_camera_reads(
    playwright, browser, url, shop, residents, tmp_path
):
    with person(browser, url, PHONE, "en") as customers:
        phone_of(customers, residents())
        kept_on_phone(customers)
        with till(browser, url, shop) as shops:
            ask(shops, "4.40")
            link = shops.locator("#asked-link").get_attribute("href")
        customers.context.set_offline(True)
        customers.goto(link)
        customers.locator("#give").click()
        drawing = customers.locator("#voucher svg path").get_attribute("d")
    squares = {(int(x), int(y)) for x, y in re.findall(r"M(\d+) (\d+)h1v1h-1z", drawing)}
    film_of(squares, tmp_path / "phone.y4m")
    flags = (
        *FLAGS,
        "--use-fake-device-for-media-stream",
        f"--use-file-for-fake-video-capture={tmp_path / 'phone.y4m'}",
    )
    with_camera = playwright.chromium.launch(executable_path=CHROMIUM, args=list(flags))
    try:
        with till(with_camera, url, shop) as shops:
            shops.get_by_role("link", name="Without connection").click()
            shops.locator("#scan-start").click()
            expect(shops.locator("#paid-amount")).to_have_text("€4.40")
    finally:
        with_camera.close()
    assert shop.day["taken"] == "440"
