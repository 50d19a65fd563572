# SPDX-License-Identifier: EUPL-1.2
"""Descriptions and sign-ups in the database."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from heitje.store.session import ReadSession, WriteSession
from heitje.store.tables import activity, activity_description, sign_up


async def keep_description(session: WriteSession, values: Mapping[str, Any]) -> None:
    """Store a description, by its hash."""
    await session.put_many(activity_description, [values])


async def is_signed_up(session: ReadSession, activity_id: int, number: int) -> bool:
    """Whether a resident has signed up for an activity."""
    return await session.first(sa.select(sign_up.c.seq).where(*_one(activity_id, number))) is not None


async def sign_up_for(session: WriteSession, activity_id: int, number: int, now: float) -> None:
    """Note that a resident wants to come."""
    await session.add(sign_up, {"activity": activity_id, "number": number, "at": now})


async def cancel(session: WriteSession, activity_id: int, number: int) -> bool:
    """Whether the resident had signed up; nothing is left of it."""
    return bool(await session.run(sa.delete(sign_up).where(*_one(activity_id, number))))


async def sign_ups_of(session: ReadSession, number: int, before: int | None, limit: int) -> list[sa.Row[Any]]:
    """A resident's sign-ups, the last first."""
    statement = sa.select(sign_up).where(sign_up.c.number == number)
    if before is not None:
        statement = statement.where(sign_up.c.seq < before)
    return list(await session.rows(statement.order_by(sign_up.c.seq.desc()).limit(limit)))


async def signed_up(session: ReadSession, activity_id: int) -> list[sa.Row[Any]]:
    """Who has signed up for an activity, the first first."""
    return list(await session.rows(sa.select(sign_up).where(sign_up.c.activity == activity_id).order_by(sign_up.c.seq)))


async def forget_sign_ups(session: WriteSession, before: float, most: int) -> int:
    """Delete sign-ups for activities that closed before this time; how many, at most so many."""
    closed = sa.select(activity.c.id).where(activity.c.closes_at < before)
    old = sa.select(sign_up.c.seq).where(sign_up.c.activity.in_(closed)).limit(most)
    return await session.run(sa.delete(sign_up).where(sign_up.c.seq.in_(old)))


def _one(activity_id: int, number: int) -> tuple[sa.ColumnElement[bool], ...]:
    return sign_up.c.activity == activity_id, sign_up.c.number == number
