# SPDX-License-Identifier: EUPL-1.2
"""What the check of a founded city must notice although nothing of it has happened yet."""

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


def test_a_delay_that_ends_by_itself_is_noticed(town):
    """A member's delay that is taken away ends later, and until then `hasRole` tells the old one."""
    admin, rules = signer_of("admin"), signer_of("rules")
    shorter = load("Authority").encode("grantRole", Role.RULES, rules.address, 0)
    town.send(admin, "authority", "schedule", town.contracts["authority"], shorter, 0)
    town.anvil.move_time_to(town.anvil.now() + 2 * DAY)
    town.send(admin, "authority", "grantRole", Role.RULES, rules.address, 0)
    assert town.call("authority", "hasRole", Role.RULES, rules.address) == (True, 2 * DAY)
    assert "is RULES and its delay will be 0 seconds" in town.run(*found(town), code=8)
