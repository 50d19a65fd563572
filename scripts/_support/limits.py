# SPDX-License-Identifier: EUPL-1.2
"""Rows of limits: which is in force for a month, and which must be added so that the chain says what a profile says.

A row is a struct of the registry, by field name. In force for a month is the row that was added last among those that
begin no later, so a row that is added late also counts for every later month, until a newer one is added behind it.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from heitje.chain.calendar import month_text

Row = Mapping[str, Any]


class Additions(NamedTuple):
    """Rows to add, in order, and what forbids it, in words."""

    rows: list[Row]
    problems: list[str]


def in_force(rows: Sequence[Row], month: int) -> Row | None:
    """The row in force for a month; None before the first."""
    return next((row for row in reversed(rows) if row["validFrom"] <= month), None)


def additions(on_chain: Sequence[Row], wanted: Sequence[Row], last_issued: int) -> Additions:
    """What must be added so that for every month that can still change the row of the profile is in force.

    Args:
        on_chain: the rows of the registry, in the order in which they were added.
        wanted: the confirmed rows of the profile, each beginning after the one before it.
        last_issued: the last month for which rewards were issued; its rows cannot change any more.
    """
    problems = [
        _too_early(row, last_issued) for row in wanted if row not in on_chain and row["validFrom"] <= last_issued
    ]
    months = sorted({row["validFrom"] for row in [*on_chain, *wanted]})
    differing = next((m for m in months if m > last_issued and in_force(on_chain, m) != in_force(wanted, m)), None)
    first = in_force(wanted, differing) if differing is not None else None
    if first is None:
        return Additions([], problems)
    rows = [row for row in wanted if row["validFrom"] >= first["validFrom"]]
    problems += [_superseded(row) for row in rows if row in on_chain and row["validFrom"] <= last_issued]
    return Additions(rows, problems)


def _too_early(row: Row, last: int) -> str:
    month = month_text(row["validFrom"])
    return (
        f"{month}: rewards were issued for {month_text(last)} already, under the limits of then; a row must begin in a"
        " later month. Rewards that were too high are corrected one by one, by a clawback"
    )


def _superseded(row: Row) -> str:
    month = month_text(row["validFrom"])
    return (
        f"{month}: this row is on the chain, but another one was added behind it, and it begins too early to be added"
        " again; put a row with its figures that begins in a month not issued for yet into the profile"
    )
