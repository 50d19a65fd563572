# SPDX-License-Identifier: EUPL-1.2
"""The rule by which figures about people are published, and a way of merging that keeps it.

The rule, as statistics offices have it (threshold, dominance, secondary suppression; the UNECE glossary of statistical
disclosure control):

1. no figure rests on fewer than 10 people;
2. nobody has more than half of a figure, no person and no shop;
3. no figure that breaks 1 or 2 can be had by adding and subtracting published ones;
4. the finest time is a month, and a month is broken down only when it is over and final: what was published never
   changes, so two readings of it cannot be subtracted from each other either.

Within a month, what was earned is split twice: by programme, and by neighbourhood. Groups that break the rule are
merged with others, so that both are partitions of the same whole. Of one partition nothing can be computed but unions
of its groups, and a union of groups that keep 1 and 2 keeps them. Of two partitions differences can be computed as
well, where groups of the one lie within groups of the other: `leaks` finds those, and neighbourhoods are merged until
there are none.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import combinations
from typing import Final, Self

THRESHOLD: Final = 10
"""Fewest people in a published figure."""
DOMINANCE: Final = 50
"""Most that one person or shop may have of a published figure, in per cent."""
MOST_GROUPS: Final = 8
"""Most groups of programmes in a month, because every set of them is looked at for differences."""


class Withheld(StrEnum):
    """Why a figure is not published."""

    FEW = "fewerThan10"
    DOMINATED = "dominated"
    NOT_OVER = "notOver"


def why_withheld(shares: Mapping[int, int]) -> Withheld | None:
    """Why the sum of these shares may not be published; None if it may.

    Args:
        shares: What each person or shop contributed, by number. The size counts, not the sign.
    """
    sizes = [abs(share) for share in shares.values() if share]
    if len(sizes) < THRESHOLD:
        return Withheld.FEW
    return why_dominated(shares)


def why_dominated(shares: Mapping[int, int]) -> Withheld | None:
    """The same for shops, of which there may be few: only whether one has more than half."""
    sizes = [abs(share) for share in shares.values()]
    return Withheld.DOMINATED if 100 * max(sizes, default=0) > DOMINANCE * sum(sizes) else None


@dataclass(frozen=True, slots=True)
class Figures:
    """What is published of a cell: how many people, cents, minutes and activities."""

    people: int
    cents: int
    minutes: int
    activities: int


@dataclass(slots=True)
class Cell:
    """What was earned in one part of the city's work in a month: cents and minutes by person, and the activities."""

    cents: Counter[int] = field(default_factory=Counter)
    minutes: Counter[int] = field(default_factory=Counter)
    activities: set[int] = field(default_factory=set)

    @classmethod
    def of(cls, cells: Iterable[Cell]) -> Self:
        """Several cells as one."""
        union = cls()
        for cell in cells:
            union.cents.update(cell.cents)
            union.minutes.update(cell.minutes)
            union.activities |= cell.activities
        return union

    def add(self, person: int, cents: int, minutes: int, activity: int) -> None:
        """Adds one reward."""
        self.cents[person] += cents
        self.minutes[person] += minutes
        self.activities.add(activity)

    @property
    def people(self) -> int:
        """How many people earned something."""
        return len(self.cents)

    @property
    def withheld(self) -> Withheld | None:
        """Why this may not be published; None if it may."""
        return why_withheld(self.cents) or why_withheld(self.minutes)

    @property
    def figures(self) -> Figures:
        """The same without the people."""
        return Figures(self.people, self.cents.total(), self.minutes.total(), len(self.activities))


@dataclass(frozen=True, slots=True)
class Group:
    """Programmes, or neighbourhoods, that are published together, and what was earned in them."""

    members: tuple[int, ...]
    cell: Cell

    @classmethod
    def of(cls, groups: Iterable[Group]) -> Self:
        """Several groups as one."""
        merged = list(groups)
        members = tuple(sorted(member for group in merged for member in group.members))
        return cls(members, Cell.of(group.cell for group in merged))

    @property
    def order(self) -> tuple[int, tuple[int, ...]]:
        """The smallest first; decided by what is final, so that it never changes."""
        return self.cell.people, self.members


