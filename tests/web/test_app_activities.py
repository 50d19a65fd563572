# SPDX-License-Identifier: EUPL-1.2
"""Activities: finding one, taking a place, giving it back, handing in, and what becomes of it."""

from datetime import UTC, datetime, timedelta

import pytest

from heitje.city.openings import description_hash
from tests.support.pages import DEVICES, LANGUAGES, check, person, shoot
from tests.support.people import JSON
from tests.support.photos import png
from tests.support.residents import as_person, be_resident, open_app
from tests.support.service import until

DAY = 86_400
COME = {"nl": "Ik wil komen", "en": "I want to come"}
NOT_COME = {"nl": "Ik kan toch niet komen", "en": "I cannot come after all"}


def description(title, **others):
    return {
        "code": "TUIN",
        "title": title,
        "date": (datetime.now(UTC) + timedelta(days=1)).date().isoformat(),
        "starts": "14:00",
        "ends": "16:30",
        "place": "Bij de poort",
        "places": 2,
        "lat": "50.88812",
        "lon": "5.98045",
        "neighbourhood": 9_171_001,
        "city": "testcity",
        **others,
    }


@pytest.fixture
def opened(service, city):
    """Opens an activity with its description, and waits until the service knows it."""

    def opening(title="Wieden in de buurttuin", held_in=DAY, **others):
        described = description(title, **others)
        number = city.open_activity(held_in=held_in, description=description_hash(described))
        until(lambda: service.get(f"/v1/activities/{number}").status, lambda status: status == 200)
        kept = service.request("PUT", f"/v1/activities/{number}/description", described, JSON)
        assert kept.status == 200, kept.body
        return number

    return opening


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("device", DEVICES, ids=lambda device: device.name)
def test_somebody_finds_an_activity_takes_a_place_and_gives_it_back(
    browser, url, service, residents, opened, device, language
):
    title = f"Wieden {device.name} {language}"
    activity = opened(title)
    with person(browser, url, device, language) as page:
        be_resident(page, language, residents())
        open_app(page, language, "/activities")
        card = page.locator(".heitje-card", has_text=title)
        assert {"nl": "2 plaatsen vrij", "en": "2 places left"}[language] in card.inner_text()
        assert "Bij de poort" in card.inner_text()
        assert page.locator("#plan circle").count() >= 1
        check(page)
        shoot(page, f"app-activities-{device.name}-{language}")
        card.locator("a").click()
        page.get_by_role("button", name=COME[language]).wait_for()
        check(page)
        shoot(page, f"app-activity-{device.name}-{language}")
        page.get_by_role("button", name=COME[language]).click()
        page.get_by_role("button", name=NOT_COME[language]).wait_for()
        check(page)
        assert service.get(f"/v1/activities/{activity}").body["signUps"] == 1
        page.reload()
        page.get_by_role("button", name=NOT_COME[language]).wait_for()
        open_app(page, language, "/mine")
        page.get_by_text(title).wait_for()
        check(page)
        shoot(page, f"app-mine-{device.name}-{language}")
        page.locator(f"[data-cancel='{activity}']").click()
        until(lambda: service.get(f"/v1/activities/{activity}").body["signUps"], lambda count: count == 0)
        page.locator(f"[data-cancel='{activity}']").wait_for(state="detached")


def test_the_last_place_is_taken_in_between_and_that_is_said(browser, url, service, city, residents, opened):
    activity = opened("Eén plaats", places=1)
    other = as_person(service, url, f"member {residents()}")
    with person(browser, url) as page:
        be_resident(page, "nl", residents())
        open_app(page, "nl", f"/activities/{activity}")
        page.get_by_role("button", name=COME["nl"]).wait_for()
        assert other.post(f"/v1/activities/{activity}/sign-ups", {}).status == 201
        page.get_by_role("button", name=COME["nl"]).click()
        page.get_by_text("activity_full").wait_for()
        check(page)
        shoot(page, "app-activity-full-phone-nl")
        open_app(page, "nl", "/activities")
        assert "Geen plaatsen meer vrij" in page.locator(".heitje-card", has_text="Eén plaats").inner_text()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("device", DEVICES, ids=lambda device: device.name)
