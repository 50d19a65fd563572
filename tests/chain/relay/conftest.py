# SPDX-License-Identifier: EUPL-1.2
from itertools import count

import pytest

from tests.support.service import Service
from tests.support.town import RESIDENTS, town


@pytest.fixture(scope="module")
def chain_and_city():
    with town() as found:
        yield found


@pytest.fixture(scope="module")
def anvil(chain_and_city):
    return chain_and_city[0]


@pytest.fixture(scope="module")
def city(chain_and_city):
    return chain_and_city[1]


@pytest.fixture(scope="module")
def service(city, tmp_path_factory):
    with Service(tmp_path_factory.mktemp("service"), city) as running:
        yield running


@pytest.fixture(scope="module")
def residents():
    """Residents nobody has used yet, each with all the credits the town began with."""
    numbers = iter(RESIDENTS)
    return lambda: next(numbers)


@pytest.fixture(scope="module")
def salts():
    numbers = count(1)
    return lambda: next(numbers).to_bytes(32, "big")
