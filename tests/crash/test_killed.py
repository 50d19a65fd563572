# SPDX-License-Identifier: EUPL-1.2
"""The crash matrix: the service is killed (SIGKILL) at each point where it can be between two things it does.

Afterwards the chain is asked what happened, not the database: nothing lost, nothing twice. Each row has its test, named
after the point. The points are reached by a proxy that holds what the service asks its node at that moment.
"""

import os
import signal
import time

import pytest

from tests.support.anvil import RpcRefused, rpc
from tests.support.crash import (
    PAYERS,
    SEND,
    accept,
    check_nothing_in_vain,
    check_once,
    copy_database,
    finish,
    rows,
)
from tests.support.databases import place_of
from tests.support.proxy import Proxy
from tests.support.service import PATIENCE, Service, heitje, nonce_on_chain, paid_on_chain, relayer, thaw, until
from tests.support.signed import signer_of


def kill_while(city, folder, hold, *options):
    """Take payments on, and kill the service while the proxy holds what it asks; the payments' digests."""
    with Proxy(city.url) as proxy:
        service = Service(folder, city, *options, node=proxy.url)
        try:
            service.wait_until_alive()
            hold(proxy)
            digests = accept(service, city)
            assert proxy.held.wait(PATIENCE), service.log.read_text()
        finally:
            service.kill()
    return digests


def use_the_relayers_next_nonce(city):
    """Another program that has the key: its transaction is in a block when this returns."""
    nonce = nonce_on_chain(city)
    fields = {"chainId": city.chain_id, "nonce": nonce, "value": 0, "gas": 21_000, "to": signer_of("x").address}
    raw = relayer().sign_transaction({**fields, "maxFeePerGas": 0, "maxPriorityFeePerGas": 0})
    rpc(city.url, SEND, "0x" + raw.hex())
    until(lambda: nonce_on_chain(city), lambda used: used > nonce)


def lane_says(service, *words):
    """Waits until the lane has stopped and says all of this."""
    detail = until(lambda: service.get("/readyz").body["lane"].get("detail", ""), lambda text: words[0] in text)
    assert all(word in detail for word in words), detail


# After the operation is stored, before its transaction is


def test_killed_after_the_store_of_an_operation_and_before_its_batch(city, tmp_path):
    with Proxy(city.url) as proxy:
        service = Service(tmp_path, city, node=proxy.url)
        try:
            service.wait_until_alive()
            proxy.hold_requests("eth_getTransactionCount")
            assert proxy.held.wait(PATIENCE)  # the lane waits, and has signed nothing
            digests = accept(service, city)
        finally:
            service.kill()
    assert rows(tmp_path, "SELECT count(*) FROM batch") == [(0,)]
    assert rows(tmp_path, "SELECT DISTINCT state FROM operation") == [("queued",)]
    with Service(tmp_path, city) as again:
        finish(again, digests)
    check_once(city, digests)
    check_nothing_in_vain(city)


# After the transaction is stored, before it is sent


def test_killed_after_the_store_of_a_batch_and_before_its_sending(city, tmp_path):
    digests = kill_while(city, tmp_path, lambda proxy: proxy.hold_requests(SEND))
    assert nonce_on_chain(city) == 0
    assert paid_on_chain(city) == []
    signed = rows(tmp_path, "SELECT tx_hash FROM attempt")
    with Service(tmp_path, city) as again:
        finish(again, digests)
    check_once(city, digests)
    check_nothing_in_vain(city)
    # The same bytes went.
    assert all(rpc(city.url, "eth_getTransactionReceipt", tx_hash) for (tx_hash,) in signed)


# After it is sent, before that is noted


def test_killed_after_the_sending_and_before_it_is_noted(anvil, city, tmp_path):
    anvil.rpc("evm_setIntervalMining", 0)
    digests = kill_while(city, tmp_path, lambda proxy: proxy.hold_answers(SEND))
    assert nonce_on_chain(city) == 0
    assert rows(tmp_path, "SELECT DISTINCT state FROM batch") == [("signed",)]
    with Service(tmp_path, city) as again:
        # It sends what it is not certain of once more; only then the node gets to mine.
        until(lambda: rows(tmp_path, "SELECT max(sends) FROM attempt")[0][0], lambda sends: sends >= 1)
        anvil.rpc("evm_setIntervalMining", 1)
        finish(again, digests)
    check_once(city, digests)
    check_nothing_in_vain(city)


