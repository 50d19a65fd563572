# SPDX-License-Identifier: EUPL-1.2
"""One key, one lane: restarts, second processes, foreign use of the key, blocks taken back."""

import time

import pytest

from heitje.chain.abi import load
from tests.support.anvil import rpc
from tests.support.databases import backup
from tests.support.proxy import Proxy
from tests.support.service import (
    PATIENCE,
    Service,
    digest_of,
    nonce_on_chain,
    paid_on_chain,
    relayer,
    signed_payment,
    thaw,
    until,
    write_files,
)
from tests.support.signed import signer_of
from tests.support.town import FUNDS, SHOPS, town

SHOP = SHOPS[0]


@pytest.fixture
def place():
    """A chain of its own: these tests do things to it that others would not forgive."""
    with town() as found:
        yield found


def pay(service, city, payer, nonce=0, cents=10):
    answer = service.post("/v1/payments", signed_payment(city, payer, SHOP, cents, nonce), wait=30)
    assert answer.body.get("state") == "final", (answer, service.log.read_text()[-3000:])
    return answer


def send_with_the_relayers_key(city):
    nonce = int(rpc(city.url, "eth_getTransactionCount", relayer().address, "pending"), 16)
    fields = {"chainId": city.chain_id, "nonce": nonce, "value": 0, "gas": 21_000, "to": relayer().address}
    raw = relayer().sign_transaction({**fields, "maxFeePerGas": 0, "maxPriorityFeePerGas": 0})
    rpc(city.url, "eth_sendRawTransaction", "0x" + raw.hex())
    until(lambda: nonce_on_chain(city), lambda used: used > nonce)


def wait_until_lane_stops(service):
    ready = until(
        lambda: service.get("/readyz"),
        lambda seen: seen.status == 503 and "key" in seen.body["lane"].get("detail", ""),
    )
    return ready.body["lane"]["detail"]


def wait_until_index_stops(service):
    return until(lambda: service.get("/readyz").body["index"].get("detail", ""), lambda text: "final" in text)


def test_after_an_orderly_stop_the_same_database_goes_on(place, tmp_path):
    _, city = place
    with Service(tmp_path, city) as service:
        first = pay(service, city, 101)
        assert service.stop() == 0
    with Service(tmp_path, city) as again:
        assert again.get(first.headers["location"]).body == first.body
        assert pay(again, city, 101, nonce=1).body["state"] == "final"
    assert nonce_on_chain(city) == 2


def test_a_second_process_with_the_same_key_and_database_stands_by(place, tmp_path):
    _, city = place
    # However busy the machine is, the first renews so long a lease in time.
    lease = {"HEITJE_LEASE": "40"}
    with Service(tmp_path, city, **lease) as first, Service(tmp_path, city, **lease) as second:
        assert pay(second, city, 101).body["state"] == "final"
        assert "transaction signed" in first.log.read_text()
        until(second.log.read_text, lambda text: "standing by" in text)
        assert "transaction signed" not in second.log.read_text()
    assert nonce_on_chain(city) == 1


def test_an_empty_database_indexes_the_chain_anew_and_goes_on_at_its_nonce(place, tmp_path):
    _, city = place
    with Service(tmp_path, city) as service:
        digest = pay(service, city, 101).body["id"]
    with Service(tmp_path, city, database="other") as fresh:
        assert fresh.get(f"/v1/payments/{digest}").body["state"] == "final"
        assert fresh.get("/v1/ledger").body["holds"] is True
        assert pay(fresh, city, 101, nonce=1).body["state"] == "final"


def test_when_another_program_uses_the_key_the_lane_stops_until_somebody_looked(place, tmp_path):
    _, city = place
    with Service(tmp_path, city) as service:
        pay(service, city, 101)
        send_with_the_relayers_key(city)
        assert "another program" in wait_until_lane_stops(service)
        waiting = service.post("/v1/payments", signed_payment(city, 102, SHOP, 10, 0))
        assert waiting.status == 202  # stored, and not lost
        time.sleep(2)
        assert service.get(waiting.headers["location"]).body["state"] == "queued"
        assert "goes on at nonce 2" in thaw(tmp_path, city.url).stdout
        assert service.wait_for(waiting.headers["location"])["state"] == "final"
    assert paid_on_chain(city).count(waiting.body["id"]) == 1


def test_after_a_refusal_for_good_the_lane_goes_on_when_somebody_looked(place, tmp_path):
    _, city = place
    with Proxy(city.url) as proxy, Service(tmp_path, city, node=proxy.url) as service:
        proxy.refuse("eth_sendRawTransaction", -32004, "upfront cost exceeds account balance")
        waiting = service.post("/v1/payments", signed_payment(city, 101, SHOP, 10, 0))
        until(lambda: service.get("/readyz").body["lane"].get("detail", ""), lambda text: "refuses" in text)
        proxy.let_pass()
        assert "1 transactions are sent again as they are" in thaw(tmp_path, city.url).stdout
        assert service.wait_for(waiting.headers["location"])["state"] == "final"
    assert paid_on_chain(city) == [waiting.body["id"]]


def test_with_an_old_copy_of_the_database_nothing_is_sent(place, tmp_path):
    _, city = place
    with Service(tmp_path, city) as service:
        pay(service, city, 101)
    backup(tmp_path, "db", "old")
    with Service(tmp_path, city) as service:
        pay(service, city, 101, nonce=1)
    with Service(tmp_path, city, database="old") as restored:
        assert "old copy" in wait_until_lane_stops(restored)
    assert nonce_on_chain(city) == 2


