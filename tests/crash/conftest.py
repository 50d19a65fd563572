# SPDX-License-Identifier: EUPL-1.2
import pytest

from tests.support.town import town


@pytest.fixture
def chain():
    with town() as found:
        yield found


@pytest.fixture
def anvil(chain):
    return chain[0]


@pytest.fixture
def city(chain):
    return chain[1]
