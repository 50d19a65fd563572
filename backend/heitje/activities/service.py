# SPDX-License-Identifier: EUPL-1.2
"""Activities and rewards, read from the index."""

from __future__ import annotations

from typing import Any

import orjson
import sqlalchemy as sa

from heitje.activities import repository
from heitje.activities.attestations import attested
from heitje.chain.calendar import month_text
from heitje.problems import Code, Problem
from heitje.rest import cursors
from heitje.rest.fields import rfc3339
from heitje.store.session import Store


class ActivityService:
    """What the API tells of activities and rewards."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def show(self, activity_id: int) -> dict[str, Any]:
        """One activity.

        Raises:
            Problem: There is none with this number.
        """
        async with self._store.read() as session:
            row = await repository.find_activity(session, activity_id)
        if row is None:
            raise Problem(Code.NOT_FOUND, f"There is no activity {activity_id}.")
        return activity_body(row)

    async def activities(self, cursor: str | None, limit: int) -> dict[str, Any]:
        """Activities, the newest first.

        Raises:
            Problem: The cursor is not of this list.
        """
        key = cursors.decode(cursor, 1)
        async with self._store.read() as session:
            rows = await repository.activities(session, key[0] if key else None, limit + 1)
        more = cursors.encode((rows[limit - 1].id,)) if len(rows) > limit else None
        return {"items": [activity_body(row) for row in rows[:limit]], "next": more}

    async def rewards(
        self, number: int | None, activity_id: int | None, report: str | None, cursor: str | None, limit: int
    ) -> dict[str, Any]:
        """Rewards, the newest first.

        Raises:
            Problem: The cursor is not of this list.
        """
        key = cursors.decode(cursor, 2)
        filters = {"number": number, "activity_id": activity_id, "report": report}
        async with self._store.read() as session:
            rows = await repository.rewards(session, **filters, before=key, limit=limit + 1)  # type: ignore[arg-type]
            standings = await repository.standings(session, [(row.activity, row.number) for row in rows])
        last = rows[limit - 1] if len(rows) > limit else None
        more = None if last is None else cursors.encode((last.block_number, last.log_index))
        return {"items": [attested(row, standings[row.activity, row.number]) for row in rows[:limit]], "next": more}


def activity_body(row: sa.Row[Any]) -> dict[str, Any]:
    """An activity as the API shows it."""
    return {
        "id": row.id,
        "programme": row.programme,
        "month": month_text(row.month),
        "centsPerHour": str(row.cents_per_hour),
        "maxMinutes": row.max_minutes,
        "opensAt": rfc3339(row.opens_at),
        "closesAt": rfc3339(row.closes_at),
        "neighbourhood": row.neighbourhood,
        "adult": row.adult,
        "description": row.description,
        "details": None if row.document is None else orjson.loads(row.document),
        "places": row.places,
        "signUps": row.coming,
        "rewarded": row.rewarded,
        "issued": str(row.issued),
        "struck": str(row.struck),
        "clawedBack": str(row.burned),
    }