def test_what_was_done_is_handed_in_with_a_photo_and_followed_to_its_reward(
    browser, url, service, city, residents, opened, device, language
):
    number = residents()
    activity = opened(f"Gedaan {device.name} {language}", held_in=-3_600)
    attester = as_person(service, url, "attester")
    with person(browser, url, device, language) as page:
        be_resident(page, language, number)
        open_app(page, language, f"/activities/{activity}")
        page.locator("#minutes").fill("90")
        page.locator("#note").fill("Gewied en gesnoeid")
        page.locator("#photo").set_input_files({"name": "tuin.png", "mimeType": "image/png", "buffer": png()})
        check(page)
        shoot(page, f"app-hand-in-{device.name}-{language}")
        page.locator("#hand-in").click()
        page.locator("#handed-in").wait_for()
        check(page)
        (claim,) = attester.get(f"/v1/claims?activity={activity}").body["items"]
        assert (claim["minutes"], claim["note"], claim["hasPhoto"]) == (90, "Gewied en gesnoeid", True)
        open_app(page, language, "/mine")
        waiting = {
            "nl": "De organisatie heeft er nog niet naar gekeken",
            "en": "The organisation has not looked at it yet",
        }
        page.get_by_text(waiting[language]).wait_for()
        attester.post(f"/v1/claims/{claim['id']}/decision", {"state": "confirmed", "minutes": 60})
        open_app(page, language, "/mine")
        page.get_by_text(
            {"nl": "Bevestigd: de heitjes volgen", "en": "Confirmed: the credits follow"}[language]
        ).wait_for()
        city.issue(activity, {number: 60})
        until(lambda: attester.get(f"/v1/claims/{claim['id']}").body["state"], lambda state: state == "rewarded")
        open_app(page, language, "/mine")
        page.get_by_text({"nl": "Vergoed", "en": "Rewarded"}[language], exact=True).wait_for()
        check(page)
        shoot(page, f"app-rewarded-{device.name}-{language}")
        open_app(page, language, "/history")
        page.get_by_text(f"Gedaan {device.name} {language}").wait_for()


def test_who_is_declined_reads_why_and_can_hand_in_again_or_complain(browser, url, service, residents, opened):
    activity = opened("Niet gezien", held_in=-3_600)
    attester = as_person(service, url, "attester")
    number = residents()
    resident = as_person(service, url, f"member {number}")
    claim = resident.post(f"/v1/activities/{activity}/claims", {"minutes": 30, "note": ""}).body
    attester.post(f"/v1/claims/{claim['id']}/decision", {"state": "declined", "reason": "Ik heb je <b>niet</b> gezien"})
    with person(browser, url) as page:
        be_resident(page, "nl", number)
        open_app(page, "nl", "/mine")
        page.get_by_text("Ik heb je <b>niet</b> gezien").wait_for()
        check(page)
        shoot(page, "app-declined-phone-nl")
        page.get_by_role("link", name="Opnieuw doorgeven").click()
        page.locator("#minutes").fill("241")
        page.locator("#hand-in").click()
        assert page.locator("#handed-in").is_hidden()  # the form itself says that it is too much
        page.locator("#minutes").fill("45")
        page.locator("#hand-in").click()
        page.locator("#handed-in").wait_for()


def test_nearest_first_is_asked_for_and_the_place_stays_on_the_phone(browser, url, residents, opened):
    opened("Ver weg", lat="51.50000", lon="6.20000")
    opened("Dichtbij", lat="50.90000", lon="5.98000")
    with person(browser, url, geolocation={"latitude": 50.9, "longitude": 5.98}, permissions=["geolocation"]) as page:
        sent = []
        page.on("request", lambda request: sent.append(request.url + (request.post_data or "")))
        open_app(page, "nl", "/activities")
        page.get_by_role("button", name="Eerst dicht bij mij").click()
        page.get_by_text("Waar u bent, blijft op uw telefoon").wait_for()
        assert "Dichtbij" in page.locator("#list > li").first.inner_text()
        assert [one for one in sent if "50.9" in one] == []
        check(page)
        shoot(page, "app-near-phone-nl")


def test_a_phone_that_does_not_say_where_it_is_keeps_the_list(browser, url, opened):
    opened("Een activiteit")
    with person(browser, url) as page:
        open_app(page, "nl", "/activities")
        page.get_by_role("button", name="Eerst dicht bij mij").click()
        page.get_by_text("Uw telefoon heeft niet gezegd waar u bent").wait_for()
        page.get_by_text("Een activiteit").first.wait_for()
        check(page)


def test_a_stranger_sees_the_activities_and_how_to_join(browser, url, opened):
    activity = opened("Voor iedereen")
    with person(browser, url) as page:
        open_app(page, "nl", f"/activities/{activity}")
        page.locator("#stranger").wait_for()
        assert page.get_by_role("button", name=COME["nl"]).is_hidden()
        check(page)


def test_an_activity_that_says_neither_where_nor_when_it_begins_is_shown_all_the_same(
    browser, url, service, city, residents
):
    described = {
        "code": "KAAL",
        "title": "Kaal",
        "date": "2026-01-01",
        "ends": "16:30",
        "neighbourhood": 0,
        "city": "testcity",
    }
    number = city.open_activity(held_in=DAY, description=description_hash(described))
    until(lambda: service.get(f"/v1/activities/{number}").status, lambda status: status == 200)
    assert service.request("PUT", f"/v1/activities/{number}/description", described, JSON).status == 200
    with person(browser, url) as page:
        be_resident(page, "nl", residents())
        page.goto("/nl/app/activities")
        page.get_by_role("link", name="Kaal").click()
        assert "Kaal" in page.locator("h1").inner_text()
        check(page)
