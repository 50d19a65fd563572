# SPDX-License-Identifier: EUPL-1.2
"""How long people keep what they earned: the first earned is the first spent.

As the token spends: what did not come as a reward is spent before what was earned, what expires is the oldest, and a
clawback takes the newest. Credits that a shop gave back, or that another resident gave, have no day of earning, so they
are not measured (a second time). All of it per person, and none of it leaves this process but the quartiles of a month.
"""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from dataclasses import dataclass, field
from typing import Final

from heitje.statistics.disclosure import Withheld, why_withheld

DAY: Final = 86_400


@dataclass(frozen=True, slots=True)
class Quartiles:
    """Whole days within which a quarter, half and three quarters of the credits were spent; and of how many people."""

    first: int
    median: int
    third: int
    people: int


@dataclass(slots=True)
class Lots:
    """What each person has, as lots of (second of earning or None, cents), the first to be spent first."""

    _lots: defaultdict[int, deque[tuple[int | None, int]]] = field(default_factory=lambda: defaultdict(deque))

    def earn(self, person: int, cents: int, time: int) -> None:
        """A reward."""
        self._lots[person].append((time, cents))

    def receive(self, person: int, cents: int) -> None:
        """Anything else that comes in."""
        self._lots[person].appendleft((None, cents))

    def spend(self, person: int, cents: int) -> list[tuple[int, int]]:
        """Takes the oldest; what was taken with a day of earning, as (second of earning, cents)."""
        taken = []
        lots = self._lots[person]
        while cents and lots:
            earned, held = lots.popleft()
            part = min(held, cents)
            cents -= part
            if held > part:
                lots.appendleft((earned, held - part))
            if earned is not None:
                taken.append((earned, part))
        return taken

    def take_back(self, person: int, cents: int) -> None:
        """Takes the newest: a clawback."""
        lots = self._lots[person]
        while cents and lots:
            earned, held = lots.pop()
            part = min(held, cents)
            cents -= part
            if held > part:
                lots.append((earned, held - part))


@dataclass(slots=True)
class Ages:
    """What was spent in a month, by the whole days since it was earned, and by person. Cents."""

    by_days: Counter[int] = field(default_factory=Counter)
    by_person: Counter[int] = field(default_factory=Counter)

    def add(self, person: int, days: int, cents: int) -> None:
        """Adds one lot that was spent."""
        self.by_days[days] += cents
        self.by_person[person] += cents

    @property
    def withheld(self) -> Withheld | None:
        """Why this may not be published; None if it may."""
        return why_withheld(self.by_person)

    def quartiles(self) -> Quartiles:
        """Quartiles by credits, not by payments: the day by which at least so much of them was spent."""
        total = self.by_days.total()
        found: list[int] = []
        passed = 0
        for days in sorted(self.by_days):
            passed += self.by_days[days]
            while len(found) < 3 and 4 * passed >= (len(found) + 1) * total:
                found.append(days)
        first, median, third = found
        return Quartiles(first, median, third, len(self.by_person))
