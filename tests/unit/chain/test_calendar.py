# SPDX-License-Identifier: EUPL-1.2
"""Months and half-years."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from heitje.chain import calendar


def unix(*parts: int) -> int:
    return int(datetime(*parts, tzinfo=UTC).timestamp())  # type: ignore[arg-type, misc]


def test_months_are_counted_from_year_zero() -> None:
    assert calendar.month_of(0) == 12 * 1970
    assert calendar.month_of(unix(2026, 12, 31, 23, 59, 59)) == 12 * 2026 + 11
    assert calendar.month_text(12 * 2026 + 11) == "2026-12"


def test_the_half_years_change_in_january_and_july_in_utc() -> None:
    assert calendar.epoch_of(unix(2026, 6, 30, 23, 59, 59), 6) == 2 * 2026
    assert calendar.epoch_of(unix(2026, 7, 1), 6) == 2 * 2026 + 1
    assert calendar.epoch_of(unix(2027, 1, 1), 6) == 2 * 2027


def test_the_citys_month_is_that_of_its_own_clock() -> None:
    """In Amsterdam it is summer time (UTC+2) until late October, UTC+1 after; in Lisbon always an hour less."""
    assert calendar.city_month_of(unix(2026, 6, 30, 21, 59, 59), "Europe/Amsterdam") == 12 * 2026 + 5
    assert calendar.city_month_of(unix(2026, 6, 30, 22), "Europe/Amsterdam") == 12 * 2026 + 6
    assert calendar.city_month_of(unix(2026, 12, 31, 23), "Europe/Amsterdam") == 12 * 2027
    assert calendar.city_month_of(unix(2026, 12, 31, 23), "Europe/Lisbon") == 12 * 2026 + 11


@given(st.integers(0, 4_000_000_000), st.sampled_from([1, 2, 3, 4, 6, 12]))
def test_every_second_lies_in_its_month_and_its_epoch(timestamp: int, months: int) -> None:
    month, epoch = calendar.month_of(timestamp), calendar.epoch_of(timestamp, months)
    assert calendar.start_of_month(month) <= timestamp < calendar.start_of_month(month + 1)
    assert calendar.end_of_epoch(epoch - 1, months) <= timestamp < calendar.end_of_epoch(epoch, months)
