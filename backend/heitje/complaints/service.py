# SPDX-License-Identifier: EUPL-1.2
"""Complaints: a member lodges, an official answers, the member reads it. Their words are in no log."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any, Final

import sqlalchemy as sa

from heitje.city.roles import Role
from heitje.complaints import repository
from heitje.complaints.schemas import OFFICE_OF, ComplaintRequest, ComplaintState, Office, Subject
from heitje.problems import Code, Problem
from heitje.rest import cursors
from heitje.rest.fields import rfc3339
from heitje.rest.members import account_of, member_of
from heitje.rest.offices import Offices
from heitje.store.session import Store

MOST_OPEN: Final = 20
"""Complaints of one member that can wait for an answer."""

ANSWERING: Final = (Role.REGISTRAR, Role.PROGRAMME, Role.GUARDIAN)
"""Who may read and answer complaints."""


class ComplaintService:
    """What the API does with complaints."""

    def __init__(self, store: Store, offices: Offices, clock: Callable[[], float]) -> None:
        self._store = store
        self._offices = offices
        self._clock = clock

    async def lodge(self, address: str, request: ComplaintRequest) -> dict[str, Any]:
        """Take a complaint on. A member whose wallet is frozen can complain too: that may be what it is about.

        Raises:
            Problem: It is no member, or too many of theirs wait.
        """
        identity = str(uuid.uuid4())
        async with self._store.write() as session:
            number = await member_of(session, address)
            if await repository.open_of(session, number) >= MOST_OPEN:
                raise Problem(Code.TOO_MANY_COMPLAINTS, f"{MOST_OPEN} wait.")
            said = request.model_dump()
            values = {"id": identity, "number": number, "lodged_at": self._clock(), **said}
            await repository.add(session, values)
            row = await repository.find(session, identity)
        assert row is not None
        return _body(row)

    async def mine(self, address: str, cursor: str | None, limit: int) -> dict[str, Any]:
        """What a member has lodged, with the answers; nothing for who is none.

        Raises:
            Problem: The cursor is not of this list.
        """
        key = cursors.decode(cursor, 1)
        async with self._store.read() as session:
            account = await account_of(session, address)
            if account is None or account.is_dead:
                return {"items": [], "next": None}
            rows = await repository.page(
                session,
                number=account.number,
                about=None,
                state=None,
                before=key[0] if key else None,
                limit=limit + 1,
            )
        return _page(rows, limit)

    async def to_answer(
        self, address: str, office: Office | None, state: ComplaintState | None, cursor: str | None, limit: int
    ) -> dict[str, Any]:
        """Complaints for officials, the last first: all of them, or those that are one office's to answer.

        Raises:
            Problem: It is nobody who answers complaints, or the cursor is not of this list.
        """
        key = cursors.decode(cursor, 1)
        await self._offices.need(address, *ANSWERING)
        about = None if office is None else [one for one in Subject if OFFICE_OF[one] is Role[office.upper()]]
        async with self._store.read() as session:
            before = key[0] if key else None
            rows = await repository.page(session, number=None, about=about, state=state, before=before, limit=limit + 1)
        return _page(rows, limit)

    async def answer(self, address: str, identity: str, text: str) -> dict[str, Any]:
        """Answer a complaint, once.

        Raises:
            Problem: It is nobody who answers complaints, or there is none, or it has been answered.
        """
        await self._offices.need(address, *ANSWERING)
        async with self._store.write() as session:
            row = await repository.find(session, identity)
            if row is None:
                raise Problem(Code.NOT_FOUND, f"There is no complaint {identity}.")
            if row.answered_at is not None:
                raise Problem(Code.COMPLAINT_ANSWERED)
            values = {"answer": text, "answered_by": address, "answered_at": self._clock()}
            await repository.answer(session, identity, values)
            row = await repository.find(session, identity)
        assert row is not None
        return _body(row)


def _page(rows: list[sa.Row[Any]], limit: int) -> dict[str, Any]:
    more = cursors.encode((rows[limit - 1].seq,)) if len(rows) > limit else None
    return {"items": [_body(row) for row in rows[:limit]], "next": more}


def _body(row: sa.Row[Any]) -> dict[str, Any]:
    answered = row.answered_at is not None
    return {
        "id": row.id,
        "number": row.number,
        "about": row.about,
        "reference": row.reference,
        "text": row.text,
        "state": ComplaintState.ANSWERED if answered else ComplaintState.OPEN,
        "office": OFFICE_OF[Subject(row.about)].name.lower(),
        "lodgedAt": rfc3339(row.lodged_at),
        "answer": row.answer,
        "answeredAt": rfc3339(row.answered_at) if answered else None,
    }