def test_blocks_taken_back_within_finality_are_carried_again_once(place, tmp_path):
    anvil, city = place
    anvil.mine(3)  # so that what is taken back is the payment, and not the credits to pay it with
    with Service(tmp_path, city, "--finality", "6") as service:
        body = signed_payment(city, 101, SHOP, 250, 0)
        service.post("/v1/payments", body)
        path = f"/v1/payments/{digest_of(city, body)}"
        mined = service.wait_for(path, "mined")
        anvil.rpc("anvil_reorg", 3, [])
        assert mined["transaction"]["block"] <= int(anvil.rpc("eth_blockNumber"), 16)
        final = service.wait_for(path, "final")
        assert final["state"] == "final"
        assert service.get("/v1/ledger").body["holds"] is True
        account = service.get(f"/v1/accounts/{city.address_of(101)}").body
        assert (account["balance"], account["nextNonce"]) == (str(FUNDS - 250), "1")
        assert "blocks taken back" in service.log.read_text()
    assert paid_on_chain(city) == [digest_of(city, body)]
    assert city.account(101).nonce == 1


def test_what_another_carried_is_final_only_when_its_block_is(place, tmp_path):
    anvil, city = place
    with Service(tmp_path, city, "--finality", "4") as service:
        payment = city.payment(101, SHOP, 10)
        city.pay_batch([payment])
        path = f"/v1/payments/0x{payment.digest.hex()}"
        assert service.wait_for(path, "mined", "final")["state"] == "mined"
        anvil.mine(4)
        assert service.wait_for(path, "final")["state"] == "final"


def test_blocks_taken_back_beyond_finality_stop_the_index_and_the_lane(place, tmp_path):
    anvil, city = place
    with Service(tmp_path, city) as service:
        pay(service, city, 101)
        anvil.rpc("anvil_reorg", 3, [])
        assert "empty database" in wait_until_index_stops(service)
        assert service.get("/v1/ledger").status == 200
        refused = service.post("/v1/payments", signed_payment(city, 102, SHOP, 10, 0))
        assert (refused.status, refused.code) == (503, "not_ready")


def test_one_block_taken_back_is_beyond_a_finality_of_none(place, tmp_path):
    anvil, city = place
    with Service(tmp_path, city) as service:
        pay(service, city, 101)
        anvil.rpc("anvil_reorg", 1, [])
        wait_until_index_stops(service)


def test_a_node_that_reads_the_chain_anew_is_waited_for(place, tmp_path):
    _, city = place
    with Proxy(city.url) as proxy:
        write_files(tmp_path, city, deploy_block=5)
        with Service(tmp_path, city, node=proxy.url) as service:
            assert pay(service, city, 101).body["state"] == "final"
            proxy.be_at(3)
            until(
                lambda: service.get("/readyz").body["index"].get("detail", ""),
                lambda text: "behind what is indexed" in text,
            )
            time.sleep(2)  # it looks some twenty times, and does not take it for another chain
            proxy.let_pass()
            assert pay(service, city, 101, nonce=1).body["state"] == "final"


def test_a_payment_that_meets_two_pauses_is_paid_afterwards(place, tmp_path):
    anvil, city = place
    with Service(tmp_path, city) as service:
        path = service.post("/v1/payments", signed_payment(city, 101, SHOP, 10, 0)).headers["location"]
        for _ in range(2):
            anvil.rpc("evm_setIntervalMining", 0)
            service.wait_for(path, "submitted", "final")
            anvil.rpc("anvil_dropAllTransactions")
            data = load("MunicipalToken").encode("pause")
            guardian = signer_of("guardian")
            nonce = int(anvil.rpc("eth_getTransactionCount", guardian.address, "pending"), 16)
            fields = {"chainId": city.chain_id, "nonce": nonce, "gas": 200_000, "value": 0, "data": data}
            fields |= {"to": city.addresses["token"], "maxFeePerGas": 0, "maxPriorityFeePerGas": 0}
            anvil.rpc("eth_sendRawTransaction", "0x" + guardian.sign_transaction(fields).hex())
            # The same bytes go again, and are behind the pause.
            until(lambda: anvil.rpc("txpool_content")["pending"], lambda pending: relayer().address.lower() in pending)
            anvil.mine()
            assert service.wait_for(path, "queued", "rejected")["state"] == "queued"
            anvil.rpc("evm_setIntervalMining", 1)
            city.send("unpauser", "token", "unpause")
        assert service.wait_for(path)["state"] == "final"


def test_while_the_node_is_away_payments_are_stored_and_go_on_when_it_is_back(place, tmp_path):

    _, city = place
    with Proxy(city.url) as proxy:
        with Service(tmp_path, city, node=proxy.url) as service:
            for method in ("eth_sendRawTransaction",):
                proxy.hold_requests(method)
            waiting = service.post("/v1/payments", signed_payment(city, 101, SHOP, 10, 0))
            assert waiting.status == 202
            assert proxy.held.wait(PATIENCE)
            proxy.let_pass()
            assert service.wait_for(waiting.headers["location"])["state"] == "final"
        assert nonce_on_chain(city) == 1
