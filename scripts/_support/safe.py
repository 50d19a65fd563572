# SPDX-License-Identifier: EUPL-1.2
"""A Safe as an official: a contract whose owners sign together, so that this program can send nothing for it.

What it shall send is written down for the Safe Transaction Builder, what it shall sign as EIP-712 typed data. Formats:
the Transaction Builder's batch file, version 1.0; ERC-1271 for the Safe's signatures.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from eth_abi.abi import encode
from eth_utils.crypto import keccak

from heitje.chain.messages import Message
from scripts._support.documents import write_json
from scripts._support.exits import Code, Stop
from scripts._support.rpc import Refused, Rpc
from scripts._support.sending import Transaction

MOST_GAS: Final = 14_500_000
"""What the calls of one Safe transaction may need together: a transaction is capped at 2^24 gas (EIP-7825), of which
the Safe takes some for its owners' signatures."""
_BUILDER: Final = "1.18.2"
"""The version of the Transaction Builder whose files these are."""
_MAGIC: Final = keccak(b"isValidSignature(bytes32,bytes)")[:4]
_ANSWER_GAS: Final = 200_000
"""Gas in which a wallet must answer our contracts; see `contracts/libraries/Signatures.sol`."""
_DOMAIN_TYPE: Final = keccak(b"EIP712Domain(uint256 chainId,address verifyingContract)")
_MESSAGE_TYPE: Final = keccak(b"SafeMessage(bytes message)")


@dataclass(frozen=True)
class Safe:
    """A Safe on this chain."""

    address: str
    alias: str = "the Safe"

    @classmethod
    def find(cls, rpc: Rpc, address: str) -> "Safe":
        """The Safe at an address.

        Raises:
            Stop: there is no contract.
        """
        if rpc.call("eth_getCode", address, "latest") in ("0x", None):
            text = f"There is no contract at {address} on this chain, so it is no Safe: another address, or --network?"
            raise Stop(Code.PROBLEMS, f"{text} Nothing was signed or sent.")
        return cls(address)

    def message_hash(self, chain_id: int, digest: bytes) -> bytes:
        """What its owners sign for a digest (`SafeMessage`, as Safe 1.3 and later compute it); wallets show it."""
        separator = keccak(encode(["bytes32", "uint256", "address"], [_DOMAIN_TYPE, chain_id, self.address]))
        struct = keccak(encode(["bytes32", "bytes32"], [_MESSAGE_TYPE, keccak(digest)]))
        return keccak(b"\x19\x01" + separator + struct)

    def accepts(self, rpc: Rpc, pairs: Sequence[tuple[bytes, bytes]]) -> list[bool]:
        """For each digest and signature, whether the Safe says that it is its own, with the gas our contracts give."""
        calls = []
        for digest, signature in pairs:
            data = _MAGIC + encode(["bytes32", "bytes"], [digest, signature])
            gas = 21_000 + 40 * len(data) + _ANSWER_GAS
            call = {"to": self.address, "data": "0x" + data.hex(), "gas": hex(gas)}
            calls.append(("eth_call", [call, "latest"]))
        answers = rpc.batch(calls)
        return [not isinstance(answer, Refused) and bytes.fromhex(answer[2:])[:4] == _MAGIC for answer in answers]


def batch_file(
    safe: str, chain_id: int, created: int, name: str, transactions: Sequence[Transaction]
) -> dict[str, Any]:
    """A file that the Safe Transaction Builder imports without a warning.

    Args:
        safe: who shall send it, EIP-55.
        chain_id: where.
        created: now, Unix time in seconds.
        name: what it is, for people; what each call does goes into the description.
        transactions: the calls, in order.
    """
    items = [
        {
            "to": item.to,
            "value": "0",
            "data": "0x" + item.data.hex(),
            "contractMethod": None,
            "contractInputsValues": None,
        }
        for item in transactions
    ]
    document: dict[str, Any] = {
        "version": "1.0",
        "chainId": str(chain_id),
        "createdAt": created * 1000,
        "meta": {
            "name": name,
            "description": "; ".join(item.what for item in transactions),
            "txBuilderVersion": _BUILDER,
            "createdFromSafeAddress": safe,
            "createdFromOwnerAddress": "",
        },
        "transactions": items,
    }
    document["meta"]["checksum"] = checksum(document)
    return document


def checksum(document: Mapping[str, Any]) -> str:
    """The checksum of a batch file as the Transaction Builder computes it: over everything but itself and the name."""
    meta = {key: value for key, value in document["meta"].items() if key != "checksum"}
    return "0x" + keccak(text=_serial({**document, "meta": {**meta, "name": None}})).hex()


def _serial(value: Any) -> str:
    """The Transaction Builder's own order of JSON: of an object first its sorted keys, then the values behind them."""
    if isinstance(value, Mapping):
        keys = sorted(value)
        return "{" + _compact(keys) + "".join(_serial(value[key]) + "," for key in keys) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(_serial, value)) + "]"
    return _compact(value)


def _compact(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def write_messages(path: Path, messages: Sequence[Message]) -> list[Path]:
    """Writes each message to a file of its own, as wallets take typed data; the second is FILE-2, and so on."""
    paths = [path if i == 1 else path.with_stem(f"{path.stem}-{i}") for i in range(1, len(messages) + 1)]
    for file, message in zip(paths, messages, strict=True):
        write_json(file, message.as_json())
    return paths
