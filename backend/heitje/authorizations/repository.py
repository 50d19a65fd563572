# SPDX-License-Identifier: EUPL-1.2
"""Authorizations and what they give back, in the database."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa

from heitje.chain.typed_data import refund_nonce
from heitje.index.rows import TransferKind
from heitje.relay import repository as operations
from heitje.relay.operation import Kind, Operation
from heitje.store.session import ReadSession
from heitje.store.tables import account, authorization, cursor, transfer

REFUNDS: Final = 16
"""Refunds one payment can have."""


@dataclass(frozen=True, slots=True)
class Paid:
    """A payment that was carried out, and what was given back of it.

    Attributes:
        payer: Number of who paid.
        payee: Number of who was paid.
        value: Cents.
        is_final: Whether its block is final.
        used: Refunds on the chain, each with its k; a withdrawn one has no digest and moved nothing. A shop whose
            wallet was replaced can have used the same k with both.
        under_way: Refunds under way here, each with its k.
    """

    payer: int
    payee: int
    value: int
    is_final: bool
    used: Sequence[tuple[int, sa.Row[Any]]] = ()
    under_way: Sequence[tuple[int, Operation]] = ()

    @property
    def refunded(self) -> int:
        """Cents given back."""
        return sum(row.value for _, row in self.used)

    @property
    def waiting(self) -> int:
        """Cents of refunds under way."""
        return sum(one.value for _, one in self.under_way)

    @property
    def taken(self) -> set[int]:
        """Each k that was used, or is under way, by whichever wallet of the shop."""
        return {k for k, _ in (*self.used, *self.under_way)}

    @property
    def left(self) -> int:
        """Cents that can still be given back."""
        return max(0, self.value - self.refunded - self.waiting)


async def find_paid(session: ReadSession, digest: str) -> Paid | None:
    """A payment that was carried out by its digest, with its refunds; None if there is none."""
    kinds = (TransferKind.PAYMENT, TransferKind.AUTHORIZATION)
    row = await session.first(sa.select(transfer).where(transfer.c.operation_id == digest, transfer.c.kind.in_(kinds)))
    if row is None:
        return None
    numbers = await numbers_of(session, (row.sender, row.recipient))
    payer, payee = numbers.get(row.sender, 0), numbers.get(row.recipient, 0)
    final = await session.scalar(sa.select(cursor.c.final_number))
    by_nonce = {"0x" + refund_nonce(bytes.fromhex(digest[2:]), k).hex(): k for k in range(REFUNDS)}
    # By number, not by address: a shop may have had another wallet.
    statement = (
        sa.select(authorization)
        .join(account, account.c.address == authorization.c.authorizer)
        .where(authorization.c.nonce.in_(by_nonce), account.c.number == payee)
        .order_by(authorization.c.block_number, authorization.c.log_index)
    )
    used = [(by_nonce[found.nonce], found) for found in await session.rows(statement)]
    live = await operations.about(session, (Kind.REFUND,), by_nonce)
    waiting = [(by_nonce[nonce], one) for nonce, found in live.items() for one in found]
    return Paid(payer, payee, row.value, row.block_number <= final, used, waiting)


async def numbers_of(session: ReadSession, addresses: Sequence[str]) -> dict[str, int]:
    """The numbers these addresses have, or had."""
    statement = sa.select(account.c.address, account.c.number).where(account.c.address.in_(addresses))
    return {row.address: row.number for row in await session.rows(statement)}


async def is_used(session: ReadSession, authorizer: str, nonce: str) -> bool:
    """Whether a nonce was used or withdrawn."""
    mine = sa.and_(authorization.c.authorizer == authorizer, authorization.c.nonce == nonce)
    return await session.first(sa.select(authorization.c.nonce).where(mine)) is not None


async def used(session: ReadSession, nonces: Iterable[str]) -> set[tuple[str, str]]:
    """Who has used or withdrawn which of these nonces: pairs of authorizer and nonce."""
    found: set[tuple[str, str]] = set()
    for chunk in operations.chunks(nonces):
        mine = sa.select(authorization.c.authorizer, authorization.c.nonce).where(authorization.c.nonce.in_(chunk))
        found |= {(row.authorizer, row.nonce) for row in await session.rows(mine)}
    return found


async def carried(session: ReadSession, digest: str) -> sa.Row[Any] | None:
    """The authorization and the transfer of what was carried out, whoever carried it."""
    statement = (
        sa.select(transfer, authorization.c.nonce)
        .join(authorization, authorization.c.digest == transfer.c.operation_id)
        .where(transfer.c.operation_id == digest)
    )
    return await session.first(statement)
