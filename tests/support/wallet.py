# SPDX-License-Identifier: EUPL-1.2
"""A contract wallet that is not ours: a Safe, from the bytecode its makers ship and deploy on every public chain.

    safe = Safe.deploy(anvil.url, ["wethouder", "secretary", "controller"], threshold=2)
    safe.sign_digest(digest)            # what `isValidSignature` of ERC-1271 takes
    safe.execute(token, data)           # makes the wallet call something

A city takes one in anybody's place: `city.wallets["treasurer"] = safe`.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from eth_abi.abi import encode
from eth_utils.crypto import keccak

from heitje.chain.abi import Interface
from heitje.chain.addresses import ZERO_ADDRESS, to_address
from heitje.chain.signing import KeySigner
from tests.support.anvil import receipt_of, rpc
from tests.support.signed import signer_of

SHIPPED: Final = Path(__file__).parents[2] / "node_modules/@safe-global/safe-smart-account/build/artifacts/contracts"
# SafeL2 is Safe with an event for each transaction: what Safe's makers advise for any chain but Ethereum's own.
SINGLETON: Final = "SafeL2.sol/SafeL2.json"
FACTORY: Final = "proxies/SafeProxyFactory.sol/SafeProxyFactory.json"
HANDLER: Final = "handler/CompatibilityFallbackHandler.sol/CompatibilityFallbackHandler.json"

#: Deploys what it is sent, under an address that depends on nothing else; every anvil has it.
DETERMINISTIC_DEPLOYER: Final = "0x4e59b44847b379578588920cA78FbF26c0B4956C"

_DOMAIN_TYPE: Final = keccak(b"EIP712Domain(uint256 chainId,address verifyingContract)")
_MESSAGE_TYPE: Final = keccak(b"SafeMessage(bytes message)")
_TRANSACTION_TYPE: Final = keccak(
    b"SafeTx(address to,uint256 value,bytes data,uint8 operation,uint256 safeTxGas,uint256 baseGas,uint256 gasPrice,"
    b"address gasToken,address refundReceiver,uint256 nonce)"
)
_NO_REFUND: Final = (0, 0, 0, ZERO_ADDRESS, ZERO_ADDRESS)
"""Gas of the call (0: all there is), base gas, gas price, gas token, who is refunded."""


@cache
def shipped(file: str) -> Interface:
    """One of Safe's contracts, as its package brings it."""
    artifact = json.loads((SHIPPED / file).read_text(encoding="utf-8"))
    code, deployed = (bytes.fromhex(artifact[key][2:]) for key in ("bytecode", "deployedBytecode"))
    return Interface(artifact["contractName"], artifact["abi"], code, deployed)


@dataclass(frozen=True)
class Safe:
    """A Safe and the keys of its owners, in ascending order of their addresses, as a Safe wants their signatures.

    It signs like a key (`address`, `sign_digest`), with as many owners as it needs, the lowest addresses first.
    """

    url: str
    chain_id: int
    address: str
    owners: tuple[KeySigner, ...]
    threshold: int

    @classmethod
    def deploy(cls, url: str, owners: Sequence[str], threshold: int, salt: int = 0) -> "Safe":
        """Makes a Safe by its makers' factory. Two Safes of the same owners must differ in their salt.

        Args:
            url: of an anvil; its own account pays, with nothing.
            owners: names of people, as `signer_of` takes them.
            threshold: how many owners must sign.
            salt: any number.
        """
        singleton, factory, handler = (place(url, file) for file in (SINGLETON, FACTORY, HANDLER))
        keys = tuple(sorted(map(signer_of, owners), key=lambda key: int(key.address, 16)))
        people = [key.address for key in keys]
        setup = shipped(SINGLETON).encode(
            "setup", people, threshold, ZERO_ADDRESS, b"", handler, ZERO_ADDRESS, 0, ZERO_ADDRESS
        )
        receipt = _send(url, factory, shipped(FACTORY).encode("createProxyWithNonce", singleton, setup, salt))
        (creation,) = (log for log in receipt["logs"] if to_address(log["address"]) == factory)
        return cls(
            url, int(rpc(url, "eth_chainId"), 16), to_address("0x" + creation["topics"][1][-40:]), keys, threshold
        )

    def sign_digest(self, digest: bytes) -> bytes:
        """Signs 32 bytes as the wallet: what its `isValidSignature(digest, …)` accepts."""
        message = keccak(_MESSAGE_TYPE + keccak(encode(["bytes32"], [digest])))
        return self._signatures(message)

    def execute(self, to: str, data: bytes) -> dict[str, Any]:
        """Makes the wallet call a contract; returns the receipt.

        Raises:
            RpcRefused: the call would revert; `data` is what the contract said.
        """
        return _send(self.url, self.address, self.transaction(to, data))

    def transaction(self, to: str, data: bytes) -> bytes:
        """What anybody may send to the wallet, once, to make it call a contract: signed by its owners."""
        wallet = shipped(SINGLETON)
        call = {"to": self.address, "data": "0x" + wallet.encode("nonce").hex()}
        nonce = int(rpc(self.url, "eth_call", call, "latest"), 16)
        types = ["bytes32", "address", "uint256", "bytes32", "uint8", *["uint256"] * 3, "address", "address", "uint256"]
        struct = encode(types, [_TRANSACTION_TYPE, to, 0, keccak(data), 0, *_NO_REFUND, nonce])
        return wallet.encode("execTransaction", to, 0, data, 0, *_NO_REFUND, self._signatures(keccak(struct)))

    def _signatures(self, struct_hash: bytes) -> bytes:
        domain = keccak(encode(["bytes32", "uint256", "address"], [_DOMAIN_TYPE, self.chain_id, self.address]))
        digest = keccak(b"\x19\x01" + domain + struct_hash)
        return b"".join(owner.sign_digest(digest) for owner in self.owners[: self.threshold])


def place(url: str, file: str) -> str:
    """The address of one of Safe's contracts on a chain, where it is deployed if it is not there yet."""
    code = shipped(file).bytecode
    deployer = bytes.fromhex(DETERMINISTIC_DEPLOYER[2:])
    # EIP-1014, with a salt of 0.
    address = to_address("0x" + keccak(b"\xff" + deployer + bytes(32) + keccak(code))[12:].hex())
    if rpc(url, "eth_getCode", address, "latest") == "0x":
        _send(url, DETERMINISTIC_DEPLOYER, bytes(32) + code)
    return address


def _send(url: str, to: str, data: bytes) -> dict[str, Any]:
    (sender,) = rpc(url, "eth_accounts")
    call = {"from": sender, "to": to, "data": "0x" + data.hex(), "gasPrice": "0x0"}
    sent = str(rpc(url, "eth_sendTransaction", call))
    receipt = receipt_of(url, sent)
    if int(receipt["status"], 16) != 1:
        raise RuntimeError(f"{sent} passed its estimate and then reverted")
    return receipt
