# SPDX-License-Identifier: EUPL-1.2
"""Moves of credits and accounts, as far as they are final, in the order of the chain."""

from __future__ import annotations

from typing import Any, Final

import sqlalchemy as sa

from heitje.index.rows import TransferKind
from heitje.store.session import ReadSession
from heitje.store.tables import account, activity, cursor, reward, transfer

Place = tuple[int, int]
"""Block and log index."""

_ELSEWHERE: Final = (TransferKind.REDEMPTION, TransferKind.RELEASE, TransferKind.REPLACEMENT)
"""Between a shop and its escrow, or between two wallets of one person: nothing that is counted."""

_MOVES: Final = (
    sa.select(
        transfer.c.block_number,
        transfer.c.log_index,
        transfer.c.time,
        transfer.c.kind,
        transfer.c.sender,
        transfer.c.recipient,
        transfer.c.value,
        reward.c.number,
        reward.c.minutes,
        reward.c.activity,
        activity.c.programme,
        activity.c.neighbourhood,
    )
    .select_from(
        transfer.outerjoin(
            reward,
            sa.and_(reward.c.block_number == transfer.c.block_number, reward.c.log_index == transfer.c.log_index),
        ).outerjoin(activity, activity.c.id == reward.c.activity)
    )
    .where(transfer.c.kind.not_in(_ELSEWHERE))
    .order_by(transfer.c.block_number, transfer.c.log_index)
)


async def position(session: ReadSession) -> sa.Row[Any] | None:
    """Where the index is: last block, and last final block and its time."""
    return await session.first(sa.select(cursor))


async def moves(session: ReadSession, after: Place, last_block: int, limit: int) -> list[sa.Row[Any]]:
    """Moves after a place and up to a block; a reward with its activity, programme and neighbourhood."""
    beyond = sa.tuple_(transfer.c.block_number, transfer.c.log_index) > sa.tuple_(*after)
    statement = _MOVES.where(beyond, transfer.c.block_number <= last_block).limit(limit)
    return list(await session.rows(statement))


async def accounts(session: ReadSession, from_block: int) -> list[sa.Row[Any]]:
    """Accounts that were touched in this block or later."""
    columns = (account.c.address, account.c.word)
    return list(await session.rows(sa.select(*columns).where(account.c.block_number >= from_block)))
