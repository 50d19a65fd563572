# SPDX-License-Identifier: EUPL-1.2
"""Who might call what, and when, from the events of the authority (OpenZeppelin's AccessManager 5.x)."""

from dataclasses import dataclass, field
from typing import Final

from heitje.chain import events
from heitje.chain.events import Event

ADMIN_ROLE: Final = 0
PUBLIC_ROLE: Final = 2**64 - 1


@dataclass(frozen=True, slots=True)
class _Member:
    since: int
    delay: int
    next_delay: int
    next_from: int

    def may_at_once(self, time: int) -> bool:
        return self.since <= time and (self.next_delay if time >= self.next_from else self.delay) == 0


@dataclass
class Authority:
    """One authority's members, functions and closed targets at this moment of the replay."""

    _members: dict[tuple[int, str], _Member] = field(default_factory=dict)
    _functions: dict[tuple[str, bytes], int] = field(default_factory=dict)
    _closed: set[str] = field(default_factory=set)

    def apply(self, event: Event, time: int) -> None:
        """Takes in one event of this authority, at the Unix time of its block."""
        if isinstance(event, events.RoleGranted):
            self._grant(event, time)
        elif isinstance(event, events.RoleRevoked):
            self._members.pop((event.role, event.account), None)
        elif isinstance(event, events.TargetFunctionRoleUpdated):
            self._functions[event.target, event.selector] = event.role
        elif isinstance(event, events.TargetClosed):
            (self._closed.add if event.closed else self._closed.discard)(event.target)

    def _grant(self, event: events.RoleGranted, time: int) -> None:
        key = (event.role, event.account)
        old = self._members.get(key)
        if event.new_member or old is None:
            self._members[key] = _Member(event.since, event.delay, event.delay, 0)
        else:
            # A member's new delay begins later, and the event's `since` says when.
            delay = old.next_delay if time >= old.next_from else old.delay
            self._members[key] = _Member(old.since, delay, event.delay, event.since)

    def may_call(self, account: str, target: str, selector: bytes, time: int) -> bool:
        """Whether `canCall` answers that this account may call this function at once (AccessManager, `canCall`).

        A function that was never given a role belongs to ADMIN.
        """
        if target in self._closed:
            return False
        role = self._functions.get((target, selector), ADMIN_ROLE)
        if role == PUBLIC_ROLE:
            return True
        member = self._members.get((role, account))
        return member is not None and member.may_at_once(time)


@dataclass
class Authorities:
    """All authorities the contracts have had, and which one each contract has now."""

    by_address: dict[str, Authority] = field(default_factory=dict)
    of_contract: dict[str, str] = field(default_factory=dict)

    def may_call(self, account: str, target: str, selector: bytes, time: int) -> bool:
        """Whether `account` may call a function of `target` at once, by the authority `target` has now."""
        authority = self.by_address.get(self.of_contract.get(target, ""))
        return authority is not None and authority.may_call(account, target, selector, time)
