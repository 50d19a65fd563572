# SPDX-License-Identifier: EUPL-1.2
"""A chain with a city on it whose residents have credits, at one block a second: where the service is tested."""

from collections.abc import Iterator
from contextlib import contextmanager

from tests.support.anvil import Anvil
from tests.support.city import City

RESIDENTS = tuple(range(101, 141))
SHOPS = (500, 501)
FUNDS = 2_000
"""Cents each resident begins with."""


@contextmanager
def town(*, epoch_months: int = 6) -> Iterator[tuple[Anvil, City]]:
    """The chain and the city, whose epochs have so many months."""
    with Anvil() as anvil:
        city = City.found(anvil.url, epoch_months=epoch_months)
        city.enrol(residents=RESIDENTS, merchants=SHOPS)
        activity = city.open_activity()
        city.issue(activity, dict.fromkeys(RESIDENTS, 240))
        anvil.rpc("evm_setAutomine", False)
        anvil.rpc("evm_setIntervalMining", 1)
        yield anvil, city
