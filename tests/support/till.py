# SPDX-License-Identifier: EUPL-1.2
"""A shop at its till, and its customers, who pay as their phones would."""

from __future__ import annotations

import re
import secrets
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import Browser, Page, expect

from tests.support.acts import authorization_body
from tests.support.city import City
from tests.support.pages import TABLET, Device, be, person
from tests.support.scripts import ROOT
from tests.support.service import Answer, Service, signed_payment, until

_NUMBERS: Final = count(600)


@dataclass(frozen=True)
class Shop:
    """A shop nobody has used yet, in a city with a service."""

    service: Service
    number: int

    @classmethod
    def open(cls, service: Service) -> Shop:
        """Enrols one, and waits until the service knows it."""
        number = next(_NUMBERS)
        service.city.enrol(merchants=[number])
        shop = cls(service, number)
        until(lambda: service.get(f"/v1/accounts/{shop.address}").status, lambda status: status == 200)
        return shop

    @property
    def city(self) -> City:
        """Where it is."""
        return self.service.city

    @property
    def address(self) -> str:
        """Its account."""
        return self.city.address_of(self.number)

    @property
    def day(self) -> dict[str, Any]:
        """Its takings today, as the API tells them."""
        body: dict[str, Any] = self.service.get(f"/v1/merchants/{self.address}/days/today").body
        return body

    def paid_by(self, resident: int, cents: int, request: str = "0x" + 64 * "0", *, wait: int = 15) -> Answer:
        """A resident's phone pays; answers when it is final, unless told not to wait."""
        account = self.service.get(f"/v1/accounts/{self.city.address_of(resident)}").body
        body = signed_payment(
            self.city, resident, self.number, cents, int(account["nextNonce"]), request_id=bytes.fromhex(request[2:])
        )
        return self.service.post("/v1/payments", body, wait=wait)

    def voucher(self, resident: int, cents: int, nonce: str | None = None, **others: Any) -> dict[str, Any]:
        """What a resident's phone signs without a connection."""
        return authorization_body(
            self.city,
            resident,
            self.number,
            cents,
            bytes.fromhex((nonce or "0x" + secrets.token_hex(32))[2:]),
            **others,
        )


@contextmanager
def till(
    browser: Browser, url: str, shop: Shop, device: Device = TABLET, language: str = "en", **options: Any
) -> Iterator[Page]:
    """The owner's till, open at the amount."""
    with person(browser, url, device, language, **options) as page:
        page.goto(f"/{language}/about")
        be(page, "till", shop.address, "0x" + shop.city.member(shop.number)._key.secret.hex())
        page.goto(f"/{language}/till")
        expect(page.locator("#ask")).to_be_visible()
        yield page


def ask(page: Page, amount: str) -> str:
    """Asks for an amount; the request that the customer's phone is shown."""
    page.locator("#amount").fill(amount)
    page.locator("#pad button.till-go").click()
    expect(page.locator("#asked")).to_be_visible()
    link = page.locator("#asked-link").get_attribute("href") or ""
    return parse_qs(urlsplit(link).fragment)["request"][0]


def digits(voucher: dict[str, Any]) -> str:
    """A voucher as a phone shows it: see client/lib/voucher.ts."""
    head = b"\1" + bytes.fromhex(voucher["from"][2:]) + bytes.fromhex(voucher["to"][2:])
    numbers = int(voucher["value"]).to_bytes(4, "big") + voucher["validBefore"].to_bytes(5, "big")
    signed = bytes.fromhex(voucher["nonce"][2:]) + bytes.fromhex(voucher["signature"][2:])
    return str(int.from_bytes(head + numbers + signed, "big"))


def film(text: str, path: Path) -> None:
    """A film of a phone that shows a QR code, as Chromium takes it for a camera (YUV4MPEG2).

    The code is made by the pages' own library, which the till reads it with.
    """
    script = (
        "import {encodeQR} from 'qr'; const rows = encodeQR(process.argv[1], 'raw', {ecc: 'low', border: 4});"
        "console.log(rows.map((row) => row.map((dark) => (dark ? 1 : 0)).join('')).join('\\n'));"
    )
    command = ("node", "--input-type=module", "-e", script, text)
    rows = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    film_of({(x, y) for y, row in enumerate(rows) for x, dark in enumerate(row) if dark == "1"}, path)


def film_of(squares: set[tuple[int, int]], path: Path) -> None:
    """The same, of the dark squares of a code that was drawn already."""
    width, height, margin = 640, 480, 4
    size = max(max(square) for square in squares) + 1 + margin
    scale = height // size
    left, top = (width - scale * size) // 2, (height - scale * size) // 2
    light = bytearray([235]) * (width * height)
    for x, y in squares:
        for line in range(top + y * scale, top + (y + 1) * scale):
            begin = line * width + left + x * scale
            light[begin : begin + scale] = bytes([16]) * scale
    frame = b"FRAME\n" + bytes(light) + bytes([128]) * (width * height // 2)
    path.write_bytes(b"YUV4MPEG2 W640 H480 F10:1 Ip A1:1 C420\n" + 10 * frame)


def plain(text: str) -> str:
    """With ordinary spaces, as people read them."""
    return re.sub(r"\s+", " ", text)
