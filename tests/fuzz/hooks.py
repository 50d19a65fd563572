# SPDX-License-Identifier: EUPL-1.2
"""What schemathesis loads: makes requests of people who exist out of generated ones, and counts the answers."""

import atexit
import json
import os
import re
import uuid
from collections import Counter
from functools import cached_property
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

import schemathesis
from schemathesis import AuthContext, Case, HookContext, Response
from schemathesis.core.failures import Failure
from schemathesis.openapi.checks import EnsureResourceAvailability

from heitje.problems import Code
from tests.fuzz import checks
from tests.fuzz.neighbours import Neighbours
from tests.fuzz.town import VARIABLE, Town
from tests.fuzz.wallets import UsedUp, Wallets, checksummed
from tests.fuzz.webhooks import RECEIVER, Subscriber

TOWN: Final = Town.from_json(os.environ[VARIABLE])
WALLETS: Final = Wallets(TOWN)
LEDGER: Final = checks.begin(TOWN)
SUBSCRIBER: Final = Subscriber(TOWN)
NEIGHBOURS: Final = Neighbours(TOWN)
LATER: Final = ("/cancellation", "/reclaim", "/refunds")
"""What a thing can come to have after it was made. That it is found then, `what_is_taken_on_can_be_found` checks."""

WEBHOOKS: Final = "/v1/webhooks"
MERCHANTS: Final = "/v1/merchants"

turns: Counter[str] = Counter()
"""Well-formed requests so far, by operation."""

answers: Counter[str] = Counter()
found: dict[str, list[str]] = {"location": []}
"""What was given out: locations, and cursors by the path of their list."""


@schemathesis.auth(refresh_interval=None)
class LoggedIn:
    """Somebody with a session, for what is not public."""

    def get(self, case: Case, context: AuthContext) -> str:  # noqa: ARG002 - called with both
        """A session's token; one of its own for what ends it."""
        ends = case.operation.label == "DELETE /v1/sessions/current"
        if case.path.startswith(WEBHOOKS):
            return SUBSCRIBER.token
        if (token := NEIGHBOURS.token_for(case)) is not None:
            return token
        return TOWN.log_in("somebody who ends a session") if ends else self.token

    @cached_property
    def token(self) -> str:
        """Of a session that nobody ends."""
        return TOWN.log_in("somebody with a session")

    def set(self, case: Case, data: str, context: AuthContext) -> None:  # noqa: ARG002 - called with all
        """As the service reads it."""
        case.headers = {**(case.headers or {}), "Authorization": f"Bearer {data}"}


@schemathesis.hook
def before_call(context: HookContext, case: Case, kwargs: dict[str, Any]) -> None:
    """A generated request that is well-formed becomes somebody's; one that is not goes out as it is."""
    if case.meta is not None and case.meta.generation.mode.is_positive:
        turns[case.operation.label] += 1
        number = turns[case.operation.label]
        chained = case.meta.phase.name.value == "stateful"
        use_known_query(case, number)
        if case.operation.label in WALLETS.acts:
            # Half made good, as all is that others build upon, and so the first; a quarter signed as generated, a
            # quarter as generated. By turns, not by what was generated: without a body that can be always the same.
            sign(case, 3 if chained else (3, 2, 1, 0)[(number - 1) % 4])
        elif case.operation.label in NEIGHBOURS.good:
            if number % 2 and NEIGHBOURS.good[case.operation.label](case):
                LEDGER.good.add(case.id)
            elif isinstance(case.body, dict):
                case.body = checksummed(case.body)
        elif case.path.startswith(WEBHOOKS):
            use_known_webhook(case, number, chained=chained)
        elif not chained:
            use_known_path(case, number)
        case.path_parameters = checksummed(case.path_parameters)
    if case.path.endswith("/events") and str(case.query.get("seconds", 0)).isdecimal():
        case.query["seconds"] = 0  # a stream that goes on has no end to check
    LEDGER.note(case.id)