# After it is mined, before the index has written it


@pytest.mark.slow
@pytest.mark.parametrize("asked", ["eth_getLogs", "eth_call"])
def test_killed_after_the_block_and_before_the_index_has_written_it(city, tmp_path, asked):
    with Proxy(city.url) as proxy:
        service = Service(tmp_path, city, node=proxy.url)
        try:
            service.wait_until_alive()
            proxy.hold_requests(asked)
            digests = accept(service, city)
            until(lambda: sorted(paid_on_chain(city)), lambda paid: paid == sorted(digests))
            assert proxy.held.wait(PATIENCE)
        finally:
            service.kill()
    states = {state for (state,) in rows(tmp_path, "SELECT state FROM operation")}
    assert states <= {"batched", "submitted"}
    with Service(tmp_path, city) as again:
        finish(again, digests)
    check_once(city, digests)
    check_nothing_in_vain(city)


# There are no replacements: a nonce keeps its bytes. What was displaced is signed anew on another nonce


@pytest.mark.slow
def test_killed_between_the_signing_anew_of_what_was_displaced_and_its_sending(city, tmp_path):
    digests = kill_while(city, tmp_path, lambda proxy: proxy.hold_requests(SEND))
    (given_up,) = rows(tmp_path, "SELECT raw FROM attempt JOIN batch ON batch.id = batch_id WHERE nonce = 0")
    use_the_relayers_next_nonce(city)
    with Proxy(city.url) as proxy:
        service = Service(tmp_path, city, node=proxy.url)
        try:
            service.wait_until_alive()
            lane_says(service, "nonce 0", "another program", "heitje lane thaw")
            proxy.hold_requests(SEND)
            assert "1 were displaced" in thaw(tmp_path, city.url).stdout
            assert proxy.held.wait(PATIENCE)
        finally:
            service.kill()
    with pytest.raises(RpcRefused, match="nonce too low"):
        rpc(city.url, SEND, "0x" + given_up[0].hex())
    with Service(tmp_path, city) as again:
        finish(again, digests)
    check_once(city, digests)
    per_nonce = rows(tmp_path, "SELECT max(n) FROM (SELECT count(*) AS n FROM batch GROUP BY lane_id, nonce)")
    assert per_nonce == [(1,)]


# After the database was restored to an older copy


def test_killed_and_started_on_an_older_copy_of_the_database_the_lane_stops_until_somebody_looked(city, tmp_path):
    with Service(tmp_path, city) as service:
        before = accept(service, city, PAYERS[:2])
        finish(service, before)
    copy_database(tmp_path, "db", "backup")
    service = Service(tmp_path, city)
    try:
        service.wait_until_alive()
        lost = accept(service, city, PAYERS[2:])
        finish(service, lost)
    finally:
        service.kill()
    used = nonce_on_chain(city)
    copy_database(tmp_path, "backup", "db")
    with Service(tmp_path, city) as restored:
        waiting = accept(restored, city, PAYERS[:1], nonce=1)
        lane_says(restored, "old copy", "heitje lane thaw")
        time.sleep(2)
        assert nonce_on_chain(city) == used
        shown = heitje("lane", "show", f"--rpc={city.url}", f"--database={place_of(tmp_path)}")
        assert (shown.returncode, f"the chain has used {used}" in shown.stdout) == (1, True)
        assert thaw(tmp_path, city.url).returncode == 0
        finish(restored, waiting)
        # What the copy does not know is known from the chain.
        assert all(restored.get(f"/v1/payments/{digest}").body["state"] == "final" for digest in lost)
    assert sorted(paid_on_chain(city)) == sorted([*before, *lost, *waiting])
    check_nothing_in_vain(city)


