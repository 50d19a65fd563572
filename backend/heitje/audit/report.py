# SPDX-License-Identifier: EUPL-1.2
"""The audit's report, for people and for machines."""

from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from heitje.audit.facts import CityFacts
from heitje.audit.findings import Findings, euros
from heitje.audit.redeeming import OPEN
from heitje.audit.refunds import RefundException
from heitje.audit.replay import Replay

VERIFIED: Final = (
    "every credit was created for one line of a report that its attester and an issuer, who is somebody else, signed",
    "both had that right then; amounts follow from minutes and rate; nobody was rewarded twice for an activity",
    "no report was issued that had been cancelled before",
    "budgets, hourly limits, and each person's month and year, lowered years included",
    "every credit that left was settled against locked redemptions by another treasurer, expired, or was clawed back",
    "rewards were only reduced, never raised, by an attester appointed then or programme staff; cents follow minutes",
    "a clawback came once, after the time to object, of a resident, and took what was struck as far as it was there",
    "who paid whom was allowed then; frozen accounts and paused payments stood still; payment numbers have no gaps",
    "lost wallets were replaced after the time to object, by two officials who might; all went to the new address",
    "each payout reference was used once; every desk holds exactly its open redemptions; none was reclaimed too early",
    "the dates of winding down only moved away, and none after it had passed",
    "everything the contracts store (sums, accounts, attestations, budgets, redemptions) follows from the events",
)
NOT_VERIFIED: Final = (
    "that people did what was attested, that two officials are two people, that the euros reached the bank",
    "signatures that no event holds: of payments, redemptions, replacements, corrections, locks and settlements",
    "what a contract that signed a report said of it then: that is the node's word, as of that block",
    "who called the functions of registrar, programme staff, guardian and clawback: the authority checks that",
    "the constants of the contracts: first dates and the gaps between them, times to object, how far back months count",
    "events that left no trace in what is stored, if the node hides them (a freeze and its end): ask several nodes",
    "accounts no event ever named, if a node's database was altered; the chain's own consensus: ask several nodes",
)


