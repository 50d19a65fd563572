# SPDX-License-Identifier: EUPL-1.2
"""From signed structs to the data of a transaction.

`payBatch` is packed by hand, because it is most of what a relayer does; everything else goes through the ABI.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any, Final

from eth_utils.crypto import keccak

from heitje.chain.abi import load
from heitje.chain.browser_keys import DEVICE_KEY_LENGTH
from heitje.chain.signing import SIGNATURE_LENGTH
from heitje.relay.batch import DEVICE_KEY_GAS, PASSKEY_GAS
from heitje.relay.operation import Kind

_PAY_BATCH: Final = keccak(b"payBatch((address,address,uint256,uint256,uint256,bytes32)[],bytes[])")[:4]
_WORD: Final = 32
_TRANSFER: Final = "transferWithAuthorization(address,address,uint256,uint256,uint256,bytes32,bytes)"
_CANCEL: Final = "cancelAuthorization(address,bytes32,bytes)"
SIGNATURES: Final = ("signature", "attesterSignature", "issuerSignature")
"""Where a payload has its signatures."""


@dataclass(frozen=True, slots=True)
class Contracts:
    """The addresses of one deployment, EIP-55."""

    authority: str
    token: str
    registry: str
    desk: str


def encode(contracts: Contracts, kind: Kind, payloads: Sequence[Mapping[str, Any]]) -> tuple[str, bytes]:
    """The contract to call and the data to call it with, for operations of one kind."""
    if kind is Kind.PAYMENT:
        return contracts.token, pay_batch(payloads)
    if kind is Kind.REDEMPTION:
        requests = [redemption_request(payload) for payload in payloads]
        signatures = [_bytes(payload["signature"]) for payload in payloads]
        return contracts.desk, load("RedemptionDesk").encode("request", requests, signatures)
    (payload,) = payloads
    if kind in (Kind.CANCELLATION, Kind.RECLAIM):
        return contracts.desk, _release(kind, payload)
    if kind in (Kind.REPORT, Kind.REPORT_CANCELLATION, Kind.REDUCTION):
        return contracts.registry, _to_registry(kind, payload)
    return contracts.token, _authorization(kind, payload)


def extra_bytes(payload: Mapping[str, Any]) -> int:
    """Bytes of the signatures in a payload, beyond 65 each."""
    return sum(max(0, length - SIGNATURE_LENGTH) for length in _lengths(payload))


def browser_gas(payload: Mapping[str, Any], wallets: int) -> int:
    """Gas to verify those signatures in a payload that are a browser's keys', at most.

    Args:
        payload: What was signed.
        wallets: How many of its signatures contracts are asked about; of a report's two, which is not stored.
    """
    costs = sorted(map(_browser_gas, _lengths(payload)))
    return sum(costs[wallets:])


def _browser_gas(length: int) -> int:
    if length < DEVICE_KEY_LENGTH:
        return 0
    return DEVICE_KEY_GAS if length == DEVICE_KEY_LENGTH else PASSKEY_GAS


def _lengths(payload: Mapping[str, Any]) -> list[int]:
    return [len(payload[name]) // 2 - 1 for name in SIGNATURES if name in payload]


def _release(kind: Kind, payload: Mapping[str, Any]) -> bytes:
    desk, identity = load("RedemptionDesk"), _bytes(payload["redemption"])
    if kind is Kind.RECLAIM:
        return desk.encode("reclaim", identity)
    return desk.encode("cancel", identity, _bytes(payload["signature"]))


def _to_registry(kind: Kind, payload: Mapping[str, Any]) -> bytes:
    if kind is Kind.REPORT:
        return issue(payload)
    registry, signature = load("ActivityRegistry"), _bytes(payload["signature"])
    if kind is Kind.REPORT_CANCELLATION:
        return registry.encode("cancelReportBySignature", payload["attester"], _bytes(payload["report"]), signature)
    asked = (payload["attester"], int(payload["uid"]), payload["minutes"], payload["deadline"])
    return registry.encode("reduceBySignature", *asked, signature)


def _authorization(kind: Kind, payload: Mapping[str, Any]) -> bytes:
    token, nonce, signature = load("MunicipalToken"), _bytes(payload["nonce"]), _bytes(payload["signature"])
    if kind is Kind.AUTHORIZATION_CANCELLATION:
        return token.encode(_CANCEL, payload["authorizer"], nonce, signature)
    valid = (payload["validAfter"], payload["validBefore"])
    return token.encode(_TRANSFER, payload["from"], payload["to"], int(payload["value"]), *valid, nonce, signature)


def pay_batch(payloads: Sequence[Mapping[str, Any]]) -> bytes:
    """The data of `payBatch(items, signatures)`.

    Layout: two offsets; the number of items and six words each; the number of signatures, an offset each, and each with
    its length, padded to whole words.
    """
    count = len(payloads)
    items = b"".join(map(_payment_words, payloads))
    signatures = [_padded(_bytes(payload["signature"])) for payload in payloads]
    starts = accumulate(map(len, signatures), initial=count * _WORD)
    offsets = b"".join(_uint(start) for start, _ in zip(starts, signatures, strict=False))
    head = _uint(2 * _WORD) + _uint(3 * _WORD + len(items))
    return _PAY_BATCH + head + _uint(count) + items + _uint(count) + offsets + b"".join(signatures)


def issue(payload: Mapping[str, Any]) -> bytes:
    """The data of `issue(report, attesterSignature, issuer, issuerSignature, skip)`."""
    report = payload["report"]
    lines = [(line["number"], line["minutes"], _bytes(line["evidence"])) for line in report["lines"]]
    return load("ActivityRegistry").encode(
        "issue",
        (report["attester"], int(report["activity"]), lines, report["deadline"], int(report["serial"])),
        _bytes(payload["attesterSignature"]),
        payload["issuer"],
        _bytes(payload["issuerSignature"]),
        int(payload["skip"]),
    )


def redemption_request(payload: Mapping[str, Any]) -> tuple[Any, ...]:
    """A `RedemptionRequest` struct."""
    return (
        payload["from"],
        int(payload["amount"]),
        payload["validAfter"],
        payload["validBefore"],
        _bytes(payload["payoutCommitment"]),
        _bytes(payload["salt"]),
    )


def _payment_words(payload: Mapping[str, Any]) -> bytes:
    return b"".join(
        (
            bytes(12),
            bytes.fromhex(payload["from"][2:]),
            bytes(12),
            bytes.fromhex(payload["to"][2:]),
            _uint(int(payload["value"])),
            _uint(int(payload["nonce"])),
            _uint(payload["deadline"]),
            bytes.fromhex(payload["requestId"][2:]),
        )
    )


def _padded(value: bytes) -> bytes:
    """Bytes with their length before them, to whole words."""
    return _uint(len(value)) + value + bytes(-len(value) % _WORD)


def _uint(value: int) -> bytes:
    return value.to_bytes(_WORD, "big")


def _bytes(text: str) -> bytes:
    return bytes.fromhex(text[2:])
