# SPDX-License-Identifier: EUPL-1.2
"""A shop's day: what was paid to it, what it gave back, what is under way."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from heitje.chain.account import Class
from heitje.merchants import repository
from heitje.problems import Code, Problem
from heitje.relay import repository as operations
from heitje.relay.operation import ENDED, Kind, Operation, State
from heitje.rest.fields import rfc3339
from heitje.store.session import ReadSession, Store

NO_REQUEST: Final = "0x" + 64 * "0"
_FIRST_YEAR: Final = 1971
_LAST_YEAR: Final = 9998
_FAILED: Final = tuple(state for state in ENDED if state is not State.FINAL)


class MerchantService:
    """What the API tells of shops.

    Args:
        store: The database.
        time_zone: The city's, by which its days begin and end.
        clock: Unix time.
    """

    def __init__(self, store: Store, time_zone: str, clock: Callable[[], float]) -> None:
        self._store = store
        self._zone = ZoneInfo(time_zone)
        self._clock = clock

    def today(self) -> date:
        """In the city."""
        return datetime.fromtimestamp(self._clock(), self._zone).date()

    async def day(self, address: str, day: date) -> dict[str, Any]:
        """A shop's day.

        Raises:
            Problem: There is no such shop.
        """
        since, until = self._span(day)
        async with self._store.read() as session:
            wallets = await self._wallets(session, address)
            blocks = [await repository.first_block_from(session, at) for at in (since, until)]
            moved = await repository.moves(session, wallets, *blocks)
            asked = await repository.asked(session, wallets, since, until)
            is_today = until > self._clock()
            waiting = [row for row in asked if _belongs(row, since, is_today=is_today)]
            items = await self._items(session, wallets, moved, waiting)
        return {"address": address, "day": day.isoformat(), **_sums(items), "items": items}

    async def receipt(self, address: str, digest: str) -> dict[str, Any]:
        """One payment to a shop, with its refunds.

        Raises:
            Problem: There is no such shop, or nothing with this digest was paid to it.
        """
        async with self._store.read() as session:
            wallets = await self._wallets(session, address)
            given = await repository.refunds_by(session, wallets, 0)
            backs = [row.id for row in given if operations.to_operation(row).payload["payment"] == digest]
            moved = await repository.moves_of(session, wallets, [digest, *backs])
            items = await self._items(session, wallets, moved, ())
        payments = [item for item in items if item["id"] == digest and item["kind"] != Kind.REFUND]
        if not payments:
            raise Problem(Code.NOT_FOUND, "Nothing with this digest was paid to this shop.")
        return {"address": address, "taking": payments[0], "refunds": [one for one in items if one is not payments[0]]}

    def _span(self, day: date) -> tuple[int, int]:
        """The day's first second, and the next day's; a day with a change of the clock is longer or shorter."""
        if not _FIRST_YEAR <= day.year <= _LAST_YEAR:
            raise Problem(Code.NOT_FOUND, "No shop of this city has taken anything then.")
        starts = (datetime(at.year, at.month, at.day, tzinfo=self._zone) for at in (day, day + timedelta(days=1)))
        since, until = (int(start.timestamp()) for start in starts)
        return since, until

    async def _wallets(self, session: ReadSession, address: str) -> list[str]:
        wallets, is_shop = await repository.wallets_of(session, address)
        if not is_shop:
            raise Problem(Code.NOT_FOUND, f"No shop has, or had, the account {address}.")
        return wallets

    async def _items(
        self, session: ReadSession, wallets: list[str], moved: Iterable[sa.Row[Any]], asked: Iterable[sa.Row[Any]]
    ) -> list[dict[str, Any]]:
        """What moved and what did not, the newest first, each once."""
        moves = [row for row in moved if _is_taking(row, wallets)]
        sent = await operations.find_many(session, [row.operation_id for row in moves])
        states = {row.block_number: await operations.state_in(session, row.block_number) for row in moves}
        items = [_moved(row, sent.get(row.operation_id), states[row.block_number], wallets) for row in moves]
        carried = {item["id"] for item in items}
        items += [_asked(row, wallets) for row in asked if row.id not in carried]
        back = await self._given_back(session, wallets, min((row.time for row in moves), default=self._clock()))
        for item in items:
            item["refunded"] = str(back.get(item["id"], 0))
        return sorted(items, key=lambda item: str(item["time"]), reverse=True)

    async def _given_back(self, session: ReadSession, wallets: list[str], since: float) -> Mapping[str, int]:
        """Cents given back since then, or about to be, by the payment's digest."""
        sums: dict[str, int] = {}
        for row in await repository.refunds_by(session, wallets, since):
            one = operations.to_operation(row)
            if one.state not in _FAILED:
                payment = one.payload["payment"]
                sums[payment] = sums.get(payment, 0) + one.value
        return sums


def _belongs(row: sa.Row[Any], since: int, *, is_today: bool) -> bool:
    """What is under way is shown today, on whichever day it came."""
    return bool(row.received_at >= since) or is_today


def _is_taking(row: sa.Row[Any], wallets: list[str]) -> bool:
    """Not what a shop pays another shop."""
    if row.recipient in wallets:
        return True
    return row.payee_word is not None and int(row.payee_word, 16) >> 192 & 0xFF in (Class.RESIDENT, Class.NONE)


def _moved(row: sa.Row[Any], sent: Operation | None, state: State, wallets: list[str]) -> dict[str, Any]:
    is_in = row.recipient in wallets
    payload = sent.payload if sent is not None else {}
    return {
        "id": row.operation_id,
        "kind": str(row.kind) if is_in else Kind.REFUND,
        "state": state,
        "value": str(row.value),
        "person": row.sender if is_in else row.recipient,
        "time": rfc3339(row.time),
        "requestId": _request(row.nonce or payload.get("requestId")) if is_in else None,
        "refunded": "0",
        "payment": None if is_in else payload.get("payment"),
    }


def _asked(row: sa.Row[Any], wallets: list[str]) -> dict[str, Any]:
    one = operations.to_operation(row)
    is_in = row.payee in wallets and one.kind is not Kind.REFUND
    return {
        "id": one.id,
        "kind": one.kind,
        "state": one.state,
        "value": str(one.value),
        "person": one.actor if is_in else one.payload["to"],
        "time": rfc3339(row.received_at),
        "requestId": _request(one.payload.get("requestId") or one.payload.get("nonce")) if is_in else None,
        "refunded": "0",
        "payment": one.payload.get("payment"),
    }


def _request(text: str | None) -> str | None:
    return None if text == NO_REQUEST else text


def _sums(items: list[dict[str, Any]]) -> dict[str, Any]:
    paid = [int(item["value"]) for item in items if item["state"] is State.FINAL and item["kind"] != Kind.REFUND]
    back = [int(item["value"]) for item in items if item["state"] is State.FINAL and item["kind"] == Kind.REFUND]
    going = [int(item["value"]) for item in items if item["state"] not in ENDED and item["kind"] != Kind.REFUND]
    return {
        "payments": len(paid),
        "taken": str(sum(paid)),
        "refunds": len(back),
        "refunded": str(sum(back)),
        "net": str(sum(paid) - sum(back)),
        "underWay": str(sum(going)),
    }