@dataclass
class Result:
    """An audit that was made."""

    facts: CityFacts
    replay: Replay
    findings: Findings
    compared: int
    exceptions: list[RefundException]
    notes: list[str] = field(default_factory=list)

    @property
    def is_clean(self) -> bool:
        """Whether nothing is wrong."""
        return self.findings.count == 0

    def to_json(self) -> dict[str, Any]:
        """The report as one JSON document. Amounts are strings of cents, times RFC 3339 in UTC."""
        facts, books = self.facts, self.replay.books
        sums = books.sums
        return {
            "ok": self.is_clean,
            "token": {"address": facts.token, "name": facts.name, "symbol": facts.symbol},
            "chainId": facts.chain_id,
            "contracts": {
                "authorities": list(facts.authorities),
                "registries": list(facts.registries),
                "desks": list(facts.desks),
            },
            "blocks": {
                "first": facts.first_block,
                "last": facts.head,
                "hash": facts.head_hash,
                "time": _time(facts.head_time),
            },
            "terms": self.terms(),
            "sums": {
                "issued": str(sums.issued),
                "settled": str(sums.settled),
                "clawedBack": str(sums.clawed_back),
                "expired": str(sums.expired),
                "writtenOff": str(self.written_off),
                "supply": str(sums.supply),
                "balances": str(books.total()),
            },
            "counts": self.counts(),
            "findings": [asdict(finding) for finding in self.findings.listed],
            "findingsCount": self.findings.count,
            "exceptions": [
                {
                    "merchant": item.refund.merchant,
                    "resident": item.refund.resident,
                    "amount": str(item.refund.value),
                    "block": item.refund.block,
                    "transaction": item.refund.transaction,
                    "message": item.message,
                }
                for item in self.exceptions
            ],
            "verified": list(VERIFIED),
            "notVerified": list(NOT_VERIFIED),
            "notes": self.notes,
        }

    def terms(self) -> dict[str, Any]:
        """What the contracts say of themselves and is relied upon: dates, and times in seconds."""
        facts = self.facts
        return {
            "issueUntil": _time(facts.dates.issue_until),
            "payUntil": _time(facts.dates.pay_until),
            "redeemUntil": _time(facts.dates.redeem_until),
            "epochMonths": facts.epoch_months,
            "replacementWindow": facts.replacement_window,
            "clawbackWindows": {address: registry.clawback_window for address, registry in facts.registries.items()},
            "reclaimAfter": {address: desk.reclaim_after for address, desk in facts.desks.items()},
            "lockedReclaimAfter": {address: desk.locked_reclaim_after for address, desk in facts.desks.items()},
        }

    def counts(self) -> dict[str, int]:
        """How many there are of everything."""
        replay, books = self.replay, self.replay.books
        registries, desks, replacements = replay.registries.values(), replay.desks.values(), replay.replacements
        return {
            "transactions": replay.transactions,
            "events": replay.event_count,
            "accounts": len(books.accounts),
            "programmes": sum(len(r.programmes) for r in registries),
            "activities": sum(len(r.activities) for r in registries),
            "reports": sum(len(r.reports) for r in registries),
            "cancelledReports": sum(len(r.cancelled) + len(r.withdrawn) for r in registries),
            "walletSignatures": replay.wallets.verified,
            "walletSignaturesNotChecked": len(replay.wallets.untold),
            "rewards": books.sums.rewards,
            "reductions": sum(r.reductions for r in registries),
            "clawbacks": sum(r.clawbacks for r in registries),
            "loweredYears": sum(len(r.caps.lowered) for r in registries),
            "payments": books.sums.payments,
            "failedPayments": books.sums.failed_payments,
            "plainMoves": books.sums.plain_moves,
            "refunds": len(books.refunds),
            "redemptions": sum(len(d.redemptions) for d in desks),
            "openRedemptions": sum(r.status in OPEN for d in desks for r in d.redemptions.values()),
            "reclaims": sum(d.reclaims for d in desks),
            "payouts": sum(len(d.payout_references) for d in desks),
            "expiries": books.sums.expiries,
            "replacements": replacements.carried_out,
            "cancelledReplacements": replacements.cancelled_count,
            "openReplacements": len(replacements.pending),
            "extensions": books.extensions,
            "compared": self.compared,
        }

    @property
    def written_off(self) -> int:
        """Cents that were struck of rewards and could not be taken back."""
        return sum(registry.written_off for registry in self.replay.registries.values())

    def to_text(self) -> str:
        """The report for people."""
        sections = [self._heading(), self._terms(), self._equation(), self._counts(), self._verdict()]
        if self.exceptions:
            sections.append(self._exceptions())
        sections.append(_list("Checked", VERIFIED))
        sections.append(_list("Not checked, because the chain alone cannot tell", NOT_VERIFIED))
        if self.notes:
            sections.append(_list("Notes", self.notes))
        return "\n\n".join(sections) + "\n"

    def _heading(self) -> str:
        facts = self.facts
        return (
            f"Audit of {facts.name} ({facts.symbol}), token {facts.token}, chain {facts.chain_id}\n"
            f"Blocks {facts.first_block} to {facts.head} ({facts.head_hash}), {_date(facts.head_time)}\n"
            f"Registry {', '.join(facts.registries) or 'none'}; desk {', '.join(facts.desks) or 'none'}"
        )

    def _terms(self) -> str:
        facts = self.facts
        days = [_days(r.clawback_window) for r in facts.registries.values()]
        reclaims = [f"{_days(d.reclaim_after)}, locked {_days(d.locked_reclaim_after)}" for d in facts.desks.values()]
        return (
            f"By the contracts' own words: rewards until {_date(facts.dates.issue_until)}, payments until "
            f"{_date(facts.dates.pay_until)}, redemptions until {_date(facts.dates.redeem_until)}\n"
            f"Epochs of {facts.epoch_months} months; time to object to a replacement: "
            f"{_days(facts.replacement_window)}; to a clawback: {'; '.join(days) or 'none'}\n"
            f"Redemptions that nobody ended are reclaimed after {'; '.join(reclaims) or 'no time'}"
        )

    def _equation(self) -> str:
        sums, total = self.replay.books.sums, self.replay.books.total()
        rows = [
            ("  issued", sums.issued),
            ("- settled, paid out in euros", sums.settled),
            ("- clawed back", sums.clawed_back),
            ("- expired", sums.expired),
            ("= in circulation", sums.supply),
            ("  sum of all balances", total),
        ]
        width = max(len(euros(cents)) for _, cents in rows)
        return "\n".join(f"{name:<32}{euros(cents):>{width}}" for name, cents in rows)

    def _counts(self) -> str:
        c = self.counts()
        return (
            f"{c['accounts']} accounts, {c['programmes']} programmes, {c['activities']} activities\n"
            f"{c['reports']} reports with {c['rewards']} rewards, {c['cancelledReports']} cancelled reports\n"
            f"{c['reductions']} reductions of rewards, {c['clawbacks']} clawbacks "
            f"({euros(self.replay.books.sums.clawed_back)} taken back, {euros(self.written_off)} written off)\n"
            f"{c['payments']} signed payments, {c['failedPayments']} that failed, {c['plainMoves']} other moves, "
            f"{c['refunds']} refunds, {c['expiries']} expiries\n"
            f"{c['redemptions']} redemptions, {c['openRedemptions']} of them open, {c['reclaims']} reclaimed, "
            f"{c['payouts']} payouts\n"
            f"{c['replacements']} lost wallets replaced, {c['cancelledReplacements']} replacements cancelled, "
            f"{c['openReplacements']} waiting\n"
            f"{c['events']} events in {c['transactions']} transactions; {c['compared']} stored values compared"
        )

    def _verdict(self) -> str:
        if self.is_clean:
            untold = len(self.replay.wallets.untold)
            but = f" NOT CHECKED: {untold} signatures of contracts, see the notes." if untold else ""
            return f"THE BOOKS ARE RIGHT. Everything above follows from the events of the chain alone.{but}"
        shown = [
            f"* [{f.code}] {f.message}\n    block {_or_unknown(f.block)}, transaction {_or_unknown(f.transaction)}"
            for f in self.findings.listed
        ]
        if self.findings.count > len(shown):
            shown.append(f"... and {self.findings.count - len(shown)} more.")
        noun = "THING IS" if self.findings.count == 1 else "THINGS ARE"
        return f"{self.findings.count} {noun} WRONG:\n" + "\n".join(shown)

    def _exceptions(self) -> str:
        shown = [
            f"{euros(item.refund.value)} from shop {item.refund.merchant} to {item.refund.resident}: {item.message} "
            f"(block {item.refund.block}, transaction {item.refund.transaction})"
            for item in self.exceptions
        ]
        return _list("Refunds that match no payment: these shops' exceptions, no fault of the city's books", shown)


def _list(title: str, items: tuple[str, ...] | list[str]) -> str:
    return f"{title}:\n" + "\n".join(f"* {item}" for item in items)


def _or_unknown(value: int | str | None) -> str:
    return "unknown" if value is None else str(value)


LAST_DATE: Final = 253_402_300_799
"""The end of the year 9999: the contracts know later dates, the calendar here does not."""


def _time(timestamp: int) -> str:
    timestamp = min(timestamp, LAST_DATE)
    return datetime.fromtimestamp(timestamp, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _days(seconds: int) -> str:
    """Seconds as days, with a fraction where they are not whole."""
    days = f"{seconds / 86_400:.2f}".rstrip("0").rstrip(".")
    return f"{days} days"


def _date(timestamp: int) -> str:
    moment = datetime.fromtimestamp(min(timestamp, LAST_DATE), UTC)
    return f"{moment.day} {moment:%B %Y, %H:%M:%S} UTC"
