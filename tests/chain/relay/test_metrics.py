# SPDX-License-Identifier: EUPL-1.2
"""What Prometheus sees of a running service."""

import urllib.request

import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.support.anvil import free_port
from tests.support.service import Service, signed_payment, until


def scrape(port: int) -> dict[tuple[str, ...], float]:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as response:
        text = response.read().decode()
    return {
        (sample.name, *sorted(sample.labels.values())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_a_payment_is_seen_from_the_request_to_its_end(tmp_path, city, residents):
    payer, port = residents(), free_port()
    with Service(tmp_path, city, f"--metrics-port={port}") as service:
        paid = service.post("/v1/payments", signed_payment(city, payer, 500, 250, 0), wait=30)
        refused = service.post("/v1/payments", signed_payment(city, payer, 500, 300, 0))
        unread = service.post("/v1/payments", {"from": "nobody"})
        service.get(f"/v1/payments/{paid.body['id']}")
        until(lambda: scrape(port).get(("heitje_index_block",), 0), lambda block: block > 0)
        seen = scrape(port)
    assert (paid.status, refused.status, unread.status) == (200, 409, 422)
    assert seen["heitje_http_requests_total", "/v1/payments", "200", "POST"] == 1
    assert seen["heitje_http_requests_total", "/v1/payments", "409", "POST"] == 1
    assert seen["heitje_http_requests_total", "/v1/payments", "422", "POST"] == 1
    assert seen["heitje_http_requests_total", "/v1/payments/{digest}", "200", "GET"] == 1
    assert seen["heitje_refusals_total", "nonce_used", "payment"] == 1
    assert seen["heitje_operation_seconds_count", "payment"] == 1
    assert seen["heitje_batch_items_sum", "payment"] == 1
    assert seen["heitje_sends_total", "accepted"] >= 1
    assert seen[("heitje_lane_frozen",)] == 0


def test_what_prometheus_sees_names_nobody(tmp_path, city, residents):
    payer, port = residents(), free_port()
    with Service(tmp_path, city, f"--metrics-port={port}") as service:
        payment = signed_payment(city, payer, 500, 250, 0)
        service.post("/v1/payments", payment, wait=30)
        service.get(f"/v1/accounts/{payment['from']}")
        service.get(f"/nowhere/{payment['from']}")
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as response:
            text = response.read().decode()
    assert payment["from"].lower()[2:] not in text.lower()
    assert payment["to"].lower()[2:] not in text.lower()


@pytest.mark.parametrize("taken", ["api", "metrics"])
def test_a_port_that_is_taken_is_named(tmp_path, city, taken):
    with Service(tmp_path, city) as other:
        options = ["--port", str(other.port)] if taken == "api" else ["--metrics-port", str(other.port)]
        with pytest.raises(RuntimeError, match=f"port {other.port} of 127.0.0.1 cannot be used"):
            Service(tmp_path, city, *options).__enter__()
