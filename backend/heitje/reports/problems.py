# SPDX-License-Identifier: EUPL-1.2
"""What can be wrong with a line of a report, in words for whoever has to put it right."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Fault(StrEnum):
    """What is wrong with a line, or with a whole report."""

    CELLS = "cells"
    ACTIVITY_UNREADABLE = "activity-unreadable"
    ACTIVITY_UNKNOWN = "activity-unknown"
    ACTIVITY_NOT_HELD = "activity-not-held"
    ACTIVITY_CLOSED = "activity-closed"
    MONTH_OUT_OF_RANGE = "month-out-of-range"
    RATE_ABOVE_LIMIT = "rate-above-limit"
    ATTESTER_NOT_APPOINTED = "attester-not-appointed"
    RESIDENT_UNREADABLE = "resident-unreadable"
    RESIDENT_CHECKSUM = "resident-checksum"
    RESIDENT_UNKNOWN = "resident-unknown"
    RESIDENT_NOT_IN_REGISTER = "resident-not-in-register"
    MINUTES_UNREADABLE = "minutes-unreadable"

    RESIDENT_FROZEN = "resident-frozen"
    RESIDENT_REPLACING = "resident-replacing"
    RESIDENT_CLASS = "resident-class"
    OWN_NUMBER = "own-number"
    MINUTES_ZERO = "minutes-zero"
    MINUTES_ABOVE = "minutes-above"
    AMOUNT_ZERO = "amount-zero"
    DUPLICATE = "duplicate"
    ALREADY_REWARDED = "already-rewarded"
    MONTH_LIMIT = "month-limit"
    YEAR_LIMIT = "year-limit"
    BUDGET = "budget"

    PAUSED = "paused"
    ISSUING_ENDED = "issuing-ended"
    ATTESTER_IS_ISSUER = "attester-is-issuer"
    DEADLINE = "deadline"
    CANCELLED = "cancelled"
    CHANGED = "changed"
    SIGNATURE = "signature"
    ELSEWHERE = "elsewhere"


SKIPPABLE: Final = frozenset(
    {
        Fault.RESIDENT_FROZEN,
        Fault.RESIDENT_REPLACING,
        Fault.RESIDENT_CLASS,
        Fault.OWN_NUMBER,
        Fault.MINUTES_ZERO,
        Fault.MINUTES_ABOVE,
        Fault.AMOUNT_ZERO,
        Fault.DUPLICATE,
        Fault.ALREADY_REWARDED,
        Fault.MONTH_LIMIT,
        Fault.YEAR_LIMIT,
        Fault.BUDGET,
    }
)
"""A line with only such faults can stand in a signed report: it has an activity, a known person and minutes. The issuer
leaves it out by a bit of `skip`. A line with any other fault can only stay out of the report."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong: with a line of a file, or with the whole file where `line` is 0."""

    line: int
    fault: Fault
    text: str
    file: str = ""

    @property
    def skippable(self) -> bool:
        """Whether the line can stand in a report, to be skipped by the issuer."""
        return self.fault in SKIPPABLE


def amount(cents: int) -> str:
    """An amount in cents as euros, where a heading says so: `1,234.50`."""
    sign = "-" if cents < 0 else ""
    return f"{sign}{abs(cents) // 100:,}.{abs(cents) % 100:02d}"


def euros(cents: int) -> str:
    """An amount in cents as a person writes it: `1,234.50 euros`."""
    return f"{amount(cents)} euros"
