# SPDX-License-Identifier: EUPL-1.2
"""Asks the contract whether it would refuse, before that costs a transaction. Not on the way of payments."""

import re
from typing import Any, Final

from heitje.chain.abi import Revert, decode_revert
from heitje.chain.node import Node, NodeUnreachable, RpcError
from heitje.problems import Code, Problem

_INDEXES: Final = ("line", "index", "group")
"""Names under which the contracts' errors say which item is at fault."""


async def try_call(node: Node, sender: str, to: str, data: bytes, gas: int) -> str:
    """The answer of a call on top of what waits to be mined, in hex.

    Raises:
        Problem: The contract would refuse, and why; or the node cannot be asked.
    """
    request = {"from": sender, "to": to, "data": "0x" + data.hex(), "gas": hex(gas)}
    try:
        answer: str = await node.call("eth_call", request, "pending")
    except NodeUnreachable:
        raise Problem(Code.NODE_UNREACHABLE) from None
    except RpcError as error:
        revert = _revert(error)
        if revert is None:
            raise Problem(Code.REFUSED_BY_CONTRACT, f"The node says: {error.message}.") from None
        words = re.sub(r"(?<!^)(?=[A-Z][a-z])", " ", revert.name).lower()
        raise Problem(Code.REFUSED_BY_CONTRACT, f"It says: {words}.", contract=_shown(revert)) from None
    return answer


def _revert(error: RpcError) -> Revert | None:
    if not isinstance(error.data, str) or not re.fullmatch(r"0x([0-9a-fA-F]{2})+", error.data):
        return None
    return decode_revert(bytes.fromhex(error.data[2:]))


def _shown(revert: Revert) -> dict[str, Any]:
    arguments = {
        name: "0x" + value.hex() if isinstance(value, bytes) else str(value) for name, value in revert.args.items()
    }
    index = next((revert.args[name] for name in _INDEXES if isinstance(revert.args.get(name), int)), None)
    return {"error": revert.name, "arguments": arguments, "index": index}
