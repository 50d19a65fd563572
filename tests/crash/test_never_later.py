# SPDX-License-Identifier: EUPL-1.2
"""What has ended without moving money never moves any: its old signature is carried to the chain again, by others.

And the other way about: what others carry counts as carried, and nothing is carried twice.
"""

import time

import pytest

from heitje.chain.logs import PAID
from tests.support.anvil import rpc
from tests.support.crash import PAYERS, SEND
from tests.support.proxy import Proxy
from tests.support.service import Service, digest_of, paid_on_chain, signed_payment, until
from tests.support.signed import Payment
from tests.support.town import FUNDS, SHOPS

PAYER, SHOP = PAYERS[0], SHOPS[0]


def carry(city, *bodies):
    """Carries signed payments to the chain without the relayer, as anybody can."""
    payments = [
        Payment(
            body["from"],
            body["to"],
            int(body["value"]),
            int(body["nonce"]),
            body["deadline"],
            bytes.fromhex(body["requestId"][2:]),
            bytes.fromhex(digest_of(city, body)[2:]),
            bytes.fromhex(body["signature"][2:]),
        )
        for body in bodies
    ]
    return city.pay_batch(payments)


def paths(city, *bodies):
    return [f"/v1/payments/{digest_of(city, body)}" for body in bodies]


@pytest.fixture
def proxy(city):
    with Proxy(city.url) as between:
        yield between


@pytest.fixture
def service(city, proxy, tmp_path):
    with Service(tmp_path, city, node=proxy.url) as running:
        yield running


def test_an_expired_payment_can_never_be_carried_by_anybody(city, service, proxy):
    proxy.refuse(SEND, -32005, "not now: limit exceeded")
    body = signed_payment(city, PAYER, SHOP, 100, 0, deadline=int(time.time()) + 4)
    assert service.post("/v1/payments", body).status == 202
    (path,) = paths(city, body)
    assert service.wait_for(path)["state"] == "expired"
    receipt = carry(city, body)
    assert not [log for log in receipt["logs"] if log["topics"][0] == PAID]
    assert city.account(PAYER).balance == FUNDS
    assert city.account(PAYER).nonce == 0
    assert service.get(path).body["state"] == "expired"


@pytest.mark.slow
def test_a_payment_that_failed_can_never_be_carried_by_anybody(anvil, city, service):
    anvil.rpc("evm_setIntervalMining", 0)
    failing = signed_payment(city, PAYER, SHOP, FUNDS, 0)
    assert service.post("/v1/payments", failing).status == 202
    (path,) = paths(city, failing)
    service.wait_for(path, "submitted")
    # Another payment with the same nonce, signed elsewhere, is first.
    anvil.rpc("anvil_dropAllTransactions")
    other = signed_payment(city, PAYER, SHOPS[1], 300, 0)
    anvil.rpc("evm_setAutomine", True)
    carry(city, other)
    anvil.rpc("evm_setAutomine", False)
    anvil.rpc("evm_setIntervalMining", 1)
    ended = service.wait_for(path)
    assert (ended["state"], ended["failure"]["code"]) == ("failed", "nonce_used")
    for _ in range(2):
        carry(city, failing)
    assert paid_on_chain(city) == [digest_of(city, other)]
    assert city.account(PAYER).balance == FUNDS - 300
    assert service.get(path).body["state"] == "failed"


@pytest.mark.slow
def test_a_payment_that_the_contract_refused_and_counted_can_never_be_carried_by_anybody(anvil, city, service):
    anvil.rpc("evm_setIntervalMining", 0)
    body = signed_payment(city, PAYER, SHOP, 100, 0)
    assert service.post("/v1/payments", body).status == 202
    (path,) = paths(city, body)
    service.wait_for(path, "submitted")
    anvil.rpc("anvil_dropAllTransactions")
    anvil.rpc("evm_setAutomine", True)
    city.send("guardian", "token", "freeze", PAYER, 1)
    anvil.rpc("evm_setAutomine", False)
    anvil.rpc("evm_setIntervalMining", 1)
    assert service.wait_for(path)["state"] == "failed"
    city.send("unpauser", "token", "unfreeze", PAYER)
    carry(city, body)
    assert paid_on_chain(city) == []
    assert city.account(PAYER).balance == FUNDS


@pytest.mark.slow
def test_what_somebody_else_carried_counts_as_paid_and_is_not_carried_again(city, service, proxy):
    proxy.refuse(SEND, -32005, "not now: limit exceeded")
    body = signed_payment(city, PAYER, SHOP, 100, 0)
    (path,) = paths(city, body)
    assert service.post("/v1/payments", body).status == 202
    service.wait_for(path, "batched")
    carried = carry(city, body)
    told = service.wait_for(path)
    assert (told["state"], told["transaction"]["hash"]) == ("final", carried["transactionHash"])
    proxy.let_pass()
    more = signed_payment(city, PAYER, SHOP, 100, 1)
    service.post("/v1/payments", more)
    assert service.wait_for(*paths(city, more))["state"] == "final"
    assert sorted(paid_on_chain(city)) == sorted([digest_of(city, body), digest_of(city, more)])


def test_equal_payments_are_told_apart_by_their_digests(city, service):
    """Same payer, shop, cents and deadline: what differs is the nonce, or what the shop asked for."""
    deadline = int(time.time()) + 600
    first = signed_payment(city, PAYER, SHOP, 100, 0, deadline=deadline)
    second = signed_payment(city, PAYER, SHOP, 100, 1, deadline=deadline)
    rival = signed_payment(city, PAYER, SHOP, 100, 1, deadline=deadline, request_id=b"\x01" * 32)
    for body in (first, second):
        assert service.post("/v1/payments", body).status == 202
    assert service.post("/v1/payments", rival).status == 409
    for path in paths(city, first, second):
        assert service.wait_for(path)["state"] == "final"
    carry(city, rival, first, second)
    assert service.get(paths(city, rival)[0]).status == 404
    assert sorted(paid_on_chain(city)) == sorted([digest_of(city, first), digest_of(city, second)])
    assert city.account(PAYER).balance == FUNDS - 200


@pytest.mark.slow
def test_a_payment_taken_back_with_its_block_and_carried_by_another_counts_once(anvil, city, tmp_path):
    anvil.mine(6)
    body = signed_payment(city, PAYER, SHOP, 100, 0)
    (path,) = paths(city, body)
    with Service(tmp_path, city, "--finality=8") as service:
        service.post("/v1/payments", body)
        service.wait_for(path, "mined")
        anvil.rpc("anvil_reorg", 4, [])
        carried = carry(city, body)
        told = service.wait_for(path)
        assert told["state"] == "final"
        until(lambda: service.get("/v1/ledger").body["holds"], bool)
    assert paid_on_chain(city) == [digest_of(city, body)]
    head = rpc(city.url, "eth_getTransactionReceipt", told["transaction"]["hash"])
    assert head["status"] == "0x1"
    assert carried["status"] == "0x1"
