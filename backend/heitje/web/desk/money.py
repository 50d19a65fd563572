# SPDX-License-Identifier: EUPL-1.2
"""Redemptions: what shops want to exchange, locked by one treasurer, paid by bank, settled by another."""

from __future__ import annotations

import csv
import io
from typing import Any

from fastapi import APIRouter, Request, Response

from heitje.city.payouts import Open, Payout, one_per_merchant
from heitje.city.roles import Role
from heitje.office.books import Redemption
from heitje.office.groups import written
from heitje.problems import Code, Problem
from heitje.redemptions.schemas import Status
from heitje.web.desk.frame import Desk
from heitje.web.desk.visitor import Official

_MOST = 200


def add(routes: APIRouter, desk: Desk) -> None:
    """The pages."""

    async def show_redemptions(request: Request, official: Official) -> Response:
        """What is due, what is locked, and what can be done with it by whom."""
        _need_treasurer(official)
        requested = await _found(desk, Status.REQUESTED)
        locked = await _found(desk, Status.LOCKED)
        mine = [item for item in locked if item.locked_by != official.address]
        payouts = _payouts(desk, mine)
        return desk.show(
            request,
            "desk/redemptions.html",
            official,
            requested=requested,
            locked=locked,
            payouts=[(payout, written([payout])) for payout in payouts],
            locked_by_others=mine,
            reasons=desk.reasons("refund"),
        )

    async def download(_request: Request, official: Official) -> Response:
        """The list for the bank: one payment to one shop, with the reference under which it is settled."""
        _need_treasurer(official)
        rows = [
            (one.end_to_end_id, one.number, f"{one.amount // 100}.{one.amount % 100:02d}", len(one.ids))
            for one in _payouts(desk, await _found(desk, Status.LOCKED))
        ]
        text = io.StringIO()
        writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
        writer.writerows([("end_to_end_id", "member", "amount", "redemptions"), *rows])
        headers = {"Cache-Control": "no-store", "Content-Disposition": 'attachment; filename="payouts.csv"'}
        return Response(text.getvalue(), headers=headers, media_type="text/csv; charset=utf-8")

    desk.page(routes, "/redemptions", show_redemptions)
    desk.page(routes, "/redemptions/payouts.csv", download)


def _need_treasurer(official: Official) -> None:
    if not official.holds(Role.TREASURER):
        raise Problem(Code.ROLE_NEEDED)


async def _found(desk: Desk, status: Status) -> list[Redemption]:
    """Redemptions in a state, as the chain has them now, the oldest first."""
    page: dict[str, Any] = await desk.parts.redemptions.page(None, status, None, _MOST)
    ids = [bytes.fromhex(item["id"][2:]) for item in page["items"]]
    found = await desk.books.redemptions(ids)
    return sorted((item for item in found if item.status == status.code), key=lambda item: item.requested_at)


def _payouts(desk: Desk, locked: list[Redemption]) -> list[Payout]:
    symbol = str(desk.pages.site.city["token"]["symbol"])
    return one_per_merchant([Open(item.id, item.number, item.amount) for item in locked], symbol)
