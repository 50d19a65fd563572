# SPDX-License-Identifier: EUPL-1.2
"""When it is time to compare."""

import datetime as dt

import pytest
from pydantic import ValidationError

from heitje.index.nightly import last_due
from heitje.settings import Settings


def unix(text: str) -> float:
    return dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC).timestamp()


@pytest.mark.parametrize(
    ("now", "due"),
    [
        ("2026-03-29 03:10:00", "2026-03-29 03:10:00"),
        ("2026-03-29 03:09:59", "2026-03-28 03:10:00"),
        ("2026-03-29 23:59:59", "2026-03-29 03:10:00"),
        ("2026-03-01 00:00:00", "2026-02-28 03:10:00"),
    ],
)
def test_it_was_last_due_today_or_yesterday(now, due):
    assert last_due(unix(now), dt.time(3, 10)) == unix(due)


@pytest.mark.parametrize("time", ["3:10", "24:00", "03:60", "0310", "night", "03:10:00"])
def test_only_a_time_of_day_is_one(time):
    with pytest.raises(ValidationError, match="check_at"):
        Settings(rpc="http://node", deployment="deployment.json", check_at=time)
