# SPDX-License-Identifier: EUPL-1.2
"""Signed reports: checked line by line before they cost a transaction, taken on, looked up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from heitje.activities import repository
from heitje.activities.schemas import ReportRequest
from heitje.chain.abi import load
from heitje.chain.typed_data import Domain, Line, release_digest, report_digest
from heitje.problems import Code, Problem
from heitje.relay import repository as operations
from heitje.relay.batch import MAX_GAS, gas_of
from heitje.relay.calldata import browser_gas, extra_bytes, issue
from heitje.relay.intake import Acknowledgement, Key
from heitje.relay.operation import UNDER_WAY, Kind, Operation, State, Submission
from heitje.relay.reception import Reception
from heitje.relay.simulate import try_call
from heitje.relay.standing import rules_now
from heitje.rest.operations import render
from heitje.store.session import WriteSession

ROUTE = "POST /v1/reports"


class ReportAdmitter:
    """Decides about reports inside the transaction that stores them."""

    async def admit(self, session: WriteSession, wanted: Sequence[Submission], now: float) -> list[State | Problem]:
        """See `heitje.relay.intake.Admitter`."""
        rules = await rules_now(session)
        kinds, ids = (Kind.REPORT_CANCELLATION,), [one.id for one in wanted]
        cancelled = await operations.about(session, kinds, ids, (*UNDER_WAY, State.MINED, State.FINAL))
        taken: set[tuple[int, int]] = set()
        for row in await repository.live_reports(session):
            taken |= _rewarded(orjson.loads(row.payload))
        decisions: list[State | Problem] = []
        for report in wanted:
            pairs = _rewarded(report.payload)
            if rules is None:
                decisions.append(Problem(Code.NOT_READY, "The index has not read the chain yet."))
            elif rules.paused:
                decisions.append(Problem(Code.PAUSED))
            elif report.deadline < now:
                decisions.append(Problem(Code.DEADLINE_PASSED))
            elif any(one.actor == report.actor for one in cancelled.get(report.id, ())):
                decisions.append(Problem(Code.REPORT_CANCELLED))
            elif pairs & taken:
                activity, number = min(pairs & taken)
                decisions.append(Problem(Code.REPORT_OVERLAPS, f"Activity {activity}, number {number}."))
            else:
                taken |= pairs
                decisions.append(State.QUEUED)
        return decisions


class ReportService:
    """What the API does with reports."""

    def __init__(self, reception: Reception, domain: Domain) -> None:
        self._at = reception
        self._domain = domain

    async def submit(self, request: ReportRequest, key: str) -> Acknowledgement:
        """Take a report on.

        Raises:
            Problem: It is not taken on, and why.
        """
        wanted = await self._check(request)
        if not await self._at.intake.known(wanted.id):
            await self._try(wanted)
        return await self._at.intake.submit(wanted, Key(ROUTE, key), f"/v1/reports/{wanted.id}")

    async def find(self, digest: str) -> Operation | None:
        """A report that was sent here."""
        async with self._at.store.read() as session:
            found = await operations.find(session, digest)
        return found if found is not None and found.kind is Kind.REPORT else None

    async def show(self, digest: str) -> dict[str, Any]:
        """A report, sent here or carried by somebody else.

        Raises:
            Problem: Neither.
        """
        found = await self.find(digest)
        if found is not None:
            return render(found)
        async with self._at.store.read() as session:
            row = (await operations.outcomes(session, [digest])).get(digest)
            state = await operations.state_in(session, row.block_number) if row is not None else None
        if row is None or row.kind != Kind.REPORT:
            raise Problem(Code.NOT_FOUND, "This report was not sent here, and was not issued by anybody else.")
        return {
            "id": digest,
            "kind": Kind.REPORT,
            "state": state,
            "report": None,
            "issuer": None,
            "skip": None,
            "transaction": {"hash": row.tx_hash, "block": row.block_number},
            "failure": None,
            "underWayUntil": None,
        }

    async def _check(self, request: ReportRequest) -> Submission:
        """Both signatures."""
        report = request.report
        lines = [Line(line.number, line.minutes, bytes.fromhex(line.evidence[2:])) for line in report.lines]
        digest = report_digest(
            self._domain, report.attester, report.activity, lines, report.deadline, int(report.serial)
        )
        release = release_digest(self._domain, request.issuer, digest, int(request.skip))
        check = self._at.signatures.check
        wallets = await check(digest, request.attester_signature, report.attester, "The attester's signature")
        wallets += await check(release, request.issuer_signature, request.issuer, "The issuer's signature")
        identity = "0x" + digest.hex()
        return Submission(
            id=identity,
            kind=Kind.REPORT,
            actor=report.attester,
            nonce=None,
            value=0,
            deadline=report.deadline,
            payload=request.model_dump(by_alias=True),
            subject=identity,
            wallets=wallets,
        )

    async def _try(self, wanted: Submission) -> None:
        """Ask the chain: may this issuer issue, and would the registry refuse anything in it."""
        authority, registry = load("Authority"), load("ActivityRegistry")
        issuer = wanted.payload["issuer"]
        selector = registry.function("issue").selector
        question = authority.encode("canCall", issuer, self._at.contracts.registry, selector)
        answer = await try_call(self._at.node, self._at.carrier, self._at.contracts.authority, question, MAX_GAS)
        immediate, _ = authority.decode("canCall", bytes.fromhex(answer[2:]))
        if not immediate:
            raise Problem(Code.ISSUER_NOT_ALLOWED, f"{issuer} may not.")
        lines = len(wanted.payload["report"]["lines"])
        more = (extra_bytes(wanted.payload), browser_gas(wanted.payload, wanted.wallets))
        gas = gas_of(Kind.REPORT, lines, wanted.wallets, *more)
        await try_call(self._at.node, self._at.carrier, self._at.contracts.registry, issue(wanted.payload), gas)


def _rewarded(payload: Mapping[str, Any]) -> set[tuple[int, int]]:
    """The (activity, number) pairs a report would reward."""
    report, skip = payload["report"], int(payload["skip"])
    return {(report["activity"], line["number"]) for i, line in enumerate(report["lines"]) if not skip >> i & 1}
