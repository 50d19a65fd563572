# SPDX-License-Identifier: EUPL-1.2
"""A city whose credits end by the quarter: what the API tells of them is what the token tells."""

from datetime import datetime

import pytest

from tests.support.town import FUNDS, town


@pytest.fixture(scope="module")
def chain_and_city():
    with town(epoch_months=3) as found:
        yield found


def test_the_city_tells_how_long_its_epochs_are(service):
    assert service.get("/v1/city").body["terms"]["epochMonths"] == 3


def test_an_account_tells_when_its_credits_end_as_the_token_does(service, city, residents):
    address = city.address_of(residents())
    first, _, second, second_at = city.call("token", "expiringOf", address)
    (only,) = service.get(f"/v1/accounts/{address}").body["expiring"]
    assert (first, only["amount"]) == (0, str(second)) == (0, str(FUNDS))
    assert datetime.fromisoformat(only["at"]).timestamp() == second_at
