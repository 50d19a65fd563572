# SPDX-License-Identifier: EUPL-1.2
"""Bad requests: each is answered with a problem that says what is wrong, and none with 500."""

import json
import time

import pytest

from heitje.chain.typed_data import Domain
from tests.support.service import signed_payment
from tests.support.town import SHOPS

SHOP = SHOPS[0]
PAYER = 101


@pytest.fixture
def good(city):
    return signed_payment(city, PAYER, SHOP, 10, 0)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"null",
        b"[]",
        b'"text"',
        b"\xff\xfe",
        b"[" * 50_000,
        b'{"value": 1' + b"0" * 5_000 + b"}",
        b'{"\\ud800": 1}',
        b'{"from": "\\u0000"}',
    ],
)
def test_a_body_that_is_no_payment_is_a_problem(service, body):
    headers = {"content-type": "application/json", "idempotency-key": "k"}
    answer = service.request("POST", "/v1/payments", body, headers)
    assert (answer.status, answer.code) == (422, "invalid_request")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("from", "0x12"),
        ("from", None),
        ("to", 5),
        ("to", "0x" + "g" * 40),
        ("value", 10),
        ("value", "-1"),
        ("value", "1.0"),
        ("value", "01"),
        ("value", str(2**48)),
        ("value", "9" * 400),
        ("nonce", 0),
        ("nonce", str(2**48)),
        ("deadline", -1),
        ("deadline", "soon"),
        ("deadline", 2**300),
        ("deadline", 1e300),
        ("requestId", "0x00"),
        ("signature", "0x"),
        ("signature", "0x0"),
        ("signature", "0x" + "00" * 4_097),
        ("unexpected", 1),
    ],
)
def test_a_field_that_is_wrong_is_named(service, good, field, value):
    answer = service.post("/v1/payments", {**good, field: value})
    assert (answer.status, answer.code) == (422, "invalid_request")
    assert any(field in error["pointer"] for error in answer.body["errors"])


@pytest.mark.parametrize("signature", ["0x" + "00" * 64, "0x" + "00" * 65, "0x" + "ff" * 65, "0x" + "11" * 64 + "1b"])
def test_bytes_that_are_no_signature_are_a_problem(service, good, signature):
    assert service.post("/v1/payments", {**good, "signature": signature}).code == "signature_invalid"


def test_a_signature_by_another_or_for_another_contract_is_a_problem(service, city):
    by_another = signed_payment(city, PAYER, SHOP, 10, 0, signer=city.member(102))
    domain = Domain("Test Heitje", "1", city.chain_id + 1, city.addresses["token"])
    elsewhere = signed_payment(city, PAYER, SHOP, 10, 0, domain=domain)
    for body in (by_another, elsewhere):
        answer = service.post("/v1/payments", body)
        assert (answer.status, answer.code) == (422, "signature_invalid")


def test_the_checksum_of_an_address_is_checked(service, good):
    mistyped = good["to"].swapcase().replace("0X", "0x")
    assert service.post("/v1/payments", {**good, "to": mistyped}).code == "invalid_request"


def test_rules_of_the_contract_are_told_before_anything_is_sent(service, city):
    cases = {
        "deadline_passed": signed_payment(city, PAYER, SHOP, 10, 0, deadline=int(time.time()) - 1),
        "zero_value": signed_payment(city, PAYER, SHOP, 0, 0),
        "same_account": signed_payment(city, PAYER, PAYER, 10, 0),
        "not_allowed": signed_payment(city, PAYER, 102, 10, 0),
        "account_unknown": signed_payment(city, PAYER, 999, 10, 0),
        "insufficient_credits": signed_payment(city, PAYER, SHOP, 2**47, 0),
    }
    for code, body in cases.items():
        answer = service.post("/v1/payments", body)
        assert (answer.code, answer.status) == (code, 422)
        assert "Nothing moved" in answer.body["detail"]
    assert service.post("/v1/payments", signed_payment(city, SHOP, PAYER, 10, 0)).code == "not_allowed"
    assert service.post("/v1/payments", signed_payment(city, 999, SHOP, 10, 0)).code == "account_unknown"


def test_a_body_without_end_is_refused(service):
    headers = {"content-type": "application/json", "idempotency-key": "k"}
    answer = service.request("POST", "/v1/payments", b" " * 200_000, headers)
    assert (answer.status, answer.code) == (413, "body_too_large")


