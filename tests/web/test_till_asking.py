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
@pytest.mark.parametrize("device", (PHONE, TABLET, DESKTOP), ids=lambda device: device.name)
def test_amount_code_and_paid_are_one_screen(browser, url, shop, residents, device, language):
    with till(browser, url, shop, device, language) as page:
        check(page)
        shoot(page, f"till-amount-{device.name}-{language}")
        request = ask(page, "2,50" if language == "nl" else "2.50")
        expect(page.locator("#asked-code svg")).to_be_visible()
        expect(page.locator("#asked-state")).to_have_text("Wacht op de klant." if language == "nl" else "Waiting for the customer.")
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
