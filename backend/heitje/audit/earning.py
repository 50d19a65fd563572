# SPDX-License-Identifier: EUPL-1.2
"""What registries did, rebuilt from their events: programmes, activities, rules, reports, attestations, caps."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from heitje.audit.books import Books
from heitje.audit.caps import Caps, earned_in
from heitje.audit.facts import RegistryFacts
from heitje.audit.findings import Findings, Moment, euros
from heitje.audit.roles import Authorities
from heitje.audit.scratch import Scratch
from heitje.audit.signatures import Claim, Wallets, is_key_signature
from heitje.chain import events
from heitje.chain.account import Class
from heitje.chain.calendar import MONTHS_PER_YEAR, month_text
from heitje.chain.typed_data import Line, release_digest, report_digest
from heitje.chain.words import Attestation, AttestationStatus, uid_of

MAX_LINES: Final = 200
MONTH_LIMIT: Final = 1 << 20
LOWERED_LIMIT: Final = 1 << 16
MINUTES_PER_HOUR: Final = 60


@dataclass
class Programme:
    """A budget. Amounts are cents, months are indices."""

    cap: int
    from_month: int
    to_month: int
    used: int = 0
    attesters: dict[str, bool] = field(default_factory=dict)
    """Whether an attester is appointed, of everyone who ever was."""


@dataclass
class Registry:
    """One registry. The selectors are of its own `issue`, and of what it may have the token do."""

    address: str
    facts: RegistryFacts
    issue_selector: bytes
    token: str
    token_selectors: dict[str, bytes]
    books: Books
    authorities: Authorities
    city_caps: list[Caps]
    """Those of all registries, this one's own included."""
    wallets: Wallets
    findings: Findings
    caps: Caps = field(default_factory=Caps)
    programmes: dict[int, Programme] = field(default_factory=dict)
    activities: dict[int, events.ActivityOpened] = field(default_factory=dict)
    rules: list[events.RuleAdded] = field(default_factory=list)
    attestations: dict[int, int] = field(default_factory=dict)
    """Words by uid: amounts, minutes and times as the registry must have stored them."""
    reports: set[bytes] = field(default_factory=set)
    cancelled: set[bytes] = field(default_factory=set)
    """Reports that programme staff cancelled, whoever signed them."""
    withdrawn: set[tuple[str, bytes]] = field(default_factory=set)
    """(attester, report) of those an attester cancelled, which binds only the attester's own."""
    reductions: int = 0
    clawbacks: int = 0
    written_off: int = 0
    """Cents that were struck and could not be taken back."""
    last_issued_month: int = 0
    predecessor: "Registry | None" = None
    """The registry it names as the one before it, if that is one of this city's."""

    def succeed(self, predecessor: "Registry") -> None:
        """It is founded and begins where its predecessor stands."""
        self.predecessor = predecessor
        self.last_issued_month = predecessor.last_issued_month

    # What programme staff and the rules decided

    def programme_opened(self, event: events.ProgrammeOpened, moment: Moment) -> None:
        """A budget, for months that are not over."""
        fits = event.programme not in self.programmes and event.from_month <= event.to_month >= moment.month
        self._check(fits, "programme", f"programme {event.programme} was opened for a past or empty period", moment)
        self.programmes[event.programme] = Programme(event.cap, event.from_month, event.to_month)

    def cap_set(self, event: events.ProgrammeCapSet, moment: Moment) -> None:
        """Another budget, at least what is spent."""
        programme = self._programme(event.programme, moment)
        self._check(event.cap >= programme.used, "programme", "a budget was set below what was spent", moment)
        programme.cap = event.cap

    def attester_set(self, event: events.AttesterSet, moment: Moment) -> None:
        """An attester is appointed or dismissed."""
        self._programme(event.programme, moment).attesters[event.attester] = event.appointed

    def rule_added(self, event: events.RuleAdded, moment: Moment) -> None:
        """A row of limits, for months not issued for yet."""
        fits = (
            event.row == len(self.rules)
            and event.valid_from > self.last_issued_month
            and event.headroom <= event.month_limit <= event.year_limit
            and event.month_limit < MONTH_LIMIT
        )
        self._check(fits, "rule", f"row {event.row} of the limits breaks the rules for rows", moment)
        self.rules.append(event)

    def activity_opened(self, event: events.ActivityOpened, moment: Moment) -> None:
        """An activity, within its programme and the hourly limit."""
        programme = self._programme(event.programme, moment)
        fits = (
            event.activity not in self.activities
            and event.programme == event.details_programme
            and programme.from_month <= event.month <= programme.to_month
            and event.no_displacement
            and event.max_minutes > 0
            and event.opens_at < event.closes_at
            and 0 < event.cents_per_hour <= self._hourly_limit(event)
        )
        self._check(fits, "activity", f"activity {event.activity} breaks the rules for activities", moment)
        self.activities[event.activity] = event

    def _programme(self, number: int, moment: Moment) -> Programme:
        if number not in self.programmes:
            self._check(False, "programme", f"programme {number} was never opened", moment)
            self.programmes[number] = Programme(0, 0, 0)
        return self.programmes[number]

    def rule_for(self, month: int) -> events.RuleAdded | None:
        """The row in force for a month: the last added that is valid from then or before, else the predecessor's."""
        own = next((row for row in reversed(self.rules) if row.valid_from <= month), None)
        return self.predecessor.rule_for(month) if own is None and self.predecessor is not None else own

    def _hourly_limit(self, activity: events.ActivityOpened) -> int:
        rule = self.rule_for(activity.month)
        if rule is None:
            return 0
        return rule.hourly_adult if activity.adult else rule.hourly_youth

    def _check(self, holds: bool, code: str, message: str, moment: Moment) -> bool:  # noqa: FBT001
        return self.findings.check(holds, code, message, moment)

    # Reports

    def report_issued(self, event: events.ReportIssued, scratch: Scratch, moment: Moment) -> None:
        """A report: both signatures, both rights, the activity, every line; then what must be minted is announced."""
        self._check(self.may_have_the_token("issue", moment), "registry-not-minter", f"{self.address} may not", moment)
        before = self.predecessor
        alone = before is None or not before.may_have_the_token("issue", moment)
        self._check(alone, "predecessor-issues", f"{self.facts.predecessor} could still issue as well", moment)
        activity = self.activities.get(event.activity)
        if activity is None:
            self._check(False, "report-activity", f"activity {event.activity} was never opened", moment)
            return
        programme = self._programme(activity.programme, moment)
        self._check_signatures(event, moment)
        self._check_rights(event, programme, moment)
        self._check_time(event, activity, moment)
        total = 0
        for index, line in self._rewarded(event, moment):
            total += self._line(index, line, event, activity, scratch, moment)
        programme.used += total
        self._check(
            programme.used <= programme.cap,
            "budget",
            f"programme {activity.programme} spent {euros(programme.used)} of {euros(programme.cap)}",
            moment,
        )
        self.last_issued_month = max(self.last_issued_month, activity.month)

    def _check_signatures(self, event: events.ReportIssued, moment: Moment) -> None:
        domain = self.facts.domain
        digest = report_digest(domain, event.attester, event.activity, event.lines, event.deadline, event.serial)
        self._check(
            digest == event.report,
            "report-digest",
            f"the report's content has digest 0x{digest.hex()}, the event says 0x{event.report.hex()}",
            moment,
        )
        self._check(event.report not in self.reports, "report-twice", "this report was issued before", moment)
        self.reports.add(event.report)
        stands = not self.is_cancelled(event.report, event.attester)
        self._check(stands, "cancelled-issued", f"the report 0x{event.report.hex()} had been cancelled", moment)
        release = release_digest(domain, event.issuer, digest, event.skip)
        self._check_signed("attester", event.attester, digest, event.attester_signature, moment)
        self._check_signed("issuer", event.issuer, release, event.issuer_signature, moment)

    def _check_signed(self, role: str, signer: str, digest: bytes, signature: bytes, moment: Moment) -> None:
        """Checks a key's signature; what is none may be a contract's, which must be asked."""
        if is_key_signature(signer, digest, signature):
            return
        code, message = f"{role}-signature", f"the report is not signed by its {role} {signer}"
        place = (moment.block, moment.transaction)
        self.wallets.claims.append(Claim(signer, digest, signature, self.address, *place, code, message))

    def is_cancelled(self, report: bytes, attester: str) -> bool:
        """Whether a report of this attester was cancelled."""
        return report in self.cancelled or (attester, report) in self.withdrawn

    def may_have_the_token(self, function: str, moment: Moment) -> bool:
        """Whether this registry may have the token issue, or claw back, at this moment."""
        return self.authorities.may_call(self.address, self.token, self.token_selectors[function], moment.time)

    def _check_rights(self, event: events.ReportIssued, programme: Programme, moment: Moment) -> None:
        self._check(
            programme.attesters.get(event.attester, False),
            "attester-not-appointed",
            f"{event.attester} was no attester of the programme then",
            moment,
        )
        self._check(
            self.authorities.may_call(event.issuer, self.address, self.issue_selector, moment.time),
            "issuer-not-allowed",
            f"{event.issuer} might not issue then",
            moment,
        )
        self._check(event.attester != event.issuer, "same-signer", "attester and issuer are the same", moment)
        self._check(not self.books.paused, "paused-issued", "rewards were issued while paused", moment)
        in_time = moment.time <= self.books.dates.issue_until
        self._check(in_time, "issued-late", "rewards were issued after the last day of issuing", moment)

    def _check_time(self, event: events.ReportIssued, activity: events.ActivityOpened, moment: Moment) -> None:
        self._check(moment.time <= event.deadline, "report-expired", "the report's deadline had passed", moment)
        self._check(
            activity.opens_at <= moment.time <= activity.closes_at,
            "activity-window",
            f"activity {event.activity} was not open for reports then",
            moment,
        )
        self._check(
            moment.month - self.facts.months_back <= activity.month <= moment.month,
            "month-range",
            f"rewards for {month_text(activity.month)} were issued in {month_text(moment.month)}",
            moment,
        )
        self._check(
            activity.cents_per_hour <= self._hourly_limit(activity),
            "hourly-limit",
            f"activity {event.activity} pays more per hour than the limit",
            moment,
        )

    def _rewarded(self, event: events.ReportIssued, moment: Moment) -> Iterator[tuple[int, Line]]:
        """The lines that are not skipped, with their index."""
        count = len(event.lines)
        fits = 0 < count <= MAX_LINES and event.skip >> count == 0 and event.skip != (1 << count) - 1
        self._check(fits, "report-form", f"{count} lines with skip {event.skip:#x}", moment)
        return ((i, line) for i, line in enumerate(event.lines) if not event.skip >> i & 1)

    def _line(
        self,
        index: int,
        line: Line,
        event: events.ReportIssued,
        activity: events.ActivityOpened,
        scratch: Scratch,
        moment: Moment,
    ) -> int:
        """One reward: recomputed, counted towards caps, announced to the books. Returns cents."""
        amount = line.minutes * activity.cents_per_hour // MINUTES_PER_HOUR
        where = f"line {index} (number {line.number})"
        own = {self.books.account(event.attester).number, self.books.account(event.issuer).number} - {0}
        self._check(line.number not in own, "own-number", f"{where} rewards who signed", moment)
        fits = 0 < line.minutes <= activity.max_minutes and amount > 0
        self._check(fits, "line-minutes", f"{where} has {line.minutes} minutes of {activity.max_minutes}", moment)
        uid = uid_of(event.activity, line.number)
        self._check(uid not in self.attestations, "rewarded-twice", f"{where} was rewarded before", moment)
        self._check_caps(where, line.number, amount, activity.month, moment)
        self.caps.add(line.number, activity.month, amount)
        self.attestations[uid] = Attestation(
            amount & 0xFFFFFFFF,
            0,
            line.minutes,
            activity.month,
            activity.programme,
            moment.time,
            AttestationStatus.ISSUED,
        ).to_word()
        holder = self.books.holders.get(line.number, "")
        resident = self.books.account(holder).holder_class == Class.RESIDENT
        if self._check(resident, "line-resident", f"{where} is no resident's", moment):
            scratch.rewards.append((holder, amount))
        return amount

    def _check_caps(self, where: str, number: int, amount: int, month: int, moment: Moment) -> None:
        rule = self.rule_for(month)
        if rule is None:
            self._check(False, "no-rule", f"no limits are in force for {month_text(month)}", moment)
            return
        in_month, in_year = earned_in(self.city_caps, number, month)
        year = month // MONTHS_PER_YEAR
        lowered = self.lowered_by(number, year)
        within = in_month + amount <= rule.month_limit - rule.headroom
        self._check(within, "month-limit", f"{where} goes above the limit of {month_text(month)}", moment)
        within = in_year + amount <= rule.year_limit - rule.headroom - lowered
        self._check(within, "year-limit", f"{where} goes above the limit of {year}", moment)

    # A person's year

    def year_lowered(self, event: events.YearLowered, moment: Moment) -> None:
        """The registrar set by how much a person's year is lowered."""
        fits = event.number in self.books.holders and max(event.year, event.euros) < LOWERED_LIMIT
        self._check(fits, "year-lowered", f"the year {event.year} of number {event.number}, which is nobody's", moment)
        self.caps.lowered[event.number, event.year] = event.euros

    def lowered_by(self, number: int, year: int) -> int:
        """Cents a person's year is lowered by: here, or by a registry before this one, whichever is more."""
        before = 0 if self.predecessor is None else self.predecessor.lowered_by(number, year)
        return max(self.caps.lowered_by(number, year), before)

    def earned(self, number: int, month: int) -> tuple[int, int]:
        """Cents in a month and in its year, here and in the registries before this one."""
        here = self.caps.earned(number, month)
        if self.predecessor is None:
            return here
        before = self.predecessor.earned(number, month)
        return here[0] + before[0], here[1] + before[1]
