# SPDX-License-Identifier: EUPL-1.2
"""Invitations in the database."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from heitje.chain.account import Account
from heitje.counter.schemas import InvitationState
from heitje.store.session import ReadSession, WriteSession
from heitje.store.tables import account, invitation


def _invitations(now: float) -> sa.Select[Any]:
    """Invitations with their states. A wallet that has the number is the member's: the index took it from the chain."""
    done = sa.exists().where(account.c.address == invitation.c.account, account.c.number == invitation.c.number)
    state = sa.case(
        (done, sa.literal(InvitationState.DONE.value)),
        (invitation.c.revoked_at.is_not(None), sa.literal(InvitationState.REVOKED.value)),
        (invitation.c.account.is_not(None), sa.literal(InvitationState.ACCEPTED.value)),
        (invitation.c.expires_at < now, sa.literal(InvitationState.EXPIRED.value)),
        else_=sa.literal(InvitationState.OPEN.value),
    )
    return sa.select(invitation, state.label("state"))


async def add(session: WriteSession, values: Mapping[str, Any]) -> None:
    """Store an invitation."""
    await session.add(invitation, values)


async def change(session: WriteSession, identity: str, values: Mapping[str, Any]) -> None:
    """Change an invitation."""
    await session.run(sa.update(invitation).where(invitation.c.id == identity).values(**values))


async def find(session: ReadSession, identity: str, now: float) -> sa.Row[Any] | None:
    """One invitation."""
    return await session.first(_invitations(now).where(invitation.c.id == identity))


async def by_code(session: ReadSession, code: str, now: float) -> sa.Row[Any] | None:
    """The invitation whose code has this hash."""
    return await session.first(_invitations(now).where(invitation.c.code == code))


async def pending(session: ReadSession, number: int, now: float) -> bool:
    """Whether a number has an invitation that can be used, or waits for the registrar."""
    rows = await session.rows(_invitations(now).where(invitation.c.number == number))
    return any(row.state in (InvitationState.OPEN, InvitationState.ACCEPTED) for row in rows)


async def page(
    session: ReadSession, now: float, state: InvitationState | None, before: int | None, limit: int
) -> list[sa.Row[Any]]:
    """Invitations, the last first."""
    rows = _invitations(now).subquery()
    statement = sa.select(rows).order_by(rows.c.seq.desc()).limit(limit)
    if state is not None:
        statement = statement.where(rows.c.state == state)
    if before is not None:
        statement = statement.where(rows.c.seq < before)
    return list(await session.rows(statement))


async def holder_of(session: ReadSession, number: int) -> Account | None:
    """The account that has a number now; None if nobody has."""
    rows = await session.rows(sa.select(account.c.word).where(account.c.number == number))
    known = (Account.from_word(int(row.word, 16)) for row in rows)
    return next((one for one in known if not one.is_dead), None)


async def forget(session: WriteSession, before: float, most: int) -> int:
    """Delete invitations that expired before this time; how many, at most so many."""
    old = sa.select(invitation.c.seq).where(invitation.c.expires_at < before).limit(most)
    return await session.run(sa.delete(invitation).where(invitation.c.seq.in_(old)))
