# SPDX-License-Identifier: EUPL-1.2
"""Activities and rewards in the database, as the index has them from the chain."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from heitje.relay.operation import LIVE, Kind
from heitje.store.session import ReadSession
from heitje.store.tables import activity, operation, reward


def _activities() -> sa.Select[Any]:
    counted = (
        sa.select(
            reward.c.activity,
            sa.func.count().label("rewarded"),
            sa.func.sum(reward.c.amount).label("issued"),
        )
        .group_by(reward.c.activity)
        .subquery()
    )
    zero = sa.literal(0)
    return sa.select(
        activity,
        sa.func.coalesce(counted.c.rewarded, zero).label("rewarded"),
        sa.func.coalesce(counted.c.issued, zero).label("issued"),
    ).outerjoin(counted, counted.c.activity == activity.c.id)


async def find_activity(session: ReadSession, activity_id: int) -> sa.Row[Any] | None:
    """An activity, with how many were rewarded and how many cents that was."""
    return await session.first(_activities().where(activity.c.id == activity_id))


async def activities(session: ReadSession, before: int | None, limit: int) -> list[sa.Row[Any]]:
    """Activities, the newest first, with numbers below `before`."""
    statement = _activities().order_by(activity.c.id.desc()).limit(limit)
    if before is not None:
        statement = statement.where(activity.c.id < before)
    return list(await session.rows(statement))


async def rewards(
    session: ReadSession,
    *,
    number: int | None,
    activity_id: int | None,
    report: str | None,
    before: tuple[int, ...] | None,
    limit: int,
) -> list[sa.Row[Any]]:
    """Rewards, the newest first."""
    statement = sa.select(reward)
    if number is not None:
        statement = statement.where(reward.c.number == number)
    if activity_id is not None:
        statement = statement.where(reward.c.activity == activity_id)
    if report is not None:
        statement = statement.where(reward.c.report == report)
    if before is not None:
        statement = statement.where(sa.tuple_(reward.c.block_number, reward.c.log_index) < sa.tuple_(*before))
    statement = statement.order_by(reward.c.block_number.desc(), reward.c.log_index.desc()).limit(limit)
    return list(await session.rows(statement))


async def live_reports(session: ReadSession) -> list[sa.Row[Any]]:
    """Reports that are under way."""
    statement = sa.select(operation).where(operation.c.kind == Kind.REPORT, operation.c.state.in_(LIVE))
    return list(await session.rows(statement))
