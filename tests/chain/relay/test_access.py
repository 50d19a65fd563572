# SPDX-License-Identifier: EUPL-1.2
"""Logging in: who is believed to be who, on the real service and chain."""

import re
import time
from itertools import count

import pytest

from heitje.access.message import digest
from tests.support.browser import Passkey
from tests.support.service import Service
from tests.support.signed import signer_of
from tests.support.wallet import Safe

names = count(1)


def somebody():
    return signer_of(f"somebody who logs in {next(names)}")


def log_in(service, signer, change=lambda message: message):
    message = change(service.get(f"/v1/sessions/challenge?address={signer.address}").body["message"])
    signature = "0x" + signer.sign_digest(digest(message)).hex()
    return service.request(
        "POST", "/v1/sessions", {"message": message, "signature": signature}, {"content-type": "application/json"}
    )


def asking(service, token, method, path, body=None):
    headers = {"authorization": f"Bearer {token}"} | ({"content-type": "application/json"} if body is not None else {})
    return service.request(method, path, body, headers)


@pytest.fixture
def token(service):
    return log_in(service, somebody()).body["token"]


def test_who_signs_the_message_is_logged_in(service):
    treasurer = signer_of("treasurer")
    began = log_in(service, treasurer)
    who = asking(service, began.body["token"], "GET", "/v1/sessions/current")
    assert (began.status, began.body["address"], began.headers["cache-control"]) == (201, treasurer.address, "no-store")
    assert who.body == {
        "address": treasurer.address,
        "by": "session",
        "roles": [{"role": "treasurer", "delay": 0}],
    }


def test_the_message_says_where_and_what_for(service):
    message = service.get(f"/v1/sessions/challenge?address={somebody().address}").body["message"]
    assert message.startswith(f"127.0.0.1:{service.port} wants you to sign in")
    assert "Log in to Heitje testcity. This moves no money." in message


def test_somebody_without_a_role_can_log_in_and_has_none(service, token):
    assert asking(service, token, "GET", "/v1/sessions/current").body["roles"] == []


def test_a_role_that_is_taken_away_is_gone_at_once(service, city):
    person = somebody()
    city.send("admin", "authority", "grantRole", 8, person.address, 0)
    token = log_in(service, person).body["token"]
    before = asking(service, token, "GET", "/v1/sessions/current").body["roles"]
    city.send("admin", "authority", "revokeRole", 8, person.address)
    after = asking(service, token, "GET", "/v1/sessions/current").body["roles"]
    assert (before, after) == ([{"role": "guardian", "delay": 0}], [])


def test_a_passkey_and_a_contract_wallet_log_in(service, city):
    passkey = Passkey("somebody's phone")
    safe = Safe.deploy(city.url, ["an owner"], threshold=1)
    for wallet in (passkey, safe):
        assert log_in(service, wallet).body["address"] == wallet.address


def test_a_message_logs_in_once(service):
    person = somebody()
    message = service.get(f"/v1/sessions/challenge?address={person.address}").body["message"]
    body = {"message": message, "signature": "0x" + person.sign_digest(digest(message)).hex()}
    headers = {"content-type": "application/json"}
    first, second = (service.request("POST", "/v1/sessions", body, headers) for _ in range(2))
    assert (first.status, second.status, second.code) == (201, 422, "login_refused")


@pytest.mark.parametrize(
    ("change", "detail"),
    [
        (lambda m: m.replace("127.0.0.1", "evil.example", 1), "It is for evil.example"),
        (lambda m: m.replace("URI: http://127.0.0.1", "URI: http://evil.example"), "It is for http://evil.example"),
        (lambda m: m.replace("Chain ID: 31337", "Chain ID: 1"), "It is for chain 1"),
        (lambda m: re.sub("Nonce: [0-9a-f]+", "Nonce: " + "0" * 32, m), "Its nonce was not given out here"),
        (lambda m: re.sub("Expiration Time: ....", "Expiration Time: 2020", m), "It is too old"),
        (lambda m: re.sub("Issued At: ....", "Issued At: 2099", m), "It is from the future"),
        (lambda m: m + "\nResources:\n- x", "The message cannot be read"),
    ],
)
def test_a_message_for_elsewhere_or_of_another_time_does_not(service, change, detail):
    refused = log_in(service, somebody(), change)
    assert (refused.status, refused.code) == (422, "login_refused")
    assert detail in refused.body["detail"]


def test_somebody_else_s_signature_does_not(service):
    person, thief = somebody(), somebody()
    message = service.get(f"/v1/sessions/challenge?address={person.address}").body["message"]
    body = {"message": message, "signature": "0x" + thief.sign_digest(digest(message)).hex()}
    refused = service.request("POST", "/v1/sessions", body, {"content-type": "application/json"})
    assert (refused.status, refused.code) == (422, "signature_invalid")


