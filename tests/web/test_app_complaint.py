# SPDX-License-Identifier: EUPL-1.2
"""Telling the municipality what is wrong, from wherever something was refused, and reading the answer."""

import pytest

from tests.support.pages import DEVICES, LANGUAGES, check, person, shoot
from tests.support.residents import as_person, be_resident, open_app

SENT = {"nl": "Uw klacht is verstuurd", "en": "Your complaint has been sent"}
OPEN = {"nl": "Nog geen antwoord", "en": "Not answered yet"}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("device", DEVICES, ids=lambda device: device.name)
def test_a_refusal_leads_to_a_complaint_that_is_answered_in_the_app(browser, url, service, residents, device, language):
    number = residents()
    text = f"Ik werd geweigerd <i>zonder</i> reden, {device.name} {language}"
    with person(browser, url, device, language) as page:
        be_resident(page, language, number)
        page.goto(f"/{language}/problem/account_frozen")
        page.locator("main a[href*='complaint']").click()
        page.locator("#complaint").wait_for()
        assert page.locator("#about").input_value() == "refusal"
        assert page.locator("#reference").input_value() == "account_frozen"
        page.locator("#text").fill(text)
        check(page)
        shoot(page, f"app-complaint-{device.name}-{language}")
        page.locator("#send").click()
        page.get_by_text(SENT[language]).wait_for()
        page.get_by_text(OPEN[language]).wait_for()
        registrar = as_person(service, url, "registrar")
        listed = registrar.get("/v1/complaints/to-answer?limit=200").body["items"]
        (one,) = [each for each in listed if each["text"] == text]
        registrar.post(f"/v1/complaints/{one['id']}/answer", {"text": "Dat was een vergissing."})
        open_app(page, language, "/complaint")
        page.locator("#answers").click()
        page.get_by_text("Dat was een vergissing.").wait_for()
        page.get_by_text(text).wait_for()
        check(page)
        shoot(page, f"app-complaint-answered-{device.name}-{language}")


def test_a_complaint_without_a_connection_is_not_lost(browser, url, residents):
    with person(browser, url) as page:
        be_resident(page, "nl", residents())
        open_app(page, "nl", "/complaint?about=payment&reference=0x12")
        page.locator("#text").fill("De winkel gaf niets terug")
        page.context.set_offline(True)
        page.locator("#send").click()
        page.get_by_text("Er is geen verbinding met de dienst").wait_for()
        check(page)
        page.context.set_offline(False)
        assert page.locator("#text").input_value() == "De winkel gaf niets terug"
        page.locator("#send").click()
        page.get_by_text(SENT["nl"]).wait_for()
