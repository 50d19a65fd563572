# SPDX-License-Identifier: EUPL-1.2
"""What an audit finds, and where."""

from dataclasses import dataclass, field
from typing import Final, Self

from heitje.chain.calendar import month_of

LISTED: Final = 100
"""So many findings are listed; the rest are counted. One lie can have very many consequences."""


@dataclass(slots=True)
class Place:
    """Where in the chain something is."""

    block: int
    transaction: str | None = None


@dataclass(slots=True)
class Moment(Place):
    """Where in the chain the audit is. `time` is the block's, Unix seconds; month and epoch are of it, in UTC."""

    time: int = 0
    month: int = 0
    epoch: int = 0

    @classmethod
    def of(cls, block: int, time: int, epoch_months: int) -> Self:
        """The moment of a block, in a city whose epochs have so many months."""
        month = month_of(time)
        return cls(block, None, time, month, month // epoch_months)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong: a stable code, what it is in words, and the block and transaction it happened in."""

    code: str
    message: str
    block: int | None
    transaction: str | None


@dataclass
class Findings:
    """All that is wrong, in the order it was found."""

    listed: list[Finding] = field(default_factory=list)
    count: int = 0

    def add(self, code: str, message: str, place: Place) -> None:
        """Adds a finding at a place of the chain."""
        self.put(Finding(code, message, place.block, place.transaction))

    def put(self, finding: Finding) -> None:
        """Adds a finding."""
        self.count += 1
        if len(self.listed) < LISTED:
            self.listed.append(finding)

    def check(self, holds: bool, code: str, message: str, place: Place) -> bool:  # noqa: FBT001 - what is checked
        """Adds a finding unless the condition holds; returns whether it does."""
        if not holds:
            self.add(code, message, place)
        return holds


class AuditImpossible(Exception):
    """The audit cannot be made, which says nothing about the books: no node, no token there, a chain that moves."""


def euros(cents: int) -> str:
    """Cents as `€ 1,234.56`."""
    sign = "-" if cents < 0 else ""
    return f"{sign}€ {abs(cents) // 100:,}.{abs(cents) % 100:02d}"
