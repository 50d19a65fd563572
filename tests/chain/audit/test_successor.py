# SPDX-License-Identifier: EUPL-1.2
"""A city that goes on with another registry: its books are right before, between and after."""

from eth_utils.crypto import keccak

from heitje.audit.command import audit_url
from heitje.chain.calendar import month_of
from heitje.chain.typed_data import Domain
from tests.support.anvil import Anvil
from tests.support.city import FUNCTIONS, MINTER, City


async def test_a_successor_goes_on_where_its_predecessor_stood() -> None:
    with Anvil() as anvil:
        city = City.found(anvil.url)
        city.enrol([71], [500])
        city.issue(city.open_activity(), {71: 120})
        old = city.addresses["registry"]
        city._deploy("registry", "ActivityRegistry", city.addresses["authority"], city.addresses["token"], old, 2, 0)
        new = city.addresses["registry"]
        city.domains["registry"] = Domain("Heitje ActivityRegistry", "1", city.chain_id, new)
        for role, names in FUNCTIONS["registry"].items():
            selectors = [city._interfaces["registry"].function(name).selector for name in names]
            city.send("admin", "authority", "setTargetFunctionRole", new, selectors, role)
        city.send("admin", "authority", "grantRole", MINTER, new, 0)
        city.send("admin", "authority", "revokeRole", MINTER, old)
        silent = await audit_url(city.url, city.addresses["token"])
        city.open_programme(100_000)
        city.issue(city.open_activity(), {71: 60})  # by the predecessor's limits: it has none of its own yet
        next_year = month_of(city.now()) + 12
        city.send("rules", "registry", "addRule", (next_year, 600, 350, 22_000, 220_000, 0, keccak(b"new source")))
        result = await audit_url(city.url, city.addresses["token"])
    assert silent.findings.listed == []
    assert result.findings.listed == []
    assert result.facts.registries.keys() == {old, new}
    assert result.replay.registries[new].earned(71, next_year - 12) == (1_500, 1_500)
