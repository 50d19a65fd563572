# SPDX-License-Identifier: EUPL-1.2
"""Payments in the database: those that were sent here, and those that others carried."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from heitje.index.rows import TransferKind
from heitje.relay.operation import Kind
from heitje.store.session import ReadSession
from heitje.store.tables import operation, transfer


async def carried(session: ReadSession, digest: str) -> sa.Row[Any] | None:
    """The transfer of a payment that was carried out, whoever carried it."""
    statement = sa.select(transfer).where(transfer.c.operation_id == digest, transfer.c.kind == TransferKind.PAYMENT)
    return await session.first(statement)


async def page(session: ReadSession, account: str | None, after: int | None, limit: int) -> list[sa.Row[Any]]:
    """Payments that were sent here, the newest first, that arrived before the one with sequence number `after`."""
    statement = sa.select(operation).where(operation.c.kind == Kind.PAYMENT)
    if account is not None:
        statement = statement.where(sa.or_(operation.c.actor == account, operation.c.payee == account))
    if after is not None:
        statement = statement.where(operation.c.seq < after)
    return list(await session.rows(statement.order_by(operation.c.seq.desc()).limit(limit)))
