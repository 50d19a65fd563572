# SPDX-License-Identifier: EUPL-1.2
"""The one chain of the bench: deploys, sends, and keeps what was measured."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, Final

from eth_abi.abi import encode
from eth_utils.crypto import keccak

from heitje.chain.addresses import to_address
from heitje.chain.signing import KeySigner
from heitje.chain.typed_data import Domain
from tests.support.anvil import receipt_of, rpc
from tests.support.signed import signer_of
from tools.bench_gas.peers import peer
from tools.bench_gas.rows import Kind, Row, Transaction

GAS: Final = 16_777_216
"""Osaka lets no transaction have more (EIP-7825)."""
PAYERS: Final = 100
PAYEES: Final = 10


class Failed(RuntimeError):
    """A transaction of the bench reverted: nothing can be said about its cost."""


@cache
def payers(count: int) -> tuple[KeySigner, ...]:
    """Those who pay at the peers."""
    return tuple(signer_of(f"payer {i}") for i in range(count))


def payees(count: int) -> list[str]:
    """Those who are paid at the peers; payer i pays payee i modulo their number."""
    return [signer_of(f"payee {i}").address for i in range(count)]


def stranger(name: str) -> str:
    """An address that has never been used."""
    return signer_of(f"stranger {name}").address


def digest(domain: Domain, kind: str, *values: Any) -> bytes:
    """The EIP-712 digest of a struct without nested structs; `bytes` are hashed.

    Args:
        domain: of the contract that checks it.
        kind: the struct's type, as in `Permit(address owner,uint256 value)`.
        values: of its fields, in order.
    """
    types = [part.split(" ")[0] for part in kind[kind.index("(") + 1 : -1].split(",")]
    words = [keccak(value) if of == "bytes" else value for of, value in zip(types, values, strict=True)]
    fields = ["bytes32" if of == "bytes" else of for of in types]
    return domain.digest(keccak(encode(["bytes32", *fields], [keccak(text=kind), *words])))


class Chain:
    """An anvil on which things are measured.

    Args:
        url: of the anvil, whose gas costs nothing.
        size: how many items a batch has, 100 in earnest and fewer in a test.
    """

    def __init__(self, url: str, size: int = PAYERS) -> None:
        self.url, self.size = url, size
        self.chain_id = int(rpc(url, "eth_chainId"), 16)
        self.rows: list[Row] = []
        self._contracts: dict[str, str] = {}

    def now(self) -> int:
        """The time of the last block, Unix time."""
        return int(rpc(self.url, "eth_getBlockByNumber", "latest", False)["timestamp"], 16)

    def deploy(self, contract: str, *arguments: Any) -> str:
        """Deploys a peer's contract; returns its address, EIP-55."""
        receipt = self._transact(signer_of("carrier"), None, peer(contract).deployment(*arguments))
        address = to_address(receipt["contractAddress"])
        self._contracts[address] = contract
        return address

    def send(
        self, to: str, function: str, *arguments: Any, sender: KeySigner | None = None, value: int = 0
    ) -> dict[str, Any]:
        """Calls a contract that this chain deployed in a transaction, with so many wei; returns its receipt.

        Raises:
            Failed: it reverted.
        """
        data = peer(self._contracts[to]).encode(function, *arguments)
        return self._transact(sender or signer_of("carrier"), to, data, value)

    def call(self, to: str, function: str, *arguments: Any) -> Any:
        """What a view answers."""
        interface = peer(self._contracts[to])
        answer = rpc(
            self.url, "eth_call", {"to": to, "data": "0x" + interface.encode(function, *arguments).hex()}, "latest"
        )
        return interface.decode(function, bytes.fromhex(answer[2:]))

    def measured(
        self,
        kind: Kind,
        project: str,
        operation: str,
        receipts: Mapping[str, Any] | Sequence[Mapping[str, Any]],
        items: int = 1,
        budget: int | None = None,
    ) -> None:
        """Adds a row, from receipts."""
        listed = [receipts] if isinstance(receipts, Mapping) else receipts
        read = tuple(read_transaction(self.url, receipt["transactionHash"]) for receipt in listed)
        self.rows.append(Row(kind, project, operation, items, read, budget))

    def _transact(self, signer: KeySigner, to: str | None, data: bytes, value: int = 0) -> dict[str, Any]:
        nonce = int(rpc(self.url, "eth_getTransactionCount", signer.address, "pending"), 16)
        fields: dict[str, Any] = {"chainId": self.chain_id, "nonce": nonce, "value": value, "gas": GAS}
        fields |= {"data": data, "maxFeePerGas": 0, "maxPriorityFeePerGas": 0} | ({"to": to} if to else {})
        sent = str(rpc(self.url, "eth_sendRawTransaction", "0x" + signer.sign_transaction(fields).hex()))
        receipt = receipt_of(self.url, sent)
        if int(receipt["status"], 16) != 1:
            raise Failed(f"{sent} to {self._contracts.get(to or '', to)} reverted after {receipt['gasUsed']} gas")
        return receipt


def read_transaction(url: str, transaction: str) -> Transaction:
    """A transaction as the chain knows it now.

    Raises:
        LookupError: the chain does not know it.
        ValueError: it reverted.
    """
    receipt = rpc(url, "eth_getTransactionReceipt", transaction)
    sent = rpc(url, "eth_getTransactionByHash", transaction)
    if receipt is None or sent is None:
        raise LookupError(f"the chain does not know {transaction}")
    return Transaction.read(receipt, sent)
