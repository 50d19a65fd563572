# SPDX-License-Identifier: EUPL-1.2
"""Typed data to sign, field by field, so that a hardware wallet or a Safe can show it, each with its own digest.

The digest is computed twice in different ways: here by packing, in `Key` by a general encoder. Where a message has a
deadline it is the last argument, so that `partial` makes the message that somebody signs until then.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from heitje.chain import typed_data
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
    "CancelReport": {"attester": "address", "report": "bytes32"},
    "Reduce": {"attester": "address", "uid": "uint256", "minutes": "uint16", "deadline": "uint256"},
    "RequestReplacement": {
        "registrar": "address",
        "number": "uint32",
        "newHolder": "address",
        "deadline": "uint256",
    },
    "ExecuteReplacement": {"replacer": "address", "request": "bytes32", "deadline": "uint256"},
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


@dataclass(frozen=True)
class Message:
    """What is signed: typed data, and the digest that the contract checks."""

    typed: dict[str, Any]
    digest: bytes

    def as_json(self) -> dict[str, Any]:
        """The typed data as wallets take it (`eth_signTypedData_v4`): bytes as `0x…`, whole numbers as text."""
        return {**self.typed, "message": _plain(self.typed["message"])}


@dataclass(frozen=True)
class ToSign:
    """Something to be signed, in words, and the message for a deadline (Unix time), which some messages leave out.

    Attributes:
        what: it does, in words.
        message: what is signed, for a deadline.
        used: digests that the chain takes no more, because they were brought to it before.
    """

    what: str
    message: Callable[[int], Message]
    used: Collection[bytes] = ()


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, bytes):
        return "0x" + value.hex()
    return str(value) if isinstance(value, int) else value


def _message(domain: Domain, digest: bytes, primary: str, message: Mapping[str, Any], *inner: str) -> Message:
    return Message(_typed(domain, primary, message, *inner), digest)


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


def report(domain: Domain, attester: str, activity: int, lines: Sequence[Line], deadline: int, serial: int) -> Message:
    """What an attester signs."""
    items = [{"number": number, "minutes": minutes, "evidence": evidence} for number, minutes, evidence in lines]
    fields = {"attester": attester, "activity": activity, "lines": items, "deadline": deadline, "serial": serial}
    digest = typed_data.report_digest(domain, attester, activity, lines, deadline, serial)
    return _message(domain, digest, "Report", fields, "Line")


def release(domain: Domain, issuer: str, report_: bytes, skip: int) -> Message:
    """What an issuer signs. It has no deadline of its own: the report has one."""
    digest = typed_data.release_digest(domain, issuer, report_, skip)
    return _message(domain, digest, "Release", {"issuer": issuer, "report": report_, "skip": skip})


def cancel_report(domain: Domain, attester: str, report_: bytes) -> Message:
    """What an attester signs to withdraw a report of theirs. It has no deadline."""
    digest = typed_data.cancel_report_digest(domain, attester, report_)
    return _message(domain, digest, "CancelReport", {"attester": attester, "report": report_})


def reduce(domain: Domain, attester: str, uid: int, minutes: int, deadline: int) -> Message:
    """What an attester signs to strike minutes: how many are kept."""
    digest = typed_data.reduce_digest(domain, attester, uid, minutes, deadline)
    fields = {"attester": attester, "uid": uid, "minutes": minutes, "deadline": deadline}
    return _message(domain, digest, "Reduce", fields)


def request_replacement(domain: Domain, registrar: str, number: int, new_holder: str, deadline: int) -> Message:
    """What a registrar signs to have a lost wallet replaced."""
    digest = typed_data.request_replacement_digest(domain, registrar, number, new_holder, deadline)
    fields = {"registrar": registrar, "number": number, "newHolder": new_holder, "deadline": deadline}
    return _message(domain, digest, "RequestReplacement", fields)


def execute_replacement(domain: Domain, replacer: str, request: bytes, deadline: int) -> Message:
    """What a replacer signs when nobody objected."""
    digest = typed_data.execute_replacement_digest(domain, replacer, request, deadline)
    fields = {"replacer": replacer, "request": request, "deadline": deadline}
    return _message(domain, digest, "ExecuteReplacement", fields)


def lock(domain: Domain, treasurer: str, ids: Sequence[bytes], deadline: int) -> Message:
    """What the treasurer signs who locks."""
    digest = typed_data.lock_digest(domain, treasurer, ids, deadline)
    return _message(domain, digest, "Lock", {"treasurer": treasurer, "ids": list(ids), "deadline": deadline})


def settle(domain: Domain, treasurer: str, groups: Sequence[Group], deadline: int) -> Message:
    """What the treasurer signs who settles."""
    digest = typed_data.settle_digest(domain, treasurer, groups, deadline)
    items = [{"payoutReference": group.payout_reference, "ids": list(group.ids)} for group in groups]
    fields = {"treasurer": treasurer, "groups": items, "deadline": deadline}
    return _message(domain, digest, "Settle", fields, "Group")


def refund(domain: Domain, treasurer: str, ids: Sequence[bytes], reason: int, deadline: int) -> Message:
    """What a treasurer signs to give redemptions back."""
    digest = typed_data.refund_digest(domain, treasurer, ids, reason, deadline)
    fields = {"treasurer": treasurer, "ids": list(ids), "reason": reason, "deadline": deadline}
    return _message(domain, digest, "Refund", fields)


def erasure(domain: Domain, message: Mapping[str, Any]) -> dict[str, Any]:
    """What a registrar signs who erases a member: typed data, whose digest the certificate knows."""
    return _typed(domain, "Erasure", message)
