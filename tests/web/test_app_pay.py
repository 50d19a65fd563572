# SPDX-License-Identifier: EUPL-1.2
"""Paying what a till asks for: seen as under way, then as paid for good; and everything that can stand in the way."""

import json
import secrets
import time

import pytest

from tests.support.pages import DEVICES, LANGUAGES, PHONE, check, give_passkeys, person, shoot
from tests.support.residents import as_person, asked, be_resident, camera_sees, open_app, phone_of, stored
from tests.support.service import signed_payment, until
from tests.support.signed import signer_of
from tests.support.town import SHOPS

SHOP = SHOPS[0]
PAY = {"nl": "Betalen", "en": "Pay"}
PAID = {"nl": "Betaald. Niets kan dit nog terugdraaien", "en": "Paid. Nothing can undo this"}
TOO_LITTLE = {
    "nl": "Er is niets betaald. Vraag de winkel om een kleiner bedrag",
    "en": "Ask the shop for a smaller amount",
}


def confirm(page):
    page.locator("#confirm").click()


def paid(page, language="nl"):
    page.get_by_text(PAID[language]).wait_for()


def spendable(service, address):
    return int(service.get(f"/v1/accounts/{address}").body["spendable"])


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("device", DEVICES, ids=lambda device: device.name)
def test_a_link_of_the_till_is_confirmed_and_paid_for_good(browser, url, service, city, residents, device, language):
    with person(browser, url, device, language) as page:
        address = be_resident(page, language, residents())
        before = spendable(service, address)
        open_app(page, language, "/pay")
        page.locator("#step-scan").wait_for()
        check(page)
        shoot(page, f"app-pay-{device.name}-{language}")
        request = "0x" + secrets.token_hex(32)
        open_app(page, language, "/pay" + asked(city, SHOP, 250, request=request))
        page.get_by_text("Bakkerij De Korenbloem").wait_for()
        amount = page.locator("#amount").inner_text().replace("\xa0", " ")
        assert amount == ("€ 2,50" if language == "nl" else "€2.50")
        page.locator("#confirm").wait_for()
        check(page)
        shoot(page, f"app-pay-confirm-{device.name}-{language}")
        confirm(page)
        paid(page, language)
        check(page)
        shoot(page, f"app-paid-{device.name}-{language}")
        assert spendable(service, address) == before - 250
        (payment,) = service.get(f"/v1/payments?account={address}").body["items"]
        assert (payment["state"], payment["requestId"]) == ("final", request)
        # Whoever opens the link again sees that it is paid, and pays nothing.
        page.reload()
        paid(page, language)
        assert len(service.get(f"/v1/payments?account={address}").body["items"]) == 1


@pytest.mark.parametrize("kind", ["passkey", "device"])
def test_a_phones_own_key_pays(browser, url, service, city, kind):
    registrar = as_person(service, url, "registrar")
    number = 8_000 + (kind == "device")
    made = registrar.post("/v1/invitations", {"number": number, "class": "resident", "kind": "join"}).body
    with person(browser, url, PHONE, "en") as page:
        if kind == "passkey":
            give_passkeys(page)
        open_app(page, "en", f"/join#code={made['code']}")
        page.get_by_role("button", name="Go on").click()
        page.locator("#make-passkey" if kind == "passkey" else "#make-device").click()
        page.locator("#step-wait").wait_for()
        address = stored(page, "key of app")["address"]
        city.send("registrar", "token", "enrol", [(address, number, 1)])
        phone_of(city, f"member {number}", address)
        city.issue(city.open_activity(), {number: 60})
        page.locator("#step-joined").wait_for()
        until(lambda: service.get(f"/v1/accounts/{address}").body, lambda body: body.get("spendable") == "500")
        open_app(page, "en", "/pay" + asked(city, SHOP, 120))
        confirm(page)
        paid(page, "en")
        assert spendable(service, address) == 380


@pytest.mark.parametrize("language", LANGUAGES)
def test_who_has_too_little_is_told_before_anything_is_signed(browser, url, service, city, residents, language):
    with person(browser, url, language=language) as page:
        address = be_resident(page, language, residents())
        open_app(page, language, "/pay" + asked(city, SHOP, 999_900))
        page.get_by_text(TOO_LITTLE[language]).wait_for()
        assert page.locator("#confirm").is_hidden()
        check(page)
        shoot(page, f"app-pay-too-little-phone-{language}")
        assert stored(page, f"given by {address}") is None


