# SPDX-License-Identifier: EUPL-1.2
"""Residents sign up for activities: only who and when is kept, and nothing of it when they cancel."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa

from heitje.activities import repository, taking_part
from heitje.problems import Code, Problem
from heitje.rest import cursors
from heitje.rest.fields import rfc3339
from heitje.rest.members import account_of, resident_of
from heitje.store.session import ReadSession, Store


class SignUpService:
    """What the API does with sign-ups."""

    def __init__(self, store: Store, clock: Callable[[], float]) -> None:
        self._store = store
        self._clock = clock

    async def sign_up(self, address: str, activity: int) -> dict[str, Any]:
        """Take a place in an activity.

        Raises:
            Problem: It is no resident, or there is no place, or no time any more.
        """
        now = self._clock()
        async with self._store.write() as session:
            number = await resident_of(session, address)
            row = await _to_come(session, activity, now)
            if await taking_part.is_signed_up(session, activity, number):
                raise Problem(Code.ALREADY_SIGNED_UP)
            if row.places is not None and row.coming >= row.places:
                raise Problem(Code.ACTIVITY_FULL, f"There are {row.places}.")
            await taking_part.sign_up_for(session, activity, number, now)
        return {"activity": activity, "number": number, "at": rfc3339(now)}

    async def cancel(self, address: str, activity: int) -> None:
        """Give the place back.

        Raises:
            Problem: It is no resident, or had no place, or it has been held.
        """
        async with self._store.write() as session:
            number = await resident_of(session, address)
            await _to_come(session, activity, self._clock())
            if not await taking_part.cancel(session, activity, number):
                raise Problem(Code.NOT_FOUND, f"You have not signed up for activity {activity}.")

    async def mine(self, address: str, cursor: str | None, limit: int) -> dict[str, Any]:
        """What somebody has signed up for, the last first; nothing for who is no member.

        Raises:
            Problem: The cursor is not of this list.
        """
        key = cursors.decode(cursor, 1)
        async with self._store.read() as session:
            account = await account_of(session, address)
            if account is None or account.is_dead:
                return {"items": [], "next": None}
            rows = await taking_part.sign_ups_of(session, account.number, key[0] if key else None, limit + 1)
        more = cursors.encode((rows[limit - 1].seq,)) if len(rows) > limit else None
        return {"items": [_body(row) for row in rows[:limit]], "next": more}

    async def expected(self, address: str, activity: int) -> dict[str, Any]:
        """Who has signed up, for the attesters who will see them.

        Raises:
            Problem: There is no such activity, or it is somebody else's to attest.
        """
        async with self._store.read() as session:
            await repository.need_attester(session, address, activity)
            rows = await taking_part.signed_up(session, activity)
        return {"items": [_body(row) for row in rows], "next": None}


async def _to_come(session: ReadSession, activity: int, now: float) -> sa.Row[Any]:
    """An activity that has not been held."""
    row = await repository.find_activity(session, activity)
    if row is None:
        raise Problem(Code.NOT_FOUND, f"There is no activity {activity}.")
    if row.closes_at < now:
        raise Problem(Code.ACTIVITY_CLOSED)
    if row.opens_at <= now:
        raise Problem(Code.ACTIVITY_OVER, f"It had been held on {rfc3339(row.opens_at)}.")
    return row


def _body(row: sa.Row[Any]) -> dict[str, Any]:
    return {"activity": row.activity, "number": row.number, "at": rfc3339(row.at)}
