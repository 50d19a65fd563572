# SPDX-License-Identifier: EUPL-1.2
"""How many blocks are read at a time."""

from hypothesis import given
from hypothesis import strategies as st

from heitje.audit.findings import euros
from heitje.audit.reader import LONGEST_RANGE, MANY_LOGS, _next_length


@given(st.integers(1, LONGEST_RANGE), st.integers(0, 10**7))
def test_ranges_grow_slowly_and_shrink_at_once(length: int, logs: int) -> None:
    following = _next_length(length, logs)
    assert 1 <= following <= min(2 * length, LONGEST_RANGE)
    # A range as busy as this one will not bring many more logs than fit.
    assert following == 1 or following * logs <= length * MANY_LOGS


def test_cents_are_written_as_euros() -> None:
    assert [euros(cents) for cents in (0, 5, 123_456, -250)] == ["€ 0.00", "€ 0.05", "€ 1,234.56", "-€ 2.50"]