def test_a_frozen_account_pays_nothing_and_home_says_why_and_how_to_object(browser, url, city, residents, service):
    number = residents()
    city.send("guardian", "token", "freeze", number, 30)
    with person(browser, url) as page:
        address = be_resident(page, "nl", number)
        until(lambda: service.get(f"/v1/accounts/{address}").body["frozen"], lambda frozen: frozen)
        open_app(page, "nl", "/pay" + asked(city, SHOP, 100))
        page.get_by_text("Uw rekening is geblokkeerd, dus er is niets betaald").wait_for()
        check(page)
        open_app(page, "nl")
        page.get_by_text("30").first.wait_for()
        check(page)
        shoot(page, "app-frozen-phone-nl")
        page.get_by_role("link", name="Bezwaar maken").click()
        page.locator("#complaint").wait_for()
        assert page.locator("#about").input_value() == "freeze"
        assert page.locator("#reference").input_value() == "30"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("#to=0x12&cents=250", "Dit is geen hele betaallink"),
        ("#nonsense", "Dit is geen hele betaallink"),
    ],
)
def test_half_a_link_pays_nothing(browser, url, residents, text, words):
    with person(browser, url) as page:
        be_resident(page, "nl", residents())
        open_app(page, "nl", "/pay" + text)
        page.get_by_text(words).wait_for()
        page.locator("#link").fill("https://example.org/")
        page.locator("#link-form button").click()
        page.get_by_text(words).wait_for()
        check(page)


def test_a_shop_that_stops_and_somebody_who_is_no_shop_are_not_paid(browser, url, service, city, residents):
    city.enrol(merchants=[599])
    city.send("registrar", "token", "setClass", 599, 3)
    closing = city.address_of(599)
    until(lambda: service.get(f"/v1/accounts/{closing}").body.get("class"), lambda kind: kind == "closing")
    with person(browser, url) as page:
        be_resident(page, "nl", residents())
        open_app(page, "nl", "/pay" + asked(city, 599, 100))
        page.get_by_text("Deze winkel neemt geen heitjes meer aan").wait_for()
        stranger = asked(city, SHOP, 100).replace(city.address_of(SHOP), signer_of("no shop").address)
        open_app(page, "nl", "/pay" + stranger)
        page.reload()
        page.get_by_text("Dit is geen winkel die meedoet").wait_for()
        assert page.locator("#confirm").is_hidden()


def test_a_lost_connection_costs_nothing_and_the_same_payment_is_sent_again(browser, url, service, city, residents):
    with person(browser, url) as page:
        address = be_resident(page, "nl", residents())
        fragment = asked(city, SHOP, 300)
        open_app(page, "nl", "/pay" + fragment)
        page.locator("#confirm").wait_for()
        # The service gets the payment, and the phone never hears of it.
        sent = []

        def lose(route):
            route.fetch()
            route.abort()
            sent.append(route.request.post_data_json)

        page.route("**/v1/payments", lose)
        confirm(page)
        page.get_by_text("Het is niet zeker of de winkel is betaald").wait_for()
        check(page)
        shoot(page, "app-pay-lost-phone-nl")
        page.locator("#again").click()
        while len(sent) < 2:
            page.wait_for_timeout(100)
        assert sent[0] == sent[1]
        page.unroute("**/v1/payments")
        page.reload()
        paid(page)
        assert spendable(service, address) == 1_700
        assert len(service.get(f"/v1/payments?account={address}").body["items"]) == 1


def test_an_answer_that_is_not_certain_is_not_called_unpaid(browser, url, service, city, residents):
    with person(browser, url) as page:
        address = be_resident(page, "nl", residents())
        open_app(page, "nl", "/pay" + asked(city, SHOP, 200))
        page.locator("#confirm").wait_for()
        problem = json.dumps({"code": "internal", "title": "Something went wrong here", "detail": ""})
        page.route(
            "**/v1/payments", lambda route: route.fulfill(status=500, content_type="application/json", body=problem)
        )
        confirm(page)
        page.get_by_text("Het is niet zeker of de winkel is betaald").wait_for()
        page.unroute("**/v1/payments")
        page.locator("#again").click()
        paid(page)
        assert spendable(service, address) == 1_800


def test_what_was_signed_and_never_arrived_is_sent_when_the_app_is_opened_again(browser, url, service, city, residents):
    with person(browser, url) as page:
        address = be_resident(page, "nl", residents())
        open_app(page, "nl", "/pay" + asked(city, SHOP, 150))
        page.locator("#confirm").wait_for()
        page.route("**/v1/payments", lambda route: route.abort())
        confirm(page)
        page.get_by_text("Het is niet zeker of de winkel is betaald").wait_for()
        page.unroute("**/v1/payments")
        assert spendable(service, address) == 2_000
        open_app(page, "nl")
        until(lambda: spendable(service, address), lambda left: left == 1_850)
        (one,) = stored(page, f"given by {address}")
        assert one["cents"] == 150


