# SPDX-License-Identifier: EUPL-1.2
"""Joining with a code of the counter, with a passkey or a key of the browser, and what can go wrong."""

import json
from itertools import count

import pytest

from tests.support.pages import DEVICES, LANGUAGES, PHONE, check, give_passkeys, person, shoot
from tests.support.residents import as_person, be_resident, open_app, phone_of, settled, stored
from tests.support.service import Service, until, write_files
from tests.support.town import town

numbers = count(9_000)
GO_ON = {"nl": "Verder", "en": "Go on"}
USE_LOCK = {"nl": "Het slot van deze telefoon gebruiken", "en": "Use the lock of this phone"}
USE_BROWSER = {"nl": "Deze browser gebruiken", "en": "Use this browser"}


def press(page, texts, language):
    page.get_by_role("button", name=texts[language]).click()


def invite(registrar, kind="join", number=None):
    body = {"number": number or next(numbers), "class": "resident", "kind": kind}
    return registrar.post("/v1/invitations", body).body


@pytest.fixture(scope="module")
def registrar(service, url):
    return as_person(service, url, "registrar")


def accepted(registrar, made):
    found = registrar.get("/v1/invitations?limit=200").body["items"]
    return next(one for one in found if one["id"] == made["id"])


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("device", DEVICES, ids=lambda device: device.name)
@pytest.mark.parametrize("kind", ["passkey", "device"])
def test_a_code_a_key_and_the_counter_make_somebody_a_resident(browser, url, city, registrar, kind, device, language):
    made = invite(registrar)
    with person(browser, url, device, language) as page:
        if kind == "passkey":
            give_passkeys(page)
        open_app(page, language)
        page.locator("#stranger").wait_for()
        check(page)
        # The letter's picture is a link; the code does not stay in the address.
        page.goto(f"/{language}/app/join#code={made['code']}")
        settled(page)
        assert page.url.endswith("/app/join")
        check(page)
        shoot(page, f"app-join-{device.name}-{language}")
        press(page, GO_ON, language)
        button = USE_LOCK if kind == "passkey" else USE_BROWSER
        page.get_by_role("button", name=button[language]).wait_for()
        check(page)
        shoot(page, f"app-join-{kind}-{device.name}-{language}")
        press(page, button, language)
        page.locator("#step-wait").wait_for()
        check(page)
        shoot(page, f"app-join-wait-{device.name}-{language}")
        found = accepted(registrar, made)
        assert found["state"] == "accepted"
        city.send("registrar", "token", "enrol", [(found["account"], made["number"], 1)])
        page.locator("#step-joined").wait_for()
        page.locator("#step-joined a").click()
        page.locator("#spendable").wait_for()
        assert stored(page, "key of app")["kind"] == kind


def test_who_closes_the_app_while_the_counter_works_comes_back_to_waiting(browser, url, registrar):
    made = invite(registrar)
    with person(browser, url) as page:
        open_app(page, "nl", f"/join#code={made['code']}")
        press(page, GO_ON, "nl")
        press(page, USE_BROWSER, "nl")
        page.locator("#step-wait").wait_for()
        account = stored(page, "key of app")["address"]
        page.goto("/nl/app")
        page.wait_for_url("**/nl/app/join")
        page.locator("#step-wait").wait_for()
        assert accepted(registrar, made)["account"] == account


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_code_that_was_used_or_is_not_known_is_said_to_be_and_a_good_one_works_afterwards(
    browser, url, registrar, language
):
    used = invite(registrar)
    with person(browser, url, language=language) as page:
        open_app(page, language, f"/join#code={used['code']}")
        press(page, GO_ON, language)
        press(page, USE_BROWSER, language)
        page.locator("#step-wait").wait_for()
    with person(browser, url, language=language) as page:
        for code, problem in ((used["code"], "invitation_used"), ("AAAA-BBBB-CCCC-DDDD", "invitation_unknown")):
            open_app(page, language, "/join")
            page.locator("#code").fill(code)
            press(page, GO_ON, language)
            if problem == "invitation_used":
                press(page, USE_BROWSER, language)
            page.locator("#status").get_by_text(problem).wait_for()
            check(page)
            shoot(page, f"app-join-{problem}-{language}")
        key = stored(page, "key of app")["address"]
        page.locator("#code").fill("half a code")
        press(page, GO_ON, language)
        page.locator("#code-error").wait_for()
        check(page)
        good = invite(registrar)
        page.locator("#code").fill(good["code"].lower().replace("-", " "))
        press(page, GO_ON, language)
        page.locator("#step-wait").wait_for()
        assert accepted(registrar, good)["account"] == key  # one key, however many codes were tried


