# SPDX-License-Identifier: EUPL-1.2
"""The statistics in JSON."""

from __future__ import annotations

from typing import Annotated, Any, Final

from pydantic import Field
from pydantic.alias_generators import to_camel

from heitje.rest.fields import Answer
from heitje.statistics.disclosure import DOMINANCE, THRESHOLD, Withheld
from heitje.statistics.service import Statistics
from heitje.statistics.tables import Column, Kind, Table, Value

_WHY: Final = "Why figures are null; null where they are there."
MonthText = Annotated[str, Field(pattern=r"^\d{4}-\d{2}$", description="Month in UTC.")]
CentsText = Annotated[str, Field(pattern=r"^-?\d+$", description="Cents.")]
Why = Annotated[Withheld | None, Field(description=_WHY)]


class RuleBody(Answer):
    """By which rule figures are published."""

    fewest_people: Annotated[int, Field(description="A figure about people rests on at least so many.")]
    largest_share: Annotated[int, Field(description="Per cent that one person or shop may have of a figure at most.")]
    granularity: str
    words: list[str]


class SummaryBody(Answer):
    """What there is."""

    block: Annotated[int, Field(description="The last final block that was read.")]
    time: str
    through: Annotated[MonthText | None, Field(description="The last month that is over.")]
    rule: RuleBody
    tables: Annotated[dict[str, str], Field(description="Where each table is in JSON, by its name.")]
    downloads: Annotated[dict[str, str], Field(description="Where each table is as CSV.")]


class MonthRow(Answer):
    """What the whole city did in a month. The current month has no more than the chain's own sums."""

    month: MonthText
    issued: CentsText
    spent: CentsText | None
    redeemed: CentsText
    expired: CentsText
    clawed_back: CentsText
    people: int | None
    activities: int | None
    minutes: int | None
    people_withheld: Why
    spent_withheld: Why


class ProgrammeRow(Answer):
    """What was earned in programmes in a month; several together where one alone would break the rule."""

    month: MonthText
    programmes: list[int]
    issued: CentsText | None
    people: int | None
    activities: int | None
    minutes: int | None
    withheld: Why


class NeighbourhoodRow(Answer):
    """The same of neighbourhoods; 0 is the whole city."""

    month: MonthText
    neighbourhoods: list[int]
    names: list[str]
    issued: CentsText | None
    people: int | None
    activities: int | None
    minutes: int | None
    withheld: Why


class SpendingRow(Answer):
    """Whole days from earning to spending, of the credits that were spent in a month."""

    month: MonthText
    first_quartile_days: int | None
    median_days: int | None
    third_quartile_days: int | None
    people: int | None
    withheld: Why


class Months(Answer):
    """All months, the oldest first."""

    block: int
    through: MonthText | None
    items: list[MonthRow]


class Programmes(Answer):
    """All months that are over, by programme."""

    block: int
    through: MonthText | None
    items: list[ProgrammeRow]


class Neighbourhoods(Answer):
    """All months that are over, by neighbourhood."""

    block: int
    through: MonthText | None
    items: list[NeighbourhoodRow]


class SpendingTimes(Answer):
    """All months that are over."""

    block: int
    through: MonthText | None
    items: list[SpendingRow]


RULE: Final = (
    f"No figure about people rests on fewer than {THRESHOLD} of them.",
    f"No person or shop has more than {DOMINANCE} per cent of a figure.",
    "Programmes and neighbourhoods that would break this are merged: nothing left out can be computed by subtraction.",
    "The finest time is a month in UTC. A month is broken down once it is over and final, and never changes after.",
    "Earned, redeemed, expired and taken back are steps of the chain's own four sums for the city: always shown.",
    "No address is shown with a neighbourhood or a time of day.",
    "This is the rule for what is published here; the chain's own events say more.",
)


def summary(statistics: Statistics) -> dict[str, Any]:
    """What there is, and by which rule."""
    return {
        "block": statistics.block,
        "time": statistics.time,
        "through": statistics.through,
        "rule": {
            "fewestPeople": THRESHOLD,
            "largestShare": DOMINANCE,
            "granularity": "month",
            "words": list(RULE),
        },
        "tables": {name: f"/v1/statistics/{name}" for name in statistics.tables},
        "downloads": {name: f"/ledger/downloads/{name}.csv" for name in statistics.tables},
    }


def body(statistics: Statistics, table: Table) -> dict[str, Any]:
    """A table in JSON: amounts as strings of cents."""
    columns = table.definition.columns
    items = [{to_camel(column.name): _json(column, row[column.name]) for column in columns} for row in table.rows]
    return {"block": statistics.block, "through": statistics.through, "items": items}


def _json(column: Column, value: Value) -> Any:
    if isinstance(value, tuple):
        return list(value)
    return str(value) if column.kind is Kind.CENTS and value is not None else value
