# SPDX-License-Identifier: EUPL-1.2
"""Lost wallets and their replacements, rebuilt from the token's events: two officials, and a time to object."""

from dataclasses import dataclass, field, replace

from heitje.audit.books import Books
from heitje.audit.findings import Findings, Moment, euros
from heitje.audit.roles import Authorities
from heitje.audit.scratch import Scratch
from heitje.chain import events
from heitje.chain.account import Class, Flag
from heitje.chain.addresses import ZERO_ADDRESS
from heitje.chain.typed_data import Domain, request_replacement_digest


@dataclass(frozen=True, slots=True)
class Pending:
    """A replacement that waits. It can be carried out from `executable_from` (Unix time) on."""

    request: bytes
    new_holder: str
    registrar: str
    executable_from: int


@dataclass
class Replacements:
    """All replacements of a token. The selectors are of the functions an official's signature stands for."""

    token: str
    domain: Domain
    window: int
    selectors: dict[str, bytes]
    books: Books
    authorities: Authorities
    findings: Findings
    pending: dict[int, Pending] = field(default_factory=dict)
    requests: dict[bytes, int] = field(default_factory=dict)
    """The number each request ever made was for."""
    carried_out: int = 0
    cancelled_count: int = 0

    def requested(self, event: events.ReplacementRequested, moment: Moment) -> None:
        """A registrar asked for another address for a number; the old one stands still from now on."""
        digest = request_replacement_digest(
            self.domain, event.registrar, event.number, event.new_holder, event.deadline
        )
        where = f"the replacement of number {event.number}"
        self._check(
            digest == event.request, "replacement-digest", f"{where} has another content than its digest", moment
        )
        self._check(event.request not in self.requests, "replacement-twice", f"{where} was requested before", moment)
        self._check(event.number not in self.pending, "replacement-pending", f"{where}: one waited already", moment)
        self._check(moment.time <= event.deadline, "replacement-late", f"{where} was requested too late", moment)
        self._check(
            event.executable_from == moment.time + self.window,
            "replacement-window",
            f"{where} may be carried out from {event.executable_from} on, which is not {self.window} seconds later",
            moment,
        )
        self._check_official("requestReplacement", event.registrar, moment)
        self._check_free(event.new_holder, moment)
        holder = self.books.holders.get(event.number, "")
        self._check(
            holder == event.old_holder, "replacement-holder", f"{event.old_holder} did not hold {event.number}", moment
        )
        self.requests[event.request] = event.number
        executable_from = moment.time + self.window
        self.pending[event.number] = Pending(event.request, event.new_holder, event.registrar, executable_from)
        self._set_replacing(holder, moment, on=True)

    def replaced(self, event: events.Replaced, scratch: Scratch, moment: Moment) -> None:
        """Another official than the registrar carried it out, after the time to object."""
        where = f"the replacement of number {event.number}"
        pending = self.pending.pop(event.number, None)
        waited = pending is not None and pending.request == event.request
        self._check(waited, "replaced-without-request", f"{where} by {event.new_holder} was not what waited", moment)
        if pending is not None:
            same = pending.new_holder == event.new_holder
            self._check(same, "replacement-address", f"{where} was requested for {pending.new_holder}", moment)
            in_time = moment.time >= pending.executable_from
            self._check(in_time, "replacement-early", f"{where} was carried out before the time to object", moment)
            two = event.replacer != pending.registrar
            self._check(two, "same-official", f"{event.replacer} requested and carried out {where}", moment)
        self._check_official("executeReplacement", event.replacer, moment)
        self._check_free(event.new_holder, moment)
        moved, scratch.moved = scratch.moved, None
        self._take_over(event.number, event.new_holder, moved, moment)
        self.carried_out += 1

    def cancelled(self, event: events.ReplacementCancelled, moment: Moment) -> None:
        """It will not be carried out: the old address may go on."""
        pending = self.pending.pop(event.number, None)
        waited = pending is not None and pending.request == event.request
        message = f"a replacement of number {event.number} was cancelled that did not wait"
        self._check(waited, "cancelled-without-request", message, moment)
        self._set_replacing(self.books.holders.get(event.number, ""), moment, on=False)
        self.cancelled_count += 1

    def _take_over(self, number: int, new: str, moved: tuple[str, str, int] | None, moment: Moment) -> None:
        """Everything but the payment nonce goes to the new address; `moved` is the `Transfer` before the event."""
        books = self.books
        old = books.holders.get(number, ZERO_ADDRESS)
        account, nonce = books.rolled(old, moment), books.account(new).nonce
        expected = (old, new, account.balance) if account.balance else None
        message = f"the replacement of {old} moved {euros(moved[2] if moved else 0)}; it held {euros(account.balance)}"
        self._check(moved == expected, "replacement-move", message, moment)
        paused = books.paused and account.is_resident
        self._check(not paused, "paused-replaced", f"{old} was replaced while payments were paused", moment)
        kept = account.flags & ~(Flag.FROZEN | Flag.REPLACING)
        books.holders[number] = new
        books.accounts[new] = replace(account, nonce=nonce, flags=int(account.flags & ~Flag.REPLACING))
        books.accounts[old] = replace(
            account, fresh=0, stale=0, holder_class=Class.NONE, open_redemptions=0, flags=int(kept | Flag.DEAD)
        )

    def _set_replacing(self, holder: str, moment: Moment, *, on: bool) -> None:
        if holder:
            account = self.books.rolled(holder, moment)
            flags = account.flags | Flag.REPLACING if on else account.flags & ~Flag.REPLACING
            self.books.accounts[holder] = replace(account, flags=int(flags))

    def _check_free(self, address: str, moment: Moment) -> None:
        account = self.books.account(address)
        free = address != ZERO_ADDRESS and (account.number, account.holder_class) == (0, 0)
        self._check(free, "replacement-not-free", f"{address} has or had a number, or is a desk", moment)

    def _check_official(self, function: str, official: str, moment: Moment) -> None:
        allowed = self.authorities.may_call(official, self.token, self.selectors[function], moment.time)
        self._check(allowed, "official-not-allowed", f"{official} might not {function} then", moment)

    def _check(self, holds: bool, code: str, message: str, moment: Moment) -> None:  # noqa: FBT001
        self.findings.check(holds, code, message, moment)
