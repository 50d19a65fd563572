# SPDX-License-Identifier: EUPL-1.2
"""A city that goes on with another registry: its books are right before, between and after."""

from dataclasses import dataclass
from typing import Any

from eth_utils.crypto import keccak

from heitje.audit.command import audit_url
from heitje.chain.calendar import month_of
from heitje.chain.logs import topic
from heitje.chain.typed_data import Domain
from tests.chain.audit.day import BEGINS
from tests.chain.audit.lying_node import about_logs, lying_node
from tests.support.anvil import Anvil
from tests.support.city import CORRECTOR, DAY, FUNCTIONS, MINTER, City

LOWERED = topic("YearLowered(uint32,uint256,uint256)")
REVOKED = topic("RoleRevoked(uint64,address)")


@dataclass
class Succession:
    """A city with two registries, which uses one at a time."""

    city: City
    old: str
    new: str

    def use(self, registry: str) -> None:
        self.city.addresses["registry"] = registry
        self.city.domains["registry"] = Domain("Heitje ActivityRegistry", "1", self.city.chain_id, registry)


def succeed(city: City) -> Succession:
    """Another registry, with the roles of the first; the first keeps its right to claw back."""
    old, arguments = city.addresses["registry"], (city.addresses["authority"], city.addresses["token"])
    city._deploy("registry", "ActivityRegistry", *arguments, old, 2, 42 * DAY)
    both = Succession(city, old, city.addresses["registry"])
    both.use(both.new)
    for role, names in FUNCTIONS["registry"].items():
        selectors = [city._interfaces["registry"].function(name).selector for name in names]
        city.send("admin", "authority", "setTargetFunctionRole", both.new, selectors, role)
    for role in (MINTER, CORRECTOR):
        city.send("admin", "authority", "grantRole", role, both.new, 0)
    city.send("admin", "authority", "revokeRole", MINTER, old)
    return both


async def test_a_successor_goes_on_where_its_predecessor_stood() -> None:
    with Anvil(f"--timestamp={BEGINS}") as anvil:
        city = City.found(anvil.url)
        city.enrol([71], [500])
        city.issue(city.open_activity(), {71: 120})
        both = succeed(city)
        silent = await audit_url(city.url, city.addresses["token"])
        city.open_programme(100_000)
        city.issue(city.open_activity(), {71: 60})  # by the predecessor's limits: it has none of its own yet
        next_year = month_of(city.now()) + 12
        city.send("rules", "registry", "addRule", (next_year, 600, 350, 22_000, 220_000, 0, keccak(b"new source")))
        result = await audit_url(city.url, city.addresses["token"])
    assert silent.findings.listed == []
    assert result.findings.listed == []
    assert result.facts.registries.keys() == {both.old, both.new}
    assert result.replay.registries[both.new].earned(71, next_year - 12) == (1_500, 1_500)


async def test_a_predecessor_still_takes_back_and_its_lowered_years_hold() -> None:
    with Anvil(f"--timestamp={BEGINS}") as anvil:
        city = City.found(anvil.url)
        city.enrol([71], [500])
        activity, month = city.open_activity(), month_of(city.now())
        city.issue(activity, {71: 120})
        city.reduce(activity, 71, 60)
        lowered = city.lower_year(71, 2026, 2_080)  # of 2 100: 20 are left, of which 10 are earned
        both = succeed(city)
        city.lower_year(71, 2026, 10)
        city.open_programme(100_000)
        later = city.open_activity()
        issued = city.issue(later, {71: 120})
        city.reduce(later, 71, 90, attester="attester")
        city.wait(42 * DAY)
        city.clawback(later, 71)
        both.use(both.old)
        city.clawback(activity, 71)
        result = await audit_url(city.url, city.addresses["token"])
        below = about_logs(lambda log: [_lower(log, 2_090)] if _is_of(log, lowered, LOWERED) else [log])
        async with lying_node(city.url, below) as url:
            lied_to = await audit_url(url, city.addresses["token"])
        kept = about_logs(lambda log: [] if log["topics"][:2] == [REVOKED, f"0x{MINTER:064x}"] else [log])
        async with lying_node(city.url, kept) as url:
            both_issue = await audit_url(url, city.addresses["token"])
    assert result.findings.listed == []
    old, new = result.replay.registries[both.old], result.replay.registries[both.new]
    assert (old.earned(71, month), new.earned(71, month)) == ((500, 500), (1_250, 1_250))
    assert (old.lowered_by(71, 2026), new.lowered_by(71, 2026)) == (208_000, 208_000)
    found = {(f.code, f.transaction) for f in lied_to.findings.listed}
    assert ("year-limit", issued["transactionHash"]) in found
    assert "state" in {code for code, _ in found}
    found = {(f.code, f.transaction) for f in both_issue.findings.listed}
    assert ("predecessor-issues", issued["transactionHash"]) in found


def _is_of(log: dict[str, Any], receipt: dict[str, Any], event: str) -> bool:
    return (log["transactionHash"], log["topics"][0]) == (receipt["transactionHash"], event)


def _lower(log: dict[str, Any], euros: int) -> dict[str, Any]:
    return {**log, "data": f"0x{euros:064x}"}
