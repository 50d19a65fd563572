# SPDX-License-Identifier: EUPL-1.2
"""What a member's year came to. Whole cents; nothing here asks anybody."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

_INCOMING = {"reward": "earned", "authorization": "given_back", "payment": "received", "transfer": "received"}
_OUTGOING = {"payment": "spent", "authorization": "spent", "transfer": "spent", "expiry": "expired"}
_OUTGOING |= {"correction": "taken_back"}


@dataclass(frozen=True, slots=True)
class Reward:
    """One reward: when it was paid out (Unix time), for what, minutes that counted, cents."""

    time: str
    activity: str
    minutes: int
    cents: int


@dataclass(frozen=True, slots=True)
class Year:
    """A calendar year of a member.

    Attributes:
        year: on the city's calendar.
        number: the member's.
        rewards: the oldest first.
        sums: cents by kind: earned, spent, given_back, expired, taken_back, received.
    """

    year: int
    number: int
    rewards: tuple[Reward, ...]
    sums: Mapping[str, int]

    @property
    def difference(self) -> int:
        """By how many cents the balance rose in the year; below zero if it fell."""
        gone = ("spent", "expired", "taken_back")
        return sum(-cents if kind in gone else cents for kind, cents in self.sums.items())


def bounds(year: int, time_zone: str) -> tuple[int, int]:
    """The first second of a year on the city's calendar, and the first after it, as Unix time."""
    zone = ZoneInfo(time_zone)
    first, after = (int(datetime(each, 1, 1, tzinfo=zone).timestamp()) for each in (year, year + 1))
    return first, after


def year_of(
    year: int, number: int, own: Iterable[str], moves: Iterable[Mapping[str, Any]], rewards: Iterable[Reward]
) -> Year:
    """Adds a year up.

    Args:
        year: on the city's calendar.
        number: the member's.
        own: every address the member has had; a move from one to another is none.
        moves: of that year, as `/v1/ledger/transfers` has them.
        rewards: of that year.
    """
    mine = frozenset(own)
    sums = dict.fromkeys(("earned", "given_back", "received", "spent", "expired", "taken_back"), 0)
    for move in moves:
        if move["from"] in mine and move["to"] in mine:
            continue
        kinds = _INCOMING if move["to"] in mine else _OUTGOING
        kind = kinds.get(str(move["kind"]))
        if kind is not None:
            sums[kind] += int(move["value"])
    return Year(year, number, tuple(rewards), sums)