def test_a_passkey_that_is_cancelled_costs_nothing_and_the_browser_can_be_used(browser, url, registrar):
    made = invite(registrar)
    with person(browser, url, PHONE, "nl") as page:
        session, authenticator = give_passkeys(page, verified=False)
        open_app(page, "nl", f"/join#code={made['code']}")
        press(page, GO_ON, "nl")
        press(page, USE_LOCK, "nl")
        page.get_by_text("Er is niets gebeurd en uw code is nog goed").wait_for()
        check(page)
        shoot(page, "app-join-cancelled-phone-nl")
        assert stored(page, "key of app") is None
        session.send("WebAuthn.setUserVerified", {"authenticatorId": authenticator, "isUserVerified": True})
        press(page, USE_LOCK, "nl")
        page.locator("#step-wait").wait_for()
        assert accepted(registrar, made)["state"] == "accepted"


@pytest.fixture
def heerlen(tmp_path):
    """A chain of its own, on which weeks can pass, and a service that knows the city's published reasons."""
    with town() as (_, city):
        write_files(tmp_path, city)
        file = tmp_path / "deployment.json"
        file.write_text(json.dumps({**json.loads(file.read_text()), "city": "heerlen"}))
        with Service(tmp_path, city, HEITJE_PUBLIC_URL="http://localhost:{port}") as service:
            yield city, service, f"http://localhost:{service.port}"


def test_a_lost_phone_is_replaced_after_the_time_to_object(browser, heerlen):
    city, service, url = heerlen
    registrar = as_person(service, url, "registrar")
    made = invite(registrar, "replacement", 101)
    with person(browser, url) as page, person(browser, url) as other:
        open_app(page, "nl", f"/join#code={made['code']}")
        press(page, GO_ON, "nl")
        press(page, USE_BROWSER, "nl")
        page.get_by_text("Na 14 dagen staat alles wat u had op deze telefoon").wait_for()
        check(page)
        shoot(page, "app-lost-phone-phone-nl")
        phone = phone_of(city, "new phone", accepted(registrar, made)["account"])
        old = be_resident(other, "nl", 101)
        city.request_replacement(101, phone)
        until(lambda: service.get(f"/v1/accounts/{old}").body["replacing"], bool)
        open_app(other, "nl")
        other.get_by_text("Iemand heeft om een andere telefoon gevraagd").wait_for()
        check(other)
        shoot(other, "app-replacing-phone-nl")
        city.wait(14 * 86_400)
        city.execute_replacement(101, phone)
        page.locator("#step-joined").wait_for()
        page.locator("#step-joined a").click()
        assert page.locator("#spendable").inner_text().replace("\xa0", " ") == "€ 20,00"
        open_app(page, "nl", "/history")
        page.get_by_text("Van uw oude telefoon").wait_for()
        page.get_by_role("link", name="Wat er eerder was, op de oude telefoon").click()
        page.wait_for_url(f"**of={old}")
        page.get_by_text("Verdiend").first.wait_for()
        open_app(other, "nl")
        other.get_by_text("Deze telefoon is vervangen door een andere").wait_for()
        check(other)


@pytest.mark.parametrize("language", LANGUAGES)
def test_who_is_frozen_reads_the_reason_in_the_citys_own_words(browser, heerlen, language):
    city, service, url = heerlen
    city.send("guardian", "token", "freeze", 102, 2)
    with person(browser, url, language=language) as page:
        address = be_resident(page, language, 102)
        until(lambda: service.get(f"/v1/accounts/{address}").body["frozen"], bool)
        open_app(page, language)
        words = {"nl": "Er is een vermoeden van misbruik; dat wordt onderzocht", "en": "Suspected misuse, under"}
        page.get_by_text(words[language]).wait_for()
        check(page)
        shoot(page, f"app-frozen-phone-{language}")
