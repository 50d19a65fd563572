# SPDX-License-Identifier: EUPL-1.2
"""What every person earned in a month and in a year, and by how much their year is lowered."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from heitje.chain.calendar import MONTHS_PER_YEAR

CENTS_PER_EURO: Final = 100


@dataclass
class Caps:
    """What each number earned in one registry, in cents, and what its year there is lowered by, in euros."""

    months: dict[tuple[int, int], int] = field(default_factory=dict)
    years: dict[tuple[int, int], int] = field(default_factory=dict)
    lowered: dict[tuple[int, int], int] = field(default_factory=dict)

    def earned(self, number: int, month: int) -> tuple[int, int]:
        """Cents in that month, and in its year."""
        year = month // MONTHS_PER_YEAR
        return self.months.get((number, month), 0), self.years.get((number, year), 0)

    def add(self, number: int, month: int, cents: int) -> None:
        """Adds a reward, or, below zero, takes off what was clawed back of one."""
        in_month, in_year = self.earned(number, month)
        self.months[number, month] = in_month + cents
        self.years[number, month // MONTHS_PER_YEAR] = in_year + cents

    def lowered_by(self, number: int, year: int) -> int:
        """Cents this registry lowers the year of a number by."""
        return CENTS_PER_EURO * self.lowered.get((number, year), 0)


def earned_in(caps: Sequence[Caps], number: int, month: int) -> tuple[int, int]:
    """Cents in that month, and in its year, in several registries together."""
    sums = [each.earned(number, month) for each in caps]
    return sum(in_month for in_month, _ in sums), sum(in_year for _, in_year in sums)
