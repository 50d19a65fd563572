# SPDX-License-Identifier: EUPL-1.2
"""Residents with a browser, and what officials and tills do on the other side."""

from __future__ import annotations

import json
import secrets
import subprocess
from types import SimpleNamespace
from typing import Any, Final
from urllib.parse import urlencode

from playwright.sync_api import Page

from tests.support.pages import be
from tests.support.people import JSON, Person, wallet_login
from tests.support.scripts import ROOT
from tests.support.service import Service
from tests.support.signed import signer_of


def as_person(service: Service, url: str, name: str) -> Person:
    """Who has this key, with a session at the address where browsers are."""
    login = wallet_login(service, signer_of(name), origin=url)
    began = service.request("POST", "/v1/sessions/wallet", login, JSON)
    return Person(service, signer_of(name).address, began.body["token"])


def be_resident(page: Page, language: str, number: int) -> str:
    """Make a browser the phone of a known resident; returns the address."""
    signer = signer_of(f"member {number}")
    page.goto(f"/{language}/app/join")
    settled(page)
    be(page, "app", signer.address, "0x" + signer._key.secret.hex())
    return signer.address


def settled(page: Page) -> None:
    """Wait until the page's script has done what it does by itself."""
    page.locator("#screen[data-ready]").wait_for(state="attached")


def open_app(page: Page, language: str, path: str = "") -> None:
    """Open a page of the app, and wait for its script."""
    page.goto(f"/{language}/app{path}")
    settled(page)


def kept_on_phone(page: Page) -> None:
    """Wait until the app can be opened without a connection."""
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    page.wait_for_function("navigator.serviceWorker.controller !== null")


def asked(city: Any, shop: int, cents: int, *, name: str = "Bakkerij De Korenbloem", request: str = "") -> str:
    """The fragment with which a till asks for an amount."""
    fields = {
        "to": city.address_of(shop),
        "cents": cents,
        "request": request or "0x" + secrets.token_hex(32),
        "name": name,
    }
    return "#" + urlencode(fields)


def phone_of(city: Any, name: str, address: str) -> str:
    """Let officials name a browser's key, of which a test knows the address only."""
    city.wallets[name] = SimpleNamespace(address=address)
    return name


_WRITER: Final = """
import { readFileSync } from "node:fs";
import { encodeQR } from "qr";
console.log(JSON.stringify(encodeQR(readFileSync(0, "utf8"), "raw", { border: 4 })));
"""
_CAMERA: Final = """(rows) => {
  const canvas = document.createElement("canvas");
  const scale = 6;
  canvas.width = canvas.height = rows.length * scale;
  const picture = canvas.getContext("2d");
  const draw = () => rows.forEach((row, y) => row.forEach((dark, x) => {
    picture.fillStyle = dark ? "#000" : "#fff";
    picture.fillRect(x * scale, y * scale, scale, scale);
  }));
  draw();
  setInterval(draw, 100);
  navigator.mediaDevices.getUserMedia = () => Promise.resolve(canvas.captureStream(10));
}"""


def camera_sees(page: Page, text: str) -> None:
    """Hold a QR code in front of a page's camera."""
    command = ["node", "--input-type=module", "-e", _WRITER]
    written = subprocess.run(command, input=text, capture_output=True, text=True, check=True, cwd=ROOT)
    page.evaluate(_CAMERA, json.loads(written.stdout))


def stored(page: Page, name: str) -> Any:
    """What a browser keeps under a name."""
    return page.evaluate(
        """async (name) => {
          const asked = indexedDB.open("heitje", 1);
          await new Promise((done, failed) => { asked.onsuccess = done; asked.onerror = failed; });
          const found = asked.result.transaction("things").objectStore("things").get(name);
          await new Promise((done, failed) => { found.onsuccess = done; found.onerror = failed; });
          asked.result.close();
          return JSON.parse(JSON.stringify(found.result ?? null));
        }""",
        name,
    )
