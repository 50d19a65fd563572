# SPDX-License-Identifier: EUPL-1.2
"""From confirmed claims to a report for the attester to sign."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Any, Final

from heitje.activities import claim_repository, repository
from heitje.chain.typed_data import Domain, Line, report_digest
from heitje.problems import Code, Problem
from heitje.rest.fields import rfc3339
from heitje.store.session import Store

MOST_LINES: Final = 200
"""Of one report, as the registry takes it."""

_DAYS: Final = 14 * 86_400
"""Seconds that an issuer has to release it, unless the activity closes before."""

_SOON: Final = 60
_MOST_LEFT: Final = 1_000


class DraftService:
    """Puts reports together."""

    def __init__(self, store: Store, domain: Domain, clock: Callable[[], float]) -> None:
        self._store = store
        self._domain = domain
        self._clock = clock

    async def draft(self, address: str, activity: int) -> dict[str, Any]:
        """A report of at most two hundred confirmed claims that are in no other report, for this attester to sign.

        Raises:
            Problem: It is somebody else's to attest, or takes no reports any more, or nothing is confirmed.
        """
        now = self._clock()
        async with self._store.write() as session:
            row = await repository.need_attester(session, address, activity)
            deadline = min(row.closes_at, int(now) + _DAYS)
            if deadline < now + _SOON:
                raise Problem(Code.ACTIVITY_CLOSED, f"It closed on {rfc3339(row.closes_at)}.")
            free = await claim_repository.free_for_report(session, activity, now, MOST_LINES + _MOST_LEFT)
            if not free:
                raise Problem(Code.NOTHING_TO_REPORT)
            chosen, serial = free[:MOST_LINES], secrets.randbits(64)
            lines = [Line(one.number, one.confirmed_minutes, bytes.fromhex(one.evidence[2:])) for one in chosen]
            digest = "0x" + report_digest(self._domain, address, activity, lines, deadline, serial).hex()
            await claim_repository.change(session, [one.id for one in chosen], {"report": digest})
        said = [{"number": one.number, "minutes": one.confirmed_minutes, "evidence": one.evidence} for one in chosen]
        report = {"attester": address, "activity": activity, "lines": said, "deadline": deadline, "serial": str(serial)}
        return {"report": report, "digest": digest, "left": len(free) - len(chosen)}
