# SPDX-License-Identifier: EUPL-1.2
"""The token's books, rebuilt from its events: every account, every sum, class matrix, pause flag and dates."""

from dataclasses import dataclass, field, replace
from typing import Final

from heitje.audit.facts import Dates
from heitje.audit.findings import Findings, Moment, euros
from heitje.audit.scratch import Scratch, TakenBack
from heitje.chain import events
from heitje.chain.account import Account, Class, Flag
from heitje.chain.addresses import ZERO_ADDRESS

INITIAL_MATRIX: Final = frozenset(
    {
        (Class.RESIDENT, Class.MERCHANT),
        (Class.MERCHANT, Class.RESIDENT),
        (Class.CLOSING, Class.RESIDENT),
        (Class.MERCHANT, Class.DESK),
        (Class.CLOSING, Class.DESK),
        (Class.DESK, Class.MERCHANT),
        (Class.DESK, Class.CLOSING),
    }
)
"""Who may pay whom at deployment, as (class of payer, class of payee)."""
SWITCHABLE: Final = frozenset({(Class.RESIDENT, Class.RESIDENT), (Class.MERCHANT, Class.MERCHANT)})
_SHOPS: Final = (Class.MERCHANT, Class.CLOSING)
_NOBODY: Final = Account()


@dataclass(frozen=True, slots=True)
class Refund:
    """Credits a shop gave back to a resident, by an ERC-3009 authorization with this nonce."""

    merchant: str
    resident: str
    value: int
    nonce: bytes
    block: int
    transaction: str | None


@dataclass
class Sums:
    """The sums of all time, in cents, and how often things happened."""

    issued: int = 0
    settled: int = 0
    clawed_back: int = 0
    expired: int = 0
    rewards: int = 0
    payments: int = 0
    plain_moves: int = 0
    failed_payments: int = 0
    expiries: int = 0

    @property
    def supply(self) -> int:
        """What is in circulation, in cents."""
        return self.issued - self.settled - self.clawed_back - self.expired


