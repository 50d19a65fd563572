# SPDX-License-Identifier: EUPL-1.2
"""From the municipality's letter to euros on the bank: a shop joins with a passkey, is paid, and exchanges."""

import json
from itertools import count

import pytest
from eth_utils.crypto import keccak
from playwright.sync_api import expect

from heitje.chain.account import Class
from tests.support.acts import come_to_now, long_ago
from tests.support.city import City
from tests.support.pages import DESKTOP, LANGUAGES, PHONE, TABLET, check, give_passkeys, person, shoot
from tests.support.people import JSON, Person, wallet_login
from tests.support.service import Service, signed_payment, until
from tests.support.signed import signer_of
from tests.support.till import Shop, till

IBAN = "NL91 ABNA 0417 1643 00"
numbers = count(5_000)


@pytest.fixture
def shop(service):
    return Shop.open(service)


@pytest.fixture
def invite(service):
    signer = signer_of("registrar")
    # What people log in to is where the browsers are, which is not where this asks.
    login = wallet_login(service, signer, origin=f"http://localhost:{service.port}")
    began = service.request("POST", "/v1/sessions/wallet", login, JSON)
    registrar = Person(service, signer.address, began.body["token"])

    def make(number):
        body = {"number": number, "class": "merchant", "kind": "join"}
        return registrar.post("/v1/invitations", body).body["code"]

    make.accepted = lambda number: next(
        one["account"]
        for one in registrar.get("/v1/invitations?state=accepted&limit=200").body["items"]
        if one["number"] == number
    )
    return make


def join(page, code, language="en"):
    page.goto(f"/{language}/till")
    page.locator("#code").fill(code)
    page.locator("#join button").first.click()


def ask_for_euros(page, amount=None, iban=IBAN):
    if amount is not None:
        page.locator("#redeem-amount").fill(amount)
    page.locator("#iban").fill(iban)
    page.locator("#redeem button").click()


def euros(page):
    page.goto(page.url.partition("#")[0] + "#euros")
    expect(page.locator("#euros")).to_be_visible()


def test_a_shop_joins_with_a_passkey_is_paid_and_exchanges_for_euros(browser, url, service, city, invite, residents):
    number = next(numbers)
    with person(browser, url, TABLET, "en") as page:
        give_passkeys(page)
        join(page, invite(number).lower())
        expect(page.locator("#waiting")).to_be_visible()
        check(page)
        shoot(page, "till-awaited-tablet-en")
        address = invite.accepted(number)
        city.send("registrar", "token", "enrol", [(address, number, Class.MERCHANT)])
        expect(page.locator("#ask")).to_be_visible()

        until(lambda: service.get(f"/v1/accounts/{address}").status, lambda status: status == 200)
        pay(service, city, residents(), address, 1_250)
        euros(page)
        expect(page.locator("#balance")).to_have_text("€12.50")
        expect(page.locator("#redeem-amount")).to_have_value("12.50")
        shoot(page, "till-euros-tablet-en")
        ask_for_euros(page, "10")
        expect(page.locator("#redeem-status")).to_contain_text("You asked for €10.00 in euros.")
        expect(page.locator("#balance")).to_have_text("€2.50")
        expect(page.locator("#redemptions li")).to_contain_text("the municipality is going to pay it")
        expect(page.locator("#redemptions li")).to_contain_text("to … 4300")
        check(page)

        (item,) = service.get(f"/v1/redemptions?number={number}").body["items"]
        bank = page.evaluate(KEPT, f"bank account of till {address}")
        sealed = bytes.fromhex(bank["secret"][2:]) + b"NL91ABNA0417164300"
        assert item["payoutCommitment"] == "0x" + keccak(sealed).hex()
        assert "NL91" not in json.dumps(item)

        identity = bytes.fromhex(item["id"][2:])
        city.lock([identity])
        expect(page.locator("#redemptions li")).to_contain_text("being paid since")
        city.settle([(city.reference(f"E2E {number}"), [identity])])
        expect(page.locator("#redemptions li")).to_contain_text("paid out on")
        shoot(page, "till-paid-out-tablet-en")


KEPT = """async (name) => {
  const asked = indexedDB.open("heitje", 1);
  await new Promise((done) => { asked.onsuccess = done; });
  const found = asked.result.transaction("things").objectStore("things").get(name);
  await new Promise((done) => { found.onsuccess = done; });
  asked.result.close();
  return found.result;
}"""


def pay(service, city, resident, address, cents):
    """A resident pays a shop that has only an address here."""
    number = service.get(f"/v1/accounts/{address}").body["number"]
    city.wallets[f"member {number}"] = Elsewhere(address)
    nonce = service.get(f"/v1/accounts/{city.address_of(resident)}").body["nextNonce"]
    assert (
        service.post("/v1/payments", signed_payment(city, resident, number, cents, int(nonce)), wait=15).status == 200
    )


