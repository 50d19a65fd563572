# SPDX-License-Identifier: EUPL-1.2
"""Paying without a connection: a picture for the till, cashed later, once, or taken back."""

import json
import subprocess
import uuid

import pytest

from tests.support.pages import DEVICES, LANGUAGES, PHONE, check, give_passkeys, person, shoot
from tests.support.residents import as_person, asked, be_resident, kept_on_phone, open_app, phone_of, stored
from tests.support.scripts import ROOT
from tests.support.service import until
from tests.support.town import SHOPS

SHOP = SHOPS[0]
VERSION, HEAD = 1, 82


SQUARES = r"""() => {
  const svg = document.querySelector("#voucher svg");
  const size = Number(svg.getAttribute("viewBox").split(" ")[2]);
  const dark = new Set(
    Array.from(svg.querySelector("path").getAttribute("d").matchAll(/M(\d+) (\d+)/g), (m) => `${m[1]},${m[2]}`));
  const row = (y) => Array.from({length: size}, (_, x) => dark.has(`${x},${y}`));
  return Array.from({length: size}, (_, y) => row(y));
}"""


def scanned(page):
    """The squares on the phone's screen, row by row."""
    return page.evaluate(SQUARES)


def voucher_of(digits):
    """What a till makes of the digits, as POST /v1/authorizations takes it: written again here, to compare."""
    number = int(digits)
    raw = number.to_bytes((number.bit_length() + 7) // 8, "big")
    assert raw[0] == VERSION
    return {
        "from": "0x" + raw[1:21].hex(),
        "to": "0x" + raw[21:41].hex(),
        "value": str(int.from_bytes(raw[41:45], "big")),
        "validAfter": 0,
        "validBefore": int.from_bytes(raw[45:50], "big"),
        "nonce": "0x" + raw[50:HEAD].hex(),
        "signature": "0x" + raw[HEAD:].hex(),
    }


READER = """
import { readFileSync } from "node:fs";
import { decodeQR } from "qr/decode.js";
const rows = JSON.parse(readFileSync(0, "utf8"));
const scale = 4, size = rows.length * scale;
const data = new Uint8ClampedArray(size * size * 4);
for (let y = 0; y < size; y++) for (let x = 0; x < size; x++) {
  const dark = rows[Math.floor(y / scale)][Math.floor(x / scale)];
  data.set(dark ? [0, 0, 0, 255] : [255, 255, 255, 255], 4 * (y * size + x));
}
console.log(decodeQR({ width: size, height: size, data }));
"""
"""The library with which tills read, on a picture of four pixels a square."""


def read_qr(matrix):
    """What a till reads."""
    command = ["node", "--input-type=module", "-e", READER]
    done = subprocess.run(command, input=json.dumps(matrix), capture_output=True, text=True, check=True, cwd=ROOT)
    return done.stdout.strip()


def spendable(service, address):
    return int(service.get(f"/v1/accounts/{address}").body["spendable"])


def give(page, language, city, cents, shop=SHOP):
    """Sign a voucher without a connection."""
    page.goto(f"/{language}/app/pay" + asked(city, shop, cents))
    page.locator("#give").click()
    page.locator("#voucher svg").wait_for()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("device", DEVICES, ids=lambda device: device.name)
def test_the_app_opens_and_pays_without_a_connection(browser, url, service, city, residents, device, language):
    with person(browser, url, device, language) as page:
        address = be_resident(page, language, residents())
        open_app(page, language)
        page.locator("#spendable").wait_for()
        kept_on_phone(page)
        page.context.set_offline(True)
        page.goto(f"/{language}/app")
        page.locator("#offline").wait_for()
        page.locator("#spendable").wait_for()
        check(page)
        shoot(page, f"app-offline-home-{device.name}-{language}")
        page.goto(f"/{language}/app/pay" + asked(city, SHOP, 450))
        page.locator("#give").wait_for()
        check(page)
        shoot(page, f"app-offline-confirm-{device.name}-{language}")
        page.locator("#give").click()
        page.locator("#voucher svg").wait_for()
        check(page)
        shoot(page, f"app-offline-voucher-{device.name}-{language}")
        voucher = voucher_of(read_qr(scanned(page)))
        # The till is connected, and cashes it.
        answer = service.post("/v1/authorizations", voucher, wait=15)
        assert answer.body["state"] in ("mined", "final", "submitted", "batched")
        assert service.wait_for(f"/v1/authorizations/{answer.body['id']}")["state"] == "final"
        assert spendable(service, address) == 1_550
        page.context.set_offline(False)
        open_app(page, language, "/vouchers")
        page.get_by_text({"nl": "Geïnd", "en": "Cashed"}[language], exact=True).wait_for()
        check(page)
        shoot(page, f"app-vouchers-{device.name}-{language}")


@pytest.mark.parametrize("kind", ["passkey", "device"])
def test_a_phones_own_key_fits_a_picture_that_a_till_can_read(browser, url, service, city, kind):
    registrar = as_person(service, url, "registrar")
    number = 8_100 + (kind == "device")
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
        until(lambda: service.get(f"/v1/accounts/{address}").body.get("spendable"), lambda left: left == "500")
        open_app(page, "en")
        page.locator("#spendable").wait_for()
        kept_on_phone(page)
        page.context.set_offline(True)
        give(page, "en", city, 200)
        matrix = scanned(page)
        # With its quiet border: at 20 rem, a square is larger than two pixels of any phone's screen.
        assert len(matrix) <= (61 + 8 if kind == "device" else 81 + 8)
        answer = service.post("/v1/authorizations", voucher_of(read_qr(matrix)), key=str(uuid.uuid4()), wait=15)
        assert service.wait_for(f"/v1/authorizations/{answer.body['id']}")["state"] == "final"
        assert spendable(service, address) == 300


def test_nobody_gives_more_than_there_is_and_a_request_is_signed_once(browser, url, city, residents):
    with person(browser, url) as page:
        address = be_resident(page, "nl", residents())
        open_app(page, "nl")
        page.locator("#spendable").wait_for()
        kept_on_phone(page)
        page.context.set_offline(True)
        fragment = asked(city, SHOP, 1_500)
        page.goto("/nl/app/pay" + fragment)
        page.locator("#give").click()
        page.locator("#voucher svg").wait_for()
        first = scanned(page)
        page.reload()
        page.locator("#voucher svg").wait_for()
        assert scanned(page) == first
        assert len(stored(page, f"given by {address}")) == 1
        page.goto("/nl/app/pay" + asked(city, SHOP, 501))
        page.reload()
        page.get_by_text("Er is niets betaald. Vraag de winkel om een kleiner bedrag").wait_for()
        assert page.locator("#give").is_hidden()
        open_app(page, "nl")
        assert page.locator("#spendable").inner_text().replace("\xa0", " ") == "€ 5,00"


def test_what_was_given_can_be_taken_back_and_then_nobody_cashes_it(browser, url, service, city, residents):
    with person(browser, url) as page:
        address = be_resident(page, "nl", residents())
        open_app(page, "nl")
        page.locator("#spendable").wait_for()
        kept_on_phone(page)
        page.context.set_offline(True)
        give(page, "nl", city, 700)
        voucher = voucher_of(read_qr(scanned(page)))
        page.context.set_offline(False)
        open_app(page, "nl", "/vouchers")
        page.get_by_text("Nog niet geïnd").wait_for()
        check(page)
        page.get_by_role("button", name="Terugnemen").click()
        page.get_by_text("Teruggenomen", exact=True).wait_for()
        check(page)
        refused = service.post("/v1/authorizations", voucher)
        assert refused.code == "authorization_used"
        assert spendable(service, address) == 2_000


def test_the_app_can_be_put_on_a_home_screen(browser, url, service):
    for language in LANGUAGES:
        manifest = service.get(f"/{language}/app/manifest.webmanifest").body
        assert (manifest["lang"], manifest["start_url"]) == (language, f"/{language}/app")
        kept = service.get(f"/{language}/app/offline.json").body
        # Nothing of other faces, such as the charts of the ledger.
        assert sum(len(service.get(path).body) for path in kept["files"] if path.endswith(".js")) < 250_000
        for path in (*kept["shell"], *kept["files"], manifest["icons"][0]["src"]):
            assert service.get(path).status == 200, path
