# SPDX-License-Identifier: EUPL-1.2
"""Every view of the till, on everything it is used on, in every language: by everybody, and as it looks."""

import pytest
from playwright.sync_api import expect

from tests.support.pages import DESKTOP, LANGUAGES, PHONE, TABLET, check, shoot
from tests.support.till import Shop, till


@pytest.fixture(scope="module")
def shop(service, residents):
    found = Shop.open(service)
    found.paid_by(residents(), 650)
    return found


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("device", [PHONE, TABLET, DESKTOP], ids=lambda device: device.name)
def test_every_view_can_be_used_by_everybody(browser, url, shop, device, language):
    with till(browser, url, shop, device, language) as page:
        for view in ("scan", "day", "euros", "more"):
            page.locator(f"#views a[href='#{view}']").click()
            expect(page.locator(f"#{view}")).to_be_visible()
            page.locator(
                {"day": "#day-list li", "euros": "#balance:not(:empty)", "more": "#second svg"}.get(
                    view, "#kept-risk:not(:empty)"
                )
            ).first.wait_for()
            check(page)
            shoot(page, f"till-view-{view}-{device.name}-{language}")
            small = page.locator("main button:visible, main a.till-link:visible").evaluate_all(
                "all => all.filter((one) => one.getBoundingClientRect().height < 44).map((one) => one.outerHTML)"
            )
            assert small == [], "too small for a finger"


def test_the_till_is_no_wider_than_the_narrowest_screen(browser, url, shop):
    with till(browser, url, shop, PHONE, "nl", viewport={"width": 320, "height": 600}) as page:
        for view in ("ask", "scan", "day", "euros", "more"):
            page.locator(f"#views a[href='#{view}']").click()
            expect(page.locator(f"#{view}")).to_be_visible()
            check(page)
