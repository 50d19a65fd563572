# SPDX-License-Identifier: EUPL-1.2
"""One chain with one day on it, for all tests of the audit that only read."""

from collections.abc import Iterator

import pytest

from tests.chain.audit.day import BEGINS, Day, live
from tests.support.anvil import Anvil
from tests.support.city import City


@pytest.fixture(scope="session")
def anvil() -> Iterator[Anvil]:
    with Anvil(f"--timestamp={BEGINS}") as running:
        yield running


@pytest.fixture(scope="session")
def day(anvil: Anvil) -> Day:
    return live(City.found(anvil.url))


@pytest.fixture
def changing(anvil: Anvil, day: Day) -> Iterator[Day]:
    """The same day, on a chain the test may change: it is put back afterwards."""
    snapshot, phones = anvil.snapshot(), dict(day.city.phones)
    yield day
    anvil.revert(snapshot)
    day.city.phones = phones
