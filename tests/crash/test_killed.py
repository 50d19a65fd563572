# SPDX-License-Identifier: EUPL-1.2
"""The service is killed at the two worst moments. Afterwards the chain is asked what happened, not the database."""

import time

import pytest

from tests.support.anvil import rpc
from tests.support.proxy import Proxy
from tests.support.service import (
    Service,
    digest_of,
    nonce_on_chain,
    paid_on_chain,
    relayer,
    signed_payment,
    transactions_without_effect,
)
from tests.support.town import FUNDS, RESIDENTS, SHOPS, town

SEND = "eth_sendRawTransaction"
PAYERS = RESIDENTS[:5]


@pytest.fixture
def chain():
    with town() as found:
        yield found


@pytest.fixture
def city(chain):
    return chain[1]


def kill_while(city, folder, hold):
    """Take payments on, and kill the service while the proxy holds its transaction; the payments' digests."""
    with Proxy(city.url) as proxy:
        service = Service(folder, city, node=proxy.url)
        try:
            service.wait_until_alive()
            hold(proxy)
            digests = []
            for payer in PAYERS:
                body = signed_payment(city, payer, SHOPS[0], 150, 0)
                assert service.post("/v1/payments", body).status == 202
                digests.append(digest_of(city, body))
            assert proxy.held.wait(10), service.log.read_text()
        finally:
            service.kill()
    return digests


def check_everything_happened_once(city, digests):
    carried = [digest for digest in paid_on_chain(city) if digest in digests]
    assert sorted(carried) == sorted(digests)
    for payer in PAYERS:
        assert city.account(payer).nonce == 1
        assert city.account(payer).balance == FUNDS - 150
    assert city.account(SHOPS[0]).balance == 150 * len(PAYERS)
    assert transactions_without_effect(city) == []


def test_killed_between_store_and_send_nothing_is_lost_and_nothing_is_done_twice(city, tmp_path):
    digests = kill_while(city, tmp_path, lambda proxy: proxy.hold_requests(SEND))
    assert nonce_on_chain(city) == 0
    assert paid_on_chain(city) == []
    with Service(tmp_path, city) as again:
        for digest in digests:
            assert again.wait_for(f"/v1/payments/{digest}")["state"] == "final"
        used = nonce_on_chain(city)
        assert 1 <= used <= len(digests)
    check_everything_happened_once(city, digests)
    # No nonce was skipped: as many transactions as the key has nonces are in blocks, and the node waits for none.
    assert int(rpc(city.url, "eth_getTransactionCount", relayer().address, "pending"), 16) == used


def test_killed_between_send_and_receipt_nothing_is_lost_and_nothing_is_done_twice(chain, city, tmp_path):
    anvil, _ = chain
    anvil.rpc("evm_setIntervalMining", 0)
    digests = kill_while(city, tmp_path, lambda proxy: proxy.hold_answers(SEND))
    assert nonce_on_chain(city) == 0
    with Service(tmp_path, city) as again:
        # It sends what it is not certain of once more; only then the node gets to mine.
        time.sleep(5)
        anvil.rpc("evm_setIntervalMining", 1)
        for digest in digests:
            assert again.wait_for(f"/v1/payments/{digest}")["state"] == "final"
        used = nonce_on_chain(city)
        assert 1 <= used <= len(digests)
    check_everything_happened_once(city, digests)
    assert int(rpc(city.url, "eth_getTransactionCount", relayer().address, "pending"), 16) == used
