# SPDX-License-Identifier: EUPL-1.2
"""The replay: transactions of the chain, in order, into the books."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from heitje.audit import correcting
from heitje.audit.books import Books
from heitje.audit.caps import Caps
from heitje.audit.earning import Registry
from heitje.audit.facts import CityFacts
from heitje.audit.findings import Findings, Moment, euros
from heitje.audit.redeeming import Desk
from heitje.audit.replacing import Replacements
from heitje.audit.roles import Authorities, Authority
from heitje.audit.scratch import Scratch
from heitje.audit.signatures import Wallets
from heitje.chain import events
from heitje.chain.abi import load
from heitje.chain.addresses import ZERO_ADDRESS
from heitje.chain.events import Event

Entry = tuple[str, Event | None]
"""The contract that spoke, and what it said; None for something this audit does not know."""


@dataclass
class Replay:
    """The books of a city as of the last transaction replayed."""

    facts: CityFacts
    findings: Findings
    authorities: Authorities = field(init=False)
    books: Books = field(init=False)
    replacements: Replacements = field(init=False)
    wallets: Wallets = field(default_factory=Wallets)
    registries: dict[str, Registry] = field(init=False)
    desks: dict[str, Desk] = field(init=False)
    transactions: int = 0
    event_count: int = 0
    _strangers: set[tuple[str, str]] = field(default_factory=set)
    """(contract, authority) that were found to differ from the token's."""

    def __post_init__(self) -> None:
        facts = self.facts
        self.authorities = Authorities({address: Authority() for address in facts.authorities})
        self.books = Books(facts.dates, self.findings, facts.first_dates)
        token, registry, desk = load("MunicipalToken"), load("ActivityRegistry"), load("RedemptionDesk")
        officials = {name: token.function(name).selector for name in ("requestReplacement", "executeReplacement")}
        self.replacements = Replacements(
            facts.token,
            facts.domain,
            facts.replacement_window,
            officials,
            self.books,
            self.authorities,
            self.findings,
        )
        of_registries = {name: token.function(name).selector for name in ("issue", "clawback")}
        caps: list[Caps] = []
        self.registries = {
            address: Registry(
                address,
                known,
                registry.function("issue").selector,
                facts.token,
                of_registries,
                self.books,
                self.authorities,
                caps,
                self.wallets,
                self.findings,
            )
            for address, known in facts.registries.items()
        }
        caps.extend(made.caps for made in self.registries.values())
        selectors = {name: desk.function(name).selector for name in ("lock", "settle", "refund")}
        self.desks = {
            address: Desk(address, known, selectors, self.books, self.authorities, self.findings)
            for address, known in facts.desks.items()
        }

    def transaction(self, moment: Moment, entries: Sequence[Entry]) -> None:
        """Takes in all logs of our contracts of one transaction, in order."""
        scratch = Scratch()
        self._look_ahead(entries, scratch, moment)
        for index, (source, event) in enumerate(entries):
            if scratch.expiry is not None and not isinstance(event, events.Expired):
                self._unannounced_expiry(scratch, moment)
            if event is None or not self._take(source, event, index, scratch, moment):
                self.findings.add("unknown-event", f"{source} emitted an event this audit does not know", moment)
        self._check_finished(scratch, moment)
        self.transactions += 1
        self.event_count += len(entries)

    def _look_ahead(self, entries: Sequence[Entry], scratch: Scratch, moment: Moment) -> None:
        """Says of each `Transfer` what it is, which the event after it tells.

        Each digest of `Paid` belongs to one of the last before it with both ends non-zero; `Replaced` and `ClawedBack`
        to the one just before.
        """
        moves: list[int] = []
        for index, (source, event) in enumerate(entries):
            if source != self.facts.token:
                continue
            if isinstance(event, events.Transfer):
                if ZERO_ADDRESS not in (event.sender, event.recipient):
                    moves.append(index)
            elif isinstance(event, events.Paid):
                count = len(event.digests)
                own = moves[-count:] if count else []
                taken = any(place in scratch.paid for place in own)
                if len(own) != count or not count or taken:
                    self.findings.add(
                        "paid-without-transfer",
                        f"Paid names {count} payments, and {len(own)} moves of credits stand before it",
                        moment,
                    )
                scratch.paid.update(zip(own, event.digests, strict=False))
            elif isinstance(event, events.Replaced):
                if moves and moves[-1] == index - 1 and _ends_at(entries[index - 1], event.new_holder):
                    scratch.replacing.add(moves.pop())
            elif isinstance(event, events.ClawedBack) and index and _is_burn_of(entries[index - 1], source, event):
                scratch.taking_back.add(index - 1)

    def _take(self, source: str, event: Event, index: int, scratch: Scratch, moment: Moment) -> bool:
        """Hands an event to the books it belongs to; False if this contract does not emit such events."""
        if isinstance(event, events.AuthorityUpdated):
            known = self.authorities.of_contract
            before = self.facts.registries[source].predecessor if source in self.registries else ZERO_ADDRESS
            # A registry's first event, and only to one that was there before it: nobody can be his own grandfather.
            if source not in known and before in known and before in self.registries:
                self.registries[source].succeed(self.registries[before])
            known[source] = event.authority
            return True
        if source == self.facts.token:
            return self._take_token(event, index, scratch, moment)
        self._check_authority(source, moment)
        if source in self.registries:
            return _take_registry(self.registries[source], event, scratch, moment)
        if source in self.desks:
            return _take_desk(self.desks[source], event, scratch, moment)
        self.authorities.by_address[source].apply(event, moment.time)
        return isinstance(
            event,
            events.RoleGranted
            | events.RoleRevoked
            | events.TargetFunctionRoleUpdated
            | events.TargetClosed
            | events.Other,
        )

    def _check_authority(self, source: str, moment: Moment) -> None:
        """What a registry or desk does, it must do under the authority the token has then."""
        own = self.authorities.of_contract.get(source, ZERO_ADDRESS)
        stranger = (source, own)
        if source in self.authorities.by_address or stranger in self._strangers:
            return
        if own != self.authorities.of_contract.get(self.facts.token):
            self._strangers.add(stranger)
            message = f"{source} did something under authority {own}, which was not the token's then"
            self.findings.add("other-authority", message, moment)

    def _take_token(self, event: Event, index: int, scratch: Scratch, moment: Moment) -> bool:  # noqa: C901, PLR0912 - a case per event
        books = self.books
        match event:
            case events.Transfer():
                books.transfer(index, event, scratch, moment)
            case events.Expired():
                self._expired(event, scratch, moment)
            case events.PaymentFailed():
                books.payment_failed(event, moment)
            case events.AuthorizationUsed():
                scratch.authorization = (event.authorizer, event.nonce)
            case events.Enrolled():
                books.enrolled(event, moment)
            case events.ClassSet():
                books.class_set(event, moment)
            case events.Frozen():
                books.set_frozen(event.number, event.account, True, moment)
            case events.Unfrozen():
                books.set_frozen(event.number, event.account, False, moment)
            case events.Paused() | events.Unpaused():
                books.set_paused(isinstance(event, events.Paused), moment)
            case events.TransferRuleSet():
                books.rule_set(event, moment)
            case events.ClawedBack():
                books.clawed_back(event, scratch, moment)
            case events.WindDownExtended():
                books.extended(event, moment)
            case events.ReplacementRequested():
                self.replacements.requested(event, moment)
            case events.Replaced():
                self.replacements.replaced(event, scratch, moment)
            case events.ReplacementCancelled():
                self.replacements.cancelled(event, moment)
            case events.Paid() | events.AuthorizationCanceled() | events.Approval():
                pass
            case _:
                return False
        return True

    def _expired(self, event: events.Expired, scratch: Scratch, moment: Moment) -> None:
        burnt, scratch.expiry = scratch.expiry, None
        said = (event.account, event.amount)
        self.findings.check(
            burnt == said,
            "expired-without-burn",
            f"{euros(event.amount)} of {event.account} is said to have expired; the burn before it is another",
            moment,
        )

    def _unannounced_expiry(self, scratch: Scratch, moment: Moment) -> None:
        if scratch.expiry is not None:
            address, cents = scratch.expiry
            message = f"{euros(cents)} of {address} was burnt, neither as settled nor as expired"
            self.findings.add("burn-unannounced", message, moment)
            scratch.expiry = None

    def _check_finished(self, scratch: Scratch, moment: Moment) -> None:
        """What a transaction announces it must do, and what it does it must announce."""
        self._unannounced_expiry(scratch, moment)
        for address, cents in scratch.rewards:
            self.findings.add("reward-missing", f"the reward of {euros(cents)} to {address} was not created", moment)
        for number, cents, _ in scratch.taken_back:
            message = f"{euros(cents)} of number {number} was clawed back, and no registry says of which attestation"
            self.findings.add("clawback-without-attestation", message, moment)
        for desk, shop, cents, _ in scratch.escrowed:
            message = f"{euros(cents)} of {shop} came to desk {desk} without a redemption"
            self.findings.add("escrow-without-redemption", message, moment)
        for desk, number, cents in scratch.releases:
            message = f"desk {desk} did not give {euros(cents)} back to number {number}"
            self.findings.add("release-missing", message, moment)
        for desk, cents in scratch.settled.items():
            self.findings.add("settlement-not-burnt", f"desk {desk} did not burn {euros(cents)}", moment)
        if scratch.authorization is not None:
            message = f"an authorization of {scratch.authorization[0]} was used and nothing moved"
            self.findings.add("authorization-unused", message, moment)
        for address in scratch.desks:
            self._check_desk(address, moment)

    def _check_desk(self, address: str, moment: Moment) -> None:
        desk = self.desks.get(address)
        held = self.books.account(address).balance
        owed = desk.open_cents if desk else 0
        message = f"desk {address} holds {euros(held)}; its open redemptions are {euros(owed)}"
        self.findings.check(held == owed, "desk-balance", message, moment)


