# SPDX-License-Identifier: EUPL-1.2
"""What redemption desks did, rebuilt from their events: requests, locks, settlements, and what came back to shops."""

from dataclasses import dataclass, field, replace
from typing import Final, NamedTuple

from heitje.audit.books import Books
from heitje.audit.facts import DeskFacts
from heitje.audit.findings import Findings, Moment, euros
from heitje.audit.roles import Authorities
from heitje.audit.scratch import Scratch
from heitje.chain import events
from heitje.chain.typed_data import redemption_id
from heitje.chain.words import Redemption, RedemptionStatus

OPEN = (RedemptionStatus.REQUESTED, RedemptionStatus.LOCKED)
GRACE: Final = 60 * 86_400
"""Seconds in which a number may request again what came back after the last day of redeeming."""


class Grace(NamedTuple):
    """What a number may still request after the last day, in cents, and until when (Unix time)."""

    amount: int = 0
    until: int = 0


@dataclass
class Desk:
    """One desk. The selectors are of the functions a treasurer's signature stands for."""

    address: str
    facts: DeskFacts
    selectors: dict[str, bytes]
    books: Books
    authorities: Authorities
    findings: Findings
    redemptions: dict[bytes, Redemption] = field(default_factory=dict)
    locks: list[tuple[str, int]] = field(default_factory=list)
    """The treasurer and the time of each lock; locks are counted from 1."""
    payout_references: set[bytes] = field(default_factory=set)
    graces: dict[int, Grace] = field(default_factory=dict)
    closed: bool = False
    reclaims: int = 0
    open_cents: int = 0

    def requested(self, event: events.RedemptionRequested, scratch: Scratch, moment: Moment) -> None:
        """Credits came into escrow, by the shop's authorization whose nonce is the redemption's id."""
        fits = event.id == redemption_id(event.number, event.amount, event.payout_commitment, event.salt)
        self._check(fits, "redemption-id", f"redemption {_short(event.id)} has another content than its id", moment)
        self._check(event.id not in self.redemptions, "redemption-twice", "this id was used before", moment)
        came = scratch.escrowed.popleft() if scratch.escrowed else None
        holder = self.books.holders.get(event.number, "")
        self._check(
            came == (self.address, holder, event.amount, event.id),
            "redemption-without-escrow",
            f"redemption {_short(event.id)} of {euros(event.amount)} is not what came into escrow",
            moment,
        )
        if self._ended(moment):
            self._use_grace(event, moment)
        else:
            self._check(not self.closed, "desk-closed", f"redemption {_short(event.id)} at a closed desk", moment)
        self.redemptions[event.id] = Redemption(event.amount, event.number, moment.time, 0, RedemptionStatus.REQUESTED)
        self.open_cents += event.amount
        scratch.desks.add(self.address)

    def locked(self, event: events.RedemptionsLocked, moment: Moment) -> None:
        """A treasurer locked redemptions."""
        self._check_treasurer("lock", event.treasurer, moment)
        self.locks.append((event.treasurer, moment.time))
        self._check(event.lock_id == len(self.locks), "lock-number", f"lock {event.lock_id} is not the next", moment)
        for key in event.ids:
            redemption = self._find(key, (RedemptionStatus.REQUESTED,), moment)
            self._put(key, replace(redemption, lock_id=event.lock_id), RedemptionStatus.LOCKED)

    def settled(self, event: events.RedemptionsSettled, scratch: Scratch, moment: Moment) -> None:
        """A bank payment: redemptions of one shop, locked by another treasurer, under a reference that is new."""
        self._check_treasurer("settle", event.treasurer, moment)
        new = event.payout_reference not in self.payout_references
        self._check(new, "reference-twice", f"payout reference {_short(event.payout_reference)} again", moment)
        self.payout_references.add(event.payout_reference)
        total = 0
        for key in event.ids:
            redemption = self._end(key, event.number, event.treasurer, (RedemptionStatus.LOCKED,), moment)
            self._put(key, redemption, RedemptionStatus.SETTLED)
            total += redemption.amount
        self._check(
            bool(event.ids) and total == event.amount,
            "settlement-sum",
            f"a settlement of {euros(event.amount)} ends redemptions of {euros(total)}",
            moment,
        )
        self.books.redemptions_ended(event.number, len(event.ids))
        scratch.settled[self.address] = scratch.settled.get(self.address, 0) + event.amount

    def refunded(self, event: events.RedemptionRefunded, scratch: Scratch, moment: Moment) -> None:
        """A treasurer gave a redemption back: another than who locked it, if it was locked."""
        self._check_treasurer("refund", event.treasurer, moment)
        redemption = self._end(event.id, event.number, event.treasurer, OPEN, moment)
        self._give_grace(redemption, moment)
        self._release(event.id, redemption, event.amount, RedemptionStatus.REFUNDED, scratch, moment)

    def cancelled(self, event: events.RedemptionCancelled, scratch: Scratch, moment: Moment) -> None:
        """A shop took a redemption back that was not locked."""
        redemption = self._end(event.id, event.number, "", (RedemptionStatus.REQUESTED,), moment)
        self._release(event.id, redemption, event.amount, RedemptionStatus.CANCELLED, scratch, moment)

    def reclaimed(self, event: events.RedemptionReclaimed, scratch: Scratch, moment: Moment) -> None:
        """Anyone had a redemption given back that the municipality did not end in time."""
        redemption = self._find(event.id, OPEN, moment)
        self._check(redemption.number == event.number, "redemption-number", f"{_short(event.id)}: another shop", moment)
        locked = redemption.status == RedemptionStatus.LOCKED
        if locked:
            known = 0 < redemption.lock_id <= len(self.locks)
            begin = self.locks[redemption.lock_id - 1][1] if known else moment.time
            from_ = begin + self.facts.locked_reclaim_after
        else:
            from_ = redemption.requested_at + self.facts.reclaim_after
        message = f"{_short(event.id)} was reclaimed and could not be before {from_} (Unix time)"
        self._check(moment.time >= from_, "reclaimed-early", message, moment)
        self._give_grace(redemption, moment)
        self._release(event.id, redemption, event.amount, RedemptionStatus.RECLAIMED, scratch, moment)
        self.reclaims += 1

    def close(self, moment: Moment) -> None:
        """The desk takes no new requests; what is open still ends."""
        self._check(not self.closed, "desk-closed", "the desk was closed and was so already", moment)
        self.closed = True

    def _ended(self, moment: Moment) -> bool:
        return moment.time > self.books.dates.redeem_until

    def _give_grace(self, redemption: Redemption, moment: Moment) -> None:
        """What comes back after the last day may be requested again; sums add up, under the later of the two ends."""
        if self._ended(moment):
            before = self.graces.get(redemption.number, Grace())
            kept = before.amount if moment.time <= before.until else 0
            self.graces[redemption.number] = Grace(kept + redemption.amount, moment.time + GRACE)

    def _use_grace(self, event: events.RedemptionRequested, moment: Moment) -> None:
        grace = self.graces.get(event.number, Grace())
        allowed = moment.time <= grace.until and event.amount <= grace.amount
        self._check(allowed, "redeemed-late", "a redemption after the last day of redeeming", moment)
        if allowed:
            self.graces[event.number] = Grace(grace.amount - event.amount, grace.until)

    def _release(
        self,
        key: bytes,
        redemption: Redemption,
        amount: int,
        status: RedemptionStatus,
        scratch: Scratch,
        moment: Moment,
    ) -> None:
        self._check(amount == redemption.amount, "release-sum", f"redemption {_short(key)}: another amount", moment)
        self._put(key, redemption, status)
        scratch.releases.append((self.address, redemption.number, amount))

    def _end(
        self, key: bytes, number: int, treasurer: str, allowed: tuple[RedemptionStatus, ...], moment: Moment
    ) -> Redemption:
        redemption = self._find(key, allowed, moment)
        self._check(redemption.number == number, "redemption-number", f"{_short(key)} is another shop's", moment)
        if 0 < redemption.lock_id <= len(self.locks):
            other = self.locks[redemption.lock_id - 1][0] != treasurer
            self._check(other, "same-treasurer", f"{treasurer} locked {_short(key)} and ended it", moment)
        return redemption

    def _find(self, key: bytes, allowed: tuple[RedemptionStatus, ...], moment: Moment) -> Redemption:
        redemption = self.redemptions.get(key, Redemption())
        name = RedemptionStatus(redemption.status).name.lower()
        self._check(redemption.status in allowed, "redemption-status", f"{_short(key)} was {name}", moment)
        return redemption

    def _put(self, key: bytes, redemption: Redemption, status: RedemptionStatus) -> None:
        if redemption.status in OPEN and status not in OPEN:
            self.open_cents -= redemption.amount
        self.redemptions[key] = replace(redemption, status=status)

    def _check_treasurer(self, function: str, treasurer: str, moment: Moment) -> None:
        allowed = self.authorities.may_call(treasurer, self.address, self.selectors[function], moment.time)
        self._check(allowed, "treasurer-not-allowed", f"{treasurer} might not {function} then", moment)

    def _check(self, holds: bool, code: str, message: str, moment: Moment) -> None:  # noqa: FBT001
        self.findings.check(holds, code, message, moment)


def _short(value: bytes) -> str:
    return f"0x{value.hex()}"
