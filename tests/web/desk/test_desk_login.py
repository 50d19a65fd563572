# SPDX-License-Identifier: EUPL-1.2
"""Logging in to the desk: with a wallet or without, with an office or without, and only with one's own."""

import json

import pytest
from playwright.sync_api import expect

from tests.support.city import signer_of
from tests.support.pages import DESKTOP, DEVICES, LANGUAGES, PHONE, check, person, shoot
from tests.web.desk.officials import hold_key, sit_down


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("device", DEVICES, ids=lambda device: device.name)
def test_a_browser_without_a_signing_program_is_told_what_it_needs(browser, url, device, language):
    with person(browser, url, device, language) as page:
        page.goto("/desk")
        expect(page.locator("#none")).to_be_visible()
        assert "Ledger" in page.locator("#none").inner_text()
        check(page)
        shoot(page, f"desk-login-{device.name}-{language}")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("device", DEVICES, ids=lambda device: device.name)
def test_somebody_without_an_office_is_told_so_and_shown_nothing_else(browser, url, device, language):
    with person(browser, url, device, language) as page:
        sit_down(page, signer_of("stranger"), "Stranger", language)
        assert page.locator("nav.heitje-nav").count() == 0
        assert signer_of("stranger").address in page.locator("main").inner_text()
        check(page)
        shoot(page, f"desk-stranger-{device.name}-{language}")
        assert page.goto(f"/{language}/desk/redemptions").status == 403
        assert page.locator("table, form").count() == 0


def test_logging_out_ends_the_session(browser, url):
    with person(browser, url, language="en") as page:
        sit_down(page, signer_of("guardian"), "Guardian", "en")
        page.locator("#log-out").click()
        expect(page.locator("#wallets button")).to_be_visible()


def test_a_wallet_with_another_account_in_front_signs_nothing(at_the_desk):
    with at_the_desk("guardian") as page:
        hold_key(page, signer_of("stranger"), "Stranger")
        page.goto("/en/desk/acts/freeze?number=120&reason=1")
        page.get_by_role("button", name="Sign", exact=True).click()
        expect(page.locator("#status")).to_contain_text("Another account is open")


OFFICIALS = ("registrar", "attester", "issuer", "treasurer", "guardian", "programme")
AT_ALL = [(name, PHONE, "nl") for name in OFFICIALS] + [(name, DESKTOP, "en") for name in OFFICIALS]
"""Each on a phone and at a desk, and each in both languages; all four together where most is shown."""


@pytest.mark.parametrize(
    ("name", "device", "language"),
    [*AT_ALL, ("programme", PHONE, "en"), ("programme", DESKTOP, "nl")],
    ids=lambda value: getattr(value, "name", value),
)
def test_every_page_of_an_official_can_be_used_by_everybody(at_the_desk, name, device, language):
    with at_the_desk(name, device, language) as page:
        shoot(page, f"desk-home-{name}-{device.name}-{language}")
        check(page)
        links = page.locator("nav.heitje-nav a")
        for path in [link.get_attribute("href") for link in links.all()]:
            page.goto(path)
            assert page.locator("h1").count() == 1
            check(page)
            shoot(page, f"desk-{path.rpartition('/')[2]}-{name}-{device.name}-{language}")


def test_an_official_sees_only_what_the_chain_lets_them_do(at_the_desk):
    with at_the_desk("treasurer") as page:
        names = page.locator("nav.heitje-nav a").all_inner_texts()
        assert names == ["Redemptions", "Announced"]
        page.goto("/en/desk/acts/freeze?number=101&reason=1")
        assert page.get_by_role("button", name="Sign").count() == 0
        assert "does not hold the office" in page.locator("main").inner_text()
        check(page)
        shoot(page, "desk-wrong-role")


WALLET = """
  ([account, chain]) => {
    const answers = { eth_requestAccounts: () => [account], eth_chainId: () => chain };
    const provider = {
      request: async ({ method }) => {
        if (answers[method]) return answers[method]();
        throw method.startsWith("wallet_")
          ? { code: 4902, message: "Unrecognized chain" }
          : { code: 4001, message: "User rejected the request" };
      },
    };
    const info = { uuid: "of this test", name: "Hesitant", icon: "", rdns: "demo.heitje.official" };
    const announce = () =>
      window.dispatchEvent(new CustomEvent("eip6963:announceProvider", { detail: { info, provider } }));
    window.addEventListener("eip6963:requestProvider", announce);
  }
"""


@pytest.mark.parametrize(
    ("chain", "words"),
    [(31_337, "You did not confirm it"), (1, "does not know the chain of this city")],
    ids=["declined", "elsewhere"],
)
def test_a_wallet_that_does_not_want_to_or_is_elsewhere_signs_nothing(at_the_desk, city, chain, words):
    with at_the_desk("guardian") as page:
        arguments = json.dumps([signer_of("guardian").address, hex(chain)])
        page.add_init_script(f"({WALLET})({arguments})")
        page.goto("/en/desk/acts/freeze?number=120&reason=1")
        page.get_by_role("button", name="Sign", exact=True).click()
        expect(page.locator("#status")).to_contain_text(words)
        check(page)
        shoot(page, f"desk-wallet-{chain}")
    assert not city.account(120).is_frozen
