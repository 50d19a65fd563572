# SPDX-License-Identifier: EUPL-1.2
"""Whether an account signed, as the contracts ask: its own key first; then, if it is one, the contract (ERC-1271).

A key, of secp256k1 or of a browser, is checked here, without a node. A contract is asked by a call that gets as much
gas as it will get on the chain. What it says can change until then: the chain has the last word.
"""

from __future__ import annotations

from typing import Final

from eth_abi.abi import encode
from eth_utils.crypto import keccak

from heitje.chain.browser_keys import signer_of
from heitje.chain.node import Node, NodeUnreachable, RpcError
from heitje.chain.signing import SignatureError
from heitje.problems import Code, Problem

MAX_BYTES: Final = 4_096
"""The longest signature that is taken on: some sixty owners of one wallet."""

_WALLET_GAS: Final = 200_000
"""What the contracts give a wallet to answer."""

_IS_VALID: Final = keccak(b"isValidSignature(bytes32,bytes)")[:4]
_YES: Final = _IS_VALID.ljust(32, b"\0")


class Signatures:
    """Checks signatures of keys and of contracts."""

    def __init__(self, node: Node) -> None:
        self._node = node

    async def check(self, digest: bytes, signature: str, signer: str, whose: str = "It") -> int:
        """Check one signature.

        Args:
            digest: What was signed.
            signature: Hex, with `0x`.
            signer: Who must have signed.
            whose: How a problem begins its sentence.

        Returns:
            How many contracts had to be asked: 0 or 1.

        Raises:
            Problem: It is not by the signer, or the node that must be asked cannot be reached.
        """
        raw = bytes.fromhex(signature[2:])
        try:
            found = signer_of(digest, raw)
            detail = f"{whose} is by {found}, not by {signer}."
        except SignatureError as error:
            found, detail = None, f"{whose} is not valid: {error}."
        if found == signer:
            return 0
        if await self._confirms(signer, digest, raw):
            return 1
        raise Problem(Code.SIGNATURE_INVALID, detail)

    async def _confirms(self, wallet: str, digest: bytes, signature: bytes) -> bool:
        """Whether there is a contract at this address, and it says that the signature is its own."""
        try:
            if await self._node.call("eth_getCode", wallet, "latest") in ("0x", None):
                return False
            data = _IS_VALID + encode(["bytes32", "bytes"], [digest, signature])
            request = {"to": wallet, "data": "0x" + data.hex(), "gas": hex(_WALLET_GAS + _intrinsic(data))}
            answer = await self._node.call("eth_call", request, "latest")
        except NodeUnreachable:
            raise Problem(Code.NODE_UNREACHABLE) from None
        except RpcError:
            return False  # it reverts, or takes too much gas: no
        return bytes.fromhex(str(answer).removeprefix("0x"))[:32] == _YES


def _intrinsic(data: bytes) -> int:
    """What a transaction costs before its first instruction, which a call pays as well."""
    zeros = data.count(0)
    return 21_000 + 4 * zeros + 16 * (len(data) - zeros)
