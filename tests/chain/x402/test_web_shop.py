# SPDX-License-Identifier: EUPL-1.2
"""The web shop of the how-to page, with the published x402 library on both sides, against the real service."""

import asyncio
import os
import statistics
import time
from collections import Counter

import httpx
import pytest

from tests.support.anvil import rpc
from tests.support.shop import Buyer, WebShop, account_of, refused, settled, shown, token_of
from tests.support.town import FUNDS, RESIDENTS, SHOPS

SHOP, OTHER = SHOPS
PAYMENTS = int(os.environ.get("HEITJE_X402_PAYMENTS", "40"))
"""At once; `make test-x402` asks for two hundred."""

PRICE = 5


@pytest.fixture
def open_shop(city, service, tmp_path):
    """Opens the page's shop."""
    return lambda number=SHOP, **terms: WebShop(tmp_path, service.url, city.address_of(number), **terms)


@pytest.fixture
async def browser():
    limits = httpx.Limits(max_connections=None)
    async with httpx.AsyncClient(timeout=120, limits=limits) as found:
        yield found


async def test_a_resident_buys_with_the_program_of_the_page(city, service, open_shop, residents):
    page, payer = {}, residents()
    exec(shown(1), page)
    with open_shop(cents=250) as shop:
        answer = await page["buy"](shop.url, account_of(city, payer), *token_of(city))
    assert (answer.status_code, answer.json()) == (200, {"article": "what was paid for"})
    paid = settled(answer)
    assert (paid.success, paid.amount, paid.payer) == (True, "250", city.address_of(payer))
    shown_here = service.get(paid.extra["operation"]).body
    assert (shown_here["state"], shown_here["transaction"]["hash"]) == ("final", paid.transaction)
    assert balance(service, city, payer) == FUNDS - 250


async def test_who_cannot_pay_gets_nothing_and_is_told_why(city, service, open_shop, browser, residents):
    payer = residents()
    with open_shop(cents=FUNDS + 1) as shop:
        answer = await Buyer(city, payer).buy(browser, shop.url)
        stranger = await Buyer(city, 999).buy(browser, shop.url)
    assert (answer.status_code, refused(answer)) == (402, "insufficient_funds")
    assert (stranger.status_code, refused(stranger)) == (402, "invalid_transaction_state")
    assert balance(service, city, payer) == FUNDS


async def test_one_payment_sent_many_times_at_once_is_paid_once_and_buys_once(
    city, service, open_shop, browser, residents
):
    payer, held = residents(), balance(service, city, SHOP)
    with open_shop(cents=30) as shop:
        headers = await Buyer(city, payer).sign(browser, shop.url)
        answers = await asyncio.gather(*(browser.get(shop.url, headers=headers) for _ in range(10)))
        late = await browser.get(shop.url, headers=headers)
    assert Counter(answer.status_code for answer in answers) == {200: 1, 402: 9}
    assert (late.status_code, refused(late)) == (402, "invalid_exact_evm_nonce_already_used")
    assert balance(service, city, payer) == FUNDS - 30
    assert balance(service, city, SHOP) == held + 30


async def test_a_payment_that_takes_long_is_pending_and_buys_when_it_is_sent_again(
    city, service, open_shop, browser, residents
):
    payer = residents()
    with open_shop(OTHER, cents=70, patience=15) as shop:
        headers = await Buyer(city, payer).sign(browser, shop.url)
        rpc(city.url, "evm_setIntervalMining", 0)
        try:
            # A third of the shop's patience, twice: the library asks a second time.
            pending = await browser.get(shop.url, headers=headers)
        finally:
            rpc(city.url, "evm_setIntervalMining", 1)
        told = settled(pending)
        assert (pending.status_code, told.error_reason) == (402, "settlement_pending")
        service.wait_for(told.extra["operation"], "final")
        bought = await browser.get(shop.url, headers=headers)
        again = await browser.get(shop.url, headers=headers)
    assert bought.status_code == 200
    assert settled(bought).transaction == told.transaction
    assert again.status_code == 402
    assert balance(service, city, payer) == FUNDS - 70


async def test_many_payments_at_once_are_all_settled_once(city, service, open_shop, browser, record_property):
    held = {number: balance(service, city, number) for number in (*RESIDENTS, OTHER)}
    buyers = [Buyer(city, RESIDENTS[place % len(RESIDENTS)]) for place in range(PAYMENTS)]
    with open_shop(OTHER, cents=PRICE) as shop:
        signed = await asyncio.gather(*(buyer.sign(browser, shop.url) for buyer in buyers))
        began = time.monotonic()

        async def pay(headers):
            sent = time.monotonic()
            answer = await browser.get(shop.url, headers=headers)
            return answer, time.monotonic() - sent

        paid = await asyncio.gather(*map(pay, signed))
        took = time.monotonic() - began
    assert Counter(answer.status_code for answer, _ in paid) == {200: PAYMENTS}
    transactions = {settled(answer).transaction for answer, _ in paid}
    assert len(transactions) == PAYMENTS
    assert all(int(rpc(city.url, "eth_getTransactionReceipt", sent)["status"], 16) == 1 for sent in transactions)
    assert balance(service, city, OTHER) == held[OTHER] + PAYMENTS * PRICE
    bought = Counter(RESIDENTS[place % len(RESIDENTS)] for place in range(PAYMENTS))
    left = {number: held[number] - bought[number] * PRICE for number in RESIDENTS}
    assert {number: balance(service, city, number) for number in RESIDENTS} == left
    times = sorted(seconds for _, seconds in paid)
    p50, p95 = statistics.median(times), times[int(0.95 * PAYMENTS) - 1]
    figures = (
        f"{PAYMENTS / took:.1f} a second; p50 {p50:.1f} s, p95 {p95:.1f} s, from the buyer's request to the article"
    )
    record_property(f"x402: {PAYMENTS} payments at once through a web shop", figures)


def balance(service, city, number):
    return int(service.get(f"/v1/accounts/{city.address_of(number)}").body["balance"])
