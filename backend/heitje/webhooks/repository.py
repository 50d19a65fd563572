# SPDX-License-Identifier: EUPL-1.2
"""Webhooks and their deliveries in the database."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Final

import sqlalchemy as sa

from heitje.store.session import ReadSession, WriteSession
from heitje.store.tables import event, webhook, webhook_delivery

_MOST_DELETED: Final = 2_000


class DeliveryState(StrEnum):
    """What came of a delivery."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    FAILED = "failed"


async def add(session: WriteSession, owner: str, url: str, types: list[str], secret: str, *, now: float) -> str:
    """Store a webhook that is told what happens from now on; its id."""
    identity = str(uuid.uuid4())
    newest = await session.scalar(sa.select(sa.func.coalesce(sa.func.max(event.c.seq), 0)))
    values = {
        "id": identity,
        "owner": owner,
        "url": url,
        "types": " ".join(types),
        "secret": secret,
        "cursor": newest,
        "failures": 0,
        "next_at": now,
        "claimed_until": 0.0,
        "created_at": now,
    }
    await session.add(webhook, values)
    return identity


async def of(session: ReadSession, owner: str) -> list[sa.Row[Any]]:
    """An account's webhooks, the oldest first."""
    return list(await session.rows(sa.select(webhook).where(webhook.c.owner == owner).order_by(webhook.c.seq)))


async def find(session: ReadSession, identity: str) -> sa.Row[Any] | None:
    """One webhook."""
    return await session.first(sa.select(webhook).where(webhook.c.id == identity))


async def change(session: WriteSession, identity: str, values: Mapping[str, Any]) -> None:
    """Change a webhook."""
    await session.run(sa.update(webhook).where(webhook.c.id == identity).values(**values))


async def remove(session: WriteSession, identity: str) -> None:
    """Delete a webhook and what is known of its deliveries."""
    await session.run(sa.delete(webhook).where(webhook.c.id == identity))
    await session.run(sa.delete(webhook_delivery).where(webhook_delivery.c.webhook_id == identity))


async def due(session: ReadSession, now: float, limit: int) -> list[str]:
    """Webhooks that have something to be told, and can be told now, by whoever is first."""
    asked = sa.exists().where(
        webhook_delivery.c.state == DeliveryState.WAITING, webhook_delivery.c.webhook_id == webhook.c.id
    )
    # Two questions, because each has an index of its own.
    later = event.c.seq > webhook.c.cursor
    told = sa.or_(
        sa.exists().where(event.c.sender == webhook.c.owner, later),
        sa.exists().where(event.c.recipient == webhook.c.owner, later),
    )
    next_one = sa.and_(webhook.c.disabled.is_(None), webhook.c.next_at <= now, told)
    statement = sa.select(webhook.c.id).where(webhook.c.claimed_until < now, sa.or_(asked, next_one))
    return [row.id for row in await session.rows(statement.order_by(webhook.c.next_at).limit(limit))]


async def claim(session: WriteSession, identity: str, name: str, now: float, until: float) -> sa.Row[Any] | None:
    """Take a webhook for this process, so that nobody else tells it at the same time; None if another was first."""
    free = sa.and_(webhook.c.id == identity, webhook.c.claimed_until < now)
    taken = await session.run(sa.update(webhook).where(free).values(claim=name, claimed_until=until))
    return await find(session, identity) if taken else None


async def settle(session: WriteSession, identity: str, name: str, values: Mapping[str, Any]) -> bool:
    """Change a webhook that this process has taken; whether it still had."""
    held = sa.and_(webhook.c.id == identity, webhook.c.claim == name)
    return bool(await session.run(sa.update(webhook).where(held).values(**values)))


async def next_event(session: ReadSession, hook: sa.Row[Any], after: int) -> sa.Row[Any] | None:
    """The next event that concerns a webhook's owner, of any type."""
    ends = (event.c.sender, event.c.recipient)
    firsts = [
        await session.first(
            sa.select(event).where(end == hook.owner, event.c.seq > after).order_by(event.c.seq).limit(1)
        )
        for end in ends
    ]
    return min((row for row in firsts if row is not None), key=lambda row: row.seq, default=None)


async def add_delivery(session: WriteSession, hook: str, told: Mapping[str, Any], values: Mapping[str, Any]) -> str:
    """Note a delivery, made or to be made; its id."""
    identity = str(uuid.uuid4())
    row = {"id": identity, "webhook_id": hook, **told, **values}
    await session.add(webhook_delivery, row)
    return identity


async def change_delivery(session: WriteSession, identity: str, values: Mapping[str, Any]) -> None:
    """Say what came of a delivery."""
    await session.run(sa.update(webhook_delivery).where(webhook_delivery.c.id == identity).values(**values))


async def find_delivery(session: ReadSession, hook: str, identity: str) -> sa.Row[Any] | None:
    """One delivery of a webhook."""
    which = sa.and_(webhook_delivery.c.id == identity, webhook_delivery.c.webhook_id == hook)
    return await session.first(sa.select(webhook_delivery).where(which))


async def waiting(session: ReadSession, hook: str) -> list[sa.Row[Any]]:
    """Deliveries that were asked for by hand, the oldest first."""
    mine = sa.and_(webhook_delivery.c.webhook_id == hook, webhook_delivery.c.state == DeliveryState.WAITING)
    return list(await session.rows(sa.select(webhook_delivery).where(mine).order_by(webhook_delivery.c.seq)))


async def deliveries(session: ReadSession, hook: str, before: int | None, limit: int) -> list[sa.Row[Any]]:
    """A webhook's deliveries, the newest first."""
    statement = sa.select(webhook_delivery).where(webhook_delivery.c.webhook_id == hook)
    if before is not None:
        statement = statement.where(webhook_delivery.c.seq < before)
    return list(await session.rows(statement.order_by(webhook_delivery.c.seq.desc()).limit(limit)))


async def forget(session: WriteSession, before: float) -> bool:
    """Delete some deliveries that are older; whether there may be more."""
    old = sa.select(webhook_delivery.c.seq).where(webhook_delivery.c.at < before).limit(_MOST_DELETED)
    deleted = await session.run(sa.delete(webhook_delivery).where(webhook_delivery.c.seq.in_(old)))
    return deleted == _MOST_DELETED
