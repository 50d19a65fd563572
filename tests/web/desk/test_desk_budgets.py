# SPDX-License-Identifier: EUPL-1.2
"""Programmes, activities, what is announced and who cancels it, and complaints, at the desk."""

from datetime import UTC, datetime

import pytest
from playwright.sync_api import expect

from tests.support.city import signer_of
from tests.support.pages import DESKTOP, LANGUAGES, PHONE, check, shoot
from tests.support.service import until
from tests.web.desk.conftest import DELAY
from tests.web.desk.officials import ANNOUNCE, sign

TODAY = datetime.now(UTC).date()


def test_programme_staff_open_a_programme_and_appoint_an_organisation(at_the_desk, city):
    attester = signer_of("new organisation").address
    with at_the_desk("programme") as page:
        page.goto("/en/desk/programmes")
        page.locator("#f-cap").fill("25000")
        page.locator("#f-from").fill(f"{TODAY.year}-01")
        page.locator("#f-to").fill(f"{TODAY.year}-12")
        page.locator("form[action$='/acts/open-programme'] button").click()
        assert "€25,000.00" in page.locator("main").inner_text()
        check(page)
        shoot(page, "desk-open-programme")
        sign(page)
        number = city.call("registry", "counts")[0]
        page.locator("#back").click()
        page.locator("details summary").first.click()
        page.locator(f"#a-{number}").fill(attester)
        page.get_by_role("button", name="Appoint").first.click()
        check(page)
        sign(page)
        page.locator("#back").click()
        assert attester in page.locator("main").inner_text()
        page.get_by_role("link", name=f"Dismiss {attester}").click()
        sign(page)
    assert not city.call("registry", "isAttester", number, attester)


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_activity_is_opened_only_with_the_declaration_and_its_description_is_published(
    at_the_desk, service, language
):
    title = {"en": "Clean up the park", "nl": "Het park opruimen"}[language]
    with at_the_desk("programme", PHONE, language) as page:
        page.goto(f"/{language}/desk/activities")
        check(page)
        shoot(page, f"desk-activities-phone-{language}")
        for name, value in {
            "title": title,
            "code": f"park-{language}",
            "date": TODAY.isoformat(),
            "ends": "23:58",
            "euros_per_hour": "3,00",
            "max_minutes": "120",
        }.items():
            page.locator(f"#f-{name}").fill(value)
        page.locator("#f-neighbourhood").select_option("9171001")
        page.locator("form[action$='/activities/new'] button").click()
        assert page.url.endswith("/activities")  # without the declaration the form does not go
        page.locator("input[name=no_staff_work]").check()
        page.locator("form[action$='/activities/new'] button").click()
        words = page.locator("main").inner_text()
        assert title in words
        assert "Terschuren" in words
        check(page)
        shoot(page, f"desk-open-activity-phone-{language}")
        sign(page, language)
        page.locator("#back").click()
        expect(page.locator("tbody")).to_contain_text(title)
    found = service.get("/v1/activities").body["items"]
    assert title in [one["details"]["title"] for one in found if one["details"]]


def test_a_rate_above_the_limit_is_refused_before_anybody_signs(at_the_desk):
    query = (
        f"title=Too+much&code=x&programme=1&date={TODAY.isoformat()}&ends=23:58&euros_per_hour=9,00"
        "&max_minutes=60&no_staff_work=yes"
    )
    with at_the_desk("programme") as page:
        page.goto(f"/en/desk/activities/new?{query}")
        assert "above the limit in force" in page.locator(".heitje-message--error").inner_text()
        assert page.locator("#sign").count() == 0
        page.goto(f"/en/desk/activities/new?{query.replace('9,00', 'nine')}")
        expect(page.locator("#e-euros_per_hour")).to_be_visible()
        check(page)
        shoot(page, "desk-activity-wrong")


def announce_cap(page, euros, language="en"):
    """Announces another budget for programme 1."""
    page.goto(f"/{language}/desk/acts/set-cap?programme=1&cap={euros}")
    return sign(page, language, ANNOUNCE)


def test_what_is_announced_is_carried_out_when_it_is_due(at_the_desk, city):
    with at_the_desk("slow programme") as page:
        page.goto("/en/desk/acts/set-cap?programme=1&cap=12000")
        words = page.locator("main").inner_text()
        assert "announced first" in words
        assert "guardian" in words
        check(page)
        shoot(page, "desk-announce")
        said = sign(page, "en", ANNOUNCE)
        assert said.startswith("Announced.")
        assert city.call("registry", "programmeOf", 1)["cap"] != 1_200_000
        page.goto("/en/desk/acts/set-cap?programme=1&cap=12000")
        assert page.locator("#sign").count() == 0  # announced once is enough

        def look():
            page.goto("/en/desk/announced")
            return page.get_by_role("link", name="Carry it out").count()

        until(look, lambda seen: seen == 1, within=4 * DELAY)
        check(page)
        shoot(page, "desk-announced")
        page.get_by_role("link", name="Carry it out").click()
        sign(page)
    assert city.call("registry", "programmeOf", 1)["cap"] == 1_200_000


@pytest.mark.parametrize(("language", "device"), [("en", DESKTOP), ("nl", PHONE)])
def test_a_guardian_cancels_what_is_announced(at_the_desk, city, language, device):
    with at_the_desk("slow programme") as page, at_the_desk("guardian", device, language) as guardian:
        announce_cap(page, 13_000)
        guardian.goto(f"/{language}/desk/announced")
        assert signer_of("slow programme").address in guardian.locator("main").inner_text()
        check(guardian)
        shoot(guardian, f"desk-announced-guardian-{device.name}-{language}")
        guardian.locator("a[href*='/acts/cancel-announced']").click()
        check(guardian)
        sign(guardian, language)
        guardian.goto(f"/{language}/desk/announced")
        assert guardian.locator("a[href*='/acts/cancel-announced']").count() == 0
    assert city.call("registry", "programmeOf", 1)["cap"] != 1_300_000


@pytest.mark.parametrize(("language", "device", "number"), [("en", DESKTOP, 101), ("nl", PHONE, 102)])
def test_a_complaint_is_answered_once(at_the_desk, resident, language, device, number):
    who = resident(number)
    lodged = who.post("/v1/complaints", {"about": "reward", "text": "My hours are missing."})
    assert lodged.status == 201, lodged.body
    with at_the_desk("registrar", device, language) as page:
        page.goto(f"/{language}/desk/complaints")
        check(page)
        shoot(page, f"desk-complaint-{device.name}-{language}")
        page.locator(f"#t-{lodged.body['id']}").fill("We have added them. You can object within six weeks.")
        page.locator(f"form[data-json*='{lodged.body['id']}'] button").click()
        expect(page.locator(f"#t-{lodged.body['id']}")).to_have_count(0)
        check(page)
    told = who.get("/v1/complaints").body["items"][0]
    assert (told["state"], told["answer"]) == ("answered", "We have added them. You can object within six weeks.")


def test_everything_is_paused_by_one_and_continued_by_another(at_the_desk, city):
    with at_the_desk("guardian") as page:
        page.get_by_role("link", name="Pause everything").click()
        check(page)
        sign(page)
        page.locator("#back").click()
        assert "paused" in page.locator(".heitje-message--error").inner_text()
        assert page.get_by_role("link", name="End the pause").count() == 0
    with at_the_desk("unpauser") as page:
        page.get_by_role("link", name="End the pause").click()
        sign(page)
    assert not city.call("token", "rules")[1]