@pytest.mark.parametrize("key", ["", " ", "a" * 256, "\xe9"])
def test_a_key_that_is_not_usable_is_refused(service, good, key):
    headers = {"content-type": "application/json", "idempotency-key": key}
    answer = service.request("POST", "/v1/payments", good, headers)
    assert answer.code in ("idempotency_key_invalid", "idempotency_key_missing")


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/v1/payments/0x12", 422, "invalid_request"),
        ("/v1/payments/0x" + "00" * 32, 404, "not_found"),
        ("/v1/payments?cursor=abc", 422, "invalid_cursor"),
        ("/v1/payments?cursor=-1", 422, "invalid_cursor"),
        ("/v1/payments?limit=0", 422, "invalid_request"),
        ("/v1/payments?limit=201", 422, "invalid_request"),
        ("/v1/payments?account=0x1", 422, "invalid_request"),
        ("/v1/payments/", 404, "not_found"),
        ("/v1/ledger/transfers?cursor=MQ", 422, "invalid_cursor"),
        ("/v1/ledger/transfers?cursor=OTk5OTk5OTk5OTk5OTk5OTk5OTk5LjE", 422, "invalid_cursor"),
        ("/v1/rewards?number=0", 422, "invalid_request"),
        ("/v1/activities/0", 422, "invalid_request"),
        ("/v1/activities/99999999999999999999999", 422, "invalid_request"),
        ("/v1/activities/999", 404, "not_found"),
        ("/v1/accounts/0x" + "00" * 20, 404, "not_found"),
        ("/v1/redemptions?status=gone", 422, "invalid_request"),
        ("/v1/redemptions/0x" + "00" * 32, 404, "not_found"),
        ("/v1/reports/0x" + "00" * 32, 404, "not_found"),
        ("/%00", 404, "not_found"),
    ],
)
def test_what_cannot_be_answered_is_a_problem(service, path, status, code):
    answer = service.get(path)
    assert (answer.status, answer.code) == (status, code)
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["api-version"] == "1.0.0"


def test_other_methods_are_refused(service):
    assert service.request("DELETE", "/v1/payments").code == "method_not_allowed"


def test_the_openapi_document_names_every_answer(service):
    document = service.get("/openapi.json").body
    text = json.dumps(document)
    assert "HTTPValidationError" not in text
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            answers = operation["responses"]
            assert {"422", "4XX", "5XX"} <= answers.keys(), (path, method)
            if path.startswith("/v1"):
                good = next(status for status in ("202", "201", "200", "204") if status in answers)
                content = answers[good].get("content", {})
                if path.endswith("/events"):
                    assert content.keys() == {"text/event-stream"}
                elif good != "204" and not path.endswith("/photo"):
                    assert "$ref" in content["application/json"]["schema"], (path, method)
    for reference in {part.split('"')[0] for part in text.split('"#/components/schemas/')[1:]}:
        assert reference in document["components"]["schemas"]


PEOPLE = ("/v1/activities/", "/v1/claims", "/v1/complaints", "/v1/invitations", "/v1/office/", "/v1/report-drafts")
KEYLESS = ("/rpc", "/v1/sessions", "/v1/api-keys", "/v1/webhooks", "/x402/", *PEOPLE)
"""What moves nothing, and what is told apart by the nonce that is signed."""


def test_the_openapi_document_says_that_a_key_is_required(service, good):
    document = service.get("/openapi.json").body
    posts = {path: operations["post"] for path, operations in document["paths"].items() if "post" in operations}
    keys = [part for post in posts.values() for part in post.get("parameters", ()) if part["name"] == "idempotency-key"]
    assert len(keys) == len([path for path in posts if not path.startswith(KEYLESS)]) == 10
    for key in keys:
        assert key["required"] is True
    answer = service.request("POST", "/v1/payments", good, {"content-type": "application/json"})
    assert (answer.status, answer.code) == (400, "idempotency_key_missing")


def test_the_index_leads_to_everything(service):
    index = service.get("/")
    assert (index.status, index.body["name"]) == (200, "testcity")
    assert {"/v1/city", "/openapi.json", "/readyz"} <= set(index.body["links"].values())
    for link in index.body["links"].values():
        assert service.get(link).status == 200
    page = service.request("GET", "/", None, {"accept": "text/html,application/xhtml+xml"})
    assert (page.status, page.headers["content-language"]) == (200, "en")  # the browser's page, where it is led to


def test_the_city_tells_what_is_signed(service):
    types = service.get("/v1/city").body["types"]
    assert types["token"]["CancelAuthorization"] == "CancelAuthorization(address authorizer,bytes32 nonce)"
    assert {domain: set(structs) for domain, structs in types.items()} == {
        "token": {
            "Payment",
            "TransferWithAuthorization",
            "ReceiveWithAuthorization",
            "CancelAuthorization",
            "Permit",
            "RequestReplacement",
            "ExecuteReplacement",
            "Login",
            "Join",
        },
        "registry": {"Report", "Release", "CancelReport", "Reduce"},
        "desk": {"Lock", "Settle", "Refund", "Cancel"},
    }


def test_what_is_wrong_is_pointed_at_in_words(service, good):
    headers = {"content-type": "application/json", "idempotency-key": "k"}
    for body in (b"{", b"null"):
        assert service.request("POST", "/v1/payments", body, headers).body["errors"][0]["pointer"] == "#"
    for value in (250, "2.50"):
        (error,) = service.post("/v1/payments", {**good, "value": value}).body["errors"]
        assert error == {"pointer": "#/value", "detail": 'must be cents as digits in text, such as "250"'}


def test_the_documentation_of_codes_and_states_is_served(service):
    assert "nonce_taken" in service.get("/problems").body
    assert "Nothing moved" in service.get("/problems/zero_value").body
    assert "submitted" in service.get("/states").body


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("PUT", "/v1/payments", "GET, POST"),
        ("DELETE", "/v1/redemptions/0x00/cancellation", "GET, POST"),
        ("POST", "/v1/ledger", "GET"),
    ],
)
def test_what_cannot_be_done_says_what_can(service, method, path, allowed):
    answer = service.request(method, path)
    assert (answer.status, answer.code, answer.headers["allow"]) == (405, "method_not_allowed", allowed)
