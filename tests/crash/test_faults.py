# SPDX-License-Identifier: EUPL-1.2
"""What networks and nodes do to the relayer: cut it off, delay it, double it, forget, deceive.

The chain is asked afterwards.
"""

import random
import time
from itertools import count

import pytest

from tests.support.anvil import rpc
from tests.support.crash import CENTS, PAYERS, SEND, accept, check_once, finish
from tests.support.proxy import Fault, Proxy
from tests.support.service import Service, nonce_on_chain, paid_on_chain, relayer, thaw, until
from tests.support.town import FUNDS, RESIDENTS, SHOPS, town

SHOP = SHOPS[0]
READS = ("eth_getBlockByNumber", "eth_getLogs", "eth_call", "eth_getTransactionCount")


@pytest.fixture
def proxy(city):
    with Proxy(city.url) as between:
        yield between


@pytest.fixture
def service(city, proxy, tmp_path):
    with Service(tmp_path, city, "--finality=0", node=proxy.url) as running:
        yield running


def sent_by_the_relayer(city):
    return int(rpc(city.url, "eth_getTransactionCount", relayer().address, "pending"), 16)


@pytest.mark.parametrize(
    "faults",
    [
        pytest.param([Fault.CUT_REQUEST] * 2, id="cut before the request reaches the node"),
        pytest.param([Fault.CUT_ANSWER], id="cut after it, before the answer", marks=pytest.mark.slow),
        pytest.param([Fault.TWICE], id="brought twice", marks=pytest.mark.slow),
        pytest.param([Fault.LATE], id="late", marks=pytest.mark.slow),
    ],
)
def test_whatever_happens_to_the_sending_each_payment_is_carried_once(city, service, proxy, faults):
    proxy.fail(SEND, *faults)
    digests = accept(service, city)
    finish(service, digests)
    assert proxy.faults_left(SEND) == 0
    check_once(city, digests)


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_with_a_third_of_all_messages_cut_doubled_or_late_each_payment_is_carried_once(city, service, proxy, seed):
    chance = random.Random(seed)
    digests = []
    for nonce in range(4):
        for method in (SEND, *READS):
            proxy.fail(method, *chance.choices(list(Fault), k=3))
        digests += accept(service, city, nonce=nonce)
        time.sleep(chance.random() * 2)
    finish(service, digests)
    check_once(city, digests, each=4)


# The node forgets


@pytest.mark.slow
def test_a_transaction_that_the_node_dropped_is_sent_again_and_those_behind_it_follow(anvil, city, service):
    anvil.rpc("evm_setIntervalMining", 0)
    digests = []
    for nonce, payer in enumerate(PAYERS[:3]):
        digests += accept(service, city, [payer])
        until(lambda n=nonce: sent_by_the_relayer(city) > n, bool)
    first = next(iter(rpc(city.url, "txpool_content")["pending"].values()))["0"]["hash"]
    anvil.rpc("anvil_dropTransaction", first)
    until(lambda: rpc(city.url, "eth_getTransactionByHash", first), bool)
    anvil.rpc("evm_setIntervalMining", 1)
    finish(service, digests)
    check_once(city, digests, PAYERS[:3])


# The node deceives


@pytest.mark.slow
def test_a_node_that_once_says_a_nonce_too_many_stops_nothing(city, service, proxy):
    first = accept(service, city, PAYERS[:1])
    finish(service, first)
    lies = count()
    proxy.lie("eth_getTransactionCount", lambda told: hex(int(told, 16) + 5) if next(lies) < 2 else told)
    until(lambda: next(lies), lambda seen: seen > 8)
    more = accept(service, city, PAYERS[1:])
    finish(service, more)
    check_once(city, [*first, *more])


