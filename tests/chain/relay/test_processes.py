# SPDX-License-Identifier: EUPL-1.2
"""The roles as processes of their own on one database: they share the work, and one takes over from another."""

import os
import signal
import time
from contextlib import ExitStack, contextmanager

import pytest

from tests.support.databases import rows
from tests.support.forks import start_program
from tests.support.service import (
    PATIENCE,
    STARTS_WITHIN,
    Service,
    digest_of,
    nonce_on_chain,
    paid_on_chain,
    signed_payment,
    until,
)
from tests.support.town import SHOPS

SHOP = SHOPS[0]
LONG = {"HEITJE_LEASE": "40"}
"""Where nobody is to take over: however busy the machine is, the holder renews its lease in time."""

TAKES_OVER_WITHIN = 40.0
"""Seconds, with a lease of two: it runs out, the next one notices, a block is mined, and the machine is busy."""


@contextmanager
def processes(folder, city, *roles, **environment):
    """A process for each role, in this order, all started at the same time on an empty database."""
    with ExitStack() as stack:
        started = []
        for role in roles:
            started.append(Service(folder, city, "--role", role, **environment))
            stack.callback(started[-1].kill)
        for service in started:
            service.wait_until_alive(within=STARTS_WITHIN * len(roles))
        yield started


def at_work(services, part):
    """The one of these processes that does the work, and the one that stands by."""
    # On a busy machine a lease can run out for a moment before it is renewed.
    (busy,) = until(
        lambda: [one for one in services if one.get("/readyz").body[part]["here"]], lambda found: len(found) == 1
    )
    (idle,) = [one for one in services if one is not busy]
    return busy, idle


def pay(city, service, payer, nonce=0):
    body = signed_payment(city, payer, SHOP, 10, nonce)
    answer = service.post("/v1/payments", body)
    assert answer.status == 202, answer
    return digest_of(city, body)


def pay_and_wait(city, service, payer, nonce=0, within=PATIENCE):
    digest = pay(city, service, payer, nonce)
    assert service.wait_for(f"/v1/payments/{digest}", within=within)["state"] == "final"
    return digest


def signed_by(service):
    return service.log.read_text().count("transaction signed")


def test_several_processes_of_each_role_share_the_work(city, residents, tmp_path):
    with processes(tmp_path, city, "index", "relay", "api", "index", "relay", "api", **LONG) as started:
        _, one_relay, one_api, _, other_relay, other_api = started
        digests = [pay(city, api, payer) for api in (one_api, other_api) for payer in (residents(), residents())]
        for digest in digests:
            # What one process took in, the others know.
            assert one_api.wait_for(f"/v1/payments/{digest}")["state"] == "final"
            assert other_api.get(f"/v1/payments/{digest}").body["state"] == "final"
        assert sorted([signed_by(one_relay) > 0, signed_by(other_relay) > 0]) == [False, True]
    assert all(paid_on_chain(city).count(digest) == 1 for digest in digests)


def test_who_waits_at_one_process_is_told_when_another_has_indexed_the_block(city, residents, tmp_path):
    # By itself the relay would look for work every twenty seconds.
    slow = {"HEITJE_LEASE": "60", "HEITJE_RESEND": "60"}
    with processes(tmp_path, city, "index", "relay", "api", **slow) as (_, _, api):
        payer = residents()
        for nonce in range(3):
            began = time.monotonic()
            answer = api.post("/v1/payments", signed_payment(city, payer, SHOP, 10, nonce), wait=30)
            assert answer.body["state"] == "final"
            assert time.monotonic() - began < 12


def test_when_the_relay_at_work_is_killed_the_other_takes_over(city, residents, tmp_path):
    used = nonce_on_chain(city)
    with processes(tmp_path, city, "index", "api", "relay", "relay") as (_, api, *relays):
        payer = residents()
        before = [pay_and_wait(city, api, payer)]
        busy, idle = at_work(relays, "lane")
        busy.kill()
        began = time.monotonic()
        after = [pay(city, api, residents()) for _ in range(4)]
        after.append(pay_and_wait(city, api, payer, 1, within=TAKES_OVER_WITHIN))
        assert time.monotonic() - began < TAKES_OVER_WITHIN
        for digest in after:
            assert api.wait_for(f"/v1/payments/{digest}")["state"] == "final"
        assert until(lambda: idle.get("/readyz"), lambda seen: seen.status == 200).body["lane"]["here"]
    # Every nonce that was allotted is used, and by what was stored under it.
    (stored,) = rows(tmp_path, "SELECT count(*) FROM batch WHERE state = 'mined'")
    assert nonce_on_chain(city) == used + int(stored)
    assert rows(tmp_path, "SELECT count(*) FROM batch") == [stored]
    assert all(paid_on_chain(city).count(digest) == 1 for digest in before + after)


