# SPDX-License-Identifier: EUPL-1.2
"""What happens to an account, streamed by the real service to who listens."""

import http.client
import json
import threading
import time
from contextlib import contextmanager

import pytest

from tests.support.anvil import rpc
from tests.support.service import PATIENCE, Service, digest_of, redemption_body, signed_payment, until
from tests.support.town import RESIDENTS, SHOPS, town

SHOP, OTHER = SHOPS
FINALITY = 8


class Till:
    """Reads a stream in a thread, as a browser does."""

    def __init__(self, service, account, last=None, seconds=60):
        self.lines, self.status, self.headers = [], 0, {}
        self._connection = http.client.HTTPConnection("127.0.0.1", service.port, timeout=60)
        headers = {"last-event-id": str(last)} if last is not None else {}
        self._connection.request("GET", f"/v1/accounts/{account}/events?seconds={seconds}", headers=headers)
        self._response = self._connection.getresponse()
        self.status, self.headers = self._response.status, dict(self._response.headers)
        self.thread = threading.Thread(target=self._read)
        self.thread.start()

    def _read(self):
        try:
            for line in self._response:
                self.lines.append(line.decode().rstrip("\n"))
        except (OSError, ValueError, AttributeError, http.client.HTTPException):
            return  # the connection is closed, from one side or the other

    @property
    def events(self):
        """Ids, types and bodies of what was dispatched."""
        found, fields = [], {}
        for line in list(self.lines):
            if line:
                name, _, value = line.partition(": ")
                fields[name] = value
            else:
                if "data" in fields:
                    found.append((fields.get("id"), fields["event"], json.loads(fields["data"])))
                fields = {}
        return found

    def wait_for(self, number, within=PATIENCE):
        return until(lambda: self.events, lambda events: len(events) >= number, within)

    def close(self):
        sock = self._connection.sock
        if sock is not None:
            sock.shutdown(2)
        self.thread.join(PATIENCE)
        self._response.close()
        self._connection.close()


@contextmanager
def listening(service, account, **options):
    till = Till(service, account, **options)
    try:
        yield till
    finally:
        till.close()


def test_a_till_sees_a_payment_as_soon_as_it_is_final(service, city, residents):
    with listening(service, city.address_of(SHOP)) as till:
        assert (till.status, till.headers["content-type"]) == (200, "text/event-stream")
        body = signed_payment(city, residents(), SHOP, 250, 0)
        service.post("/v1/payments", body)
        ((number, kind, event),) = till.wait_for(1)
        assert kind == event["type"] == "payment.final"
        assert number == event["id"]
        assert event["operation"] == service.get(f"/v1/payments/{digest_of(city, body)}").body
        assert not any("ignature" in line for line in till.lines)


def test_a_second_till_shows_the_same_and_another_shops_till_nothing(service, city, residents):
    account, other = city.address_of(SHOP), city.address_of(OTHER)
    with listening(service, account) as one, listening(service, account) as two, listening(service, other) as third:
        service.post("/v1/payments", signed_payment(city, residents(), SHOP, 10, 0))
        assert one.wait_for(1) == two.wait_for(1)
        assert third.events == []


def test_the_payer_sees_it_too_and_a_redemption_is_seen_by_its_merchant(service, city, residents, salts):
    payer = residents()
    with listening(service, city.address_of(payer)) as phone, listening(service, city.address_of(SHOP)) as till:
        service.post("/v1/payments", signed_payment(city, payer, SHOP, 900, 0), wait=30)
        assert phone.wait_for(1)[0][1] == "payment.final"
        service.post("/v1/redemptions", redemption_body(city, SHOP, 800, salts()), wait=30)
        assert [kind for _, kind, _ in till.wait_for(2)] == ["payment.final", "redemption.final"]
        assert len(phone.events) == 1


def test_who_connects_again_goes_on_from_the_last_event_it_has(service, city, residents):
    account = city.address_of(SHOP)
    with listening(service, account) as till:
        service.post("/v1/payments", signed_payment(city, residents(), SHOP, 11, 0), wait=30)
        last = till.wait_for(1)[0][0]
    missed = [signed_payment(city, residents(), SHOP, cents, 0) for cents in (12, 13)]
    for body in missed:
        service.post("/v1/payments", body, wait=30)
    with listening(service, account, last=last) as till:
        assert [event["subject"] for _, _, event in till.wait_for(2)] == [digest_of(city, body) for body in missed]
        service.post("/v1/payments", signed_payment(city, residents(), SHOP, 14, 0), wait=30)
        assert [event["operation"]["value"] for _, _, event in till.wait_for(3)] == ["12", "13", "14"]


def test_who_has_seen_nothing_yet_learns_where_to_go_on(service, city, residents):
    with listening(service, city.address_of(OTHER), seconds=0) as till:
        till.thread.join(PATIENCE)
    last = next(line for line in till.lines if line.startswith("id: ")).removeprefix("id: ")
    assert till.events == []
    service.post("/v1/payments", signed_payment(city, residents(), OTHER, 15, 0), wait=30)
    with listening(service, city.address_of(OTHER), last=last, seconds=0) as till:
        till.thread.join(PATIENCE)
    assert [event["operation"]["value"] for _, _, event in till.events] == ["15"]


