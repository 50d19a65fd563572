# SPDX-License-Identifier: EUPL-1.2
"""Payments that are signed beforehand, so that signing is not measured: many residents, fewer shops, one cent each."""

from __future__ import annotations

import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

import orjson

from heitje.chain import typed_data
from tests.support.city import City
from tests.support.service import report_body

RESIDENTS_AT_ONCE = 100
"""Enrolled in one transaction."""

REPORT_LINES = 100

FIRST_SHOP = 1_000_000
"""Member numbers of shops begin here."""


@dataclass(frozen=True, slots=True)
class Request:
    """A payment or a report, ready to be written to a connection. `weight` is how many rewards a report has."""

    digest: str
    raw: bytes
    weight: int = 1


@dataclass(frozen=True, slots=True)
class Town:
    """Who pays whom. Members are told apart by their numbers."""

    city: City
    residents: Sequence[int]
    shops: Sequence[int]

    @classmethod
    def settle(cls, city: City, residents: int, shops: int) -> Town:
        """Enrols everybody, and gives every resident forty euros."""
        people = range(1, residents + 1)
        stores = range(FIRST_SHOP, FIRST_SHOP + shops)
        for start in range(0, residents, RESIDENTS_AT_ONCE):
            city.enrol(residents=people[start : start + RESIDENTS_AT_ONCE])
        city.enrol(merchants=stores)
        for activity in (city.open_activity(), city.open_activity()):
            for start in range(0, residents, RESIDENTS_AT_ONCE):
                city.issue(activity, dict.fromkeys(people[start : start + RESIDENTS_AT_ONCE], 240))
        return cls(city, people, stores)

    def payments(self, count: int, *, valid: int = 3_600) -> list[Request]:
        """So many payments of one cent, resident after resident, each with the nonce after its last."""
        domain, deadline = self.city.domains["token"], int(time.time()) + valid
        keys = [self.city.member(number) for number in self.residents]
        addresses = [key.address for key in keys]
        shops = [self.city.address_of(number) for number in self.shops]
        made = []
        for place in range(count):
            nonce, who = divmod(place, len(keys))
            payee, request_id = shops[place % len(shops)], place.to_bytes(32, "big")
            digest = typed_data.payment_digest(domain, addresses[who], payee, 1, nonce, deadline, request_id)
            signature = keys[who].sign_digest(digest)
            body = {
                "from": addresses[who],
                "to": payee,
                "value": "1",
                "nonce": str(nonce),
                "deadline": deadline,
                "requestId": "0x" + request_id.hex(),
                "signature": "0x" + signature.hex(),
            }
            made.append(Request("0x" + digest.hex(), post("/v1/payments", body)))
        return made

    def reports(self, count: int) -> list[Request]:
        """So many reports of a hundred rewards of eight cents, each by attester and issuer."""
        made, groups = [], len(self.residents) // REPORT_LINES
        for place in range(count):
            if place % groups == 0:
                activity = self.city.open_activity()
            start = place % groups * REPORT_LINES
            report = self.city.report(activity, dict.fromkeys(self.residents[start : start + REPORT_LINES], 1))
            raw = post("/v1/reports", report_body(report))
            made.append(Request("0x" + report.digest.hex(), raw, REPORT_LINES))
        return made


def post(path: str, body: object) -> bytes:
    """An HTTP/1.1 request with an Idempotency-Key of its own."""
    data = orjson.dumps(body)
    head = (
        f"POST {path} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n"
        f"idempotency-key: {uuid.uuid4()}\r\ncontent-length: {len(data)}\r\n\r\n"
    )
    return head.encode() + data


def get(path: str) -> bytes:
    """An HTTP/1.1 request for something."""
    return f"GET {path} HTTP/1.1\r\nhost: localhost\r\n\r\n".encode()
