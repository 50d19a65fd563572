# SPDX-License-Identifier: EUPL-1.2
"""Cancellations of reports by their attesters: taken on, looked up."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from heitje.activities import repository
from heitje.activities.schemas import ReportCancellationRequest
from heitje.chain.typed_data import Domain, cancel_report_digest
from heitje.problems import Code, Problem
from heitje.relay import repository as operations
from heitje.relay.intake import Acknowledgement, Key
from heitje.relay.operation import Kind, Operation, State, Submission
from heitje.relay.reception import Reception
from heitje.rest.fields import LAST_SECOND
from heitje.rest.operations import render
from heitje.store.session import WriteSession


class ReportCancellationAdmitter:
    """Decides about cancellations of reports inside the transaction that stores them."""

    async def admit(
        self,
        session: WriteSession,
        wanted: Sequence[Submission],
        now: float,  # noqa: ARG002 - a cancellation has no deadline
    ) -> list[State | Problem]:
        """See `heitje.relay.intake.Admitter`."""
        reports = [one.payload["report"] for one in wanted]
        issued = await operations.outcomes(session, reports)
        return [Problem(Code.REPORT_ISSUED) if report in issued else State.QUEUED for report in reports]


class ReportCancellationService:
    """What the API does with cancellations of reports."""

    def __init__(self, reception: Reception, domain: Domain) -> None:
        self._at = reception
        self._domain = domain

    async def submit(self, report: str, request: ReportCancellationRequest, key: str) -> Acknowledgement:
        """Take a cancellation on. The report need not have been sent here.

        Raises:
            Problem: It is not taken on, and why.
        """
        digest = self._digest(report, request.attester)
        wallets = await self._at.signatures.check(digest, request.signature, request.attester)
        wanted = Submission(
            id="0x" + digest.hex(),
            kind=Kind.REPORT_CANCELLATION,
            actor=request.attester,
            nonce=None,
            value=0,
            deadline=LAST_SECOND,
            payload={"report": report, **request.model_dump(by_alias=True)},
            subject=report,
            wallets=wallets,
        )
        if not await self._at.intake.known(wanted.id):
            await self._refuse_others(report, request.attester)
            await self._at.attempt(wanted)
        location = f"/v1/reports/{report}/cancellation?attester={request.attester}"
        return await self._at.intake.submit(wanted, Key("POST /v1/reports/*/cancellation", key), location)

    async def find(self, identity: str) -> Operation | None:
        """A cancellation that was sent here, by its own digest."""
        async with self._at.store.read() as session:
            return await operations.find(session, identity)

    async def show(self, report: str, attester: str | None = None) -> dict[str, Any]:
        """The cancellation of a report by its attester, or by the one who is named.

        Any attester can sign and have carried a cancellation of any digest; only the report's own stops the report.

        Raises:
            Problem: None was sent here, or it is not known whose the report is.
        """
        async with self._at.store.read() as session:
            known = await operations.find(session, report)
            if attester is None and known is not None and known.kind is Kind.REPORT:
                attester = known.actor
            if attester is None:
                raise Problem(Code.NOT_FOUND, "The report was not sent here; name its attester: ?attester=0x…")
            sent = await operations.find(session, "0x" + self._digest(report, attester).hex())
        if sent is None:
            raise Problem(Code.NOT_FOUND, f"No cancellation of this report by {attester} was sent here.")
        return render(sent)

    def _digest(self, report: str, attester: str) -> bytes:
        return cancel_report_digest(self._domain, attester, bytes.fromhex(report[2:]))

    async def _refuse_others(self, report: str, attester: str) -> None:
        """Whoever is no attester, or not this report's, cancels nothing by signing."""
        async with self._at.store.read() as session:
            known = await operations.find(session, report)
            appointed = await repository.is_attester(session, attester)
        if known is not None and known.kind is Kind.REPORT and known.actor != attester:
            raise Problem(Code.NOT_ITS_ATTESTER, f"It is {known.actor}'s.")
        if not appointed:
            raise Problem(Code.NOT_ITS_ATTESTER, f"{attester} was never an attester here.")
