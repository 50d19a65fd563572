# SPDX-License-Identifier: EUPL-1.2
"""Members at the desk: looked up, enrolled, blocked, with a lowered year, with a lost phone."""

import re

import pytest
from playwright.sync_api import expect

from heitje.chain.calendar import month_of
from heitje.chain.typed_data import join_digest
from heitje.counter.codes import code_hash
from tests.support.city import signer_of
from tests.support.pages import DESKTOP, LANGUAGES, PHONE, check, shoot
from tests.support.service import until
from tests.web.desk.officials import sign


def accept(service, city, code, phone):
    """What a phone does with a code: says which wallet it is."""
    signer = signer_of(phone)
    digest = join_digest(city.domains["token"], signer.address, code_hash(code))
    body = {"code": code, "address": signer.address, "signature": "0x" + signer.sign_digest(digest).hex()}
    answer = service.post("/v1/invitations/acceptance", body)
    assert answer.status == 200, answer.body
    return signer.address


@pytest.mark.parametrize(("device", "language", "number"), [(DESKTOP, "en", 7_000_017), (PHONE, "nl", 7_000_025)])
def test_a_registrar_enrols_a_new_member_by_a_code(at_the_desk, service, city, device, language, number):
    with at_the_desk("registrar", device, language) as page:
        page.goto(f"/{language}/desk/counter")
        page.locator("#f-number").fill(str(number))
        page.locator("#invite button").click()
        code = page.locator(".heitje-code").inner_text()
        assert re.fullmatch(r"[2-9A-Z]{4}(-[2-9A-Z]{4}){3}", code)
        expect(page.locator("svg.heitje-qr")).to_be_visible()
        check(page)
        shoot(page, f"desk-code-{device.name}-{language}")
        address = accept(service, city, code, f"new phone of {number}")
        enrol = page.get_by_role("link", name=f"{'Inschrijven' if language == 'nl' else 'Enrol'} {number}")
        expect(enrol).to_be_visible()
        check(page)
        shoot(page, f"desk-accepted-{device.name}-{language}")
        enrol.click()
        assert address in page.locator("main").inner_text()
        check(page)
        shoot(page, f"desk-enrol-{device.name}-{language}")
        sign(page, language)
        check(page)
        shoot(page, f"desk-enrolled-{device.name}-{language}")
    assert city.call("token", "holderOf", number) == address


def test_a_code_can_be_taken_back(at_the_desk):
    with at_the_desk("registrar") as page:
        page.goto("/en/desk/counter")
        page.locator("#f-number").fill("7000033")
        page.locator("#invite button").click()
        expect(page.locator(".heitje-code")).to_be_visible()
        page.goto("/en/desk/counter")
        page.get_by_role("button", name="Take the code back 7000033").click()
        expect(page.get_by_role("heading", name="Member 7000033")).to_have_count(0)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_guardian_blocks_and_another_official_lifts_it(at_the_desk, city, language):
    number = {"nl": 102, "en": 103}[language]
    with at_the_desk("guardian", PHONE, language) as page:
        page.goto(f"/{language}/desk/members")
        page.locator("#f-number").fill(str(number))
        page.locator("form button").click()
        page.wait_for_url(f"**/members/{number}")
        check(page)
        shoot(page, f"desk-member-phone-{language}")
        page.locator("#f-reason").select_option("2")
        page.locator("form[action$='/acts/freeze'] button").click()
        words = page.locator("main").inner_text()
        assert str(number) in words
        assert ("vermoeden van misbruik" if language == "nl" else "Suspected misuse") in words
        check(page)
        shoot(page, f"desk-freeze-phone-{language}")
        sign(page, language)
        page.locator("#back").click()
        assert page.locator("form[action$='/acts/freeze']").count() == 0
    assert city.account(number).is_frozen
    with at_the_desk("unpauser", DESKTOP, language) as page:
        page.goto(f"/{language}/desk/members/{number}")
        page.locator("a[href*='/acts/unfreeze']").click()
        sign(page, language)
    assert not city.account(number).is_frozen


def test_what_has_happened_in_the_meantime_is_refused_before_it_is_signed(at_the_desk, city):
    with at_the_desk("guardian") as page:
        page.goto("/en/desk/acts/freeze?number=104&reason=1")
        city.send("guardian", "token", "freeze", 104, 1)
        page.get_by_role("button", name="Sign", exact=True).click()
        expect(page.locator("#status .heitje-message--error")).to_be_visible()
        page.reload()
        assert "already" in page.locator(".heitje-message--error").inner_text()
        assert page.get_by_role("button", name="Sign", exact=True).count() == 0
        shoot(page, "desk-refused")


def test_a_registrar_lowers_a_residents_year(at_the_desk, city):
    with at_the_desk("registrar") as page:
        page.goto("/en/desk/members/105")
        assert "€20.00" in page.locator("main").inner_text()
        page.locator("#f-euros").fill("300")
        page.locator("form[action$='/acts/lower-year'] button").click()
        assert "€300.00" in page.locator("main").inner_text()
        check(page)
        sign(page)
        page.locator("#back").click()
        assert "€300.00" in page.locator("main").inner_text()
    assert city.call("registry", "loweredBy", 105, month_of(city.now()) // 12) == 30_000


def test_nobody_is_found_under_a_number_that_nobody_has(at_the_desk):
    with at_the_desk("registrar") as page:
        page.goto("/en/desk/members?number=999999")
        assert "Nobody has this number" in page.locator("main").inner_text()
        assert page.goto("/en/desk/members/999999").status == 404
        check(page)


def test_two_officials_replace_a_lost_phone(at_the_desk, service, city):
    number, old = 106, city.address_of(106)
    with at_the_desk("registrar") as page:
        page.goto("/en/desk/phones")
        page.locator("#f-number").fill(str(number))
        page.locator("#invite button").click()
        new = accept(service, city, page.locator(".heitje-code").inner_text(), "another phone of 106")
        page.get_by_role("link", name=f"Ask for this phone {number}").click()
        assert new in page.locator("main").inner_text()
        check(page)
        shoot(page, "desk-replacement-asked")
        sign(page)
        assert city.account(number).is_frozen
        page.locator("#back").click()
        assert page.get_by_role("link", name="Carry it out").count() == 0  # it takes somebody else
    with at_the_desk("replacer", PHONE, "nl") as page:

        def look():
            page.goto("/nl/desk/phones")
            return page.get_by_role("link", name=f"Uitvoeren {number}").count()

        until(look, lambda seen: seen == 1)
        check(page)
        shoot(page, "desk-phones-phone-nl")
        page.get_by_role("link", name=f"Uitvoeren {number}").click()
        sign(page, "nl")
    assert city.call("token", "holderOf", number) == new
    assert city.call("token", "numberOf", old) == number  # for ever, so that it can never be enrolled again


def test_a_guardian_cancels_a_replacement(at_the_desk, city):
    city.request_replacement(107, "a thief's phone")
    with at_the_desk("guardian") as page:
        page.goto("/en/desk/phones")
        page.get_by_role("link", name="Cancel it 107").click()
        sign(page)
    assert not city.account(107).is_frozen
