# SPDX-License-Identifier: EUPL-1.2
"""Whatever ADMIN announces, GUARDIAN can cancel: desks too."""

import pytest

from heitje.chain.abi import load
from heitje.city.roles import Role
from tests.chain.scripts.conftest import found, officials, profile
from tests.support.anvil import Anvil
from tests.support.scripts import Town
from tests.support.signed import signer_of

DAY = 86_400


@pytest.fixture
def town(tmp_path):
    with Anvil() as anvil, Town(tmp_path, anvil) as town:
        town.write("profile.toml", profile())
        town.write("officials.toml", officials())
        town.run(*found(town))
        yield town


def test_the_guardian_can_cancel_every_desk_that_admin_announces(town):
    admin, guardian = signer_of("admin"), signer_of("guardian")
    assert town.call("authority", "hasRole", Role.GOVERNANCE, admin.address) == (True, 2 * DAY)
    data = load("MunicipalToken").encode("setDesk", town.contracts["authority"], True)
    town.send(admin, "authority", "schedule", town.contracts["token"], data, 0)
    town.send(guardian, "authority", "cancel", admin.address, town.contracts["token"], data)
    town.send(admin, "authority", "schedule", town.contracts["token"], data, 0)
    town.anvil.move_time_to(town.anvil.now() + 2 * DAY)
    town.send(admin, "token", "setDesk", town.contracts["authority"], True)
