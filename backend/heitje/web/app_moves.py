# SPDX-License-Identifier: EUPL-1.2
"""Moves of credits as a resident reads them: what it was, with whom, more or less."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from heitje.chain.addresses import ZERO_ADDRESS


@dataclass(frozen=True, slots=True)
class Move:
    """One move, from the side of one account.

    Attributes:
        kind: `reward`, `paid`, `received`, `given_back`, `expired`, `taken_back`, `moved_here` or `moved_away`.
        title: of the activity, for a reward; else empty.
        other: the account on the other side; empty where there is none.
        cents: always above zero.
        incoming: whether the account has more by it.
        time: RFC 3339.
        final: whether nothing can take it back any more.
        operation: the digest by which it is known everywhere; empty where it has none.
        place: by which its receipt is found: block, log, account.
    """

    kind: str
    title: str
    other: str
    cents: int
    incoming: bool
    time: str
    final: bool
    operation: str
    place: str


def moves_of(items: Sequence[Mapping[str, Any]], address: str, titles: Mapping[str, str], final: int) -> list[Move]:
    """Moves as a resident reads them.

    Args:
        items: as `/v1/ledger/transfers` has them.
        address: from whose side.
        titles: of activities, by the report that rewarded them.
        final: the last final block.
    """
    return [_move(item, address, titles, final) for item in items]


def _move(item: Mapping[str, Any], address: str, titles: Mapping[str, str], final: int) -> Move:
    incoming = item["to"] == address
    other = str(item["from"] if incoming else item["to"])
    operation = str(item["operation"] or "")
    return Move(
        kind=_kind(str(item["kind"]), incoming=incoming),
        title=titles.get(operation, ""),
        other="" if other == ZERO_ADDRESS else other,
        cents=int(item["value"]),
        incoming=incoming,
        time=str(item["time"]),
        final=int(item["block"]) <= final,
        operation=operation,
        place=f"{item['block']}-{item['logIndex']}-{address}",
    )


def _kind(kind: str, *, incoming: bool) -> str:
    match kind:
        case "reward":
            return "reward"
        case "expiry":
            return "expired"
        case "correction":
            return "taken_back"
        case "replacement":
            return "moved_here" if incoming else "moved_away"
        case "authorization" if incoming:
            return "given_back"
        case _:
            return "received" if incoming else "paid"