@dataclass
class Books:
    """Accounts by address, and everything about them that events tell."""

    dates: Dates
    findings: Findings
    announced: Dates | None = None
    """The dates as of the last event; None while they are not known."""
    accounts: dict[str, Account] = field(default_factory=dict)
    holders: dict[int, str] = field(default_factory=dict)
    matrix: set[tuple[int, int]] = field(default_factory=lambda: set(INITIAL_MATRIX))
    paused: bool = False
    sums: Sums = field(default_factory=Sums)
    refunds: list[Refund] = field(default_factory=list)
    extensions: int = 0

    # Reading

    def account(self, address: str) -> Account:
        """An account as of the last event."""
        return self.accounts.get(address, _NOBODY)

    def total(self) -> int:
        """The sum of all balances, in cents."""
        return sum(account.balance for account in self.accounts.values())

    def _ended(self, moment: Moment) -> bool:
        return moment.time > self.dates.pay_until

    def rolled(self, address: str, moment: Moment) -> Account:
        """An account just before it is written: what has expired must have been burnt by now."""
        account = self.accounts.get(address, _NOBODY)
        if account.holder_class != Class.RESIDENT:
            return account
        rolled, burned = account.roll(moment.epoch, ended=self._ended(moment))
        if burned:
            self.findings.add(
                "expired-not-burnt", f"{euros(burned)} of {address} had expired and was not burnt first", moment
            )
        return rolled

    # Moves

    def transfer(self, index: int, event: events.Transfer, scratch: Scratch, moment: Moment) -> None:
        """One `Transfer`: a reward, a burn, or a move, by its ends."""
        if event.sender == ZERO_ADDRESS:
            self._reward(event, scratch, moment)
        elif event.recipient == ZERO_ADDRESS:
            self._burn(index, event, scratch, moment)
        else:
            self._move(index, event, scratch, moment)

    def _reward(self, event: events.Transfer, scratch: Scratch, moment: Moment) -> None:
        self.sums.issued += event.value
        self.sums.rewards += 1
        expected = scratch.rewards.popleft() if scratch.rewards else None
        if expected != (event.recipient, event.value):
            said = f"the report says {euros(expected[1])} to {expected[0]}" if expected else "no report says so"
            self.findings.add(
                "mint-without-report", f"{euros(event.value)} was created for {event.recipient}; {said}", moment
            )
        account = self.rolled(event.recipient, moment)
        if account.holder_class != Class.RESIDENT:
            self.findings.add("reward-not-resident", f"{event.recipient} was rewarded and is no resident", moment)
        self.accounts[event.recipient] = account.reward(event.value)

    def _burn(self, index: int, event: events.Transfer, scratch: Scratch, moment: Moment) -> None:
        account = self.account(event.sender)
        if account.holder_class == Class.DESK:
            self._settle(event, account, scratch, moment)
            return
        if index in scratch.taking_back:
            self._take_back(event, scratch, moment)
            return
        rolled, burned = account.roll(moment.epoch, ended=self._ended(moment))
        if burned != event.value or burned == 0:
            self.findings.add(
                "burn-unexplained",
                f"{euros(event.value)} of {event.sender} was burnt; by its dates {euros(burned)} had expired",
                moment,
            )
            rolled = account.debit(min(event.value, account.balance))
        self.accounts[event.sender] = rolled
        self.sums.expired += event.value
        self.sums.expiries += 1
        scratch.expiry = (event.sender, event.value)

    def _take_back(self, event: events.Transfer, scratch: Scratch, moment: Moment) -> None:
        """A burn that a clawback made: fresh before stale, and only a resident's."""
        account = self.rolled(event.sender, moment)
        self.findings.check(
            account.holder_class == Class.RESIDENT,
            "clawback-not-resident",
            f"{euros(event.value)} of {event.sender} was clawed back, who is no resident",
            moment,
        )
        if event.value > account.balance:
            self._wrong("overdrawn", f"{euros(event.value)} was clawed back of {euros(account.balance)}", moment)
        self.accounts[event.sender] = account.take_back(min(event.value, account.balance))
        self.sums.clawed_back += event.value
        scratch.burnt = (event.sender, event.value, account.balance)

    def clawed_back(self, event: events.ClawedBack, scratch: Scratch, moment: Moment) -> None:
        """The token says what a clawback burnt; a registry must say of which attestation."""
        address, amount, held = scratch.burnt or ("", 0, 0)
        scratch.burnt = None
        fits = (address, amount) == (event.account, event.amount) and self.holders.get(event.number) == address
        message = f"{euros(event.amount)} of number {event.number} is said to be clawed back; the burn is another"
        self.findings.check(fits, "clawback-without-burn", message, moment)
        scratch.taken_back.append(TakenBack(event.number, event.amount, held))

    def _settle(self, event: events.Transfer, desk: Account, scratch: Scratch, moment: Moment) -> None:
        said = scratch.settled.pop(event.sender, 0)
        self.findings.check(
            said == event.value and said > 0,
            "burn-without-redemption",
            f"desk {event.sender} burnt {euros(event.value)}; its settlements say {euros(said)}",
            moment,
        )
        self.sums.settled += event.value
        self.accounts[event.sender] = desk.debit(min(event.value, desk.balance))
        scratch.desks.add(event.sender)

    def _move(self, index: int, event: events.Transfer, scratch: Scratch, moment: Moment) -> None:
        sender, recipient, value = event.sender, event.recipient, event.value
        if index in scratch.replacing:
            scratch.moved = (sender, recipient, value)  # whoever takes over moves it
            return
        payer, payee = self.rolled(sender, moment), self.rolled(recipient, moment)
        nonce = self._use_authorization(sender, scratch, moment)
        signed = index in scratch.paid
        self._check_move(event, payer, payee, nonce, moment)
        if signed and nonce is None:
            payer = payer.with_nonce(payer.nonce + 1)
        if Class.DESK in (payer.holder_class, payee.holder_class):
            payer, payee = self._escrow(event, payer, payee, nonce, scratch, moment)
        else:
            is_refund = payer.holder_class in _SHOPS and payee.holder_class == Class.RESIDENT
            self._count(event, nonce, moment, signed=signed, is_refund=is_refund)
        if value > payer.balance:
            self._wrong("overdrawn", f"{sender} had {euros(payer.balance)} and paid {euros(value)}", moment)
            value = payer.balance
        if sender != recipient:
            self.accounts[sender] = payer.debit(value)
            self.accounts[recipient] = payee.credit(event.value)

    def _use_authorization(self, sender: str, scratch: Scratch, moment: Moment) -> bytes | None:
        """The nonce of the ERC-3009 authorization this move uses; None if it uses none."""
        if scratch.authorization is None:
            return None
        authorizer, nonce = scratch.authorization
        scratch.authorization = None
        if authorizer != sender:
            self._wrong("authorization-unused", f"{authorizer} authorized a move, {sender} paid", moment)
        return nonce

    def _count(
        self, event: events.Transfer, nonce: bytes | None, moment: Moment, *, signed: bool, is_refund: bool
    ) -> None:
        """Counts a move between people and shops as what it is."""
        if signed:
            self.sums.payments += 1
            if self._ended(moment):
                self._wrong("paid-late", f"{event.sender} paid after the last day of paying", moment)
            if event.value == 0:
                self._wrong("zero-payment", f"{event.sender} paid nothing by signature", moment)
        elif nonce is not None:
            self._wrong("paid-missing", f"the authorized payment of {event.sender} is in no Paid event", moment)
        elif event.value:
            self.sums.plain_moves += 1
        if nonce is not None and is_refund:
            refund = Refund(event.sender, event.recipient, event.value, nonce, moment.block, moment.transaction)
            self.refunds.append(refund)

    def _check_move(
        self,
        event: events.Transfer,
        payer: Account,
        payee: Account,
        nonce: bytes | None,
        moment: Moment,
    ) -> None:
        """Whether these two might pay each other, in this way, at this moment."""
        classes = (payer.holder_class, payee.holder_class)
        if payer.flags:
            self._wrong("frozen-paid", f"{event.sender} is frozen and paid {euros(event.value)}", moment)
        if self.paused and payer.holder_class == Class.RESIDENT:
            self._wrong("paused-paid", f"{event.sender} paid {euros(event.value)} while payments were paused", moment)
        to_resident = payee.holder_class == Class.RESIDENT and payer.holder_class != Class.RESIDENT
        if classes not in self.matrix or event.sender == event.recipient or (to_resident and nonce is None):
            names = [Class(c).name.lower() if c <= Class.DESK else str(c) for c in classes]
            self._wrong(
                "not-allowed",
                f"{event.sender} ({names[0]}) paid {event.recipient} ({names[1]}) {euros(event.value)}, "
                "which was not allowed then",
                moment,
            )

    def _escrow(
        self,
        event: events.Transfer,
        payer: Account,
        payee: Account,
        nonce: bytes | None,
        scratch: Scratch,
        moment: Moment,
    ) -> tuple[Account, Account]:
        """A move into or out of a desk, and the shop's count of open redemptions."""
        if payee.holder_class == Class.DESK:
            scratch.escrowed.append((event.recipient, event.sender, event.value, nonce or b""))
            scratch.desks.add(event.recipient)
            return replace(payer, open_redemptions=payer.open_redemptions + 1), payee
        said = scratch.releases.popleft() if scratch.releases else None
        live = self.holders.get(payee.number) == event.recipient
        if said != (event.sender, payee.number, event.value) or not live:
            self._wrong(
                "release-without-redemption",
                f"desk {event.sender} gave {euros(event.value)} to {event.recipient} without ending a redemption",
                moment,
            )
        scratch.desks.add(event.sender)
        return payer, replace(payee, open_redemptions=max(payee.open_redemptions - 1, 0))

    def redemptions_ended(self, number: int, count: int) -> None:
        """A desk settled so many redemptions of a number."""
        holder = self.holders.get(number)
        if holder is not None:
            account = self.account(holder)
            left = max(account.open_redemptions - count, 0)
            self.accounts[holder] = replace(account, open_redemptions=left)

    def _wrong(self, code: str, message: str, moment: Moment) -> None:
        self.findings.add(code, message, moment)

    def payment_failed(self, event: events.PaymentFailed, moment: Moment) -> None:
        """A payment that consumed its nonce without paying."""
        account = self.rolled(event.payer, moment)
        self.findings.check(
            account.nonce == event.nonce,
            "nonce-gap",
            f"a failed payment of {event.payer} used nonce {event.nonce}; the next was {account.nonce}",
            moment,
        )
        # Counted, not believed: so what was left out before it still shows from where it was.
        self.accounts[event.payer] = account.with_nonce(account.nonce + 1)
        self.sums.failed_payments += 1

    # Accounts

    def enrolled(self, event: events.Enrolled, moment: Moment) -> None:
        """An account is opened. It may have a payment number by then: anyone's failed payment consumes one."""
        account = self.account(event.account)
        fits = (
            event.number != 0
            and event.number not in self.holders
            and (account.number, account.holder_class) == (0, Class.NONE)
            and event.holder_class in (Class.RESIDENT, Class.MERCHANT)
        )
        self.findings.check(
            fits,
            "enrolment",
            f"number {event.number} was given to {event.account}; one of them was in use, or the class is wrong",
            moment,
        )
        self.holders[event.number] = event.account
        self.accounts[event.account] = replace(
            account, number=event.number, holder_class=event.holder_class, epoch=moment.epoch
        )

    def class_set(self, event: events.ClassSet, moment: Moment) -> None:
        """An account gets another class: only when it is empty, merchant to closing and back aside."""
        account = self.rolled(event.account, moment)
        old, new = account.holder_class, event.holder_class
        if event.number == 0:
            fits = account.number == 0 and account.balance == 0 and {old, new} == {Class.NONE, Class.DESK}
        else:
            closing = {old, new} == {Class.MERCHANT, Class.CLOSING}
            empty = account.balance == 0 and account.open_redemptions == 0
            named = old != new and new in (Class.NONE, Class.RESIDENT, Class.MERCHANT)
            fits = self.holders.get(event.number) == event.account and (closing or (named and empty))
        self.findings.check(
            fits, "class-change", f"{event.account} went from class {old} to {new}, which was not allowed then", moment
        )
        epoch = moment.epoch if event.number else account.epoch
        self.accounts[event.account] = replace(account, holder_class=new, epoch=epoch)

    def set_frozen(self, number: int, address: str, frozen: bool, moment: Moment) -> None:  # noqa: FBT001
        """An account is frozen, or no longer."""
        account = self.rolled(address, moment)
        fits = self.holders.get(number) == address and bool(account.flags & Flag.FROZEN) != frozen
        self.findings.check(fits, "freeze", f"{address} was frozen or unfrozen and was so already", moment)
        flags = account.flags | Flag.FROZEN if frozen else account.flags & ~Flag.FROZEN
        self.accounts[address] = replace(account, flags=int(flags))

    def extended(self, event: events.WindDownExtended, moment: Moment) -> None:
        """The dates of winding down moved: only away, in order, and none that has passed."""
        after, before = Dates(event.issue_until, event.pay_until, event.redeem_until), self.announced
        in_order = after.issue_until <= after.pay_until <= after.redeem_until
        fits = in_order and (
            before is None
            or all(
                old <= new and (old == new or moment.time <= old)
                for old, new in zip(before.each, after.each, strict=True)
            )
        )
        self.findings.check(
            fits, "wind-down", f"the dates became {after.each}: back, out of order, or after one had passed", moment
        )
        self.announced = after
        self.extensions += 1

    def set_paused(self, paused: bool, moment: Moment) -> None:  # noqa: FBT001 - the two events
        """Rewards and payments by residents stop, or go on."""
        self.findings.check(self.paused != paused, "pause", "paused or unpaused, and was so already", moment)
        self.paused = paused

    def rule_set(self, event: events.TransferRuleSet, moment: Moment) -> None:
        """One of the two switchable bits of the class matrix."""
        rule = (event.from_class, event.to_class)
        if self.findings.check(rule in SWITCHABLE, "matrix", f"rule {rule} of the class matrix is fixed", moment):
            (self.matrix.add if event.allowed else self.matrix.discard)(rule)
