# SPDX-License-Identifier: EUPL-1.2
"""Checks who did what, line by line, and signs it in reports that the issuer can mint."""

from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

import click

from heitje.chain import messages
from heitje.city.register import Register, RegisterError
from heitje.city.roles import REGISTRY
from heitje.reports.check import Checker, by_line
from heitje.reports.compose import Draft, Verdict, compose, judge, resolve
from heitje.reports.file import SUFFIX, as_json, file_hash
from heitje.reports.lines import COLUMNS, SYNONYMS, Claim, read_claims
from heitje.reports.problems import Fault, Problem, euros
from heitje.reports.state import Call, State, Subject, read_state
from scripts._support.city_chain import CityChain
from scripts._support.console import confirm, count, nothing_more, progress, say, show_table, were
from scripts._support.documents import read_deployment, write_json
from scripts._support.exits import Code, Stop
from scripts._support.inputs import open_register, profile_of, read_bytes, read_rows, save_register
from scripts._support.keys import Key
from scripts._support.script import Script, account_option, node_of, profile_option, receipt_option, switches

HELP = """Attest who did what.

REPORT is a table (CSV as a spreadsheet saves it: `;` or `,`, with or without byte order mark), one line per person and
activity:

\b
  activity   the number of the activity
  resident   a member number, or an address
  minutes    whole minutes
  evidence   what you noted (a list, a photo); only a sealed fingerprint of it goes on the chain

What you noted is kept in the register, encrypted, so that `ape run verify evidence` can show later which reward it
belongs to, until the person is erased. Your own file stays where it is: keep it no longer than you need it.

Every line is checked before anything is signed, and all problems are listed with their line numbers. Then you sign: one
report per activity and two hundred lines, in the folder OUT, for the issuer to mint. Nothing is sent to the chain.

All or nothing: with any problem nothing is signed. With --skip-bad, a line that cannot stand in a report at all (cannot
be read, wrong check digit, unknown person or activity, an activity that is not held yet or closed, or that is not yours
to attest) is left out and listed; any other bad line (frozen, wrong class, too many minutes, a duplicate, rewarded
before, no room in month, year or budget) stays in the report, is listed too, and the issuer leaves it out by
`mint --skip-bad`.

Attesting the same file again gives the same reports. Reports that were minted already are not made again.
"""


