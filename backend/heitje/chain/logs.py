# SPDX-License-Identifier: EUPL-1.2
"""From raw JSON-RPC logs to events, by slicing.

Slicing is some eighty times faster than a general decoder, and an index or an audit does little else. What is decoded
is what the logs say; whether it is true is for the reader to find out.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from eth_utils.crypto import keccak

from heitje.chain import events
from heitje.chain.addresses import checksummed
from heitje.chain.events import Event
from heitje.chain.typed_data import Line


class MalformedLog(ValueError):
    """A log that carries the topic of one of our events but not its fields."""


def topic(signature: str) -> str:
    """The first topic of an event: the hash of its signature, as lower-case hex."""
    return "0x" + keccak(signature.encode()).hex()


Topics = Sequence[str]
Decoder = Callable[[Topics, str], Event]

TRANSFER: Final = topic("Transfer(address,address,uint256)")
PAID: Final = topic("Paid(bytes32[])")
REPORT_ISSUED: Final = topic(
    "ReportIssued(bytes32,uint256,address,address,(uint32,uint16,bytes32)[],uint256,uint256,uint256,bytes,bytes)"
)
ROLE_GRANTED: Final = topic("RoleGranted(uint64,address,uint32,uint48,bool)")
TARGET_FUNCTION_ROLE_UPDATED: Final = topic("TargetFunctionRoleUpdated(address,bytes4,uint64)")
CLASS_SET: Final = topic("ClassSet(uint32,address,uint8)")
AUTHORITY_UPDATED: Final = topic("AuthorityUpdated(address)")


def _word(data: str, i: int) -> int:
    """The i-th 32-byte word of a log's data."""
    return int(data[2 + 64 * i : 66 + 64 * i], 16)


def _address(data: str, i: int = 0) -> str:
    """The address in the i-th word of data, or (i = 0) in a topic."""
    text = data[26 + 64 * i : 66 + 64 * i]
    if len(text) != 40:
        raise ValueError("no address")
    return checksummed(text)


def _bytes32(data: str, i: int = 0) -> bytes:
    raw = bytes.fromhex(data[2 + 64 * i : 66 + 64 * i])
    if len(raw) != 32:
        raise ValueError("fewer than 32 bytes")
    return raw


def _bytes32s(data: str, i: int) -> tuple[bytes, ...]:
    """The `bytes32[]` whose offset is in the i-th word."""
    at = _word(data, i) // 32
    return tuple(_bytes32(data, at + 1 + k) for k in range(_word(data, at)))


def _bytes(data: str, i: int) -> bytes:
    """The `bytes` whose offset is in the i-th word."""
    start = 2 + 2 * _word(data, i)
    length = int(data[start : start + 64], 16)
    raw = bytes.fromhex(data[start + 64 : start + 64 + 2 * length])
    if len(raw) != length:
        raise ValueError("cut off")
    return raw


def _transfer(t: Topics, d: str) -> Event:
    return events.Transfer(_address(t[1]), _address(t[2]), int(d, 16))


def _replacement_requested(t: Topics, d: str) -> Event:
    return events.ReplacementRequested(
        request=_bytes32(t[1]),
        number=int(t[2], 16),
        old_holder=_address(t[3]),
        new_holder=_address(d, 0),
        registrar=_address(d, 1),
        deadline=_word(d, 2),
        executable_from=_word(d, 3),
    )


def _rule_added(t: Topics, d: str) -> Event:
    return events.RuleAdded(
        row=int(t[1], 16),
        valid_from=_word(d, 0),
        hourly_adult=_word(d, 1),
        hourly_youth=_word(d, 2),
        month_limit=_word(d, 3),
        year_limit=_word(d, 4),
        headroom=_word(d, 5),
        source=_bytes32(d, 6),
    )


def _activity_opened(t: Topics, d: str) -> Event:
    return events.ActivityOpened(
        activity=int(t[1], 16),
        programme=int(t[2], 16),
        details_programme=_word(d, 0),
        month=_word(d, 1),
        cents_per_hour=_word(d, 2),
        max_minutes=_word(d, 3),
        opens_at=_word(d, 4),
        closes_at=_word(d, 5),
        neighbourhood=_word(d, 6),
        adult=_word(d, 7) != 0,
        no_displacement=_word(d, 8) != 0,
        description=_bytes32(d, 9),
    )


