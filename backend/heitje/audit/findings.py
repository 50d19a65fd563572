# SPDX-License-Identifier: EUPL-1.2
"""What an audit finds, and where."""

from dataclasses import dataclass, field
from typing import Final

from heitje.chain.calendar import epoch_of, month_of

LISTED: Final = 100
"""So many findings are listed; the rest are counted. One lie can have very many consequences."""


@dataclass(slots=True)
class Moment:
    """Where in the chain the audit is. `time` is the block's, Unix seconds; month and epoch are of it, in UTC."""

    block: int
    time: int
    transaction: str | None = None
    month: int = 0
    epoch: int = 0

    def __post_init__(self) -> None:
        self.month = month_of(self.time)
        self.epoch = epoch_of(self.time)


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

    def add(self, code: str, message: str, moment: Moment | None = None) -> None:
        """Adds a finding at a moment of the chain, or at none."""
        where = (None, None) if moment is None else (moment.block, moment.transaction)
        self.put(Finding(code, message, *where))

    def put(self, finding: Finding) -> None:
        """Adds a finding."""
        self.count += 1
        if len(self.listed) < LISTED:
            self.listed.append(finding)

    def check(self, holds: bool, code: str, message: str, moment: Moment) -> bool:  # noqa: FBT001 - what is checked
        """Adds a finding unless the condition holds; returns whether it does."""
        if not holds:
            self.add(code, message, moment)
        return holds


class AuditImpossible(Exception):
    """The audit cannot be made, which says nothing about the books: no node, no token there, a chain that moves."""


def euros(cents: int) -> str:
    """Cents as `€ 1,234.56`."""
    sign = "-" if cents < 0 else ""
    return f"{sign}€ {abs(cents) // 100:,}.{abs(cents) % 100:02d}"
