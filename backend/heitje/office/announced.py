# SPDX-License-Identifier: EUPL-1.2
"""What officials have announced at the authority and not done yet: from its events, then asked of the authority.

An act of a role with a delay is announced, waits, and is done by whoever announced it, within a week. The role's
guardian, ADMIN and whoever announced it can cancel it until then.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from eth_abi.abi import decode

from heitje.chain.abi import UnknownFunction, load
from heitje.chain.addresses import to_address
from heitje.city.roles import AUTHORITY, DUTIES, GUARDED, SEALED_FUNCTIONS, Role
from heitje.office.chain import Chain, Question

_SCHEDULED: Final = "OperationScheduled(bytes32,uint32,uint48,address,address,bytes)"


@dataclass(frozen=True)
class Announcement:
    """One act that was announced and is neither done, nor cancelled, nor expired.

    Attributes:
        id: Of the operation, at the authority.
        due: First second (Unix time) at which it can be done.
        expires: First second at which it cannot any more.
        caller: Who announced it, and will do it.
        target: The contract it calls.
        data: Of the call.
        contract: Its name; empty if it is none of ours.
        function: That is called; empty if it is not known.
        args: Of the call.
        role: To which the function belongs.
        is_due: Whether it can be done now.
    """

    id: bytes
    due: int
    expires: int
    caller: str
    target: str
    data: bytes
    contract: str
    function: str
    args: Mapping[str, Any]
    role: Role | None
    is_due: bool

    @property
    def guardian(self) -> Role:
        """Whose members may cancel it, besides ADMIN and the caller."""
        return guardian_of(self.role)

    def can_be_cancelled_by(self, account: str, roles: Mapping[Role, int]) -> bool:
        """Whether somebody with these roles may cancel it."""
        return account == self.caller or self.guardian in roles or Role.ADMIN in roles


def guardian_of(role: Role | None) -> Role:
    """The role whose members may cancel what was announced under a role."""
    return Role.GUARDIAN if role in GUARDED else Role.ADMIN


async def announcements(chain: Chain) -> list[Announcement]:
    """Everything that can still be done, in the order in which it is due.

    Raises:
        Problem: The node cannot be asked.
    """
    logs = await chain.logs(AUTHORITY, [_SCHEDULED])
    # Announced anew, after it was done or had expired: the last one counts.
    latest = {str(log["topics"][1]): log for log in logs}
    names = [bytes.fromhex(name[2:]) for name in latest]
    if not names:
        return []
    questions = [Question(AUTHORITY, "getSchedule", (name,)) for name in names]
    after, *due = await chain.ask_many([Question(AUTHORITY, "expiration"), *questions])
    now = await chain.now()
    # The authority answers 0 for what was done, cancelled, or has expired.
    found = [
        _announcement(chain, name, log, int(when), int(after), now)
        for name, log, when in zip(names, latest.values(), due, strict=True)
        if when
    ]
    return sorted(found, key=lambda item: (item.due, item.id))


def _announcement(chain: Chain, name: bytes, log: Mapping[str, Any], due: int, after: int, now: int) -> Announcement:
    _, caller, target, data = decode(["uint48", "address", "address", "bytes"], bytes.fromhex(log["data"][2:]))
    target = to_address(target)
    contract = chain.contract_at(target) or ""
    function, args = _call(contract, data)
    role = _role_of(contract, function)
    return Announcement(
        name, due, due + after, to_address(caller), target, data, contract, function, args, role, due <= now
    )


def _call(contract: str, data: bytes) -> tuple[str, Mapping[str, Any]]:
    try:
        signature, args = load(contract).decode_call(data) if contract else ("", {})
    except (UnknownFunction, ValueError):
        return "", {}
    return signature.partition("(")[0], args


def _role_of(contract: str, function: str) -> Role | None:
    """The role a function belongs to; None for what is not restricted, and for contracts that are not ours."""
    if contract == AUTHORITY:
        return Role.SEALED if function in SEALED_FUNCTIONS else Role.ADMIN
    return next((duty.role for duty in DUTIES if (duty.contract, duty.function) == (contract, function)), None)
