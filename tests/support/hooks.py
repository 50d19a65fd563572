# SPDX-License-Identifier: EUPL-1.2
"""A service whose webhooks may lead to this machine, and members who log in to it."""

from typing import Any, Final
from weakref import WeakKeyDictionary

from heitje.access.message import digest
from tests.support.service import Answer, Service
from tests.support.signed import signer_of

QUICK: Final = "[0.3, 0.3, 0.3]"
"""Retries for tests that wait for the last one."""

STRANGER: Final = 0
"""Stands for somebody who can log in and has no account."""

_tokens: WeakKeyDictionary[Service, dict[int, str]] = WeakKeyDictionary()


def told(retries: str = QUICK) -> dict[str, str]:
    """The service's settings."""
    return {"HEITJE_WEBHOOK_LOOPBACK": "1", "HEITJE_WEBHOOK_RETRIES": retries}


def token_of(service: Service, number: int) -> str:
    """The token of a member's session."""
    known = _tokens.setdefault(service, {})
    if number not in known:
        signer = service.city.member(number) if number != STRANGER else signer_of("stranger")
        message = service.get(f"/v1/sessions/challenge?address={signer.address}").body["message"]
        body = {"message": message, "signature": "0x" + signer.sign_digest(digest(message)).hex()}
        answer = service.request("POST", "/v1/sessions", body, {"content-type": "application/json"})
        known[number] = answer.body["token"]
    return known[number]


def ask(service: Service, number: int | None, method: str, path: str = "", body: Any = None) -> Answer:
    """A request about webhooks, by a member, or by nobody."""
    headers = {"content-type": "application/json"}
    if number is not None:
        headers["authorization"] = f"Bearer {token_of(service, number)}"
    return service.request(method, f"/v1/webhooks{path}", body, headers)


def register(service: Service, number: int, url: str, *types: str) -> dict[str, Any]:
    """A new webhook of a member."""
    answer = ask(service, number, "POST", "", {"url": url, "types": list(types)})
    assert answer.status == 201, answer.body
    made: dict[str, Any] = answer.body
    return made
