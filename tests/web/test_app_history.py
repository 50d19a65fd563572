# SPDX-License-Identifier: EUPL-1.2
"""What somebody earned and paid, each with a receipt; the year on paper; what is left of the limits."""

import re
import zlib
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.support.pages import DEVICES, LANGUAGES, check, person, shoot
from tests.support.residents import asked, be_resident, open_app
from tests.support.service import signed_payment
from tests.support.town import SHOPS

SHOP = SHOPS[0]


def euros(text):
    return text.replace("\xa0", " ").replace("\u202f", " ")


def words_of(pdf):
    """The text of a PDF whose fonts are those every reader has, in order."""
    streams = re.findall(rb"stream\r?\n(.*?)\r?\nendstream", pdf, re.DOTALL)
    content = b"".join(zlib.decompress(each) for each in streams if each[:1] == b"x")
    shown = re.findall(rb"\(((?:\\.|[^()\\])*)\) ?Tj", content)
    return b" ".join(re.sub(rb"\\(.)", rb"\1", each) for each in shown).decode("windows-1252")


def pay(service, city, number, cents, nonce=0):
    body = signed_payment(city, number, SHOP, cents, nonce)
    paid = service.post("/v1/payments", body, wait=15).body
    service.wait_for(f"/v1/payments/{paid['id']}")
    return paid["id"]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("device", DEVICES, ids=lambda device: device.name)
def test_every_move_is_listed_and_has_a_receipt_to_print(browser, url, service, city, residents, device, language):
    number = residents()
    digest = pay(service, city, number, 125)
    with person(browser, url, device, language) as page:
        be_resident(page, language, number)
        open_app(page, language, "/history")
        moves = page.locator(".heitje-move")
        assert moves.count() == 2
        assert {"nl": "€ 1,25", "en": "€1.25"}[language] in euros(moves.first.inner_text())
        assert {"nl": "Verdiend", "en": "Earned"}[language] in moves.nth(1).inner_text()
        check(page)
        shoot(page, f"app-history-{device.name}-{language}")
        moves.first.locator("a").click()
        page.get_by_text(digest).wait_for()
        page.get_by_text({"nl": f"Winkelnummer {SHOP}", "en": f"Shop number {SHOP}"}[language]).wait_for()
        page.get_by_text({"nl": "Definitief", "en": "Done for good"}[language], exact=True).wait_for()
        check(page)
        shoot(page, f"app-receipt-{device.name}-{language}")
        page.emulate_media(media="print")
        assert page.locator("#print").is_hidden()
        page.emulate_media(media="screen")
        page.locator("a[href*='complaint']").click()
        page.locator("#complaint").wait_for()
        assert page.locator("#reference").input_value() == digest


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_year_on_paper_is_for_its_owner_only_and_adds_up(browser, url, service, city, residents, language):
    number, year = residents(), datetime.now(UTC).year
    pay(service, city, number, 315)
    with person(browser, url, language=language) as page:
        be_resident(page, language, number)
        open_app(page, language, "/history")
        with page.expect_download() as downloading:
            page.locator(f"[data-year='{year}']").click()
        assert downloading.value.suggested_filename == f"heitje-{year}.pdf"
        text = euros(words_of(Path(downloading.value.path()).read_bytes()))
        amounts = ("€ 20,00", "€ 3,15", "€ 16,85") if language == "nl" else ("€20.00", "€3.15", "€16.85")
        for part in (*amounts, str(number), str(year)):
            assert part in text, text
        check(page)
    refused = service.get(f"/{language}/app/statement/{year}.pdf")
    assert (refused.status, refused.headers["heitje-problem"]) == (401, "not_logged_in")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("device", DEVICES, ids=lambda device: device.name)
def test_home_says_what_can_be_spent_what_expires_and_what_can_still_be_earned(
    browser, url, city, residents, device, language
):
    number = residents()
    month = datetime.now(UTC).year * 12 + datetime.now(UTC).month - 1
    left = city.call("registry", "left", number, month)
    with person(browser, url, device, language) as page:
        be_resident(page, language, number)
        open_app(page, language)
        assert euros(page.locator("#spendable").inner_text()) == {"nl": "€ 20,00", "en": "€20.00"}[language]
        page.locator("#expiring").wait_for()
        for name, cents in zip(("#left-month", "#left-year"), left, strict=True):
            digits = re.sub(r"\D", "", page.locator(name).inner_text())
            assert int(digits) == cents
        check(page)
        shoot(page, f"app-home-{device.name}-{language}")
        open_app(page, language, "/more")
        page.locator("#key-demo").wait_for()
        check(page)
        shoot(page, f"app-more-{device.name}-{language}")


def test_home_changes_by_itself_when_something_is_paid(browser, url, service, city, residents):
    number = residents()
    with person(browser, url, language="en") as page:
        be_resident(page, "en", number)
        open_app(page, "en")
        page.locator("#spendable").wait_for()
        pay(service, city, number, 400)
        page.locator("#spendable").get_by_text("€16.00").wait_for()


def test_a_receipt_that_is_not_there_is_a_page_that_says_so(browser, url, city):
    with person(browser, url) as page:
        for path in ("/nl/app/receipts/999999-0-" + city.address_of(SHOP), "/nl/app/receipts/what"):
            page.goto(path)
            page.get_by_text("not_found").wait_for()
            assert page.locator("html").get_attribute("lang") == "nl"
        check(page)


def test_the_shop_is_called_by_the_name_it_gave(browser, url, city, residents):
    with person(browser, url) as page:
        be_resident(page, "nl", residents())
        open_app(page, "nl", "/pay" + asked(city, SHOP, 100, name="Kapper Knap"))
        page.locator("#confirm").click()
        page.get_by_text("Betaald. Niets kan dit nog terugdraaien").wait_for()
        open_app(page, "nl", "/history")
        page.get_by_text("Kapper Knap").first.wait_for()
