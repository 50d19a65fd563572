# SPDX-License-Identifier: EUPL-1.2
"""What must hold for every answer of the API, beside what schemathesis checks against the description."""

import json
import sqlite3
import urllib.request
from dataclasses import dataclass, field
from typing import Any, Final

import schemathesis
from schemathesis import Case, CheckContext, Response

from heitje.problems import MEANINGS, Code
from tests.fuzz.town import Town

TABLES: Final = ("operation", "idempotency")
"""What requests write."""

MALFORMED: Final = {
    Code.INVALID_REQUEST,
    Code.INVALID_CURSOR,
    Code.IDEMPOTENCY_KEY_MISSING,
    Code.IDEMPOTENCY_KEY_INVALID,
    Code.METHOD_NOT_ALLOWED,
}
"""What nobody may be told whose request is as the description says."""


@dataclass
class Ledger:
    """What was asked, and how much was stored before."""

    api: str
    database: sqlite3.Connection
    good: set[str] = field(default_factory=set)
    before: dict[str, int] = field(default_factory=dict)
    types: set[str] = field(default_factory=set)

    def stored(self) -> int:
        """Rows in what requests write."""
        return sum(self.database.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in TABLES)

    def note(self, case: str) -> None:
        """A request goes out."""
        self.before[case] = self.stored()


_begun: list[Ledger] = []


def begin(town: Town) -> Ledger:
    """The ledger of this run."""
    database = sqlite3.connect(f"file:{town.database}?mode=ro", uri=True, check_same_thread=False)
    _begun[:] = [Ledger(town.api, database)]
    return _begun[0]


def problem(response: Response) -> dict[str, Any]:
    """A problem's body."""
    body: dict[str, Any] = json.loads(response.content)
    return body


@schemathesis.check
def a_refusal_is_a_problem(ctx: CheckContext, response: Response, case: Case) -> None:
    """RFC 9457, with a code that is explained where its type points, and what happened to the money."""
    if response.status_code < 400:
        return
    assert response.headers["content-type"] == ["application/problem+json"], "a refusal that is not a problem"
    body = problem(response)
    code = Code(body["code"])
    meaning = MEANINGS[code]
    assert body["type"] == f"/problems/{code}", "a problem whose type is not its code's"
    assert (body["status"], body["title"]) == (response.status_code, meaning.title), "a problem with another status"
    assert meaning.money in body["detail"], "a problem that does not say what happened to the money"
    assert meaning.next in body["detail"], "a problem that does not say what to do next"
    ledger = _begun[0]
    if body["type"] not in ledger.types:
        with urllib.request.urlopen(ledger.api + body["type"], timeout=30) as explained:
            assert meaning.money in explained.read().decode(), "a problem's type does not explain it"
        ledger.types.add(body["type"])


@schemathesis.check
def a_refusal_stores_nothing(ctx: CheckContext, response: Response, case: Case) -> None:
    """Rows are counted before and after; requests come one at a time."""
    if response.status_code >= 400 and case.id in _begun[0].before:
        assert _begun[0].stored() == _begun[0].before[case.id], "a refused request stored something"


@schemathesis.check
def what_is_good_is_done(ctx: CheckContext, response: Response, case: Case) -> None:
    """What was made good and signed is taken on."""
    if case.id in _begun[0].good:
        assert response.status_code in (200, 201, 202, 204), f"a good request was refused: {response.content.decode()}"
        if case.path.startswith(FACILITATOR):
            told = problem(response)
            is_done = told.get("isValid", told.get("success")) or told.get("errorReason") == "settlement_pending"
            assert is_done, f"a good sale was refused: {told}"


@schemathesis.check
def what_is_well_formed_is_not_called_malformed(ctx: CheckContext, response: Response, case: Case) -> None:
    """The description tells everything about form: the rest is about what is asked for."""
    positive = case.meta is not None and case.meta.generation.mode.is_positive
    if positive and response.status_code in (400, 422):
        told = problem(response)
        assert told["code"] not in MALFORMED, f"well-formed, but called malformed: {told['detail']}"


@schemathesis.check
def what_is_taken_on_can_be_found(ctx: CheckContext, response: Response, case: Case) -> None:
    """`Location` leads to the same operation, and sending it again leads there too and stores nothing."""
    if (
        case.method != "POST"
        or response.status_code not in (200, 202)
        or case.path.startswith(ELSEWHERE)
        or case.path.endswith(DRAFT)
    ):
        return
    ledger, body = _begun[0], problem(response)
    (location,) = response.headers["location"]
    with urllib.request.urlopen(ledger.api + location, timeout=30) as answer:
        there = json.load(answer)
    told = {name: value for name, value in body.items() if name not in CHANGING}
    assert {name: there[name] for name in told} == told, "Location leads to something else"
    stored = ledger.stored()
    headers = {"content-type": "application/json", "idempotency-key": response.request.headers["idempotency-key"]}
    request = urllib.request.Request(response.request.url, response.request.body, headers, method="POST")
    with urllib.request.urlopen(request, timeout=30) as again:
        assert again.headers["location"] == location, "sent again, it is something else"
    assert ledger.stored() == stored, "sent again, it is stored again"


@schemathesis.check
def a_facilitator_takes_on_what_it_settles_and_nothing_else(ctx: CheckContext, response: Response, case: Case) -> None:
    """What is taken on is found at `Location`, and sent again has one answer; all else stores nothing."""
    if case.method != "POST" or response.status_code != 200 or not case.path.startswith(FACILITATOR):
        return
    ledger, told = _begun[0], problem(response)
    if "location" not in response.headers:
        assert not told.get("success"), "settled, but nowhere to be found"
        stored = ledger.before.get(case.id, ledger.stored())
        assert ledger.stored() == stored, "nothing was taken on, and yet something is stored"
        return
    (location,) = response.headers["location"]
    assert told["extra"]["operation"] == location
    with urllib.request.urlopen(ledger.api + location, timeout=30) as answer:
        assert json.load(answer)["from"] == told["payer"], "Location leads to something else"
    stored = ledger.stored()
    request = urllib.request.Request(
        response.request.url, response.request.body, {"content-type": "application/json"}, method="POST"
    )
    with urllib.request.urlopen(request, timeout=30) as again:
        assert again.headers["location"] == location, "sent again, it is another payment"
        transaction = json.load(again)["transaction"]
    # Until it has a transaction it has none to tell; from then on it is the same one.
    assert told["transaction"] in ("", transaction), "sent again, it is in another transaction"
    assert ledger.stored() == stored, "sent again, it is stored again"


ELSEWHERE: Final = (
    "/rpc",
    "/x402/",
    "/v1/webhooks",
    "/v1/invitations",
    "/v1/claims",
    "/v1/report-drafts",
    "/v1/complaints",
    "/v1/office",
)
"""What has no Idempotency-Key: web shops' payments have a check of their own, and the rest moves nothing here."""

DRAFT: Final = "/report-draft"
"""The same."""

FACILITATOR: Final = "/x402/"
"""Where answers are in the protocol's words: a refusal has the status 200."""

CHANGING: Final = ("state", "transaction", "failure", "underWayUntil", "onChain")
"""Members that change as an operation goes its way."""
