# SPDX-License-Identifier: EUPL-1.2
"""Typed data to sign, field by field, so that a hardware wallet can show it. Our own digests check each of them."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from heitje.chain.typed_data import Domain, Group, Line

_DOMAIN: Final = [
    {"name": "name", "type": "string"},
    {"name": "version", "type": "string"},
    {"name": "chainId", "type": "uint256"},
    {"name": "verifyingContract", "type": "address"},
]
_TYPES: Final[dict[str, dict[str, str]]] = {
    "Line": {"number": "uint32", "minutes": "uint16", "evidence": "bytes32"},
    "Report": {
        "attester": "address",
        "activity": "uint256",
        "lines": "Line[]",
        "deadline": "uint256",
        "serial": "uint256",
    },
    "Release": {"issuer": "address", "report": "bytes32", "skip": "uint256"},
    "Lock": {"treasurer": "address", "ids": "bytes32[]", "deadline": "uint256"},
    "Group": {"payoutReference": "bytes32", "ids": "bytes32[]"},
    "Settle": {"treasurer": "address", "groups": "Group[]", "deadline": "uint256"},
    "Erasure": {
        "number": "uint32",
        "erasedAt": "uint256",
        "registrar": "address",
        "registerBefore": "bytes32",
        "registerAfter": "bytes32",
        "contents": "bytes32",
    },
    "Refund": {"treasurer": "address", "ids": "bytes32[]", "reason": "uint16", "deadline": "uint256"},
}


def _typed(domain: Domain, primary: str, message: Mapping[str, Any], *inner: str) -> dict[str, Any]:
    types = {name: [{"name": k, "type": t} for k, t in _TYPES[name].items()] for name in (primary, *inner)}
    return {
        "types": {"EIP712Domain": _DOMAIN, **types},
        "primaryType": primary,
        "domain": {
            "name": domain.name,
            "version": domain.version,
            "chainId": domain.chain_id,
            "verifyingContract": domain.contract,
        },
        "message": dict(message),
    }


def report(
    domain: Domain, attester: str, activity: int, lines: Sequence[Line], deadline: int, serial: int
) -> dict[str, Any]:
    """What an attester signs."""
    items = [{"number": number, "minutes": minutes, "evidence": evidence} for number, minutes, evidence in lines]
    fields = {"attester": attester, "activity": activity, "lines": items, "deadline": deadline, "serial": serial}
    return _typed(domain, "Report", fields, "Line")


def release(domain: Domain, issuer: str, digest: bytes, skip: int) -> dict[str, Any]:
    """What an issuer signs."""
    return _typed(domain, "Release", {"issuer": issuer, "report": digest, "skip": skip})


def lock(domain: Domain, treasurer: str, ids: Sequence[bytes], deadline: int) -> dict[str, Any]:
    """What the treasurer signs who locks."""
    return _typed(domain, "Lock", {"treasurer": treasurer, "ids": list(ids), "deadline": deadline})


def settle(domain: Domain, treasurer: str, groups: Sequence[Group], deadline: int) -> dict[str, Any]:
    """What the treasurer signs who settles."""
    items = [{"payoutReference": group.payout_reference, "ids": list(group.ids)} for group in groups]
    return _typed(domain, "Settle", {"treasurer": treasurer, "groups": items, "deadline": deadline}, "Group")


def refund(domain: Domain, treasurer: str, ids: Sequence[bytes], reason: int, deadline: int) -> dict[str, Any]:
    """What a treasurer signs to give redemptions back."""
    fields = {"treasurer": treasurer, "ids": list(ids), "reason": reason, "deadline": deadline}
    return _typed(domain, "Refund", fields)


def erasure(domain: Domain, message: Mapping[str, Any]) -> dict[str, Any]:
    """What a registrar signs who erases a member."""
    return _typed(domain, "Erasure", message)
