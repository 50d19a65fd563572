# SPDX-License-Identifier: EUPL-1.2
"""What an operator types beside the service: `heitje check`, `heitje reindex`, `heitje lane show`."""

import asyncio
import resource
import sqlite3
import time

import pytest
from eth_utils.crypto import keccak

from tests.support.crash import asked, rows
from tests.support.databases import place_of, server
from tests.support.service import (
    Service,
    heitje,
    nonce_on_chain,
    paid_on_chain,
    redemption_body,
    signed_payment,
    until,
    write_key,
)
from tests.support.signed import signer_of
from tests.support.town import FUNDS, RESIDENTS, SHOPS, town

SHOP = SHOPS[0]


@pytest.fixture
def place():
    with town() as found:
        yield found


def where(folder, city):
    return f"--rpc={city.url}", f"--database={place_of(folder)}"


def check(folder, city):
    return heitje("check", *where(folder, city), f"--deployment={folder / 'deployment.json'}")


def reindex(folder, city, *options):
    files = (*where(folder, city), f"--deployment={folder / 'deployment.json'}")
    return heitje("reindex", *files, "--yes", *options)


def change(folder, statement):
    if server() is not None:
        asyncio.run(asked(place_of(folder), statement))
        return
    with sqlite3.connect(folder / "db.sqlite") as connection:
        connection.execute(statement)
    connection.close()


def pay(service, city, payer, nonce=0):
    answer = service.post("/v1/payments", signed_payment(city, payer, SHOP, 100, nonce), wait=30)
    return answer.headers["location"]


def test_the_check_compares_with_the_chain_names_what_differs_and_reading_anew_mends_it(place, tmp_path):
    _, city = place
    with Service(tmp_path, city) as service:
        path = pay(service, city, 101)
        salt = keccak(b"a redemption")
        redeemed = service.post("/v1/redemptions", redemption_body(city, SHOP, 60, salt), wait=30)
        service.wait_for(redeemed.headers["location"])
        equal = check(tmp_path, city)
        assert (equal.returncode, "1 redemptions, all sums" in equal.stdout) == (0, True), equal.stdout + equal.stderr
        refused = reindex(tmp_path, city)
        assert (refused.returncode, "Stop the service first" in refused.stderr) == (2, True)

    address = city.address_of(101)
    word = int(rows(tmp_path, f"SELECT word FROM account WHERE address = '{address}'")[0][0], 16)
    change(tmp_path, f"UPDATE account SET word = '{hex(word + (1 << 112))}' WHERE address = '{address}'")
    change(tmp_path, "UPDATE redemption SET amount = amount + 1")
    change(tmp_path, "UPDATE ledger SET issued = issued + 7")
    differs = check(tmp_path, city)
    block = rows(tmp_path, "SELECT number FROM cursor")[0][0]
    assert differs.returncode == 1
    assert f"block {block}: {address}: nonce is 2 in the index, 1 on the chain" in differs.stdout
    assert "amount is 61 in the index, 60 on the chain" in differs.stdout
    assert "sums: issued is" in differs.stdout
    assert "sums: open redemptions is 61 in the index, 60 on the chain" in differs.stdout

    assert reindex(tmp_path, city).returncode == 0
    assert check(tmp_path, city).returncode == 0
    with Service(tmp_path, city) as again:
        assert again.get(path).body["state"] == "final"
        pay(again, city, 101, nonce=1)
        assert again.get("/v1/ledger").body["holds"] is True
    assert len(paid_on_chain(city)) == 2


@pytest.mark.sqlite
def test_what_cannot_be_compared_is_told_as_that(place, tmp_path):
    _, city = place
    missing = check(tmp_path, city)
    assert (missing.returncode, "there is no such database" in missing.stderr) == (2, True)
    with Service(tmp_path, city):
        pass
    away = heitje("check", "--rpc=http://127.0.0.1:1", *where(tmp_path, city)[1:], "--deployment=x.json")
    assert away.returncode == 2


def test_after_a_reorganisation_beyond_finality_reading_anew_keeps_the_queue_and_carries_what_was_lost(place, tmp_path):
    anvil, city = place
    anvil.mine(5)
    with Service(tmp_path, city) as service:
        lost = pay(service, city, 101)
        assert service.get(lost).body["state"] == "final"
        anvil.rpc("evm_setIntervalMining", 0)
        waiting = service.post("/v1/payments", signed_payment(city, 102, SHOP, 100, 0)).headers["location"]
        service.wait_for(waiting, "submitted")
        anvil.rpc("anvil_dropAllTransactions")
        anvil.rpc("anvil_reorg", 5, [])
        anvil.mine()
        until(lambda: service.get("/readyz").body["index"].get("detail", ""), lambda text: "heitje reindex" in text)
        halted = check(tmp_path, city)
        assert (halted.returncode, "the index has stopped" in halted.stderr) == (2, True)
    assert paid_on_chain(city) == []
    assert reindex(tmp_path, city).returncode == 0
    assert rows(tmp_path, "SELECT count(*) FROM operation") == [(2,)]
    anvil.rpc("evm_setIntervalMining", 1)
    with Service(tmp_path, city) as again:
        for path in (lost, waiting):
            assert again.wait_for(path)["state"] == "final"
        assert check(tmp_path, city).returncode == 0
    assert len(paid_on_chain(city)) == 2
    assert nonce_on_chain(city) == 2
    assert city.account(101).balance == FUNDS - 100


