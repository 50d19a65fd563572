# SPDX-License-Identifier: EUPL-1.2
"""What nodes answer that they should not."""

import asyncio

import pytest

from heitje.chain.node import RpcError, _result
from heitje.rest.health import Health


@pytest.mark.parametrize("code", ["E42", None, 4.5, []])
def test_an_error_whose_code_is_no_number_is_an_error(code):
    assert isinstance(_result({"error": {"code": code, "message": "boom"}}), RpcError)


@pytest.mark.parametrize("block", [None, 5, {}, {"number": None, "timestamp": "0x1"}, {"number": "x", "timestamp": ""}])
def test_a_latest_block_that_is_none_makes_the_service_unready_and_nothing_more(block):
    class Node:
        async def call(self, *_):
            return block

    seen = {}
    health = Health(None, Node(), lambda: 0.0)
    assert asyncio.run(health._head(seen)) is None
    assert seen["node"]["ok"] is False
