# SPDX-License-Identifier: EUPL-1.2
"""Logging in with a resident's or a shop's wallet, and being known by a cookie, on the real service and chain."""

import time
from itertools import count

import pytest

from tests.support.browser import DeviceKey, Passkey
from tests.support.people import JSON, wallet_login
from tests.support.service import Service
from tests.support.signed import signer_of

names = count(1)
ME = "/v1/sessions/current"
KEYS = "/v1/api-keys"


def somebody():
    return signer_of(f"somebody with a wallet {next(names)}")


def log_in(service, body):
    return service.request("POST", "/v1/sessions/wallet", body, JSON)


@pytest.fixture
def cookie(service):
    began = log_in(service, wallet_login(service, somebody()))
    return began.headers["set-cookie"].partition(";")[0]


def test_a_passkey_a_device_key_and_a_key_log_in_by_typed_data(service):
    for wallet in (Passkey("a phone"), DeviceKey("an old phone"), somebody()):
        began = log_in(service, wallet_login(service, wallet))
        who = service.request("GET", ME, None, {"authorization": f"Bearer {began.body['token']}"})
        assert (began.status, began.headers["cache-control"]) == (201, "no-store")
        assert who.body == {"address": wallet.address, "by": "session", "roles": []}


def test_the_city_tells_what_is_signed(service):
    types = service.get("/v1/city").body["types"]["token"]
    assert types["Login"] == "Login(address account,string origin,bytes32 nonce,uint256 issuedAt)"
    assert types["Join"] == "Join(address account,bytes32 code)"


def test_a_nonce_logs_in_once(service):
    body = wallet_login(service, somebody())
    first, second = log_in(service, body), log_in(service, body)
    assert (first.status, second.status, second.code) == (201, 422, "login_refused")
    assert "has been used" in second.body["detail"]


@pytest.mark.parametrize(
    ("others", "detail"),
    [
        ({"origin": "https://evil.example"}, "It is for https://evil.example, and this is http://127.0.0.1"),
        ({"issuedAt": int(time.time()) + 4_000}, "It is from the future"),
        ({"issuedAt": int(time.time()) - 4_000}, "It is too old"),
        ({"nonce": "0x" + "0" * 64}, "Its nonce was not given out here"),
    ],
)
def test_a_login_for_elsewhere_or_of_another_time_is_refused(service, others, detail):
    refused = log_in(service, wallet_login(service, somebody(), **others))
    assert (refused.status, refused.code) == (422, "login_refused")
    assert detail in refused.body["detail"]


def test_a_login_signed_by_somebody_else_is_refused_and_the_nonce_is_still_good(service):
    person = somebody()
    body = wallet_login(service, person)
    forged = {**body, "signature": wallet_login(service, somebody(), nonce=body["nonce"])["signature"]}
    assert log_in(service, forged).code == "signature_invalid"
    assert log_in(service, body).status == 201


def test_the_cookie_is_for_this_site_alone_and_no_script_reads_it(service):
    began = log_in(service, wallet_login(service, somebody()))
    name, *attributes = began.headers["set-cookie"].split("; ")
    assert name == f"heitje_session={began.body['token']}"
    assert {text.lower() for text in attributes} == {"httponly", "max-age=43200", "path=/", "samesite=strict"}


def test_the_cookie_is_for_tls_only_where_people_come_by_tls(tmp_path, city):
    with Service(tmp_path, city, HEITJE_PUBLIC_URL="https://heitje.example/") as service:
        began = log_in(service, wallet_login(service, somebody(), origin="https://heitje.example"))
    assert began.status == 201
    assert "Secure" in began.headers["set-cookie"].split("; ")


def test_a_cookie_shows_who_asks(service, cookie):
    assert service.request("GET", ME, None, {"cookie": cookie}).body["by"] == "session"
    assert service.request("GET", ME, None, {"cookie": "heitje_session=hs_" + "0" * 64}).code == "not_logged_in"


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"sec-fetch-site": "same-origin"}, 201),
        ({"sec-fetch-site": "same-site"}, 401),
        ({"sec-fetch-site": "cross-site"}, 401),
        ({"sec-fetch-site": "none"}, 401),
        ({"origin": "https://evil.example"}, 401),
        ({}, 401),
    ],
)
def test_with_a_cookie_only_a_page_of_this_service_changes_things(service, cookie, headers, status):
    made = service.request("POST", KEYS, {"name": "till", "days": 1}, {"cookie": cookie, **JSON, **headers})
    assert made.status == status


def test_a_browser_that_does_not_say_from_which_site_says_from_which_origin(service, cookie):
    made = service.request("POST", KEYS, {"name": "till", "days": 1}, {"cookie": cookie, **JSON, "origin": service.url})
    assert made.status == 201


def test_a_token_in_the_header_goes_before_the_cookie(service, cookie):
    refused = service.request("GET", ME, None, {"cookie": cookie, "authorization": "Bearer hs_" + "1" * 64})
    assert refused.code == "not_logged_in"


def test_logging_out_ends_the_session_and_clears_the_cookie(service, cookie):
    ended = service.request("DELETE", ME, None, {"cookie": cookie, "sec-fetch-site": "same-origin"})
    assert ended.status == 204
    assert 'heitje_session=""' in ended.headers["set-cookie"]
    assert "Max-Age=0" in ended.headers["set-cookie"]
    assert service.request("GET", ME, None, {"cookie": cookie}).status == 401


def test_a_cookie_counts_for_who_it_is_when_much_is_asked(tmp_path, city):
    with Service(tmp_path, city, HEITJE_RATE="3", HEITJE_RATE_KNOWN="20") as service:
        began = log_in(service, wallet_login(service, somebody()))
        headers = {"cookie": began.headers["set-cookie"].partition(";")[0]}
        known = [service.request("GET", "/v1/city", None, headers).status for _ in range(40)]
    assert set(known) == {200}
