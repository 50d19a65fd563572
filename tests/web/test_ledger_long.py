# SPDX-License-Identifier: EUPL-1.2
"""Ten thousand payments, checked in a visitor's browser."""

import time

import pytest
from playwright.sync_api import expect

from tests.load.history import push
from tests.load.payments import BLOCK_GAS, MUCH
from tests.load.traffic import Town
from tests.support.anvil import Anvil
from tests.support.city import City
from tests.support.pages import PHONE, person
from tests.support.service import Service

PAYMENTS = 10_000
WITHIN = 60_000
"""Milliseconds, on a machine that does much else; on one that does not it takes two seconds."""


@pytest.fixture(scope="module")
def chain_and_city():
    with Anvil(f"--gas-limit={BLOCK_GAS}") as anvil:
        town = Town.settle(City.found(anvil.url, cap=MUCH), 500, 20)
        anvil.rpc("evm_setAutomine", False)
        push(anvil, town, town.payments(PAYMENTS))
        yield anvil, town.city


@pytest.fixture(scope="module")
def service(chain_and_city, tmp_path_factory):
    with Service(tmp_path_factory.mktemp("long"), chain_and_city[1]) as running:
        yield running


def test_ten_thousand_payments_are_checked_within_a_minute(browser, service, record_property):
    with person(browser, f"http://localhost:{service.port}", PHONE, "en") as page:
        page.goto("/en/ledger/check")
        began = time.monotonic()
        page.get_by_role("button", name="Check the books").click()
        outcome = page.locator("#outcome")
        expect(outcome).to_be_visible(timeout=WITHIN)
        record_property("Checked in a browser", f"{PAYMENTS} payments in {time.monotonic() - began:.1f} s")
        expect(outcome).to_contain_text("The books are right")
        expect(outcome).to_contain_text(f"transfers: {PAYMENTS + 1_000}")
