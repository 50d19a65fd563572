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
        number: of the member on the other side; 0 where there is none.
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
    number: int
    cents: int
    incoming: bool
    time: str
    final: bool
    operation: str
    place: str


@dataclass(frozen=True, slots=True)
class View:
    """From whose side, and what is known beside the moves.

    Attributes:
        address: whose moves they are.
        titles: of activities, by the report that rewarded them.
        numbers: of the members on the other side, by address.
        final: the last final block.
    """

    address: str
    titles: Mapping[str, str]
    numbers: Mapping[str, int]
    final: int


def others_of(items: Sequence[Mapping[str, Any]], address: str) -> list[str]:
    """The accounts on the other side of an account's moves."""
    found = {str(item["from"] if item["to"] == address else item["to"]) for item in items}
    return sorted(found - {ZERO_ADDRESS})


def move_of(item: Mapping[str, Any], view: View) -> Move:
    """A move, as `/v1/ledger/transfers` has it, as a resident reads it."""
    incoming = item["to"] == view.address
    other = str(item["from"] if incoming else item["to"])
    operation = str(item["operation"] or "")
    return Move(
        kind=_kind(str(item["kind"]), incoming=incoming),
        title=view.titles.get(operation, ""),
        other="" if other == ZERO_ADDRESS else other,
        number=view.numbers.get(other, 0),
        cents=int(item["value"]),
        incoming=incoming,
        time=str(item["time"]),
        final=int(item["block"]) <= view.final,
        operation=operation,
        place=f"{item['block']}-{item['logIndex']}-{view.address}",
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
