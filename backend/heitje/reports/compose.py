# SPDX-License-Identifier: EUPL-1.2
"""From claims to reports: one activity each, at most two hundred lines, the same for the same file every time.

A line is in a report if it can be expressed there: its activity exists, its person has a live account and is in the
register. Nothing that changes from day to day (what is left, who is frozen, what was issued) decides what a report
says, so attesting a file again gives the same digests, and the chain knows them.
"""

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass

from heitje.chain.addresses import to_address
from heitje.chain.typed_data import Domain, Line, report_digest
from heitje.city.register import Register, evidence_commitment, evidence_salt
from heitje.reports.check import Checker, Entry
from heitje.reports.corrections import old_wallet
from heitje.reports.file import FORMAT, MOST_LINES, ReportBody, ReportDocument, ReportLine, Source, serial_of
from heitje.reports.lines import Claim
from heitje.reports.problems import Fault, Problem
from heitje.reports.state import State


@dataclass(frozen=True)
class Draft:
    """A report before it is signed, with the line of the file that each of its lines comes from."""

    attester: str
    activity: int
    part: int
    lines: tuple[Line, ...]
    source_lines: tuple[int, ...]
    deadline: int
    serial: int
    digest: bytes

    @property
    def pairs(self) -> list[tuple[Line, int]]:
        """Its lines, each with the line of the file that it comes from."""
        return list(zip(self.lines, self.source_lines, strict=True))

    @property
    def entries(self) -> list[Entry]:
        """Its lines, to be checked."""
        return [Entry(source, self.activity, line.number, line.minutes) for line, source in self.pairs]

    def document(self, domain: Domain, signature: bytes, file: str) -> ReportDocument:
        """The report file, once it is signed."""
        lines = [ReportLine(number=n, minutes=m, evidence="0x" + e.hex()) for n, m, e in self.lines]
        return ReportDocument(
            format=FORMAT,
            chainId=domain.chain_id,
            registry=domain.contract,
            report=ReportBody(
                attester=self.attester,
                activity=self.activity,
                lines=lines,
                deadline=self.deadline,
                serial=str(self.serial),
            ),
            digest="0x" + self.digest.hex(),
            signature="0x" + signature.hex(),
            source=Source(file=file, lines=list(self.source_lines)),
        )


def resolve(claims: Sequence[Claim], state: State, register: Register) -> tuple[list[tuple[Claim, int]], list[Problem]]:
    """Each claim with its person's number, and the claims that cannot be expressed in any report."""
    found: list[tuple[Claim, int]] = []
    problems: list[Problem] = []
    for claim in claims:
        if claim.activity not in state.activities:
            text = f"there is no activity {claim.activity}"
            problems.append(Problem(claim.line, Fault.ACTIVITY_UNKNOWN, text))
        number, problem = _number(claim, state, register)
        if problem:
            problems.append(problem)
        elif claim.activity in state.activities:
            found.append((claim, number))
    return found, problems


def _number(claim: Claim, state: State, register: Register) -> tuple[int, Problem | None]:
    number = claim.resident
    if isinstance(number, str):
        number = state.numbers.get(to_address(number), 0)
    person = state.people.get(number)
    if person is None:
        return 0, Problem(claim.line, Fault.RESIDENT_UNKNOWN, f"{claim.name} is not enrolled: a typing error?")
    if isinstance(claim.resident, str) and person.address != to_address(claim.resident):
        text = old_wallet(claim.resident, number, person.address)
        return 0, Problem(claim.line, Fault.RESIDENT_UNKNOWN, text)
    member = register.get(number)
    if member is None or member.is_erased:
        why = "was erased from the register" if member else "is enrolled, but not in this register"
        return 0, Problem(claim.line, Fault.RESIDENT_NOT_IN_REGISTER, f"member {number} {why}")
    return number, None


def compose(
    resolved: Sequence[tuple[Claim, int]],
    *,
    attester: str,
    state: State,
    register: Register,
    domain: Domain,
    source: bytes,
) -> list[Draft]:
    """The reports of these claims, by activity in the order of the file.

    Args:
        resolved: what `resolve` found.
        attester: who will sign, EIP-55.
        state: as `resolve` had it; a report may be issued until its activity closes.
        register: for the salts of the evidence.
        domain: the registry's.
        source: the SHA-256 of the file; it leaves only mixed with the salts.
    """
    by_activity: dict[int, list[tuple[Claim, int]]] = {}
    for claim, number in resolved:
        by_activity.setdefault(claim.activity, []).append((claim, number))
    drafts = []
    for activity, claims in by_activity.items():
        deadline = state.activities[activity].closes_at
        for part, start in enumerate(range(0, len(claims), MOST_LINES)):
            chosen = claims[start : start + MOST_LINES]
            lines = tuple(Line(n, c.minutes, _evidence(register, n, c)) for c, n in chosen)
            salts = [evidence_salt(_secret(register, n), activity) for _, n in chosen]
            serial = serial_of(salts, source, activity, part)
            digest = report_digest(domain, attester, activity, lines, deadline, serial)
            where = tuple(claim.line for claim, _ in chosen)
            drafts.append(Draft(attester, activity, part, lines, where, deadline, serial, digest))
    return drafts


def _secret(register: Register, number: int) -> bytes:
    member = register.get(number)
    assert member is not None, "resolve() leaves out whoever is not in the register"
    return member.secret


def _evidence(register: Register, number: int, claim: Claim) -> bytes:
    return evidence_commitment(_secret(register, number), claim.activity, claim.evidence.encode())


@dataclass(frozen=True)
class Verdict:
    """What became of one draft: it was issued before, it cannot be signed, or it can, with lines to be skipped."""

    draft: Draft
    issued: bool
    blocked: bool
    problems: tuple[Problem, ...]

    @property
    def skipped(self) -> int:
        """How many of its lines the issuer will have to skip."""
        return len({problem.line for problem in self.problems})

    @property
    def worth_signing(self) -> bool:
        """Whether anything in it can be rewarded."""
        return not self.issued and not self.blocked and self.skipped < len(self.draft.lines)


def judge(
    drafts: Sequence[Draft], issued: Mapping[bytes, bool], checker: Checker, cancelled: Container[bytes] = ()
) -> list[Verdict]:
    """Checks the drafts in the order in which they will be issued. What was issued before is not checked again.

    Args:
        drafts: what would be signed.
        issued: which of them are minted, by digest.
        checker: new, for this state.
        cancelled: the digests of those that were cancelled, and never can be minted.
    """
    verdicts = []
    for draft in drafts:
        if issued.get(draft.digest):
            verdicts.append(Verdict(draft, issued=True, blocked=False, problems=()))
            continue
        whole = checker.activity(draft.activity, draft.attester)
        if draft.digest in cancelled:
            whole.append((Fault.CANCELLED, "this report was cancelled; put the file right and attest that"))
        if whole:
            problems = [Problem(line, fault, text) for line in draft.source_lines for fault, text in whole]
        else:
            problems = [p for entry in draft.entries for p in checker.line(entry, [draft.attester])]
        verdicts.append(Verdict(draft, issued=False, blocked=bool(whole), problems=tuple(problems)))
    return verdicts
