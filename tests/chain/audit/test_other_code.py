# SPDX-License-Identifier: EUPL-1.2
"""Contracts that are not the published ones: what they say is no evidence, so the books are not called right."""

import pytest

from heitje.audit.command import audit_url
from tests.chain.audit.day import Day
from tests.support.anvil import Anvil


@pytest.mark.parametrize("part", ["token", "registry", "desk", "authority"])
async def test_other_code_than_the_published_one_is_found(changing: Day, anvil: Anvil, part: str) -> None:
    address = changing.city.addresses[part]
    code = anvil.rpc("eth_getCode", address, "latest")
    anvil.rpc("anvil_setCode", address, code[:-2] + "34")
    result = await audit_url(changing.city.url, changing.city.addresses["token"])
    assert not result.is_clean
    assert [f.code for f in result.findings.listed if address in f.message] == ["other-code"]