def test_without_a_token_or_with_a_made_up_one_nobody_is_known(service):
    for headers in ({}, {"authorization": "Bearer hs_" + "0" * 64}, {"authorization": "Basic aGk6aGk="}):
        refused = service.request("GET", "/v1/sessions/current", None, headers)
        assert (refused.status, refused.code) == (401, "not_logged_in")
        assert refused.headers["www-authenticate"] == "Bearer"


def test_a_session_ends_when_it_is_ended(service, token):
    assert asking(service, token, "DELETE", "/v1/sessions/current").status == 204
    assert asking(service, token, "GET", "/v1/sessions/current").status == 401


def test_a_key_stands_for_who_made_it_until_it_is_deleted(service, token):
    made = asking(service, token, "POST", "/v1/api-keys", {"name": "till 1", "days": 30})
    key = made.body["key"]
    who = asking(service, key, "GET", "/v1/sessions/current").body
    listed = asking(service, token, "GET", "/v1/api-keys").body["items"]
    assert (made.status, who["by"]) == (201, "key")
    assert [(one["name"], one["prefix"], "key" in one) for one in listed] == [("till 1", made.body["prefix"], False)]
    assert asking(service, token, "DELETE", f"/v1/api-keys/{made.body['prefix']}").status == 204
    assert asking(service, key, "GET", "/v1/sessions/current").status == 401


def test_a_key_makes_no_keys_and_ends_no_sessions(service, token):
    key = asking(service, token, "POST", "/v1/api-keys", {"name": "till", "days": None}).body["key"]
    for method, path, body in (
        ("POST", "/v1/api-keys", {"name": "another", "days": None}),
        ("GET", "/v1/api-keys", None),
        ("DELETE", "/v1/sessions/current", None),
    ):
        refused = asking(service, key, method, path, body)
        assert (refused.status, refused.code) == (403, "session_needed")


def test_nobody_deletes_the_key_of_somebody_else(service, token):
    mine = asking(service, token, "POST", "/v1/api-keys", {"name": "mine", "days": None}).body
    stranger = log_in(service, somebody()).body["token"]
    assert asking(service, stranger, "DELETE", f"/v1/api-keys/{mine['prefix']}").status == 404
    assert asking(service, mine["key"], "GET", "/v1/sessions/current").status == 200


def test_a_key_with_one_letter_changed_is_nobody_s(service, token):
    key = asking(service, token, "POST", "/v1/api-keys", {"name": "till", "days": None}).body["key"]
    other = key[:-1] + ("0" if key[-1] != "0" else "1")
    assert asking(service, other, "GET", "/v1/sessions/current").status == 401


def test_there_is_an_end_to_how_many_keys_an_address_has(service, token):
    statuses = [
        asking(service, token, "POST", "/v1/api-keys", {"name": f"till {n}", "days": None}).status for n in range(21)
    ]
    assert statuses == [201] * 20 + [409]


@pytest.mark.sqlite
def test_no_token_and_no_key_is_in_the_database(tmp_path, city):
    with Service(tmp_path, city) as service:
        token = log_in(service, somebody()).body["token"]
        key = asking(service, token, "POST", "/v1/api-keys", {"name": "till", "days": None}).body["key"]
    stored = b"".join(file.read_bytes() for file in tmp_path.glob("db.sqlite*"))
    log = b"".join(file.read_bytes() for file in tmp_path.glob("*.log"))
    for secret in (token, key, token[3:], key.rpartition("_")[2]):
        assert secret.encode() not in stored + log


def test_who_asks_too_much_is_told_when_to_come_back_and_others_are_served(tmp_path, city):
    with Service(tmp_path, city, HEITJE_RATE="3", HEITJE_RATE_KNOWN="20") as service:
        token = log_in(service, somebody()).body["token"]
        answers = [service.get("/v1/city") for _ in range(40)]
        known = [asking(service, token, "GET", "/v1/city").status for _ in range(40)]
        made_up = asking(service, "hs_" + "1" * 64, "GET", "/v1/city")
        health = service.get("/livez")
    refused = answers[-1]
    assert (answers[0].status, refused.status, refused.code) == (200, 429, "too_many_requests")
    assert refused.headers["retry-after"] == "1"
    assert (set(known), made_up.status, health.status) == ({200}, 429, 200)


def test_a_client_that_waits_is_served_again(tmp_path, city):
    with Service(tmp_path, city, HEITJE_RATE="1") as service:
        while service.get("/v1/city").status == 200:
            pass
        give_up = time.monotonic() + 25
        while service.get("/v1/city").status != 200 and time.monotonic() < give_up:
            time.sleep(2)
        assert time.monotonic() < give_up
