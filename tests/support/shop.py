# SPDX-License-Identifier: EUPL-1.2
"""The web shop of the how-to page, as a process of its own, and a buyer with the published x402 library."""

import os
import re
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

import httpx
from eth_account import Account
from x402 import x402Client
from x402.http import x402HTTPClient
from x402.mechanisms.evm.exact import ExactEvmScheme
from x402.schemas import PaymentRequired, SettleResponse

from tests.support.anvil import free_port
from tests.support.city import City

PAGE: Final = Path(__file__).parents[2] / "docs" / "howto" / "x402.md"
STARTS_WITHIN: Final = 30.0
"""Seconds."""


def shown(number: int) -> str:
    """A program that the page shows, the first one with number 0."""
    return re.findall(r"^```python\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)[number]


class WebShop:
    """The shop that the page shows, running. Use it as `with WebShop(…) as shop`; its book stays in the folder."""

    def __init__(self, folder: Path, facilitator: str, pay_to: str, *, cents: int = 250, patience: int = 60) -> None:
        port = free_port()
        self.url = f"http://127.0.0.1:{port}/article"
        self.log = folder / f"shop-{port}.log"
        (folder / "shop.py").write_text(shown(0), encoding="utf-8")
        environment = {"CITY": facilitator, "SHOP": pay_to, "PRICE": str(cents), "PATIENCE": str(patience)}
        command = (sys.executable, "-m", "uvicorn", "shop:app", "--port", str(port), "--timeout-keep-alive=75")
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                command, cwd=folder, stdout=log, stderr=log, env={**os.environ, **environment}
            )

    def __enter__(self) -> Self:
        deadline = time.monotonic() + STARTS_WITHIN
        while True:
            try:
                urllib.request.urlopen(self.url, timeout=5).close()
            except urllib.error.HTTPError as answer:
                answer.close()
                return self  # 402: it is there
            except urllib.error.URLError:
                if self.process.poll() is not None or time.monotonic() > deadline:
                    self.stop()
                    raise RuntimeError(f"the shop does not run: {self.log.read_text()}") from None
                time.sleep(0.1)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """Ends it."""
        self.process.terminate()
        self.process.wait(20)


def account_of(city: City, number: int) -> Any:
    """A resident's key, as the library takes it."""
    return Account.from_key(city.member(number)._key.secret)


def token_of(city: City) -> tuple[str, str]:
    """The network and the token, as the facilitator names them."""
    return f"eip155:{city.chain_id}", city.addresses["token"]


class Buyer:
    """A resident with the library, who can also send the same payment again."""

    def __init__(self, city: City, number: int) -> None:
        network, token = token_of(city)
        wallet = x402Client().register(network, ExactEvmScheme(account_of(city, number)))
        wallet.set_spend_controls({"allowed_assets": [{"network": network, "asset": token}]})
        self.library = x402HTTPClient(wallet)

    async def sign(self, browser: httpx.AsyncClient, url: str) -> dict[str, str]:
        """Asks what it costs, and signs that: the headers that pay."""
        answer = await browser.get(url)
        assert answer.status_code == 402, answer.text
        asked = self.library.get_payment_required_response(answer.headers.get, None)
        headers: dict[str, str] = self.library.encode_payment_signature_header(
            await self.library.create_payment_payload(asked)
        )
        return headers

    async def buy(self, browser: httpx.AsyncClient, url: str) -> httpx.Response:
        """Signs a new payment and sends it."""
        return await browser.get(url, headers=await self.sign(browser, url))


def settled(answer: httpx.Response) -> SettleResponse:
    """What the shop passes on of the settlement."""
    return x402HTTPClient(x402Client()).get_payment_settle_response(answer.headers.get)


def refused(answer: httpx.Response) -> str:
    """Why the shop does not even try."""
    asked: PaymentRequired = x402HTTPClient(x402Client()).get_payment_required_response(answer.headers.get, None)
    return str(asked.error)
