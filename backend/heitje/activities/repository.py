# SPDX-License-Identifier: EUPL-1.2
"""Activities and rewards in the database, as the index has them from the chain."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from heitje.problems import Code, Problem
from heitje.relay.operation import UNDER_WAY, Kind
from heitje.store.session import ReadSession
from heitje.store.tables import activity, activity_description, attester, correction, operation, reward, sign_up


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
    # What is struck in all stands in each reduction: the last is the most.
    each = (
        sa.select(
            correction.c.activity,
            sa.func.max(correction.c.struck).label("struck"),
            sa.func.sum(correction.c.burned).label("burned"),
        )
        .group_by(correction.c.activity, correction.c.number)
        .subquery()
    )
    corrected = (
        sa.select(
            each.c.activity, sa.func.sum(each.c.struck).label("struck"), sa.func.sum(each.c.burned).label("burned")
        )
        .group_by(each.c.activity)
        .subquery()
    )
    coming = sa.select(sign_up.c.activity, sa.func.count().label("coming")).group_by(sign_up.c.activity).subquery()
    zero = sa.literal(0)
    return (
        sa.select(
            activity,
            sa.func.coalesce(counted.c.rewarded, zero).label("rewarded"),
            sa.func.coalesce(counted.c.issued, zero).label("issued"),
            sa.func.coalesce(corrected.c.struck, zero).label("struck"),
            sa.func.coalesce(corrected.c.burned, zero).label("burned"),
            sa.func.coalesce(coming.c.coming, zero).label("coming"),
            activity_description.c.document,
            activity_description.c.places,
        )
        .outerjoin(counted, counted.c.activity == activity.c.id)
        .outerjoin(corrected, corrected.c.activity == activity.c.id)
        .outerjoin(coming, coming.c.activity == activity.c.id)
        .outerjoin(activity_description, activity_description.c.hash == activity.c.description)
    )


async def find_activity(session: ReadSession, activity_id: int) -> sa.Row[Any] | None:
    """An activity, with how many were rewarded and how many cents that was."""
    return await session.first(_activities().where(activity.c.id == activity_id))


async def activities(session: ReadSession, before: int | None, limit: int) -> list[sa.Row[Any]]:
    """Activities, the newest first, with numbers below `before`."""
    statement = _activities().order_by(activity.c.id.desc()).limit(limit)
    if before is not None:
        statement = statement.where(activity.c.id < before)
    return list(await session.rows(statement))


@dataclass(frozen=True, slots=True)
class Standing:
    """What is left of a reward. Cents; minutes that count, None if nothing was struck; Unix time."""

    corrections: tuple[sa.Row[Any], ...] = ()

    @property
    def status(self) -> str:
        """`issued`, `reduced` or `clawed_back`."""
        if not self.corrections:
            return "issued"
        return "clawed_back" if self.corrections[-1].minutes is None else "reduced"

    @property
    def _reduced(self) -> sa.Row[Any] | None:
        return next((row for row in reversed(self.corrections) if row.minutes is not None), None)

    @property
    def kept(self) -> int | None:
        """Minutes that count now."""
        return None if self._reduced is None else int(self._reduced.minutes)

    @property
    def struck(self) -> int:
        """Cents struck in all."""
        return 0 if self._reduced is None else int(self._reduced.struck)

    @property
    def clawback_from(self) -> int | None:
        """From when on what was struck can be taken back; None where it cannot."""
        return int(self.corrections[-1].clawback_from) if self.status == "reduced" else None

    @property
    def burned(self) -> int:
        """Cents taken back."""
        return sum(row.burned or 0 for row in self.corrections)

    @property
    def written_off(self) -> int:
        """Cents that could not be."""
        return sum(row.written_off or 0 for row in self.corrections)


async def standings(session: ReadSession, pairs: Sequence[tuple[int, int]]) -> dict[tuple[int, int], Standing]:
    """What is left of rewards, by activity and number."""
    found: dict[tuple[int, int], list[sa.Row[Any]]] = {pair: [] for pair in pairs}
    numbers = {number for _, number in pairs}
    activities_ = {activity_id for activity_id, _ in pairs}
    statement = (
        sa.select(correction)
        .where(correction.c.number.in_(numbers), correction.c.activity.in_(activities_))
        .order_by(correction.c.block_number, correction.c.log_index)
    )
    for row in await session.rows(statement):
        if (row.activity, row.number) in found:
            found[row.activity, row.number].append(row)
    return {pair: Standing(tuple(rows)) for pair, rows in found.items()}


async def find_reward(session: ReadSession, activity_id: int, number: int) -> sa.Row[Any] | None:
    """The reward of a person for an activity."""
    return await session.first(sa.select(reward).where(reward.c.activity == activity_id, reward.c.number == number))


async def is_attester(session: ReadSession, address: str) -> bool:
    """Whether somebody is, or was, an attester of any programme."""
    statement = sa.select(attester.c.programme).where(attester.c.attester == address, attester.c.appointed)
    return await session.first(statement.limit(1)) is not None


async def attests_for(session: ReadSession, address: str, programme: int) -> bool:
    """Whether somebody is an attester of a programme now."""
    order = (attester.c.block_number.desc(), attester.c.log_index.desc())
    mine = sa.and_(attester.c.attester == address, attester.c.programme == programme)
    return bool(await session.scalar(sa.select(attester.c.appointed).where(mine).order_by(*order).limit(1)))


async def need_attester(session: ReadSession, address: str, activity_id: int) -> sa.Row[Any]:
    """An activity that somebody may attest.

    Raises:
        Problem: There is none with this number, or it is of a programme for which they do not attest.
    """
    row = await find_activity(session, activity_id)
    if row is None:
        raise Problem(Code.NOT_FOUND, f"There is no activity {activity_id}.")
    if not await attests_for(session, address, row.programme):
        raise Problem(Code.NOT_AN_ATTESTER, f"{address} does not attest for programme {row.programme}.")
    return row


async def programmes_of(session: ReadSession, address: str) -> list[int]:
    """The programmes that somebody is an attester of now."""
    order = (attester.c.block_number, attester.c.log_index)
    statement = sa.select(attester.c.programme, attester.c.appointed).where(attester.c.attester == address)
    latest = {row.programme: row.appointed for row in await session.rows(statement.order_by(*order))}
    return sorted(programme for programme, appointed in latest.items() if appointed)


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
    statement = sa.select(operation).where(operation.c.kind == Kind.REPORT, operation.c.state.in_(UNDER_WAY))
    return list(await session.rows(statement))
