# SPDX-License-Identifier: EUPL-1.2
"""The service compares itself with the chain at its time of day, and says everywhere what differs."""

import asyncio
import json
import sqlite3
import time

from tests.chain.relay.test_metrics import scrape
from tests.support.anvil import free_port
from tests.support.crash import asked
from tests.support.databases import place_of, server
from tests.support.proxy import Proxy
from tests.support.service import PATIENCE, Service, heitje, signed_payment, until
from tests.support.town import SHOPS

DAYS = 2 * 86_400


def change(folder, statement):
    if server() is not None:
        asyncio.run(asked(place_of(folder), statement))
        return
    with sqlite3.connect(folder / "db.sqlite") as connection:
        connection.execute(statement)
    connection.close()


def said(service, words):
    return [json.loads(line) for line in service.log.read_text().splitlines() if words in line]


def found(port):
    seen = scrape(port)
    return seen[("heitje_check_time_seconds",)], seen[("heitje_check_differences",)]


def checked(service):
    return service.get("/readyz").body["index"].get("check", {})


def test_what_differs_is_in_the_log_the_metrics_and_at_readyz_until_the_chain_is_read_anew(city, residents, tmp_path):
    payer, port = residents(), free_port()
    with Service(tmp_path, city, f"--metrics-port={port}") as service:
        service.post("/v1/payments", signed_payment(city, payer, SHOPS[0], 100, 0), wait=30)
        assert checked(service) == {}
        assert found(port) == (0, 0)
    address = city.address_of(payer)
    change(tmp_path, f"UPDATE account SET nonce = 5, word = '0x0', balance = 0 WHERE address = '{address}'")
    # As if the last night were missed: it is made up for at once.
    began = time.time()
    change(tmp_path, f"UPDATE cursor SET checked_at = {began - DAYS}, checked_block = 1, differences = 0")
    with Service(tmp_path, city, f"--metrics-port={port}") as service:
        told = until(lambda: checked(service), lambda seen: seen.get("differences", 0) > 0)
        assert f"{address}: number is 0 in the index, {payer} on the chain" in told["detail"]
        assert "do not pay out" in told["detail"]
        assert service.get("/readyz").status == 200, "the contracts decide about payments, whatever differs here"
        until(lambda: found(port), lambda seen: seen[0] >= began and seen[1] == told["differences"])
        (line,) = until(lambda: said(service, "differs from the chain"), bool)
        assert (line["level"], line["differences"]) == ("error", told["differences"])
        assert address in line["first"]
    files = (f"--rpc={city.url}", f"--database={place_of(tmp_path)}", f"--deployment={tmp_path / 'deployment.json'}")
    assert heitje("reindex", *files, "--yes").returncode == 0
    with Service(tmp_path, city, f"--metrics-port={port}") as service:
        assert checked(service) == {}
        until(lambda: found(port), lambda seen: seen == (0, 0))


def test_of_two_processes_one_compares_and_both_know(city, tmp_path):
    with Service(tmp_path, city):
        pass
    change(tmp_path, f"UPDATE cursor SET checked_at = {time.time() - DAYS}, checked_block = 1, differences = 3")
    with Service(tmp_path, city, "--role=index") as one, Service(tmp_path, city, "--role=index") as other:
        for service in (one, other):
            assert until(lambda seen=service: checked(seen), lambda told: told.get("differences") == 0)["block"] > 1
        until(lambda: len(said(one, "says what the chain says") + said(other, "says what the chain says")), bool)
        assert len(said(one, "says what the chain says") + said(other, "says what the chain says")) == 1


def test_what_cannot_be_compared_is_told_and_is_no_verdict(city, tmp_path):
    with Proxy(city.url) as proxy, Service(tmp_path, city, node=proxy.url) as service:
        proxy.refuse("eth_call", -32000, "missing trie node: the state of this block is pruned")
        change(tmp_path, f"UPDATE cursor SET checked_at = {time.time() - DAYS}, checked_block = 1, differences = 0")
        (line,) = until(lambda: said(service, "could not be compared"), bool)
        assert "the state of this block is pruned" in line["reason"]
        assert checked(service)["block"] == 1


def test_without_a_time_it_is_left_to_others(city, tmp_path):
    with Service(tmp_path, city):
        pass
    before = f"{time.time() - DAYS}"
    change(tmp_path, f"UPDATE cursor SET checked_at = {before}, checked_block = 1, differences = 0")
    with Service(tmp_path, city, HEITJE_CHECK_AT="") as service:
        service.wait_until_indexed()
        assert checked(service)["block"] == 1
        assert said(service, "the chain says") == []


def test_a_time_that_is_none_is_refused_at_the_start(city, tmp_path):
    refused = Service(tmp_path, city, HEITJE_CHECK_AT="25:00")
    assert refused.process.wait(PATIENCE) == 3
    assert "HEITJE_CHECK_AT: " in refused.log.read_text()