@pytest.mark.slow
def test_an_older_copy_stops_even_while_what_it_does_not_know_still_waits_in_the_nodes_pool(anvil, city, tmp_path):
    with Service(tmp_path, city) as service:
        finish(service, accept(service, city, PAYERS[:1]))
    copy_database(tmp_path, "db", "backup")
    anvil.rpc("evm_setIntervalMining", 0)
    service = Service(tmp_path, city)
    try:
        service.wait_until_alive()
        (lost,) = accept(service, city, PAYERS[1:2])
        service.wait_for(f"/v1/payments/{lost}", "submitted")
    finally:
        service.kill()
    copy_database(tmp_path, "backup", "db")
    with Service(tmp_path, city) as restored:
        (waiting,) = accept(restored, city, PAYERS[2:3])
        lane_says(restored, "old copy")
        refused = thaw(tmp_path, city.url)
        assert (refused.returncode, "still holds transactions" in refused.stderr) == (2, True)
        anvil.rpc("evm_setIntervalMining", 1)
        until(lambda: thaw(tmp_path, city.url).returncode, lambda code: code == 0)
        finish(restored, [waiting])
        assert restored.get(f"/v1/payments/{lost}").body["state"] == "final"


# Two processes


@pytest.mark.slow
def test_a_process_that_stood_still_longer_than_its_lease_is_fenced_off_by_the_one_that_took_over(city, tmp_path):
    with Proxy(city.url) as proxy:
        older = Service(tmp_path, city, node=proxy.url)
        try:
            older.wait_until_alive()
            proxy.hold_requests(SEND)
            digests = accept(older, city)
            assert proxy.held.wait(PATIENCE)
            os.kill(older.process.pid, signal.SIGSTOP)
            with Service(tmp_path, city) as newer:
                finish(newer, digests)
                proxy.let_pass()
                os.kill(older.process.pid, signal.SIGCONT)
                assert older.process.wait(PATIENCE) == 3
                assert "taken over" in older.log.read_text()
                more = accept(newer, city, nonce=1)
                finish(newer, more)
        finally:
            older.kill()
    check_once(city, [*digests, *more], each=2)
    check_nothing_in_vain(city)


@pytest.mark.slow
def test_when_the_holder_is_killed_a_waiting_process_takes_over_after_the_lease(city, tmp_path):
    holder = Service(tmp_path, city)
    try:
        holder.wait_until_alive()
        first = accept(holder, city)
        standby = Service(tmp_path, city, HEITJE_LEASE="4")
    finally:
        holder.kill()
    with standby:
        finish(standby, first)
    check_once(city, first)


# The node forgets


def test_killed_while_the_node_forgets_all_it_has_not_mined(anvil, city, tmp_path):
    anvil.rpc("evm_setIntervalMining", 0)
    service = Service(tmp_path, city)
    try:
        service.wait_until_alive()
        digests = accept(service, city)
        for digest in digests:
            service.wait_for(f"/v1/payments/{digest}", "submitted")
    finally:
        service.kill()
    anvil.rpc("anvil_dropAllTransactions")
    anvil.rpc("evm_setIntervalMining", 1)
    with Service(tmp_path, city) as again:
        finish(again, digests)
    check_once(city, digests)
    check_nothing_in_vain(city)


# The chain takes blocks back


@pytest.mark.slow
@pytest.mark.parametrize("take_back", ["anvil_reorg", "anvil_rollback"])
def test_killed_while_the_chain_takes_blocks_back_within_finality(anvil, city, tmp_path, take_back):
    anvil.mine(6)
    service = Service(tmp_path, city, "--finality=8")
    try:
        service.wait_until_alive()
        digests = accept(service, city)
        for digest in digests:
            service.wait_for(f"/v1/payments/{digest}", "mined")
    finally:
        service.kill()
    anvil.rpc(take_back, *((5, []) if take_back == "anvil_reorg" else (5,)))
    assert paid_on_chain(city) == []
    with Service(tmp_path, city, "--finality=8") as again:
        finish(again, digests)
    check_once(city, digests)


@pytest.mark.slow
def test_killed_in_the_middle_of_going_back(anvil, city, tmp_path):
    anvil.mine(6)
    with Proxy(city.url) as proxy:
        service = Service(tmp_path, city, "--finality=8", node=proxy.url)
        try:
            service.wait_until_alive()
            digests = accept(service, city)
            for digest in digests:
                service.wait_for(f"/v1/payments/{digest}", "mined")
            anvil.rpc("evm_setIntervalMining", 0)
            proxy.hold_requests("eth_call")
            anvil.rpc("anvil_reorg", 5, [])
            anvil.mine()
            assert proxy.held.wait(PATIENCE)
        finally:
            service.kill()
    anvil.rpc("evm_setIntervalMining", 1)
    with Service(tmp_path, city, "--finality=8") as again:
        finish(again, digests)
    check_once(city, digests)