def test_who_comes_with_an_id_that_this_database_never_gave_is_told_to_look_in_the_lists(service, city):
    with listening(service, city.address_of(OTHER), last=10**12, seconds=0) as till:
        till.thread.join(PATIENCE)
    assert [kind for _, kind, _ in till.events] == ["missed"]


def test_a_stream_ends_when_its_time_is_up(service, city):
    began = time.monotonic()
    with listening(service, city.address_of(OTHER), seconds=2) as till:
        till.thread.join(PATIENCE)
        assert not till.thread.is_alive()
    assert time.monotonic() - began > 1.5


@pytest.mark.parametrize("query", ["seconds=-1", "seconds=3601", "seconds=x"])
def test_a_stream_that_cannot_be_is_a_problem(service, city, query):
    answer = service.get(f"/v1/accounts/{city.address_of(SHOP)}/events?{query}")
    assert (answer.status, answer.code) == (422, "invalid_request")


def test_so_many_can_listen_and_who_comes_later_is_told_when_to_come_back(city, tmp_path):
    account = city.address_of(SHOP)
    with Service(tmp_path, city, HEITJE_STREAMS="2") as service:
        with listening(service, account), listening(service, account):
            refused = service.get(f"/v1/accounts/{account}/events")
            assert (refused.status, refused.code, refused.headers["retry-after"]) == (503, "too_many_streams", "1")
        until(lambda: service.get(f"/v1/accounts/{account}/events?seconds=0").status, lambda status: status == 200)


def test_a_till_at_one_process_sees_what_another_indexes(city, tmp_path, residents):
    with (
        Service(tmp_path, city, "--role=all") as both,
        Service(tmp_path, city, "--role=api") as api,
        listening(api, city.address_of(SHOP)) as till,
    ):
        body = signed_payment(city, residents(), SHOP, 21, 0)
        both.post("/v1/payments", body)
        assert till.wait_for(1)[0][2]["subject"] == digest_of(city, body)


def test_a_stop_lets_listeners_go_at_once(city, tmp_path):
    with Service(tmp_path, city) as service, listening(service, city.address_of(SHOP)) as till:
        until(lambda: till.lines, bool)  # it is being listened to
        began = time.monotonic()
        assert service.stop() == 0
        assert time.monotonic() - began < 10 + 20  # those that answer have ten seconds; a listener would stay for sixty
        till.thread.join(PATIENCE)
        assert not till.thread.is_alive()


@pytest.fixture
def slow_place(tmp_path):
    """A chain of its own, whose blocks are taken back, and a service that waits for eight blocks."""
    with town() as (anvil, city):
        anvil.mine(FINALITY)
        with Service(tmp_path, city, f"--finality={FINALITY}") as service:
            account = f"/v1/accounts/{city.address_of(RESIDENTS[0])}"
            until(lambda: service.get(account).status, lambda status: status == 200)
            yield anvil, city, service


def test_a_payment_is_seen_mined_taken_back_mined_again_and_final_once(slow_place):
    anvil, city, service = slow_place
    with listening(service, city.address_of(SHOP)) as till:
        body = signed_payment(city, RESIDENTS[0], SHOP, 40, 0)
        sent = service.post("/v1/payments", body)
        service.wait_for(sent.headers["location"], "mined")
        anvil.rpc("evm_setIntervalMining", 0)
        number = service.get(sent.headers["location"]).body["transaction"]["block"]
        depth = int(rpc(city.url, "eth_blockNumber"), 16) - number + 1
        anvil.rpc("anvil_reorg", depth, [])
        until(lambda: [kind for _, kind, _ in till.events], lambda kinds: "payment.taken_back" in kinds)
        anvil.rpc("evm_setIntervalMining", 1)
        service.wait_for(sent.headers["location"], "final")
        kinds = [kind for _, kind, _ in till.wait_for(4)]
        assert kinds == ["payment.mined", "payment.taken_back", "payment.mined", "payment.final"]
        assert {event["subject"] for _, _, event in till.events} == {digest_of(city, body)}


def test_of_a_payment_whose_nonce_another_used_payer_and_payee_see_that_it_fails(slow_place):
    _, city, service = slow_place
    payer = RESIDENTS[1]
    with listening(service, city.address_of(OTHER)) as till, listening(service, city.address_of(payer)) as phone:
        parked = service.post("/v1/payments", signed_payment(city, payer, OTHER, 20, 2))
        city.pay_batch([city.payment(payer, SHOP, 5, nonce=nonce) for nonce in range(3)])
        assert service.wait_for(parked.headers["location"])["state"] == "failed"
        assert [kind for _, kind, _ in till.wait_for(2)] == ["payment.failing", "payment.failed"]
        kinds = sorted(kind for _, kind, _ in phone.wait_for(8))
        assert kinds == sorted(["payment.failing", "payment.failed", *["payment.mined", "payment.final"] * 3])


def test_a_payment_that_expires_is_told(service, city, residents):
    with listening(service, city.address_of(OTHER)) as till:
        body = signed_payment(city, residents(), OTHER, 20, 3, deadline=int(time.time()) + 3)
        service.post("/v1/payments", body)
        assert till.wait_for(1)[0][1] == "payment.expired"
