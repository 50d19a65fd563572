# SPDX-License-Identifier: EUPL-1.2
"""What officials have announced at the authority and not done yet: from its events, then asked of the authority."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final
from zoneinfo import ZoneInfo

from eth_abi.abi import decode

from heitje.chain.abi import UnknownFunction, load
from heitje.chain.addresses import to_address
from heitje.city.roles import AUTHORITY, DUTIES, GUARDED, SEALED_FUNCTIONS, Role
from heitje.reports.state import Call
from scripts._support import personal
from scripts._support.city_chain import CityChain
from scripts._support.describing import describe

_SCHEDULED: Final = "OperationScheduled(bytes32,uint32,uint48,address,address,bytes)"
_ENDED: Final = ("OperationExecuted(bytes32,uint32)", "OperationCanceled(bytes32,uint32)")


class State(Enum):
    """What can become of an announcement now."""

    WAITING = "can be done later"
    DUE = "can be done now"
    EXPIRED = "expired"


@dataclass(frozen=True)
class Announcement:
    """One act that was announced and is neither done nor cancelled.

    `due` is the first second (Unix time) at which it can be done, `expires` the first at which it cannot any more.
    """

    id: bytes
    due: int
    expires: int
    caller: str
    target: str
    data: bytes
    contract: str
    function: str
    role: Role | None
    what: str

    def state(self, now: int) -> State:
        """Where it is at a time."""
        if now < self.due:
            return State.WAITING
        return State.DUE if now < self.expires else State.EXPIRED

    @property
    def cancellers(self) -> str:
        """Who may cancel it besides the caller: everybody with this role."""
        return guardian_of(self.role)


def guardian_of(role: Role | None) -> str:
    """The role whose members may cancel what was announced under a role."""
    return (Role.GUARDIAN if role in GUARDED else Role.ADMIN).name


def announcements(city: CityChain, operation: bytes | None = None) -> list[Announcement]:
    """Everything that is announced, or one operation, in the order in which it is due; what has expired as well."""
    topics = () if operation is None else ("0x" + operation.hex(),)
    ended = {tuple(log["topics"][1:3]) for event in _ENDED for _, log in city.events(AUTHORITY, event, *topics)}
    open_ = [log for _, log in city.events(AUTHORITY, _SCHEDULED, *topics) if tuple(log["topics"][1:3]) not in ended]
    # Announced anew after it expired: the last one counts.
    latest = {log["topics"][1]: log for log in open_}
    after = int(city.read(AUTHORITY, "expiration")) if latest else 0
    found = [_announcement(city, log, after) for log in latest.values()]
    return sorted(found, key=lambda item: (item.due, item.id))


def _announcement(city: CityChain, log: Mapping[str, Any], after: int) -> Announcement:
    due, caller, target, data = decode(["uint48", "address", "address", "bytes"], bytes.fromhex(log["data"][2:]))
    name = bytes.fromhex(log["topics"][1][2:])
    target = to_address(target)
    contract = next((part for part, address in city.deployment.contracts.items() if address == target), "")
    function, what = _words(contract, target, data)
    role = _role_of(contract, function)
    return Announcement(name, due, due + after, to_address(caller), target, data, contract, function, role, what)


def _words(contract: str, target: str, data: bytes) -> tuple[str, str]:
    try:
        signature, args = load(contract).decode_call(data) if contract else ("", {})
    except (UnknownFunction, ValueError):
        signature, args = "", {}
    if not signature:
        return "", f"call 0x{data[:4].hex()} of {target}, which is not a contract of this city"
    function = signature.partition("(")[0]
    return function, describe(contract, function, args)


def _role_of(contract: str, function: str) -> Role | None:
    """The role a function belongs to; None for what is not restricted, and for contracts that are not ours."""
    if contract == AUTHORITY:
        return Role.SEALED if function in SEALED_FUNCTIONS else Role.ADMIN
    return next((duty.role for duty in DUTIES if (duty.contract, duty.function) == (contract, function)), None)


def moment(time: int, zone: ZoneInfo) -> str:
    """A time on the city's clock, written out, and which clock that is: `1 December 2026 14:05`."""
    return f"{personal.moment(time, zone)} ({zone.key})"


def schedules(city: CityChain, operations: Sequence[bytes]) -> list[int]:
    """When each operation is due, Unix time; 0 where it is not announced, or has expired."""
    return [int(when) for when in city.read_many([Call(AUTHORITY, "getSchedule", (name,)) for name in operations])]
