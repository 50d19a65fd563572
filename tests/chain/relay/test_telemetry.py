# SPDX-License-Identifier: EUPL-1.2
"""What an OpenTelemetry collector is told by the real service, and that nobody is in it."""

import json
import time

import pytest
from opentelemetry.proto.trace.v1.trace_pb2 import Span as Kinds

from tests.support.anvil import free_port
from tests.support.collector import Collector
from tests.support.hooks import register, told
from tests.support.receiver import Receiver, say
from tests.support.service import PATIENCE, Service, digest_of, signed_payment, until
from tests.support.town import SHOPS

TRACE, CALLER = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
CALLED = {"traceparent": f"00-{TRACE}-{CALLER}-01", "tracestate": "x=in-the-state", "baggage": "x=in-the-baggage"}
SHOP = SHOPS[0]


class Day:
    """What a service did, and what a collector was told of it."""


@pytest.fixture(scope="module")
def day(city, residents, tmp_path_factory):
    """A shop that listens is paid, somebody looks around, and the service stops."""
    day = Day()
    with Collector() as day.collector, Receiver() as shop:
        with Service(tmp_path_factory.mktemp("service"), city, **told(), **day.collector.environment) as service:
            day.hook = register(service, SHOP, shop.url)
            day.payment = signed_payment(city, residents(), SHOP, 250, 0)
            headers = {"content-type": "application/json", "idempotency-key": "of-the-client", "prefer": "wait=30"}
            day.paid = service.request("POST", "/v1/payments", day.payment, headers | CALLED)
            # The ordinary way to the same endpoint: a content type that the short one does not take.
            headers["content-type"] = "application/json; charset=utf-8"
            day.again = service.request("POST", "/v1/payments", day.payment, headers)
            service.get(f"/v1/payments/{day.paid.body['id']}?looks={day.payment['from']}")
            service.get(f"/nowhere/{day.payment['from']}")
            service.request("PROPFIND", f"/v1/accounts/{day.payment['from']}")
            shop.wait_for(1)
        day.told = b"".join(message.body for message in day.collector.got)
        day.log = [json.loads(line) for line in service.log.read_text().splitlines() if line.startswith("{")]
        day.digest = digest_of(city, day.payment)
        yield day


def test_a_payment_by_the_short_way_goes_on_with_its_callers_trace(day):
    (span,) = [span for span in day.collector.named("POST /v1/payments") if span.trace == TRACE]
    assert day.paid.status == 200
    assert (span.parent, span.kind, span.failed) == (CALLER, Kinds.SPAN_KIND_SERVER, False)
    assert span.attributes == {
        "http.request.method": "POST",
        "http.route": "/v1/payments",
        "http.response.status_code": 200,
    }


def test_a_request_by_the_ordinary_way_has_the_same_span_in_a_trace_of_its_own(day):
    by_short_way, by_ordinary_way = day.collector.named("POST /v1/payments")
    assert day.again.status == 200
    assert by_ordinary_way.attributes == by_short_way.attributes
    assert by_ordinary_way.trace != TRACE
    assert by_ordinary_way.parent == ""


def test_a_request_is_named_by_its_route_and_never_by_its_path(day):
    (looked,) = day.collector.named("GET /v1/payments/{digest}")
    assert looked.attributes["http.response.status_code"] == 200
    (nowhere,) = day.collector.named("GET")
    assert nowhere.attributes == {"http.request.method": "GET", "http.response.status_code": 404}


def test_methods_that_the_service_does_not_know_share_one_name(day):
    (span,) = [span for span in day.collector.spans if span.attributes.get("http.request.method") == "_OTHER"]
    assert span.name.split()[0] == "HTTP"
    assert span.attributes["http.response.status_code"] == 405
    assert b"PROPFIND" not in day.told


def test_what_a_payment_sets_going_is_traced_to_the_shops_webhook(day):
    (commit, *_) = day.collector.named("group commit")
    assert commit.attributes == {"heitje.requests": 1}
    (batch,) = [span for span in day.collector.named("send batch") if not span.attributes["heitje.again"]]
    assert {**batch.attributes, "heitje.gas": 0} == {
        "heitje.kind": "payment",
        "heitje.items": 1,
        "heitje.gas": 0,
        "heitje.again": False,
    }
    assert batch.attributes["heitje.gas"] > 21_000
    assert batch.parent in {span.id for span in day.collector.named("send")}
    assert [span for span in day.collector.named("index blocks") if span.attributes["heitje.events"]]
    told = day.collector.named("deliver webhook")
    assert [span.attributes["heitje.status"] for span in told] == [204] * len(told)
    assert "payment.final" in {span.attributes["heitje.event"] for span in told}


def test_the_last_spans_are_sent_before_the_process_ends_and_say_whose_they_are(day):
    assert day.log[-1]["event"] == "stopped"
    for span in day.collector.spans:
        assert span.process["service.name"] == "heitje"
        assert span.process["heitje.role"] == "all"


def test_a_line_of_the_log_names_its_trace(day):
    (signed,) = [line for line in day.log if line["event"] == "transaction signed"]
    (signing,) = day.collector.named("sign")
    assert (signed["trace_id"], signed["span_id"]) == (signing.trace, signing.id)
    (serving,) = [line for line in day.log if line["event"] == "serving"]
    assert "trace_id" not in serving


def test_what_is_traced_names_nobody(day):
    told = day.told.lower()
    for private in (day.payment["from"], day.payment["to"], day.digest, day.payment["signature"]):
        assert private[2:].lower().encode() not in told
    for private in (day.hook["secret"], day.hook["id"], "127.0.0.1", "/hook", "of-the-client"):
        assert private.lower().encode() not in told
    for private in ("in-the-state", "in-the-baggage", "looks", "nowhere"):
        assert private.encode() not in told


def test_the_environment_names_the_service_as_it_does_for_every_program(tmp_path, city):
    with Collector() as collector:
        with Service(tmp_path, city, **collector.environment, OTEL_SERVICE_NAME="heitje-of-heerlen") as service:
            service.get("/livez")
        assert {span.process["service.name"] for span in collector.spans} == {"heitje-of-heerlen"}


@pytest.mark.parametrize("collector", ["away", "silent"])
def test_a_collector_that_takes_nothing_delays_no_payment_and_no_stop_for_long(tmp_path, city, residents, collector):
    with Receiver() as receiver:
        receiver.behaviour = receiver.hang
        port = free_port() if collector == "away" else receiver.port
        environment = {"OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{port}", "OTEL_BSP_SCHEDULE_DELAY": "100"}
        with Service(tmp_path, city, **environment) as service:
            paid = service.post("/v1/payments", signed_payment(city, residents(), SHOP, 250, 0), wait=30)
            assert paid.body["state"] == "final"
            if collector == "silent":
                until(lambda: receiver.got, bool)
            began = time.monotonic()
            assert service.stop() == 0
            assert time.monotonic() - began < PATIENCE / 2
        said = [json.loads(line) for line in service.log.read_text().splitlines()]
        assert "the last spans are lost: the collector does not take them" in {line["event"] for line in said}


def test_a_collector_that_refuses_is_told_of_once_with_its_reason(tmp_path, city):
    with Collector() as collector:
        collector.behaviour = say(401, b"no such key")
        with Service(tmp_path, city, **collector.environment) as service:
            refused = len(collector.got)
            until(lambda: service.get("/livez") and len(collector.got), lambda number: number > refused + 3)
        lines = [json.loads(line) for line in service.log.read_text().splitlines()]
        (told,) = [line for line in lines if line["event"] == "trouble with traces; payments go on"]
        assert "401" in told["reason"]
