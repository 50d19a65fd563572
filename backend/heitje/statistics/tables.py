# SPDX-License-Identifier: EUPL-1.2
"""The published tables: their columns, and their rows from months. What is withheld is empty, and says why."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from heitje.chain.calendar import month_text
from heitje.statistics.disclosure import Withheld
from heitje.statistics.fold import Month, Part

Value = int | str | tuple[int, ...] | tuple[str, ...] | None
Row = Mapping[str, Value]
Texts = Mapping[str, str]
"""By language."""


class Kind(StrEnum):
    """What a column holds."""

    MONTH = "month"
    CENTS = "cents"
    COUNT = "count"
    CODES = "codes"
    NAMES = "names"
    WITHHELD = "withheld"


@dataclass(frozen=True, slots=True)
class Column:
    """One column, by its name in CSV."""

    name: str
    kind: Kind
    titles: Texts
    about: str


@dataclass(frozen=True, slots=True)
class Definition:
    """A table without its rows."""

    name: str
    titles: Texts
    about: str
    columns: tuple[Column, ...]
    is_by_month: bool
    """Whether there is one row for each month; else there are several."""


@dataclass(frozen=True, slots=True)
class Table:
    """A table with its rows."""

    definition: Definition
    rows: Sequence[Row]


_MONTH: Final = Column("month", Kind.MONTH, {"en": "Month", "nl": "Maand"}, "Month of the block, in UTC.")
_ISSUED: Final = Column(
    "issued", Kind.CENTS, {"en": "Earned", "nl": "Verdiend"}, "Credits created as rewards for activities."
)
_PEOPLE: Final = Column(
    "people", Kind.COUNT, {"en": "People", "nl": "Mensen"}, "Different people who were rewarded in the month."
)
_ACTIVITIES: Final = Column(
    "activities", Kind.COUNT, {"en": "Activities", "nl": "Activiteiten"}, "Different activities that were rewarded."
)
_MINUTES: Final = Column("minutes", Kind.COUNT, {"en": "Minutes", "nl": "Minuten"}, "Minutes that were rewarded.")
_WITHHELD_ABOUT: Final = (
    "Why figures of this row are left out: fewer than 10 people, one person or shop with more than half, or the month "
    "is not over. Empty where they are there."
)


def _withheld(name: str, en: str, nl: str) -> Column:
    return Column(name, Kind.WITHHELD, {"en": en, "nl": nl}, _WITHHELD_ABOUT)


_MONTHS: Final = Definition(
    "months",
    {"en": "Credits month by month", "nl": "Heitjes per maand"},
    "What the whole city earned, spent and redeemed. Earned, redeemed, expired and taken back are the steps of the "
    "chain's own four sums, and are never left out.",
    (
        _MONTH,
        _ISSUED,
        Column(
            "spent",
            Kind.CENTS,
            {"en": "Spent", "nl": "Uitgegeven"},
            "Paid by residents to shops, less what shops gave back in the month. Left out below 10 people, or where "
            "one person or shop has more than half.",
        ),
        Column("redeemed", Kind.CENTS, {"en": "Redeemed", "nl": "Ingewisseld"}, "Paid out to shops in euros."),
        Column("expired", Kind.CENTS, {"en": "Expired", "nl": "Verlopen"}, "Credits past their date."),
        Column(
            "clawed_back",
            Kind.CENTS,
            {"en": "Taken back", "nl": "Teruggenomen"},
            "Credits of rewards that were corrected.",
        ),
        _PEOPLE,
        _ACTIVITIES,
        _MINUTES,
        _withheld("people_withheld", "Why people are left out", "Waarom mensen ontbreken"),
        _withheld("spent_withheld", "Why spent is left out", "Waarom uitgegeven ontbreekt"),
    ),
    is_by_month=True,
)


def _split(name: str, titles: Texts, about: str, members: tuple[Column, ...]) -> Definition:
    columns = (_MONTH, *members, _ISSUED, _PEOPLE, _ACTIVITIES, _MINUTES)
    withheld = _withheld("withheld", "Why figures are left out", "Waarom cijfers ontbreken")
    return Definition(name, titles, about, (*columns, withheld), is_by_month=False)


_MERGED: Final = "What would break the rule by itself is together with others in one row."
_PROGRAMMES: Final = _split(
    "programmes",
    {"en": "Earned by programme", "nl": "Verdiend per programma"},
    f"What was earned in each programme. {_MERGED}",
    (
        Column(
            "programmes", Kind.CODES, {"en": "Programmes", "nl": "Programma's"}, "Numbers of the programmes of the row."
        ),
    ),
)
_NEIGHBOURHOODS: Final = _split(
    "neighbourhoods",
    {"en": "Earned by neighbourhood", "nl": "Verdiend per buurt"},
    f"What was earned with activities in each neighbourhood; 0 is the whole city. {_MERGED}",
    (
        Column(
            "neighbourhoods",
            Kind.CODES,
            {"en": "Neighbourhood codes", "nl": "Buurtcodes"},
            "Codes of the neighbourhoods of the row, as the statistics office numbers them; 0: the whole city.",
        ),
        Column("names", Kind.NAMES, {"en": "Neighbourhoods", "nl": "Buurten"}, "Their names, where they are known."),
    ),
)
_SPENDING: Final = Definition(
    "spending-time",
    {"en": "Time from earning to spending", "nl": "Tijd van verdienen tot uitgeven"},
    "Of the credits that were spent in the month, how many whole days after they were earned: first earned, first "
    "spent, per person. Quartiles by credits.",
    (
        _MONTH,
        Column(
            "first_quartile_days",
            Kind.COUNT,
            {"en": "A quarter within (days)", "nl": "Een kwart binnen (dagen)"},
            "Days within which a quarter of the credits was spent.",
        ),
        Column(
            "median_days",
            Kind.COUNT,
            {"en": "Half within (days)", "nl": "De helft binnen (dagen)"},
            "Days within which half of the credits was spent.",
        ),
        Column(
            "third_quartile_days",
            Kind.COUNT,
            {"en": "Three quarters within (days)", "nl": "Drie kwart binnen (dagen)"},
            "Days within which three quarters of the credits were spent.",
        ),
        Column("people", Kind.COUNT, {"en": "People", "nl": "Mensen"}, "Different people who spent something."),
        _withheld("withheld", "Why figures are left out", "Waarom cijfers ontbreken"),
    ),
    is_by_month=True,
)
DEFINITIONS: Final = {table.name: table for table in (_MONTHS, _PROGRAMMES, _NEIGHBOURHOODS, _SPENDING)}
NAMES: Final = tuple(DEFINITIONS)


def make(months: Sequence[Month], names: Mapping[int, str]) -> dict[str, Table]:
    """All tables, the oldest month first.

    Args:
        months: As they are published.
        names: Of neighbourhoods, by code.
    """
    over = [month for month in months if month.is_over]

    def named(members: tuple[int, ...]) -> Row:
        return {"neighbourhoods": members, "names": tuple(names.get(code, "") for code in members)}

    def numbered(members: tuple[int, ...]) -> Row:
        return {"programmes": members}

    rows: dict[str, list[Row]] = {
        "months": [_month(month) for month in months],
        "programmes": [row for month in over for row in _parts(month, month.programmes, numbered)],
        "neighbourhoods": [row for month in over for row in _parts(month, month.neighbourhoods, named)],
        "spending-time": [_spending(month) for month in over],
    }
    return {name: Table(definition, rows[name]) for name, definition in DEFINITIONS.items()}


def _month(month: Month) -> Row:
    earned = month.earned
    return {
        "month": month_text(month.month),
        "issued": month.issued,
        "spent": month.spent,
        "redeemed": month.settled,
        "expired": month.expired,
        "clawed_back": month.clawed_back,
        "people": None if earned is None else earned.people,
        "activities": None if earned is None else earned.activities,
        "minutes": None if earned is None else earned.minutes,
        "people_withheld": _why(month.earned_withheld),
        "spent_withheld": _why(month.spent_withheld),
    }


def _parts(month: Month, parts: Sequence[Part], key: Callable[[tuple[int, ...]], Row]) -> list[Row]:
    return [
        {
            "month": month_text(month.month),
            **key(part.members),
            "issued": None if part.figures is None else part.figures.cents,
            "people": None if part.figures is None else part.figures.people,
            "activities": None if part.figures is None else part.figures.activities,
            "minutes": None if part.figures is None else part.figures.minutes,
            "withheld": _why(month.earned_withheld),
        }
        for part in parts
    ]


def _spending(month: Month) -> Row:
    found = month.spending
    return {
        "month": month_text(month.month),
        "first_quartile_days": None if found is None else found.first,
        "median_days": None if found is None else found.median,
        "third_quartile_days": None if found is None else found.third,
        "people": None if found is None else found.people,
        "withheld": _why(month.spending_withheld),
    }


def _why(reason: Withheld | None) -> str | None:
    return None if reason is None else str(reason)


def cents_text(value: Any) -> str:
    """Cents as credits with two decimals and a point: `12.50`."""
    cents = int(value)
    return f"{'-' if cents < 0 else ''}{abs(cents) // 100}.{abs(cents) % 100:02d}"
