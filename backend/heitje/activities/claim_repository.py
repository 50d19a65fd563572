# SPDX-License-Identifier: EUPL-1.2
"""Claims, their photos, and reports that wait for their release, in the database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from heitje.activities.claim_schemas import ClaimState, ShelfState
from heitje.relay.operation import UNDER_WAY, Kind
from heitje.store.session import ReadSession, WriteSession
from heitje.store.tables import activity, claim, claim_photo, operation, outcome, report_draft, reward, sign_up


def _claims() -> sa.Select[Any]:
    rewarded = sa.and_(reward.c.activity == claim.c.activity, reward.c.number == claim.c.number)
    coming = sa.and_(sign_up.c.activity == claim.c.activity, sign_up.c.number == claim.c.number)
    return (
        sa.select(claim, reward.c.amount, claim_photo.c.media_type, sign_up.c.at.label("signed_up_at"))
        .outerjoin(reward, rewarded)
        .outerjoin(claim_photo, claim_photo.c.claim_id == claim.c.id)
        .outerjoin(sign_up, coming)
    )


def state_of(row: sa.Row[Any]) -> ClaimState:
    """The state of a claim. That it was rewarded is what the chain says, not we."""
    confirmed = row.state == ClaimState.CONFIRMED
    return ClaimState.REWARDED if confirmed and row.amount is not None else ClaimState(row.state)


def _in_state(state: ClaimState) -> sa.ColumnElement[bool]:
    if state is ClaimState.REWARDED:
        return sa.and_(claim.c.state == ClaimState.CONFIRMED, reward.c.amount.is_not(None))
    if state is ClaimState.CONFIRMED:
        return sa.and_(claim.c.state == ClaimState.CONFIRMED, reward.c.amount.is_(None))
    return claim.c.state == state


async def add(session: WriteSession, values: Mapping[str, Any]) -> None:
    """Store a claim."""
    await session.add(claim, values)


async def find(session: ReadSession, identity: str) -> sa.Row[Any] | None:
    """One claim."""
    return await session.first(_claims().where(claim.c.id == identity))


async def last_of(session: ReadSession, activity_id: int, number: int) -> sa.Row[Any] | None:
    """What a resident handed in last for an activity."""
    mine = sa.and_(claim.c.activity == activity_id, claim.c.number == number)
    return await session.first(_claims().where(mine).order_by(claim.c.seq.desc()).limit(1))


async def page(
    session: ReadSession,
    *,
    number: int | None = None,
    programmes: Sequence[int] | None = None,
    activity_id: int | None = None,
    state: ClaimState | None = None,
    before: int | None = None,
    limit: int,
) -> list[sa.Row[Any]]:
    """Claims, the last first: of a resident, or of some programmes."""
    statement = _claims().order_by(claim.c.seq.desc()).limit(limit)
    if number is not None:
        statement = statement.where(claim.c.number == number)
    if programmes is not None:
        theirs = sa.select(activity.c.id).where(activity.c.programme.in_(programmes))
        statement = statement.where(claim.c.activity.in_(theirs))
    if activity_id is not None:
        statement = statement.where(claim.c.activity == activity_id)
    if state is not None:
        statement = statement.where(_in_state(state))
    if before is not None:
        statement = statement.where(claim.c.seq < before)
    return list(await session.rows(statement))


async def change(session: WriteSession, ids: Sequence[str], values: Mapping[str, Any]) -> None:
    """Change claims."""
    await session.run(sa.update(claim).where(claim.c.id.in_(ids)).values(**values))


async def put_photo(session: WriteSession, identity: str, media_type: str, content: bytes, now: float) -> None:
    """Keep a claim's photo, in the place of the one before."""
    row = {"claim_id": identity, "media_type": media_type, "content": content, "at": now}
    await session.put_many(claim_photo, [row])


async def photo_of(session: ReadSession, identity: str) -> sa.Row[Any] | None:
    """A claim's photo: media type and content."""
    columns = sa.select(claim_photo.c.media_type, claim_photo.c.content)
    return await session.first(columns.where(claim_photo.c.claim_id == identity))


async def forget_photos(session: WriteSession, before: float, most: int) -> int:
    """Delete photos that came before this time; how many, at most so many."""
    old = sa.select(claim_photo.c.claim_id).where(claim_photo.c.at < before).limit(most)
    return await session.run(sa.delete(claim_photo).where(claim_photo.c.claim_id.in_(old)))


async def free_for_report(session: ReadSession, activity_id: int, now: float, limit: int) -> list[sa.Row[Any]]:
    """Confirmed claims that no reward has answered, and no report that was issued or can still be holds; oldest first.

    A report that was drafted and never signed holds nothing: the chain rewards one person once, whatever is signed.
    """
    issued = sa.exists().where(
        outcome.c.id == claim.c.report, outcome.c.kind == Kind.REPORT, outcome.c.failure.is_(None)
    )
    sent = sa.exists().where(operation.c.id == claim.c.report, operation.c.state.in_(UNDER_WAY))
    cancelled = sa.exists().where(outcome.c.id == report_draft.c.cancellation)
    waits = sa.exists().where(report_draft.c.digest == claim.c.report, report_draft.c.deadline >= now, ~cancelled)
    free = sa.or_(claim.c.report.is_(None), ~sa.or_(issued, sent, waits))
    mine = sa.and_(claim.c.activity == activity_id, _in_state(ClaimState.CONFIRMED))
    return list(await session.rows(_claims().where(mine, free).order_by(claim.c.seq).limit(limit)))


async def put_on_shelf(session: WriteSession, values: Mapping[str, Any]) -> None:
    """Keep a report that its attester has signed."""
    await session.add(report_draft, values)


def _shelf(now: float) -> sa.Select[Any]:
    cancelled = sa.exists().where(outcome.c.id == report_draft.c.cancellation)
    issued = sa.exists().where(
        outcome.c.id == report_draft.c.digest, outcome.c.kind == Kind.REPORT, outcome.c.failure.is_(None)
    )
    state = sa.case(
        (issued, sa.literal(ShelfState.ISSUED.value)),
        (cancelled, sa.literal(ShelfState.CANCELLED.value)),
        (operation.c.state.in_(UNDER_WAY), sa.literal(ShelfState.UNDER_WAY.value)),
        (report_draft.c.deadline < now, sa.literal(ShelfState.EXPIRED.value)),
        else_=sa.literal(ShelfState.WAITING.value),
    )
    columns = (report_draft, state.label("state"), operation.c.failure_detail)
    return sa.select(*columns).outerjoin(operation, operation.c.id == report_draft.c.digest)


async def on_shelf(session: ReadSession, digest: str, now: float) -> sa.Row[Any] | None:
    """One report of the shelf, with its state."""
    return await session.first(_shelf(now).where(report_draft.c.digest == digest))


async def shelf(
    session: ReadSession,
    now: float,
    *,
    attester: str | None,
    state: ShelfState | None,
    before: int | None,
    limit: int,
) -> list[sa.Row[Any]]:
    """Reports of the shelf with their states, the last first."""
    inner = _shelf(now).order_by(report_draft.c.seq.desc())
    if attester is not None:
        inner = inner.where(report_draft.c.attester == attester)
    if before is not None:
        inner = inner.where(report_draft.c.seq < before)
    if state is None:
        return list(await session.rows(inner.limit(limit)))
    rows = inner.subquery()
    return list(
        await session.rows(sa.select(rows).where(rows.c.state == state).order_by(rows.c.seq.desc()).limit(limit))
    )