def _report_issued(t: Topics, d: str) -> Event:
    at = _word(d, 1) // 32 + 1
    lines = tuple(
        Line(_word(d, at + 3 * k), _word(d, at + 3 * k + 1), _bytes32(d, at + 3 * k + 2))
        for k in range(_word(d, at - 1))
    )
    return events.ReportIssued(
        report=_bytes32(t[1]),
        activity=int(t[2], 16),
        attester=_address(t[3]),
        issuer=_address(d),
        lines=lines,
        deadline=_word(d, 2),
        serial=_word(d, 3),
        skip=_word(d, 4),
        attester_signature=_bytes(d, 5),
        issuer_signature=_bytes(d, 6),
    )


_TOKEN: Final[dict[str, Decoder]] = {
    "Transfer(address,address,uint256)": _transfer,
    "Paid(bytes32[])": lambda _, d: events.Paid(_bytes32s(d, 0)),
    "PaymentFailed(bytes32,address,uint256,uint8)": lambda t, d: events.PaymentFailed(
        _bytes32(t[1]), _address(t[2]), _word(d, 0), _word(d, 1)
    ),
    "Expired(address,uint256)": lambda t, d: events.Expired(_address(t[1]), _word(d, 0)),
    "Enrolled(uint32,address,uint8)": lambda t, d: events.Enrolled(int(t[1], 16), _address(t[2]), _word(d, 0)),
    "ClassSet(uint32,address,uint8)": lambda t, d: events.ClassSet(int(t[1], 16), _address(t[2]), _word(d, 0)),
    "Frozen(uint32,address,uint16)": lambda t, d: events.Frozen(int(t[1], 16), _address(t[2]), _word(d, 0)),
    "Unfrozen(uint32,address)": lambda t, _: events.Unfrozen(int(t[1], 16), _address(t[2])),
    "Paused(address)": lambda t, _: events.Paused(_address(t[1])),
    "Unpaused(address)": lambda t, _: events.Unpaused(_address(t[1])),
    "TransferRuleSet(uint8,uint8,bool)": lambda t, d: events.TransferRuleSet(
        int(t[1], 16), int(t[2], 16), _word(d, 0) != 0
    ),
    "AuthorizationUsed(address,bytes32)": lambda t, _: events.AuthorizationUsed(_address(t[1]), _bytes32(t[2])),
    "AuthorizationCanceled(address,bytes32)": lambda t, _: events.AuthorizationCanceled(_address(t[1]), _bytes32(t[2])),
    "ClawedBack(uint32,address,uint256)": lambda t, d: events.ClawedBack(int(t[1], 16), _address(t[2]), _word(d, 0)),
    "WindDownExtended(uint256,uint256,uint256)": lambda _, d: events.WindDownExtended(
        _word(d, 0), _word(d, 1), _word(d, 2)
    ),
    "ReplacementRequested(bytes32,uint32,address,address,address,uint256,uint256)": _replacement_requested,
    "Replaced(bytes32,uint32,address,address)": lambda t, d: events.Replaced(
        _bytes32(t[1]), int(t[2], 16), _address(t[3]), _address(d)
    ),
    "ReplacementCancelled(bytes32,uint32)": lambda t, _: events.ReplacementCancelled(_bytes32(t[1]), int(t[2], 16)),
    "Approval(address,address,uint256)": lambda t, d: events.Approval(_address(t[1]), _address(t[2]), _word(d, 0)),
}
_REGISTRY: Final[dict[str, Decoder]] = {
    "ProgrammeOpened(uint256,uint256,uint256,uint256)": lambda t, d: events.ProgrammeOpened(
        int(t[1], 16), _word(d, 0), _word(d, 1), _word(d, 2)
    ),
    "ProgrammeCapSet(uint256,uint256)": lambda t, d: events.ProgrammeCapSet(int(t[1], 16), _word(d, 0)),
    "AttesterSet(uint256,address,bool)": lambda t, d: events.AttesterSet(
        int(t[1], 16), _address(t[2]), _word(d, 0) != 0
    ),
    "RuleAdded(uint256,(uint16,uint32,uint32,uint32,uint32,uint32,bytes32))": _rule_added,
    "ActivityOpened(uint256,uint256,(uint32,uint16,uint32,uint16,uint40,uint40,uint32,bool,bool,bytes32))": (
        _activity_opened
    ),
    "ReportIssued(bytes32,uint256,address,address,(uint32,uint16,bytes32)[],uint256,uint256,uint256,bytes,bytes)": (
        _report_issued
    ),
    "ReportCancelled(bytes32,address)": lambda t, _: events.ReportCancelled(_bytes32(t[1]), _address(t[2])),
    "AttestationReduced(uint256,address,uint16,uint256,uint256)": lambda t, d: events.AttestationReduced(
        int(t[1], 16), _address(t[2]), _word(d, 0), _word(d, 1), _word(d, 2)
    ),
    "AttestationClawedBack(uint256,uint256,uint256)": lambda t, d: events.AttestationClawedBack(
        int(t[1], 16), _word(d, 0), _word(d, 1)
    ),
    "YearLowered(uint32,uint256,uint256)": lambda t, d: events.YearLowered(int(t[1], 16), int(t[2], 16), _word(d, 0)),
}
_DESK: Final[dict[str, Decoder]] = {
    "RedemptionRequested(bytes32,uint32,uint256,bytes32,bytes32)": lambda t, d: events.RedemptionRequested(
        _bytes32(t[1]), int(t[2], 16), _word(d, 0), _bytes32(d, 1), _bytes32(d, 2)
    ),
    "RedemptionsLocked(uint256,address,bytes32[])": lambda t, d: events.RedemptionsLocked(
        int(t[1], 16), _address(t[2]), _bytes32s(d, 0)
    ),
    "RedemptionsSettled(bytes32,uint32,address,uint256,bytes32[])": lambda t, d: events.RedemptionsSettled(
        _bytes32(t[1]), int(t[2], 16), _address(t[3]), _word(d, 0), _bytes32s(d, 1)
    ),
    "RedemptionRefunded(bytes32,uint32,address,uint256,uint16)": lambda t, d: events.RedemptionRefunded(
        _bytes32(t[1]), int(t[2], 16), _address(t[3]), _word(d, 0), _word(d, 1)
    ),
    "RedemptionCancelled(bytes32,uint32,uint256)": lambda t, d: events.RedemptionCancelled(
        _bytes32(t[1]), int(t[2], 16), _word(d, 0)
    ),
    "RedemptionReclaimed(bytes32,uint32,uint256)": lambda t, d: events.RedemptionReclaimed(
        _bytes32(t[1]), int(t[2], 16), _word(d, 0)
    ),
    "DeskClosed()": lambda _t, _d: events.DeskClosed(),
}
_AUTHORITY: Final[dict[str, Decoder]] = {
    "AuthorityUpdated(address)": lambda _, d: events.AuthorityUpdated(_address(d)),
    "RoleGranted(uint64,address,uint32,uint48,bool)": lambda t, d: events.RoleGranted(
        int(t[1], 16), _address(t[2]), _word(d, 0), _word(d, 1), _word(d, 2) != 0
    ),
    "RoleRevoked(uint64,address)": lambda t, _: events.RoleRevoked(int(t[1], 16), _address(t[2])),
    "TargetFunctionRoleUpdated(address,bytes4,uint64)": lambda t, d: events.TargetFunctionRoleUpdated(
        _address(t[1]), _bytes32(d)[:4], int(t[2], 16)
    ),
    "TargetClosed(address,bool)": lambda t, d: events.TargetClosed(_address(t[1]), _word(d, 0) != 0),
}
IGNORED: Final = (
    "EIP712DomainChanged()",
    "OperationScheduled(bytes32,uint32,uint48,address,address,bytes)",
    "OperationExecuted(bytes32,uint32)",
    "OperationCanceled(bytes32,uint32)",
    "RoleLabel(uint64,string)",
    "RoleAdminChanged(uint64,uint64)",
    "RoleGuardianChanged(uint64,uint64)",
    "RoleGrantDelayChanged(uint64,uint32,uint48)",
    "TargetAdminDelayUpdated(address,uint32,uint48)",
)


def _ignored(signature: str) -> Decoder:
    event = events.Other(signature)
    return lambda _t, _d: event


SIGNATURES: Final = (*_TOKEN, *_REGISTRY, *_DESK, *_AUTHORITY, *IGNORED)
_DECODERS: Final[dict[str, Decoder]] = {
    **{topic(name): decoder for table in (_TOKEN, _REGISTRY, _DESK, _AUTHORITY) for name, decoder in table.items()},
    **{topic(name): _ignored(name) for name in IGNORED},
}


def decode(topics: Topics, data: str) -> Event | None:
    """The event of a raw log, `topics` and `data` being lower-case hex text as nodes answer it; None if not ours.

    Raises:
        MalformedLog: the topic is ours, the fields are not.
    """
    decoder = _DECODERS.get(topics[0]) if topics else None
    if decoder is None:
        return None
    try:
        return decoder(topics, data)
    except (ValueError, IndexError, OverflowError, MemoryError) as error:
        raise MalformedLog(f"a log with topic {topics[0]} does not carry the fields of its event") from error


def decode_log(log: Mapping[str, Any]) -> Event | None:
    """The event of one item of an `eth_getLogs` answer or of a receipt's `logs`; see `decode`."""
    return decode(log["topics"], log["data"])
