# SPDX-License-Identifier: EUPL-1.2
"""Officials in a browser: a wallet with a test key, logging in, and signing what a page says."""

import time
from typing import Any

from playwright.sync_api import Page, expect

from heitje.chain.signing import KeySigner

SIGN = {"en": "Sign", "nl": "Ondertekenen"}
ANNOUNCE = {"en": "Sign and announce", "nl": "Ondertekenen en aankondigen"}


def hold_key(page: Page, signer: KeySigner, name: str) -> None:
    """Puts an official's key into the browser, as the demo's page does; it announces itself as a wallet."""
    page.evaluate(
        """async ([address, secret, name]) => {
          const asked = indexedDB.open("heitje", 1);
          asked.onupgradeneeded = () => asked.result.createObjectStore("things");
          await new Promise((done, failed) => { asked.onsuccess = done; asked.onerror = failed; });
          const all = asked.result.transaction("things", "readwrite");
          all.objectStore("things").put({address, secret, name}, "demo official");
          await new Promise((done, failed) => { all.oncomplete = done; all.onabort = failed; });
          asked.result.close();
        }""",
        [signer.address, "0x" + signer._key.secret.hex(), name],
    )


def sit_down(page: Page, signer: KeySigner, name: str, language: str) -> None:
    """Opens the desk and logs in."""
    page.goto(f"/{language}/about")
    hold_key(page, signer, name)
    page.goto(f"/{language}/desk")
    page.locator("#wallets button").click()
    expect(page.locator("#log-out")).to_be_visible()


def sign(page: Page, language: str = "en", words: dict[str, str] = SIGN) -> str:
    """Signs what the page says, and waits until it is done; what the page says then."""
    page.get_by_role("button", name=words[language], exact=True).click()
    done = page.locator("#status .heitje-message--ok")
    expect(done).to_be_visible(timeout=30_000)
    return str(done.inner_text())


def until_index_has(service: Any, path: str, holds: Any, within: float = 15.0) -> Any:
    """Waits until the API says something."""
    deadline = time.monotonic() + within
    while not holds(answer := service.get(path)):
        assert time.monotonic() < deadline, answer
        time.sleep(0.1)
    return answer