class Elsewhere:
    """A key that is in a browser."""

    def __init__(self, address):
        self.address = address


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("device", [PHONE, DESKTOP], ids=lambda device: device.name)
def test_a_till_that_is_opened_for_the_first_time_asks_for_the_code(browser, url, device, language):
    with person(browser, url, device, language) as page:
        page.goto("/till")
        assert page.url == f"{url}/{language}/till"
        expect(page.locator("#start")).to_be_visible()
        check(page)
        shoot(page, f"till-start-{device.name}-{language}")
        page.locator("#code").fill("ABCD")
        page.locator("#join button").first.click()
        expect(page.locator("#join-status")).to_contain_text("zestien" if language == "nl" else "sixteen")


def test_a_device_without_passkeys_joins_with_a_key_of_its_own(browser, url, invite):
    number = next(numbers)
    with person(browser, url, TABLET, "nl") as page:
        join(page, invite(number), "nl")
        expect(page.locator("#waiting")).to_be_visible()
        assert invite.accepted(number)


def test_a_passkey_that_cannot_be_made_is_done_without(browser, url, invite):
    number = next(numbers)
    with person(browser, url, TABLET, "en") as page:
        session, authenticator = give_passkeys(page)
        session.send("WebAuthn.setUserVerified", {"authenticatorId": authenticator, "isUserVerified": False})
        join(page, invite(number))
        expect(page.locator("#join-status")).to_contain_text("You did not confirm")
        check(page)
        page.locator("#join-device").click()
        expect(page.locator("#waiting")).to_be_visible()
        assert invite.accepted(number)


def test_a_code_that_was_used_is_refused_and_the_till_can_be_opened_with_another(browser, url, invite):
    first, second = next(numbers), next(numbers)
    used = invite(first)
    with person(browser, url, TABLET, "en") as page:
        join(page, used)
        expect(page.locator("#waiting")).to_be_visible()
    with person(browser, url, TABLET, "en") as page:
        join(page, used)
        expect(page.locator("#join-status .heitje-message--error")).to_contain_text("Nothing")
        check(page)
        page.reload()
        expect(page.locator("#start")).to_be_visible()
        join(page, invite(second))
        expect(page.locator("#waiting")).to_be_visible()
        assert invite.accepted(second)


def test_an_answer_that_is_lost_while_joining_does_not_cost_the_code(browser, url, invite):
    number = next(numbers)
    code = invite(number)
    with person(browser, url, TABLET, "en") as page:
        page.route("**/v1/invitations/acceptance", lambda route: (route.fetch(), route.abort()), times=1)
        join(page, code)
        expect(page.locator("#join-status")).to_contain_text("no connection")
        join(page, code)
        expect(page.locator("#waiting")).to_be_visible()


def test_staff_open_another_till_by_the_address_that_the_owner_shows(browser, url, shop):
    with person(browser, url, TABLET, "en") as page:
        page.goto("/en/till")
        page.locator("#shop-link").fill("nothing")
        page.locator("#staff button").click()
        expect(page.locator("#staff-status")).to_contain_text("no address of a till")
        page.locator("#shop-link").fill(f"{url}/en/till/{shop.address}#name=Bakery%20Jansen")
        page.locator("#staff button").click()
        expect(page.locator("#ask")).to_be_visible()
        expect(page.locator("#shop-name")).to_have_text("Bakery Jansen")
        euros(page)
        expect(page.locator("#redeem-owner")).to_be_visible()
        expect(page.locator("#redeem")).to_be_hidden()
        check(page)


def test_an_address_that_is_no_shops_opens_no_till(browser, url, city):
    with person(browser, url, TABLET, "en") as page:
        page.goto(f"/en/till/{city.address_of(101)}")
        expect(page.locator("#status")).to_contain_text("resident's account")
        page.goto(f"/en/till/{signer_of('nobody').address}")
        expect(page.locator("#status")).to_contain_text("No shop of this city has this address")
        check(page)


def test_a_passkey_that_is_not_used_changes_nothing(browser, url, service, city, invite, residents):
    number = next(numbers)
    with person(browser, url, TABLET, "en") as page:
        session, authenticator = give_passkeys(page)
        join(page, invite(number))
        expect(page.locator("#waiting")).to_be_visible()
        address = invite.accepted(number)
        city.send("registrar", "token", "enrol", [(address, number, Class.MERCHANT)])
        expect(page.locator("#ask")).to_be_visible()
        pay(service, city, residents(), address, 500)
        euros(page)
        session.send("WebAuthn.setUserVerified", {"authenticatorId": authenticator, "isUserVerified": False})
        expect(page.locator("#balance")).to_have_text("€5.00")
        ask_for_euros(page, "5")
        expect(page.locator("#redeem-status")).to_contain_text("You did not confirm")
        check(page)
        assert service.get(f"/v1/redemptions?number={number}").body["items"] == []
        session.send("WebAuthn.setUserVerified", {"authenticatorId": authenticator, "isUserVerified": True})
        ask_for_euros(page, "5")
        expect(page.locator("#redeem-status")).to_contain_text("You asked for €5.00")


def test_what_cannot_be_exchanged_is_not_signed(browser, url, shop, residents):
    shop.paid_by(residents(), 300)
    with till(browser, url, shop) as page:
        euros(page)
        expect(page.locator("#balance")).to_have_text("€3.00")
        ask_for_euros(page, "3.01")
        expect(page.locator("#redeem-wrong")).to_contain_text("at most €3.00. Nothing was exchanged.")
        ask_for_euros(page, "3", "NL92 ABNA 0417 1643 00")
        expect(page.locator("#redeem-wrong")).to_contain_text("This is no IBAN")
        check(page)