def test_a_cancelled_passkey_pays_nothing(browser, url, service, city):
    registrar = as_person(service, url, "registrar")
    made = registrar.post("/v1/invitations", {"number": 8_010, "class": "resident", "kind": "join"}).body
    with person(browser, url) as page:
        session, authenticator = give_passkeys(page)
        open_app(page, "nl", f"/join#code={made['code']}")
        page.get_by_role("button", name="Verder").click()
        page.locator("#make-passkey").click()
        page.locator("#step-wait").wait_for()
        address = stored(page, "key of app")["address"]
        city.send("registrar", "token", "enrol", [(address, 8_010, 1)])
        phone_of(city, "member 8010", address)
        city.issue(city.open_activity(), {8_010: 60})
        page.locator("#step-joined").wait_for()
        until(lambda: service.get(f"/v1/accounts/{address}").body.get("spendable"), lambda left: left == "500")
        session.send("WebAuthn.setUserVerified", {"authenticatorId": authenticator, "isUserVerified": False})
        open_app(page, "nl", "/pay" + asked(city, SHOP, 100))
        confirm(page)
        page.locator("#status").get_by_text("niet bevestigd").wait_for()
        check(page)
        assert stored(page, f"given by {address}") is None
        session.send("WebAuthn.setUserVerified", {"authenticatorId": authenticator, "isUserVerified": True})
        confirm(page)
        paid(page)


def test_a_wrong_clock_is_said_and_does_not_keep_anybody_from_paying(browser, url, service, city, residents):
    with person(browser, url) as page:
        page.clock.install(time=time.time() - 3_600)
        address = be_resident(page, "nl", residents())
        open_app(page, "nl", "/pay" + asked(city, SHOP, 100))
        page.get_by_text("60 minuten verkeerd").wait_for()
        check(page)
        confirm(page)
        paid(page)
        assert spendable(service, address) == 1_900


def wait_in_its_time(page, text, seconds):
    """Let a page's clock run faster until it says something."""
    for _ in range(200):
        if page.get_by_text(text).count():
            return
        page.clock.fast_forward(1_000 * seconds)
        page.wait_for_timeout(200)
    raise TimeoutError(page.locator("main").inner_text())


def test_a_chain_that_is_behind_is_said_and_the_payment_goes_on_by_itself(
    browser, url, service, city, anvil, residents
):
    with person(browser, url) as page:
        page.clock.install()
        address = be_resident(page, "nl", residents())
        open_app(page, "nl", "/pay" + asked(city, SHOP, 100))
        page.locator("#confirm").wait_for()
        anvil.rpc("evm_setIntervalMining", 0)
        try:
            with page.expect_response("**/v1/payments"):
                confirm(page)
                page.get_by_text("Onderweg. Dit duurt een paar seconden").wait_for()
            wait_in_its_time(page, "het systeem loopt achter", 4)
            check(page)
            shoot(page, "app-pay-behind-phone-nl")
        finally:
            anvil.rpc("evm_setIntervalMining", 1)
        wait_in_its_time(page, "Betaald. Niets kan dit nog terugdraaien", 1)
        assert spendable(service, address) == 1_900


def test_credits_that_are_gone_in_between_are_not_paid_and_the_answer_says_why(browser, url, service, city, residents):
    number = residents()
    with person(browser, url) as page:
        address = be_resident(page, "nl", number)
        open_app(page, "nl", "/pay" + asked(city, SHOP, 1_500))
        page.locator("#confirm").wait_for()
        # The same resident pays with another phone of the demo meanwhile.
        paid_elsewhere = service.post("/v1/payments", signed_payment(city, number, SHOP, 1_000, 0), wait=15).body
        service.wait_for(f"/v1/payments/{paid_elsewhere['id']}")
        confirm(page)
        page.get_by_text("Niet betaald. Uw heitjes zijn nog van u").wait_for()
        page.locator("#status a[href*='complaint']").wait_for()
        check(page)
        shoot(page, "app-pay-refused-phone-nl")
        assert spendable(service, address) == 1_000
        page.locator("#again").click()
        page.get_by_text("Vraag de winkel om een kleiner bedrag").wait_for()


def test_a_camera_that_is_refused_leaves_the_link(browser, url, residents):
    with person(browser, url) as page:
        be_resident(page, "nl", residents())
        open_app(page, "nl", "/pay")
        page.evaluate(
            """() => {
              const refuse = () => Promise.reject(new DOMException("no", "NotAllowedError"));
              navigator.mediaDevices.getUserMedia = refuse;
            }"""
        )
        page.locator("#scan").click()
        page.get_by_text("De camera kan niet worden gebruikt").wait_for()
        check(page)


def test_the_camera_reads_the_till_and_ignores_other_codes(browser, url, service, city, residents):
    with person(browser, url) as page:
        address = be_resident(page, "nl", residents())
        open_app(page, "nl", "/pay")
        camera_sees(page, "https://example.org/menu")
        page.locator("#scan").click()
        page.locator("#video").wait_for()
        page.wait_for_timeout(1_000)
        assert page.locator("#step-scan").is_visible()
        check(page)
        open_app(page, "nl", "/pay")
        camera_sees(page, f"{url}/en/app/pay{asked(city, SHOP, 175)}")
        page.locator("#scan").click()
        page.locator("#confirm").wait_for()
        assert page.locator("#video").is_hidden()
        confirm(page)
        paid(page)
        assert spendable(service, address) == 1_825


def test_a_phone_that_has_not_joined_is_led_to_where_one_joins(browser, url, city):
    with person(browser, url) as page:
        page.goto("/nl/app/pay" + asked(city, SHOP, 100))
        page.locator("#stranger").wait_for()