def test_reading_anew_decides_again_what_expired_and_what_failed(place, tmp_path):
    _, city = place
    with Service(tmp_path, city) as service:
        pay(service, city, RESIDENTS[5])
    change(tmp_path, "UPDATE operation SET state = 'expired', failure = 'deadline_passed'")
    assert reindex(tmp_path, city).returncode == 0
    assert rows(tmp_path, "SELECT state, failure FROM operation") == [("final", None)]
    assert rows(tmp_path, "SELECT state FROM batch") == [("mined",)]


def test_with_another_key_the_same_database_goes_on_in_a_lane_of_its_own(place, tmp_path):
    anvil, city = place
    with Service(tmp_path, city) as service:
        pay(service, city, 101)
        anvil.rpc("evm_setIntervalMining", 0)
        under_way = service.post("/v1/payments", signed_payment(city, 102, SHOP, 100, 0)).headers["location"]
        service.wait_for(under_way, "submitted")
    write_key(tmp_path / "relayer-2.json", signer_of("second relayer"))
    with Service(tmp_path, city, f"--keyfile={tmp_path / 'relayer-2.json'}") as again:
        queued = again.post("/v1/payments", signed_payment(city, 103, SHOP, 100, 0)).headers["location"]
        again.wait_for(queued, "submitted")
        anvil.rpc("evm_setIntervalMining", 1)
        for path in (under_way, queued):
            assert again.wait_for(path)["state"] == "final"
        shown = heitje("lane", "show", *where(tmp_path, city)).stdout
    assert signer_of("second relayer").address in shown
    assert rows(tmp_path, "SELECT next_nonce FROM lane ORDER BY id") == [(2,), (1,)]
    assert len(paid_on_chain(city)) == 3


def test_bytes_long_final_are_forgotten_and_a_chain_that_wants_them_again_stops_the_lane(place, tmp_path):
    anvil, city = place
    days = {"HEITJE_KEEP_BYTES": "7"}
    sizes = "SELECT length(raw) > 0 FROM attempt ORDER BY id"
    with Service(tmp_path, city) as service:
        first = pay(service, city, 101)
    change(tmp_path, f"UPDATE attempt SET last_sent_at = {time.time() - 8 * 86_400}")
    with Service(tmp_path, city, **days) as service:
        second = pay(service, city, 102)
        until(lambda: rows(tmp_path, sizes), lambda seen: [bool(kept) for (kept,) in seen] == [False, True])
        assert heitje("lane", "show", *where(tmp_path, city)).returncode == 0
    assert reindex(tmp_path, city).returncode == 0
    with Service(tmp_path, city, **days) as service:
        for path in (first, second):
            assert service.wait_for(path)["state"] == "final"
        pay(service, city, 103)
        head = int(anvil.rpc("eth_blockNumber"), 16)
        block = service.get(first).body["transaction"]["block"]
    anvil.rpc("evm_setIntervalMining", 0)
    anvil.rpc("anvil_rollback", int(anvil.rpc("eth_blockNumber"), 16) - block + 1)
    anvil.rpc("anvil_dropAllTransactions")
    anvil.mine(head - block + 5)
    assert reindex(tmp_path, city).returncode == 0
    anvil.rpc("evm_setIntervalMining", 1)
    with Service(tmp_path, city, **days) as service:
        detail = until(lambda: service.get("/readyz").body["lane"].get("detail", ""), lambda text: "nonce 0" in text)
        assert "for which this database has no transaction" in detail
        refused = heitje("lane", "thaw", *where(tmp_path, city), "--yes")
        assert refused.returncode == 2
        assert "not kept any more (HEITJE_KEEP_BYTES)" in refused.stderr
        assert "docs/runbooks/key-rotation.md" in refused.stderr


@pytest.mark.sqlite
def test_with_a_full_disk_nothing_is_accepted_and_with_room_it_goes_on(place, tmp_path):
    _, city = place
    with Service(tmp_path, city) as service:
        first = pay(service, city, 101)
        full = 64 * 1024  # the database is longer already, and so is the log that is written ahead
        resource.prlimit(service.process.pid, resource.RLIMIT_FSIZE, (full, resource.RLIM_INFINITY))
        numbers = iter(RESIDENTS[2:])
        answers = []
        until(lambda: answers.append(service.post("/v1/payments", body_of(city, next(numbers)))), lambda _: any(
            answer.status >= 500 for answer in answers
        ))  # fmt: skip
        resource.prlimit(service.process.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY,) * 2)
        accepted = [answer.headers["location"] for answer in answers if answer.status == 202]
        for path in (first, *accepted):
            assert service.wait_for(path)["state"] == "final"
        again = pay(service, city, 102)
        assert service.wait_for(again)["state"] == "final"
        assert check(tmp_path, city).returncode == 0
    assert len(paid_on_chain(city)) == len(accepted) + 2


def body_of(city, payer):
    return signed_payment(city, payer, SHOP, 100, 0)


def test_the_lanes_are_shown_and_nothing_is_thawed_that_has_not_stopped(place, tmp_path):
    _, city = place
    with Service(tmp_path, city) as service:
        pay(service, city, 101)
        shown = heitje("lane", "show", *where(tmp_path, city))
        assert shown.returncode == 0
        assert "next nonce 1; the chain has used 1" in shown.stdout
        refused = heitje("lane", "thaw", *where(tmp_path, city), "--yes")
        assert (refused.returncode, "nothing to thaw" in refused.stderr) == (2, True)