Parts = Mapping[tuple[int, int], Cell]
"""Cells of a month by programme and neighbourhood."""


@dataclass(frozen=True, slots=True)
class Breakdown:
    """A month's two partitions."""

    programmes: list[Group]
    neighbourhoods: list[Group]


def break_down(parts: Parts) -> Breakdown | None:
    """A month's work by programme and by neighbourhood, merged as the rule asks; None if even the whole breaks it."""
    if Cell.of(parts.values()).withheld:
        return None
    programmes = partition({key: Cell.of(c for (p, _), c in parts.items() if p == key) for key, _ in parts})
    while len(programmes) > MOST_GROUPS:
        programmes = _merge(programmes, programmes[:2])
    neighbourhoods = partition({key: Cell.of(c for (_, n), c in parts.items() if n == key) for _, key in parts})
    while (found := next(leaks(parts, programmes, neighbourhoods), None)) is not None:
        neighbourhoods = _close(parts, programmes, neighbourhoods, found)
    return Breakdown(sorted(programmes, key=_members), sorted(neighbourhoods, key=_members))


def partition(cells: Mapping[int, Cell]) -> list[Group]:
    """Groups that each keep the rule, the smallest first. The whole must keep it."""
    groups = sorted((Group((key,), cell) for key, cell in cells.items()), key=lambda group: group.order)
    while (bad := next((group for group in groups if group.cell.withheld), None)) is not None:
        other = next(group for group in groups if group is not bad)
        groups = _merge(groups, [bad, other])
    return groups


def leaks(parts: Parts, programmes: Sequence[Group], neighbourhoods: Sequence[Group]) -> Iterator[frozenset[int]]:
    """What breaks the rule and can be computed from both partitions: of each, which neighbourhoods it is in.

    What can be computed from two partitions are sums of differences "these groups of the one, without those groups of
    the other that lie in them". For a set S of programmes' groups, the smallest such differences are: S without all
    neighbourhoods that lie in S; and all neighbourhoods that S reaches, without S. Others for the same S have whole
    groups more, so if these keep the rule, they do.
    """
    place = {member: i for i, group in enumerate(neighbourhoods) for member in group.members}
    row = {member: i for i, group in enumerate(programmes) for member in group.members}
    cells = [(row[programme], place[neighbourhood], cell) for (programme, neighbourhood), cell in parts.items()]
    reaches: dict[int, set[int]] = {}
    for i, j, _ in cells:
        reaches.setdefault(j, set()).add(i)
    for size in range(1, len(programmes)):
        for chosen in map(frozenset, combinations(range(len(programmes)), size)):
            partly = {j for j, rows in reaches.items() if rows & chosen and rows - chosen}
            for inside in (True, False):
                rest = [(j, cell) for i, j, cell in cells if j in partly and (i in chosen) is inside]
                if rest and Cell.of(cell for _, cell in rest).withheld:
                    yield frozenset(j for j, _ in rest)


def _close(
    parts: Parts, programmes: Sequence[Group], neighbourhoods: list[Group], found: frozenset[int]
) -> list[Group]:
    """Merge a neighbourhood of a difference that breaks the rule with another one, best with one that mends all."""
    first = neighbourhoods[min(found)]
    tries = [_merge(neighbourhoods, [first, other]) for other in neighbourhoods if other is not first]
    mended = (tried for tried in tries if next(leaks(parts, programmes, tried), None) is None)
    return next(mended, tries[0])


def _merge(groups: list[Group], merged: list[Group]) -> list[Group]:
    """These groups, some of them as one; the smallest first."""
    rest = [group for group in groups if all(group is not one for one in merged)]
    return sorted([*rest, Group.of(merged)], key=lambda group: group.order)


def _members(group: Group) -> tuple[int, ...]:
    return group.members
