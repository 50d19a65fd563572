# SPDX-License-Identifier: EUPL-1.2
"""What ADMIN can bring in beside the city's own contracts, and what the audit says of it."""

from collections.abc import Iterator

import pytest
from eth_utils.crypto import keccak

from heitje.audit.command import audit_url
from heitje.chain.addresses import ZERO_ADDRESS
from heitje.chain.calendar import month_of
from heitje.chain.typed_data import Domain
from tests.chain.audit.day import BAKER, Day
from tests.support.city import FUNCTIONS, ISSUER, MINTER, PROGRAMME, RULES, TREASURER, City, signer_of

RICH = 1 << 47


@pytest.fixture
def town(changing: Day) -> Iterator[City]:
    """The city; which registry, desk and programme it uses is put back afterwards."""
    city = changing.city
    before = (dict(city.addresses), dict(city.domains), city.programme)
    yield city
    city.addresses, city.domains, city.programme = before


def bring_in(city: City, part: str, contract: str, authority: str, *arguments: object) -> str:
    """Deploys another registry or desk under an authority, and makes it the one the city uses."""
    city._deploy(part, contract, city.addresses[authority], city.addresses["token"], *arguments)
    address = city.addresses[part]
    city.domains[part] = Domain(city.domains[part].name, "1", city.chain_id, address)
    for role, names in FUNCTIONS[part].items():
        selectors = [city._interfaces[part].function(name).selector for name in names]
        city.send("admin", authority, "setTargetFunctionRole", address, selectors, role)
    return address


async def test_a_registry_under_a_foreign_authority_is_found(town: City) -> None:
    """The published code, but with roles given out by somebody else: it creates what it likes."""
    town._deploy("rogue", "Authority", signer_of("admin").address)
    for name, role in {"rules": RULES, "programme": PROGRAMME, "issuer": ISSUER}.items():
        town.send("admin", "rogue", "grantRole", role, signer_of(f"rogue {name}").address, 0)
    registry = bring_in(town, "registry", "ActivityRegistry", "rogue", ZERO_ADDRESS, 2, 0)
    month, now, much = month_of(town.now()), town.now(), 4_000_000_000
    rule = (month, much, much, (1 << 20) - 1, much, 0, keccak(b"none"))
    first = town.send("rogue rules", "registry", "addRule", rule)
    town.send("rogue programme", "registry", "openProgramme", RICH, month, month)
    town.programme = 1
    town.send("rogue programme", "registry", "setAttester", 1, signer_of("rogue attester").address, True)
    details = (1, month, 1_000_000, 60, now - 10, now + 10_000, 0, True, True, keccak(b"nothing"))
    town.send("rogue programme", "registry", "openActivity", details)
    town.send("admin", "authority", "grantRole", MINTER, registry, 0)
    report = town.report(1, {71: 60}, attester="rogue attester", issuer="rogue issuer")
    town.send("carrier", "registry", "issue", *report.arguments)
    result = await audit_url(town.url, town.addresses["token"])
    found = [(f.code, f.block, f.transaction) for f in result.findings.listed]
    assert found == [("other-authority", int(first["blockNumber"], 16), first["transactionHash"])]


async def test_a_desk_under_a_foreign_authority_is_found(town: City) -> None:
    """Its treasurers are nobody the city appointed."""
    town._deploy("rogue", "Authority", signer_of("admin").address)
    for name in ("rogue", "second rogue"):
        town.send("admin", "rogue", "grantRole", TREASURER, signer_of(name).address, 0)
    desk = bring_in(town, "desk", "RedemptionDesk", "rogue", 0, 0)
    town.send("admin", "token", "setDesk", desk, True)
    redemption = town.redeem(BAKER, 5, "elsewhere")
    town.lock([redemption], "rogue")
    town.settle([(town.reference("elsewhere"), [redemption])], "second rogue")
    result = await audit_url(town.url, town.addresses["token"])
    assert {f.code for f in result.findings.listed} == {"other-authority"}


async def test_another_desk_under_the_citys_authority_is_right(town: City) -> None:
    desk = bring_in(town, "desk", "RedemptionDesk", "authority", 0, 0)
    town.send("admin", "token", "setDesk", desk, True)
    redemption = town.redeem(BAKER, 5, "new desk")
    town.lock([redemption])
    town.settle([(town.reference("new desk"), [redemption])])
    result = await audit_url(town.url, town.addresses["token"])
    assert result.findings.listed == []