@pytest.mark.slow
def test_a_node_that_keeps_saying_a_nonce_too_many_stops_the_lane_and_no_nonce_is_skipped(
    anvil, city, service, proxy, tmp_path
):
    anvil.rpc("evm_setIntervalMining", 0)
    under_way = accept(service, city, PAYERS[:1])
    service.wait_for(f"/v1/payments/{under_way[0]}", "submitted")
    proxy.lie("eth_getTransactionCount", lambda told: hex(int(told, 16) + 5))
    until(lambda: service.get("/readyz").body["lane"].get("detail", ""), lambda text: "another program" in text)
    more = accept(service, city, PAYERS[1:])
    proxy.let_pass()
    time.sleep(2)
    assert sent_by_the_relayer(city) == 1
    told = thaw(tmp_path, city.url).stdout
    assert "goes on at nonce 1: 1 transactions are sent again as they are, 0 were displaced" in told
    anvil.rpc("evm_setIntervalMining", 1)
    finish(service, [*under_way, *more])
    check_once(city, [*under_way, *more])


@pytest.mark.slow
def test_a_node_that_says_a_nonce_too_few_changes_nothing(city, service, proxy):
    first = accept(service, city, PAYERS[:2])
    finish(service, first)
    proxy.lie("eth_getTransactionCount", lambda _: "0x0")
    more = accept(service, city, PAYERS[2:])
    finish(service, more)
    check_once(city, [*first, *more])


# Several nodes


@pytest.fixture
def other(city):
    with Proxy(city.url) as between:
        yield between


@pytest.fixture
def of_two(city, proxy, other, tmp_path):
    with Service(tmp_path, city, f"--fallback-rpc={other.url}", node=proxy.url) as running:
        yield running


def test_when_a_node_is_cut_off_the_next_one_takes_over(city, of_two, proxy):
    first = accept(of_two, city, PAYERS[:2])
    finish(of_two, first)
    for method in (SEND, *READS, "eth_chainId", "eth_blockNumber"):
        proxy.fail(method, *[Fault.CUT_REQUEST] * 1_000)
    more = accept(of_two, city, PAYERS[2:])
    finish(of_two, more)
    assert "another node is used" in of_two.log.read_text()
    check_once(city, [*first, *more])


@pytest.mark.slow
def test_when_a_node_falls_behind_the_next_one_takes_over(city, of_two, proxy):
    first = accept(of_two, city, PAYERS[:2])
    finish(of_two, first)
    stuck = int(rpc(city.url, "eth_blockNumber"), 16)
    proxy.be_at(stuck)
    proxy.lie("eth_blockNumber", lambda _: hex(stuck))
    proxy.hold_requests(SEND)
    more = accept(of_two, city, PAYERS[2:])
    finish(of_two, more)
    check_once(city, [*first, *more])


@pytest.mark.slow
def test_a_node_of_another_chain_is_not_used(city, proxy, tmp_path):
    with town() as (stranger, _):
        stranger_url = stranger.url
        with Proxy(stranger_url) as other:
            other.lie("eth_chainId", lambda _: "0x1")
            with Service(tmp_path, city, f"--fallback-rpc={other.url}", node=proxy.url) as service:
                first = accept(service, city, PAYERS[:1])
                finish(service, first)
                proxy.fail(SEND, *[Fault.CUT_REQUEST] * 3)
                more = accept(service, city, PAYERS[1:])
                finish(service, more)
                assert "another node is used" not in service.log.read_text()
    check_once(city, [*first, *more])


# Dying all the time


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2])
def test_killed_at_twelve_random_moments_each_payment_is_carried_once(city, tmp_path, seed):
    chance = random.Random(seed)
    payers, digests = RESIDENTS[:12], []
    for payer in payers:
        service = Service(tmp_path, city)
        try:
            service.wait_until_alive()
            digests += accept(service, city, [payer])
            time.sleep(chance.random() * 2.5)
        finally:
            service.kill()
    with Service(tmp_path, city) as service:
        finish(service, digests)
    check_once(city, digests, payers)
    assert city.account(SHOP).balance == CENTS * len(payers)
    assert nonce_on_chain(city) <= len(payers)
    assert len(paid_on_chain(city)) == len(payers)
    assert city.account(payers[0]).balance == FUNDS - CENTS
