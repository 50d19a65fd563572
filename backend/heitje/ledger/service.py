# SPDX-License-Identifier: EUPL-1.2
"""The public ledger and accounts, read from the index."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import sqlalchemy as sa

from heitje.chain.account import Account, Class, Flag
from heitje.chain.calendar import end_of_epoch
from heitje.ledger import repository
from heitje.problems import Code, Problem
from heitje.relay.queue import expected_nonce
from heitje.relay.standing import Rules, rules_now, standings_of
from heitje.rest import cursors
from heitje.rest.fields import rfc3339
from heitje.store.session import Store


class LedgerService:
    """What the API tells of accounts and of the ledger."""

    def __init__(self, store: Store, desk: str, clock: Callable[[], float]) -> None:
        self._store = store
        self._desk = desk
        self._clock = clock

    async def account(self, address: str) -> dict[str, Any]:
        """An account at the indexed block, less what is under way.

        Raises:
            Problem: It is not enrolled, or the index has not begun.
        """
        now = self._clock()
        async with self._store.read() as session:
            rules = await rules_now(session)
            standing = (await standings_of(session, [address])).get(address)
            at = await repository.position(session)
            dead = standing is not None and standing.account.is_dead
            heir = (
                await repository.holder_of(session, standing.account.number) if standing is not None and dead else None
            )
        if rules is None or at is None:
            raise Problem(Code.NOT_READY, "The index has not read the chain yet.")
        if standing is None:
            raise Problem(Code.NOT_FOUND, f"No account of {address} at block {at.number}.")
        known = standing.account
        return {
            "address": address,
            "number": known.number,
            "class": Class(known.holder_class).name.lower(),
            "frozen": known.is_frozen,
            "replacing": bool(known.flags & Flag.REPLACING),
            "replacedBy": heir,
            "balance": str(known.balance),
            "spendable": str(max(standing.spendable(now, rules), 0)),
            "underWay": str(standing.under_way),
            "nextNonce": str(expected_nonce(known.nonce, standing.nonces)),
            "openRedemptions": known.open_redemptions,
            "expiring": _expiring(standing.rolled(now, rules), rules),
            "block": at.number,
        }

    async def rules(self) -> dict[str, Any] | None:
        """What can change of a city, at the indexed block; None before there is one."""
        async with self._store.read() as session:
            rules = await rules_now(session)
        if rules is None:
            return None
        dates = {"issueUntil": rules.issue_until, "payUntil": rules.pay_until, "redeemUntil": rules.redeem_until}
        return {"paused": rules.paused, **{name: rfc3339(date) for name, date in dates.items()}}

    async def ledger(self) -> dict[str, Any]:
        """The supply equation at the indexed block.

        Raises:
            Problem: The index has not begun.
        """
        async with self._store.read() as session:
            at = await repository.position(session)
            issued, settled, clawed_back, expired = await repository.sums(session)
            balances, escrow = await repository.balances(session, self._desk)
        if at is None:
            raise Problem(Code.NOT_READY, "The index has not read the chain yet.")
        supply = issued - settled - clawed_back - expired
        return {
            "block": at.number,
            "blockHash": at.hash,
            "time": rfc3339(at.time),
            "finalBlock": at.final_number,
            "issued": str(issued),
            "settled": str(settled),
            "clawedBack": str(clawed_back),
            "expired": str(expired),
            "totalSupply": str(supply),
            "balances": str(balances),
            "escrow": str(escrow),
            "holds": supply == balances,
        }

    async def transfers(self, address: str | None, cursor: str | None, limit: int) -> dict[str, Any]:
        """Moves of credits, the newest first.

        Raises:
            Problem: The cursor is not of this list.
        """
        key = cursors.decode(cursor, 2)
        async with self._store.read() as session:
            rows = await repository.transfers(session, address, key, limit + 1)
        last = rows[limit - 1] if len(rows) > limit else None
        more = None if last is None else cursors.encode((last.block_number, last.log_index))
        return {"items": [_transfer(row) for row in rows[:limit]], "next": more}

    async def transfer(self, block: int, log_index: int) -> dict[str, Any]:
        """One move of credits.

        Raises:
            Problem: There is none at this place of the chain.
        """
        async with self._store.read() as session:
            row = await repository.find_transfer(session, block, log_index)
        if row is None:
            raise Problem(Code.NOT_FOUND, f"There is no move of credits at block {block}, log {log_index}.")
        return _transfer(row)

    async def final_block(self) -> int:
        """The last block that nothing takes back any more; 0 before there is one."""
        async with self._store.read() as session:
            at = await repository.position(session)
        return 0 if at is None else int(at.final_number)

    async def between(self, number: int, since: int, before: int) -> list[dict[str, Any]]:
        """Moves of credits of a member, from one Unix time to before another, the oldest first."""
        async with self._store.read() as session:
            rows = await repository.transfers_between(session, number, since, before)
        return [_transfer(row) for row in rows]

    async def numbers(self, addresses: Sequence[str]) -> dict[str, int]:
        """The members' numbers of accounts, by address."""
        async with self._store.read() as session:
            return await repository.numbers_of(session, addresses)

    async def addresses(self, number: int) -> list[str]:
        """Every account a member has had."""
        async with self._store.read() as session:
            return await repository.addresses_of(session, number)


def _expiring(rolled: Account, rules: Rules) -> list[dict[str, str]]:
    """What goes when, as the token's `expiringOf`: stale after its epoch's successor, fresh one later."""
    if not rolled.is_resident:
        return []
    months = rules.epoch_months
    ends = (
        (rolled.stale, end_of_epoch(rolled.epoch, months)),
        (rolled.fresh, end_of_epoch(rolled.epoch + 1, months)),
    )
    return [{"amount": str(amount), "at": rfc3339(min(at, rules.pay_until + 1))} for amount, at in ends if amount]


def _transfer(row: sa.Row[Any]) -> dict[str, Any]:
    return {
        "kind": row.kind,
        "from": row.sender,
        "to": row.recipient,
        "value": str(row.value),
        "operation": row.operation_id,
        "time": rfc3339(row.time),
        "block": row.block_number,
        "logIndex": row.log_index,
        "transaction": row.tx_hash,
    }