def test_a_redemption_is_taken_back_by_the_shop_and_given_back_by_the_municipality(
    browser, url, service, shop, residents
):
    shop.paid_by(residents(), 800)
    with till(browser, url, shop) as page:
        euros(page)
        ask_for_euros(page, "3")
        expect(page.locator("#redemptions li")).to_have_count(1)
        page.locator("#redemptions").get_by_role("button", name="Take it back").click()
        expect(page.locator("#redemptions li")).to_contain_text("taken back by you on")
        expect(page.locator("#balance")).to_have_text("€8.00")
        ask_for_euros(page, "8")
        expect(page.locator("#redemptions li")).to_have_count(2)
        (asked,) = service.get(f"/v1/redemptions?number={shop.number}&status=requested").body["items"]
        shop.city.refund([bytes.fromhex(asked["id"][2:])], reason=2)
        expect(page.locator("#redemptions li").first).to_contain_text("given back as credits on")
        expect(page.locator("#redemptions li").first).to_contain_text("reason 2; ask the municipality")
        expect(page.locator("#balance")).to_have_text("€8.00")
        check(page)
        shoot(page, "till-given-back-tablet-en")


def test_an_answer_that_is_lost_while_exchanging_can_be_asked_for_again(browser, url, service, shop, residents):
    shop.paid_by(residents(), 900)
    with till(browser, url, shop) as page:
        euros(page)
        page.route("**/v1/redemptions", lambda route: (route.fetch(), route.abort()), times=1)
        ask_for_euros(page, "4")
        expect(page.locator("#redeem-status")).to_contain_text("Nothing is done twice")
        page.reload()
        expect(page.locator("#redeem-status")).to_contain_text("There was no answer when you asked for €4.00.")
        page.get_by_role("button", name="Ask again").click()
        expect(page.locator("#redeem-status")).to_contain_text("You asked for €4.00")
    assert len(service.get(f"/v1/redemptions?number={shop.number}").body["items"]) == 1


def test_a_shop_that_leaves_cannot_ask_but_can_exchange(browser, url, city, shop, residents):
    shop.paid_by(residents(), 600)
    with till(browser, url, shop) as page:
        city.send("registrar", "token", "setClass", shop.number, Class.CLOSING)
        until(lambda: shop.service.get(f"/v1/accounts/{shop.address}").body["class"], lambda now: now == "closing")
        page.reload()
        expect(page.locator("#trouble")).to_contain_text("This shop no longer takes part")
        page.locator("#amount").fill("1")
        page.locator("#pad button.till-go").click()
        expect(page.locator("#amount-wrong")).to_contain_text("Customers cannot pay here any more")
        check(page)
        euros(page)
        ask_for_euros(page, "6")
        expect(page.locator("#redeem-status")).to_contain_text("You asked for €6.00")


def test_a_shop_that_is_blocked_is_told_what_that_means_for_its_money(browser, url, city, shop, residents):
    shop.paid_by(residents(), 600)
    city.send("guardian", "token", "freeze", shop.number, 1)
    until(lambda: shop.service.get(f"/v1/accounts/{shop.address}").body["frozen"], bool)
    with till(browser, url, shop, PHONE, "nl") as page:
        expect(page.locator("#trouble")).to_contain_text("voorlopig geblokkeerd")
        check(page)
        shoot(page, "till-blocked-phone-nl")
        euros(page)
        ask_for_euros(page, "6")
        expect(page.locator("#redeem-status")).to_contain_text("geblokkeerd")


def test_a_clock_that_is_wrong_is_told_and_nothing_is_lost_by_it(browser, url, shop, residents):
    shop.paid_by(residents(), 200)
    with till(browser, url, shop) as page:
        page.clock.install()
        page.clock.fast_forward("02:00:00")
        page.reload()
        expect(page.locator("#trouble")).to_contain_text("The clock of this device is 120 minutes wrong")
        euros(page)
        ask_for_euros(page, "2")
        expect(page.locator("#redeem-status")).to_contain_text("You asked for €2.00")


def test_what_the_municipality_did_not_pay_in_time_can_be_taken_back(browser, tmp_path):
    with long_ago(40) as anvil:
        city = City.found(anvil.url, months_back=3)
        city.enrol(residents=[101], merchants=[500])
        city.issue(city.open_activity(), {101: 240})
        city.pay(101, 500, 1_500)
        city.redeem(500, 1_500)
        come_to_now(anvil)
        with (
            Service(tmp_path, city, HEITJE_PUBLIC_URL="http://localhost:{port}") as service,
            till(browser, f"http://localhost:{service.port}", Shop(service, 500)) as page,
        ):
            euros(page)
            page.get_by_role("button", name="It took too long: take it back").click()
            expect(page.locator("#redemptions li")).to_contain_text("because paying took too long")
            expect(page.locator("#balance")).to_have_text("€15.00")
            check(page)
