# SPDX-License-Identifier: EUPL-1.2
"""What an issuer decides about signed reports: which are minted, and which of their lines are left out."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from heitje.chain.addresses import to_address
from heitje.city.roles import REGISTRY
from heitje.reports.check import Checker, Entry
from heitje.reports.file import ReportFileError, SignedReport, find_reports, read_report
from heitje.reports.problems import Fault, Problem
from heitje.reports.state import Call, Subject, read_state
from scripts._support.city_chain import CityChain
from scripts._support.exits import Code, Stop
from scripts._support.office import may_sign

_UNSOUND: Final = (Fault.CHANGED, Fault.ELSEWHERE, Fault.SIGNATURE)


@dataclass
class Release:
    """One report, and what the issuer makes of it.

    `blocked` says why the whole report cannot be minted; `problems` are those of its lines; `cents` is what the good
    lines come to.
    """

    report: SignedReport
    issued: bool = False
    blocked: list[Problem] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    skip: int = 0
    cents: int = 0

    @property
    def sound(self) -> bool:
        """Whether the file holds what its attester signed for this city."""
        return not any(problem.fault in _UNSOUND for problem in self.blocked)

    @property
    def good(self) -> int:
        """How many lines will be rewarded."""
        return 0 if self.blocked else len(self.report.body.lines) - self.skip.bit_count()

    @property
    def ready(self) -> bool:
        """Whether there is something to mint."""
        return not self.issued and self.good > 0


def load_reports(paths: Sequence[Path]) -> list[SignedReport]:
    """Every report in these files and folders, each once, in the order of their names.

    Raises:
        Stop: a file cannot be read, or is no report; all such files are listed.
    """
    reports: dict[str, SignedReport] = {}
    wrong: list[str] = []
    try:
        files = find_reports(paths)
    except ReportFileError as error:
        raise Stop(Code.PROBLEMS, f"{error}. Nothing was signed or sent.") from error
    for path in files:
        try:
            report = read_report(path)
        except ReportFileError as error:
            wrong.append(str(error))
            continue
        # Not by the digest that a file claims to have: a changed copy must not hide the original.
        reports.setdefault(report.document.model_dump_json(exclude={"source"}), report)
    if wrong:
        raise Stop(Code.PROBLEMS, "Some files are no reports. Nothing was signed or sent.", wrong)
    return list(reports.values())


def decide(city: CityChain, reports: Sequence[SignedReport], issuer: str, time_zone: str) -> list[Release]:
    """Checks every report against the chain as it is now, in the order in which they will be minted.

    Raises:
        Stop: nothing can be minted at all at this moment, or not by this account.
    """
    domain = city.domain(REGISTRY)
    releases = [Release(report) for report in reports]
    for release in releases:
        release.blocked = release.report.problems(domain)
    sound = [release for release in releases if release.sound]
    answers = city.read_many([Call(REGISTRY, "isIssued", (release.report.digest,)) for release in sound])
    for release, issued in zip(sound, answers, strict=True):
        release.issued = issued
    todo = [release for release in sound if not release.issued]
    bodies = [release.report.body for release in todo]
    subjects = [Subject(body.activity, line.number) for body in bodies for line in body.lines]
    state = read_state(city, subjects, [issuer, *(body.attester for body in bodies)])
    checker = Checker(state, time_zone)
    if todo and checker.city():
        text = "Nothing can be minted now. Nothing was signed or sent."
        raise Stop(Code.PROBLEMS, text, [problem.text for problem in checker.city()])
    if todo and not may_sign(city, issuer, REGISTRY, "issue"):
        text = (
            f"{issuer} may not release reports: it is no ISSUER. Use the account of an issuer; this says nothing about "
            "the reports. Nothing was signed or sent."
        )
        raise Stop(Code.PROBLEMS, text)
    pairs = [(release.report.digest, to_address(release.report.body.attester)) for release in todo]
    cancelled = city.read_many([Call(REGISTRY, "isCancelled", pair) for pair in pairs])
    for release, gone in zip(todo, cancelled, strict=True):
        release.blocked = _whole(release.report, checker, issuer)
        if gone:
            text = "it was cancelled, and never can be minted"
            release.blocked.insert(0, Problem(0, Fault.CANCELLED, text, release.report.path.name))
        if not release.blocked:
            _lines(release, checker, issuer)
    return releases


def _whole(report: SignedReport, checker: Checker, issuer: str) -> list[Problem]:
    """What is wrong with a report as a whole."""
    name, body = report.path.name, report.body
    found = []
    if to_address(body.attester) == issuer:
        text = f"{issuer} attested this; somebody else must release it"
        found.append(Problem(0, Fault.ATTESTER_IS_ISSUER, text, name))
    if checker.state.now > body.deadline:
        found.append(Problem(0, Fault.DEADLINE, "the attester's deadline has passed; it must be attested anew", name))
    found += [Problem(0, fault, text, name) for fault, text in checker.activity(body.activity, body.attester)]
    return found


def _lines(release: Release, checker: Checker, issuer: str) -> None:
    report, body = release.report, release.report.body
    for index, line in enumerate(body.lines):
        entry = Entry(report.source_line(index), body.activity, line.number, line.minutes, report.path.name)
        found = checker.line(entry, [body.attester, issuer])
        release.problems += found
        if found:
            release.skip |= 1 << index
        else:
            release.cents += checker.rewards[(body.activity, line.number)]


def left_out(releases: Sequence[Release]) -> list[str]:
    """Everything that will not be minted, in words, by file and line."""
    lines = []
    for release in releases:
        report = release.report
        where = f"{report.path.name} (from {report.document.source.file})"
        lines += [f"{where}: the whole report: {problem.text}" for problem in release.blocked]
        lines += [f"{where}, line {problem.line}: {problem.text}" for problem in release.problems]
    return lines