def _ends_at(entry: Entry, address: str) -> bool:
    """Whether this is a `Transfer` to that address."""
    return isinstance(entry[1], events.Transfer) and entry[1].recipient == address


def _is_burn_of(entry: Entry, token: str, event: events.ClawedBack) -> bool:
    """Whether this is a burn of the account that is clawed back."""
    source, burn = entry
    ends = (event.account, ZERO_ADDRESS)
    return source == token and isinstance(burn, events.Transfer) and (burn.sender, burn.recipient) == ends


def _take_registry(registry: Registry, event: Event, scratch: Scratch, moment: Moment) -> bool:  # noqa: C901 - as above
    match event:
        case events.ReportIssued():
            registry.report_issued(event, scratch, moment)
        case events.ProgrammeOpened():
            registry.programme_opened(event, moment)
        case events.ProgrammeCapSet():
            registry.cap_set(event, moment)
        case events.AttesterSet():
            registry.attester_set(event, moment)
        case events.RuleAdded():
            registry.rule_added(event, moment)
        case events.ActivityOpened():
            registry.activity_opened(event, moment)
        case events.YearLowered():
            registry.year_lowered(event, moment)
        case events.ReportCancelled():
            correcting.report_cancelled(registry, event, moment)
        case events.AttestationReduced():
            correcting.reduced(registry, event, moment)
        case events.AttestationClawedBack():
            correcting.clawed_back(registry, event, scratch, moment)
        case _:
            return False
    return True


def _take_desk(desk: Desk, event: Event, scratch: Scratch, moment: Moment) -> bool:
    match event:
        case events.RedemptionRequested():
            desk.requested(event, scratch, moment)
        case events.RedemptionsLocked():
            desk.locked(event, moment)
        case events.RedemptionsSettled():
            desk.settled(event, scratch, moment)
        case events.RedemptionRefunded():
            desk.refunded(event, scratch, moment)
        case events.RedemptionCancelled():
            desk.cancelled(event, scratch, moment)
        case events.RedemptionReclaimed():
            desk.reclaimed(event, scratch, moment)
        case events.DeskClosed():
            desk.close(moment)
        case _:
            return False
    return True