def test_when_the_index_at_work_is_killed_the_other_takes_over(city, residents, tmp_path):
    with processes(tmp_path, city, "index", "index", "relay", "api") as (*indexes, _, api):
        payer = residents()
        pay_and_wait(city, api, payer)
        busy, idle = at_work(indexes, "index")
        busy.kill()
        pay_and_wait(city, api, payer, 1, within=TAKES_OVER_WITHIN)
        until(lambda: idle.get("/readyz").body["index"]["here"], bool)
        assert api.get("/v1/ledger").body["holds"] is True


@pytest.mark.parametrize("role", ["relay", "index"])
def test_a_process_that_stood_still_finds_its_work_taken_and_stands_by(city, residents, tmp_path, role):
    part = {"relay": "lane", "index": "index"}[role]
    # Two seconds would do, if the one that takes over were never kept from renewing its lease by a busy machine.
    lease = {"HEITJE_LEASE": "4"}
    with processes(tmp_path, city, "index", "relay", role, "api", **lease) as (*three, api):
        pair = [one for one in three if part in one.get("/readyz").body]
        payer = residents()
        digests = [pay_and_wait(city, api, payer)]
        busy, idle = at_work(pair, part)
        os.kill(busy.process.pid, signal.SIGSTOP)
        try:
            digests.append(pay_and_wait(city, api, payer, 1, within=TAKES_OVER_WITHIN))
            done = signed_by(busy)
        finally:
            os.kill(busy.process.pid, signal.SIGCONT)
        until(busy.log.read_text, lambda text: f"{part} lost" in text)
        digests += [pay_and_wait(city, api, payer, nonce) for nonce in (2, 3)]
        assert signed_by(busy) == done
        assert at_work(pair, part) == (idle, busy)
        assert busy.get("/readyz").status == 200
    assert all(paid_on_chain(city).count(digest) == 1 for digest in digests)


def test_a_process_that_is_stopped_gives_its_work_back_at_once(city, residents, tmp_path):
    # If it had to run out, it would take another forty seconds.
    with processes(tmp_path, city, "index", "api", "relay", "relay", **LONG) as (_, api, *relays):
        busy, idle = at_work(relays, "lane")
        assert busy.stop() == 0
        until(lambda: idle.get("/readyz").body["lane"]["here"], bool, within=25)
        pay_and_wait(city, api, residents())


def test_each_role_says_whether_it_can_do_its_own_work(city, tmp_path):
    with processes(tmp_path, city, "index", "relay", "api") as (index, relay, api):
        assert set(index.get("/readyz").body) == {"ready", "node", "database", "index"}
        assert set(relay.get("/readyz").body) == {"ready", "node", "database", "lane"}
        assert set(api.get("/readyz").body) == {"ready", "node", "database", "index", "lane"}
        assert relay.get("/livez").status == 200
        assert relay.get("/v1/ledger").status == 404
        relay.kill()
        said = "no process sends transactions"
        until(lambda: api.get("/readyz").body["lane"].get("detail"), lambda detail: detail == said)
        assert api.get("/readyz").status == 503
        assert until(lambda: index.get("/readyz"), lambda seen: seen.status == 200)


def test_a_service_does_not_start_on_tables_that_are_not_its_own(city, tmp_path):
    with Service(tmp_path, city, start=start_program) as service:
        migrating = service.run("migrate", "--down")
        assert migrating.returncode == 3
        assert "Stop all of them first" in migrating.stderr
    assert service.run("migrate", "--down").returncode == 0
    refused = Service(tmp_path, city, start=start_program)
    assert refused.process.wait(PATIENCE) == 3
    assert "older than this program" in refused.log.read_text()
    assert service.run("migrate").returncode == 0
    with Service(tmp_path, city) as again:
        assert again.get("/v1/ledger").body["holds"] is True
