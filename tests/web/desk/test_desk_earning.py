# SPDX-License-Identifier: EUPL-1.2
"""From a claim to a reward at the desk: an attester confirms and signs, an issuer who is somebody else releases."""

import pytest
from playwright.sync_api import expect

from tests.support.city import signer_of
from tests.support.pages import DESKTOP, LANGUAGES, PHONE, check, shoot
from tests.support.photos import jpeg
from tests.support.service import until
from tests.web.desk.officials import sign

CONFIRM = {"en": "Confirm", "nl": "Bevestigen"}
REPORT = {"en": "Make a report", "nl": "Rapport maken"}


def held(service, city):
    """An activity that has been held, and that the service knows."""
    number = city.open_activity()
    until(lambda: service.get(f"/v1/activities/{number}").status, lambda status: status == 200)
    return number


def hand_in(person, activity, minutes=120, photo=None):
    claim = person.post(f"/v1/activities/{activity}/claims", {"minutes": minutes, "note": "Weeding"})
    assert claim.status == 201, claim.body
    if photo is not None:
        answer = person.ask("PUT", f"/v1/claims/{claim.body['id']}/photo", photo, **{"content-type": "image/jpeg"})
        assert answer.status == 200, answer.body
    return claim.body["id"]


def make_report(page, claims, language="en"):
    """Confirms claims and signs a report of them; its digest."""
    for claim in claims:
        page.goto(f"/{language}/desk/claims/{claim}")
        page.get_by_role("button", name=CONFIRM[language], exact=True).click()
        page.wait_for_url(f"**/{language}/desk/claims")


@pytest.mark.parametrize(("language", "device", "numbers"), [("en", DESKTOP, (108, 109)), ("nl", PHONE, (110, 111))])
def test_a_claim_becomes_a_reward_by_two_people(at_the_desk, service, city, resident, language, device, numbers):
    activity = held(service, city)
    first, second = numbers
    claims = [hand_in(resident(first), activity, photo=jpeg()), hand_in(resident(second), activity, 60)]
    before = city.account(first).balance
    with at_the_desk("attester", device, language) as page:
        page.goto(f"/{language}/desk/claims")
        check(page)
        shoot(page, f"desk-claims-{device.name}-{language}")
        page.goto(f"/{language}/desk/claims/{claims[0]}")
        expect(page.locator("img.heitje-evidence")).to_be_visible()
        assert page.locator("img.heitje-evidence").evaluate("image => image.naturalWidth") > 0
        check(page)
        shoot(page, f"desk-claim-{device.name}-{language}")
        page.locator("#f-minutes").fill("90")
        page.get_by_role("button", name=CONFIRM[language], exact=True).click()
        page.wait_for_url(f"**/{language}/desk/claims")
        make_report(page, claims[1:], language)
        page.locator(f"a[href$='reports/new?activity={activity}']").click()
        words = page.locator("main").inner_text()
        assert "150" in words  # minutes in all
        assert ("€ 12,50" if language == "nl" else "€12.50") in words.replace("\xa0", " ")
        check(page)
        shoot(page, f"desk-draft-{device.name}-{language}")
        sign(page, language)
        shoot(page, f"desk-signed-{device.name}-{language}")
        page.goto(f"/{language}/desk/reports")
        page.locator("tbody a").first.click()
        assert page.locator("#sign").count() == 0  # who signed it does not release it
    with at_the_desk("issuer", device, language) as page:
        page.goto(f"/{language}/desk/reports")
        check(page)
        shoot(page, f"desk-reports-{device.name}-{language}")
        page.locator("tbody a").first.click()
        assert signer_of("attester").address in page.locator("main").inner_text()
        check(page)
        shoot(page, f"desk-release-{device.name}-{language}")
        sign(page, language)
        shoot(page, f"desk-released-{device.name}-{language}")
    assert city.account(first).balance == before + 750


def test_a_line_that_cannot_be_rewarded_is_named_and_left_out(at_the_desk, service, city, resident):
    activity = held(service, city)
    claims = [hand_in(resident(112), activity), hand_in(resident(113), activity)]
    with at_the_desk("attester") as page:
        make_report(page, claims)
        page.goto(f"/en/desk/reports/new?activity={activity}")
        sign(page)
    city.send("guardian", "token", "freeze", 113, 1)
    with at_the_desk("issuer") as page:
        page.goto("/en/desk/reports")
        page.locator("tbody a").first.click()
        words = page.locator("main").inner_text()
        assert "You release rewards to 1 resident." in words
        assert "The account is blocked." in words
        check(page)
        shoot(page, "desk-release-left-out")
        sign(page)
    assert city.account(112).balance == 2_000 + 1_000
    assert city.account(113).balance == 2_000


def test_an_attester_declines_a_claim_and_says_why(at_the_desk, service, city, resident):
    who = resident(114)
    claim = hand_in(who, held(service, city))
    with at_the_desk("attester") as page:
        page.goto(f"/en/desk/claims/{claim}")
        page.locator("#f-reason").fill("Nobody saw you there.")
        page.get_by_role("button", name="Decline").click()
        page.wait_for_url("**/en/desk/claims")
    told = who.get(f"/v1/claims/{claim}").body
    assert (told["state"], told["reason"]) == ("declined", "Nobody saw you there.")


def test_an_attester_takes_a_report_back(at_the_desk, service, city, resident):
    activity = held(service, city)
    with at_the_desk("attester") as page:
        make_report(page, [hand_in(resident(115), activity)])
        page.goto(f"/en/desk/reports/new?activity={activity}")
        sign(page)
        page.goto("/en/desk/reports")
        page.locator("tbody a").first.click()
        page.get_by_role("link", name="Take it back").click()
        check(page)
        shoot(page, "desk-withdrawal")
        sign(page)

        def look():
            page.goto("/en/desk/reports")
            return page.locator("tbody tr").first.inner_text()

        assert "cancelled" in until(look, lambda seen: "cancelled" in seen)


def test_a_stranger_sees_no_claim(at_the_desk, service, city, resident):
    claim = hand_in(resident(116), held(service, city))
    with at_the_desk("issuer") as page:
        assert page.goto(f"/en/desk/claims/{claim}").status == 403
        check(page)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_reward_is_corrected_by_three_officials_and_time(at_the_desk, city, language):
    number = {"nl": 117, "en": 118}[language]
    with at_the_desk("programme", PHONE, language) as page:
        page.goto(f"/{language}/desk/members/{number}")
        form = page.locator("form[action$='/acts/reduce']").first
        form.locator("input[type=number]").fill("60")
        check(page)
        form.locator("button").click()
        assert "60" in page.locator("main").inner_text()
        check(page)
        shoot(page, f"desk-reduce-phone-{language}")
        sign(page, language)
    with at_the_desk("clawback", DESKTOP, language) as page:
        page.goto(f"/{language}/desk/members/{number}")
        page.locator("a[href*='/acts/clawback']").click()
        assert page.locator("#sign").count() == 0  # the member can still object
        shoot(page, f"desk-clawback-{language}")
    assert city.account(number).balance == 2_000
