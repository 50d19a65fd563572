# SPDX-License-Identifier: EUPL-1.2
"""Months and epochs as the contracts count them.

A month's index is `12 * year + (month - 1)`; an epoch, by which credits expire, is a number of months that divides the
year, so its index is the month's divided by that number. The contracts take both in UTC. The month an activity belongs
to is the month of its day on the city's own calendar, and is fixed when the activity is opened.
"""

from datetime import UTC, date, datetime
from typing import Final
from zoneinfo import ZoneInfo

MONTHS_PER_YEAR: Final = 12


def month_of_date(day: date) -> int:
    """The index of the month a calendar day lies in."""
    return MONTHS_PER_YEAR * day.year + day.month - 1


def month_of(timestamp: int) -> int:
    """The index of the month, in UTC, of a Unix time in seconds."""
    return month_of_date(datetime.fromtimestamp(timestamp, UTC).date())


def city_month_of(timestamp: int, time_zone: str) -> int:
    """The index of the month, on the city's clock, of a Unix time in seconds."""
    return month_of_date(datetime.fromtimestamp(timestamp, ZoneInfo(time_zone)).date())


def year_and_month(month: int) -> tuple[int, int]:
    """The year, and the month from 1 (January) to 12, of a month's index."""
    return month // MONTHS_PER_YEAR, month % MONTHS_PER_YEAR + 1


def month_text(month: int) -> str:
    """A month's index as `2026-03`."""
    year, number = year_and_month(month)
    return f"{year:04d}-{number:02d}"


def start_of_month(month: int) -> int:
    """The first second, in UTC, of a month, as Unix time."""
    year, number = year_and_month(month)
    return int(datetime(year, number, 1, tzinfo=UTC).timestamp())


def epoch_of(timestamp: int, months: int) -> int:
    """The epoch, in UTC, of a Unix time in seconds, where an epoch has so many months."""
    return month_of(timestamp) // months


def end_of_epoch(epoch: int, months: int) -> int:
    """The first second (Unix time) after an epoch. What was earned in epoch E is gone at `end_of_epoch(E + 1)`."""
    return start_of_month((epoch + 1) * months)