@schemathesis.hook
def after_call(context: HookContext, case: Case, response: Response) -> None:
    """Counts the answer, and remembers what it gives out."""
    answers[f"{case.operation.label} {response.status_code}"] += 1
    if response.request.method == case.operation.method.upper() and response.status_code < 300:
        body = json.loads(response.content) if b"{" in response.content[:1] else {}
        if "prefix" in body:
            found.setdefault("prefix", []).append(body["prefix"])
        if body.get("next"):
            found.setdefault(f"cursor {case.path}", []).append(body["next"])
        if "location" in response.headers:
            found.setdefault("location", []).append(response.headers["location"][0])


@schemathesis.hook
def filter_failure(context: HookContext, failure: Failure, case: Case, response: Response) -> bool:
    """A redemption that was just made has no cancellation yet, and so on: there, 404 is the truth."""
    return not (isinstance(failure, EnsureResourceAvailability) and case.path.endswith(LATER))


def sign(case: Case, choice: int) -> None:
    """0: as it is. 1: signed as it is, by somebody whose key is here. Else: made good, and signed."""
    act = WALLETS.acts[case.operation.label]
    path, body = checksummed(case.path_parameters), checksummed(case.body)
    case.headers["Idempotency-Key"] = str(uuid.uuid4())
    if choice == 0 and not isinstance(body, dict):
        choice = 1  # what nobody signs is somebody's as it is
    if choice == 1:
        body = act.sign(path, WALLETS.somebody(body))
    elif choice > 1:
        try:
            path, body = act.fold(path, body)
        except UsedUp:
            choice = 1
        body = act.sign(path, body)
        case.headers["Prefer"] = "wait=2" if choice == 3 and not answers.total() % 8 else "handling=lenient"
    case.path_parameters, case.body = path, body
    if choice > 1:
        LEDGER.good.add(case.id)


def use_known_path(case: Case, number: int) -> None:
    """Half of what is looked up exists, and so does the first."""
    if number % 2:
        template = re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", case.path)
        places = (urlsplit(place) for place in found["location"])
        led = [(match.groupdict(), at.query) for at in places if (match := re.fullmatch(template, at.path))]
        if case.path.startswith(MERCHANTS):
            led = [({"address": WALLETS.city.address_of(shop), "digest": paid}, "") for paid, _, shop in TOWN.payments]
        led += [({name: value}, "") for name in case.path_parameters for value in known(name, case.path)]
        if led:
            names, query = led[number // 2 % len(led)]
            case.path_parameters.update({name: names[name] for name in case.path_parameters if name in names})
            case.query.update(parse_qsl(query))


def use_known_webhook(case: Case, number: int, *, chained: bool) -> None:
    """Half of the webhooks and deliveries exist, and so does the first; half of the new ones lead somewhere."""
    if number % 2 and case.operation.label == f"POST {WEBHOOKS}":
        case.body["url"] = RECEIVER
    elif number % 2 and "id" in case.path_parameters and not chained:
        case.path_parameters.update(SUBSCRIBER.known(case, number // 2))


def use_known_query(case: Case, number: int) -> None:
    """Cursors are opaque: only what was given out is one. Addresses get their checksum."""
    if case.query.get("cursor") is not None:
        given = found.get(f"cursor {case.path}", [])
        if given:
            case.query["cursor"] = given[number % len(given)]
        else:
            del case.query["cursor"]
    for name in ("account", "attester"):
        if case.query.get(name) is not None:
            case.query[name] = checksummed(case.query[name])


def known(name: str, path: str) -> list[str]:
    """Values of a path parameter that lead somewhere without any request before."""
    if path.endswith("/refunds"):
        return [digest for digest, _, _ in TOWN.payments]
    values: dict[str, list[Any]] = {
        "address": list(WALLETS.numbers),
        "activity": TOWN.activities,
        "code": list(Code),
        "prefix": found.get("prefix", [])[-1:],
        "uid": TOWN.uids if path.endswith("{uid}") else [],
    }
    return [str(value) for value in values.get(name, [])]


def report() -> None:
    """Writes the counts for who started this."""
    Path(TOWN.counts).write_text(json.dumps(answers, indent=1, sort_keys=True), "utf-8")


atexit.register(report)
