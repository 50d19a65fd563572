# SPDX-License-Identifier: EUPL-1.2
"""The shelf: reports that their attesters have signed, and that wait for an issuer who is somebody else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import orjson
import sqlalchemy as sa

from heitje.activities import claim_repository, repository
from heitje.activities.claim_schemas import ShelfRequest, ShelfState
from heitje.activities.schemas import SignedReport
from heitje.chain.typed_data import Domain, Line, cancel_report_digest, report_digest
from heitje.city.roles import Role
from heitje.problems import Code, Problem
from heitje.relay.signatures import Signatures
from heitje.rest import cursors
from heitje.rest.fields import rfc3339
from heitje.rest.offices import Offices
from heitje.store.session import ReadSession, Store


class ShelfService:
    """What the API does with reports that wait."""

    def __init__(
        self, store: Store, signatures: Signatures, offices: Offices, domain: Domain, clock: Callable[[], float]
    ) -> None:
        self._store = store
        self._signatures = signatures
        self._offices = offices
        self._domain = domain
        self._clock = clock

    async def deposit(self, request: ShelfRequest) -> tuple[dict[str, Any], bool]:
        """Keep a signed report until an issuer releases it; whether it is new. It costs nothing and binds nobody else.

        Raises:
            Problem: It could not be issued as it is, and why.
        """
        report, now = request.report, self._clock()
        lines = [Line(line.number, line.minutes, bytes.fromhex(line.evidence[2:])) for line in report.lines]
        signed = report_digest(
            self._domain, report.attester, report.activity, lines, report.deadline, int(report.serial)
        )
        await self._signatures.check(signed, request.attester_signature, report.attester)
        digest = "0x" + signed.hex()
        cancellation = "0x" + cancel_report_digest(self._domain, report.attester, signed).hex()
        values = {
            "digest": digest,
            "attester": report.attester,
            "activity": report.activity,
            "deadline": report.deadline,
            "payload": orjson.dumps(request.model_dump(by_alias=True)),
            "cancellation": cancellation,
            "at": now,
        }
        async with self._store.write() as session:
            known = await claim_repository.on_shelf(session, digest, now)
            if known is None:
                await _check(session, report, now)
                await claim_repository.put_on_shelf(session, values)
            row = await claim_repository.on_shelf(session, digest, now)
        assert row is not None
        return _body(row), known is None

    async def page(self, address: str, state: ShelfState | None, cursor: str | None, limit: int) -> dict[str, Any]:
        """What is on the shelf, the last first: everything for issuers, one's own for attesters.

        Raises:
            Problem: It is neither, or the cursor is not of this list.
        """
        key, now = cursors.decode(cursor, 1), self._clock()
        issues = Role.ISSUER in await self._offices.roles_of(address)
        async with self._store.read() as session:
            if not issues and not await repository.is_attester(session, address):
                raise Problem(Code.ROLE_NEEDED, "It takes the role ISSUER, or an attester.")
            rows = await claim_repository.shelf(
                session,
                now,
                attester=None if issues else address,
                state=state,
                before=key[0] if key else None,
                limit=limit + 1,
            )
        more = cursors.encode((rows[limit - 1].seq,)) if len(rows) > limit else None
        return {"items": [_body(row) for row in rows[:limit]], "next": more}


async def _check(session: ReadSession, report: SignedReport, now: float) -> None:
    """What can be said now of whether it can be issued; what an issuer's release meets, the chain says."""
    if report.deadline < now:
        raise Problem(Code.DEADLINE_PASSED)
    held = await repository.need_attester(session, report.attester, report.activity)
    numbers = [line.number for line in report.lines]
    twice = next((number for number in numbers if numbers.count(number) > 1), None)
    if twice is not None:
        raise Problem(Code.REPORT_OVERLAPS, f"Member {twice} is in it twice.")
    for line in report.lines:
        if not 1 <= line.minutes <= held.max_minutes:
            detail = f"Member {line.number}: {line.minutes} minutes; at most {held.max_minutes}, at least 1."
            raise Problem(Code.TOO_MANY_MINUTES, detail)


def _body(row: sa.Row[Any]) -> dict[str, Any]:
    payload = orjson.loads(row.payload)
    return {
        "digest": row.digest,
        "report": payload["report"],
        "attesterSignature": payload["attesterSignature"],
        "state": row.state,
        "refusal": row.failure_detail,
        "at": rfc3339(row.at),
    }
