# SPDX-License-Identifier: EUPL-1.2
"""An allowance by signature (ERC-2612), as any library signs it: somebody may carry what the city allows, no more."""

from collections.abc import Iterator
from typing import Any

import pytest

from heitje.audit.command import audit_url
from heitje.chain.addresses import ZERO_ADDRESS
from tests.chain.contracts.test_typed_data import FAR, RESIDENT, SHOP, digest
from tests.support.anvil import Anvil
from tests.support.city import City, Refused, signer_of

PERMIT = "Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)"
NEIGHBOUR = 10022


@pytest.fixture(scope="module")
def city() -> Iterator[City]:
    with Anvil() as anvil:
        city = City.found(anvil.url)
        city.enrol(residents=[RESIDENT, NEIGHBOUR], merchants=[SHOP])
        city.issue(city.open_activity(), {RESIDENT: 120})
        yield city


def permitted(city: City, cents: int, form: str) -> tuple[Any, ...]:
    """The arguments of `permit`, signed by the resident for somebody who shops for them."""
    owner, spender = city.member(RESIDENT), signer_of("who shops for them").address
    nonce = city.call("token", "nonces", owner.address)
    message = {"owner": owner.address, "spender": spender, "value": cents, "nonce": nonce, "deadline": FAR}
    signature = owner.sign_digest(digest(city, "token", PERMIT, message))
    parts = (signature,) if form == "bytes" else (signature[64], signature[:32], signature[32:64])
    return owner.address, spender, cents, FAR, *parts


@pytest.mark.parametrize("form", ["bytes", "uint8,bytes32,bytes32"])
async def test_somebody_with_a_permit_pays_a_shop_and_nobody_else(city: City, form: str) -> None:
    arguments = permitted(city, 250, form)
    function = f"permit(address,address,uint256,uint256,{form})"
    city.send("carrier", "token", function, *arguments)
    with pytest.raises(Refused, match="InvalidSignature"):
        city.send("carrier", "token", function, *arguments)
    owner, shop = city.address_of(RESIDENT), city.address_of(SHOP)
    before = city.account(SHOP).balance
    for payee in (city.address_of(NEIGHBOUR), ZERO_ADDRESS, city.addresses["desk"]):
        with pytest.raises(Refused, match="TransferRefused"):
            city.send("who shops for them", "token", "transferFrom", owner, payee, 100)
    city.send("who shops for them", "token", "transferFrom", owner, shop, 250)
    with pytest.raises(Refused, match="ERC20InsufficientAllowance"):
        city.send("who shops for them", "token", "transferFrom", owner, shop, 1)
    assert city.account(SHOP).balance == before + 250
    result = await audit_url(city.url, city.addresses["token"])
    assert result.findings.listed == []