@click.command(cls=Script, help=HELP, short_help="Check and sign who did what")
@click.argument("report", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option(
    "--register", "register_path", type=click.Path(path_type=Path), required=True, help="The register's file."
)
@click.option(
    "--out", type=click.Path(path_type=Path, file_okay=False), required=True, help="The folder for the signed reports."
)
@click.option("--skip-bad", is_flag=True, help="Go ahead without the bad lines; see above.")
@account_option("It must be an attester of the activities' programmes.")
@profile_option
@receipt_option("attest")
@switches
def cli(
    provider: Any,
    report: Path,
    register_path: Path,
    out: Path,
    account: str,
    profile: str | None,
    receipt: Path,
    deployment: Path,
    *,
    skip_bad: bool,
    yes: bool,
    dry_run: bool,
) -> None:
    """See HELP."""
    source = file_hash(read_bytes(report))
    claims, problems = read_claims(read_rows(report, COLUMNS, synonyms=SYNONYMS))
    where = read_deployment(deployment)
    zone = profile_of(where, profile).time_zone
    register = open_register(register_path)
    key = Key(account)
    city = CityChain.connect(node_of(provider), where)
    domain = city.domain(REGISTRY)
    state = read_state(city, [Subject(claim.activity, claim.resident) for claim in claims], [key.address])
    resolved, unknown = resolve(claims, state, register)
    drafts = compose(resolved, attester=key.address, state=state, register=register, domain=domain, source=source)
    issued = city.read_many([Call(REGISTRY, "isIssued", (draft.digest,)) for draft in drafts])
    gone = city.read_many([Call(REGISTRY, "isCancelled", (draft.digest, key.address)) for draft in drafts])
    cancelled = {draft.digest for draft, yes in zip(drafts, gone, strict=True) if yes}
    checker = Checker(state, zone)
    verdicts = judge(drafts, dict(zip((draft.digest for draft in drafts), issued, strict=True)), checker, cancelled)
    problems = by_line([*problems, *unknown, *(p for verdict in verdicts for p in verdict.problems)])
    _tell(report, [*checker.city(), *problems], _not_appointed(verdicts, key.address, state), skip_bad=skip_bad)
    ready = [verdict for verdict in verdicts if verdict.worth_signing]
    _show(verdicts, checker, state)
    if ready:
        confirm(f"Sign {count(len(ready), 'report')} as {key.alias} ({key.address})?", yes=yes, dry_run=dry_run)
    nothing_more(dry_run=dry_run)
    _keep_notes(register, verdicts, claims)
    _sign(ready, key, city, report, out)
    written = [_item(verdict, report, out) for verdict in verdicts if verdict.issued or verdict.worth_signing]
    # Without the words of the problems: they quote cells, in which anything may have been typed.
    left_out = [{"line": p.line, "fault": p.fault.value, "inReport": p.skippable} for p in problems]
    document = {"script": "attest", "city": where.city, "file": report.name}
    write_json(receipt, {**document, "reports": written, "problems": left_out})
    done = sum(verdict.issued for verdict in verdicts)
    say(f"{count(len(ready), 'report')} signed in {out}, {were(done)} minted already. Receipt: {receipt}")


def _not_appointed(verdicts: Sequence[Verdict], attester: str, state: State) -> list[str]:
    """The programmes that this account may not attest for, in words: once each, however many lines there are."""
    activities: dict[int, set[int]] = {}
    for verdict in verdicts:
        if any(problem.fault is Fault.ATTESTER_NOT_APPOINTED for problem in verdict.problems):
            number = verdict.draft.activity
            activities.setdefault(state.activities[number].programme, set()).add(number)
    return [
        f"{attester} is not an attester of programme {programme} ({_activities(numbers)}); "
        "use the account of an attester"
        for programme, numbers in sorted(activities.items())
    ]


def _activities(numbers: Collection[int]) -> str:
    listed = ", ".join(map(str, sorted(numbers)))
    return f"activity {listed}" if len(numbers) == 1 else f"activities {listed}"


def _tell(file: Path, problems: Sequence[Problem], account: Sequence[str], *, skip_bad: bool) -> None:
    """Lists every problem of the file by its line, and those of the account once, as `account` has them.

    Raises:
        Stop: there are any, and they are not to be skipped, or stop everything.
    """
    if not problems:
        return
    whole = [problem for problem in problems if problem.line == 0]
    if whole or not skip_bad:
        bad = {problem.line for problem in problems if problem.line}
        text = f"{file}: {count(len(bad), 'line has', 'lines have')} problems. Nothing was signed."
        of_lines = _of_lines(problems)
        if account and not of_lines:
            text = f"{file}: this account may not attest all of it. Nothing was signed."
        correct = not whole and of_lines
        hint = ["Correct the file, or leave the bad lines out with --skip-bad."] if correct else []
        raise Stop(Code.PROBLEMS, text, [*account, *map(in_words, of_lines), *hint])
    for title, kept in (("Left out", False), ("In the report, to be skipped by the issuer", True)):
        lines = sorted({problem.line for problem in problems if _kept(problem, problems) == kept})
        if lines:
            say(f"{title} ({len(lines)}):")
            for words in () if kept else account:
                say(f"  {words}")
            for problem in _of_lines(problems):
                if problem.line in lines:
                    say(f"  {in_words(problem)}")


def _of_lines(problems: Sequence[Problem]) -> list[Problem]:
    """Without those of the account."""
    return [problem for problem in problems if problem.fault is not Fault.ATTESTER_NOT_APPOINTED]


def _kept(problem: Problem, problems: Sequence[Problem]) -> bool:
    """Whether the line of this problem stands in a report: all that is wrong with it can be skipped."""
    return all(other.skippable for other in problems if other.line == problem.line)


def in_words(problem: Problem) -> str:
    """A problem with its line."""
    return f"line {problem.line}: {problem.text}" if problem.line else problem.text


def _show(verdicts: Sequence[Verdict], checker: Checker, state: State) -> None:
    rows = []
    for verdict in verdicts:
        draft = verdict.draft
        numbers = {line.number for line in draft.lines}  # a set: who stands there twice is rewarded once
        cents = sum(checker.rewards.get((draft.activity, number), 0) for number in numbers)
        status = "minted already" if verdict.issued else "cannot be signed" if verdict.blocked else "to sign"
        programme = state.activities[draft.activity].programme
        lines = len(draft.lines)
        good = 0 if verdict.blocked else lines - verdict.skipped
        rows.append((draft.activity, programme, draft.part + 1, lines, good, euros(cents), status))
    show_table("Reports", ("activity#", "programme#", "part#", "lines#", "good#", "rewards€", "status"), rows)


def _keep_notes(register: Register, verdicts: Sequence[Verdict], claims: Sequence[Claim]) -> None:
    """Puts what was noted into the register before anything is signed, so that every commitment can be opened.

    Raises:
        Stop: the register cannot be written, or somebody was erased a moment ago.
    """
    texts = {claim.line: claim.evidence for claim in claims}
    drafts = [verdict.draft for verdict in verdicts if verdict.issued or verdict.worth_signing]
    try:
        register.refresh()
        new = [
            register.note(line.number, draft.activity, texts[source])
            for draft in drafts
            for line, source in draft.pairs
        ]
    except RegisterError as error:
        raise Stop(Code.FILE, f"{error}. Nothing was signed or sent.") from error
    if any(new):
        save_register(register)


def _sign(verdicts: Sequence[Verdict], key: Key, city: CityChain, report: Path, out: Path) -> None:
    """Signs and writes the reports."""
    domain = city.domain(REGISTRY)
    with progress() as bar:
        for verdict in bar.track(verdicts, description="Signing"):
            draft = verdict.draft
            message = messages.report(domain, key.address, draft.activity, draft.lines, draft.deadline, draft.serial)
            signature = key.sign(message)
            write_json(_path(draft, report, out), as_json(draft.document(domain, signature, report.name)))


def _path(draft: Draft, report: Path, out: Path) -> Path:
    """Where a signed report goes: always the same place for the same part of the same file."""
    return out / f"{report.stem}-activity-{draft.activity}-part-{draft.part + 1}{SUFFIX}"


def _item(verdict: Verdict, report: Path, out: Path) -> dict[str, Any]:
    """One report, for the receipt."""
    draft = verdict.draft
    name = {"file": str(_path(draft, report, out)), "digest": "0x" + draft.digest.hex(), "activity": draft.activity}
    return {**name, "lines": len(draft.lines), "minted": verdict.issued}
