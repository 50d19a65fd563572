# SPDX-License-Identifier: EUPL-1.2
"""Puts right what was rewarded or counted wrongly: strikes minutes, takes back, cancels a report, lowers a year."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

import click

from heitje.chain import messages
from heitje.city.roles import REGISTRY
from heitje.city.table import LineProblem, Row
from heitje.reports.corrections import COLUMNS, Correction, read_corrections
from heitje.reports.lines import SYNONYMS, read_claims
from heitje.reports.problems import amount, euros
from heitje.reports.state import Call
from scripts._support.cancelling import (
    Cancellation,
    acts_of_attester,
    acts_of_programme,
    named,
    outcomes,
    read_cancellations,
)
from scripts._support.clerk import Clerk, SignedAct, Visitor
from scripts._support.console import confirm, count, nothing_more, say, show_table
from scripts._support.correcting import Struck, clawbacks, due_now, reductions_of, struck_rewards
from scripts._support.exits import Code, Stop
from scripts._support.inputs import listing, read_rows
from scripts._support.means import Means, acts_as, signs_as
from scripts._support.office import Act, delay_of
from scripts._support.people import find
from scripts._support.script import Script, deployment_option, profile_option, receipt_option, switches

DAY: Final = 86_400
_AS: Final = ("attester", "programme")


@click.group(short_help="Strike minutes, take back, cancel a report, lower a year")
def cli() -> None:
    """Put right what was rewarded or counted wrongly.

    A reward that was too high is first reduced (`reduce`): the resident keeps the money, is told, and can object. When
    the time to object is over, `clawback` takes back what was struck, as far as the resident still has it. A report
    that is signed but not minted yet is cancelled (`cancel-report`). Each step has its own help, such as `ape run
    correct reduce --help`.
    """


@cli.command(cls=Script)
@click.option("--member", help="A member number, or a wallet. With --activity and --minutes.")
@click.option("--activity", help="The number of the activity.")
@click.option("--minutes", help="The minutes that shall count; 0 strikes the whole reward.")
@click.option(
    "--file",
    "file",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Many at once (CSV: activity;resident;minutes); the file that was attested, put right, will do.",
)
@click.option("--as", "as_", type=click.Choice(_AS), help="In which role. Without it: attester, if you are one.")
@signs_as("An attester of the activity's programme, or it needs the role PROGRAMME.")
@profile_option
@receipt_option("correct-reduce")
@switches
def reduce(
    provider: Any,
    member: str | None,
    activity: str | None,
    minutes: str | None,
    file: Path | None,
    as_: str | None,
    means: Means,
    profile: str | None,
    receipt: Path,
    deployment: Path,
    *,
    yes: bool,
    dry_run: bool,
) -> None:
    """Strike minutes of rewards. Nothing is taken yet.

    Name one reward by --member, --activity and --minutes, or many in a --file. The minutes are what shall count, not
    what is struck, and only go down. An attester signs and it holds at once; PROGRAMME may have to announce it first.
    Every line is checked before anything is signed. Running it again strikes nothing twice.
    """
    rows = _rows(member, activity, minutes, file)
    claims, unreadable = read_claims(rows)
    clerk = Clerk.at_work(provider, deployment, profile, means, signs=True, dry_run=dry_run)
    items, problems = read_corrections(clerk.city, claims)
    _stop_at(file, [*(LineProblem(p.line, p.text) for p in unreadable), *problems])
    todo = [item for item in items if not item.done]
    by_signature = bool(todo) and _signs(clerk, todo, as_)
    _show_corrections(clerk, items)
    acts = [] if by_signature else [Act(_what(i), REGISTRY, "reduce", (i.uid, i.minutes)) for i in todo]
    clerk.plan(acts)
    if todo:
        confirm(f"Strike {euros(_struck(todo))} as {clerk.official.alias}?", yes=yes, dry_run=dry_run)
    nothing_more(dry_run=dry_run)
    clerk.sign_and_carry([_reduction(clerk, item) for item in todo] if by_signature else [])
    clerk.office.perform(acts)
    clerk.city.refresh()
    clerk.write(receipt, "correct reduce", reductions=reductions_of(clerk.city, [item.uid for item in items]))
    clerk.office.finish("strike minutes")
    say(f"{count(len(todo), 'reward')} reduced, {len(items) - len(todo)} were so already. Receipt: {receipt}")


def _rows(member: str | None, activity: str | None, minutes: str | None, file: Path | None) -> Sequence[Row]:
    """The table of the file, or the one line of the command line, which is line 0."""
    single = (activity, member, minutes)
    if file and not any(single):
        return read_rows(file, COLUMNS, ("evidence",), SYNONYMS)
    if file or None in single:
        text = "Name one reward by --member, --activity and --minutes, or many in a --file. Nothing was signed or sent."
        raise Stop(Code.USAGE, text)
    return [Row(0, dict(zip(COLUMNS, map(str, single), strict=True)))]


def _stop_at(file: Path | None, problems: Sequence[LineProblem]) -> None:
    """Ends the script if anything is wrong."""
    if problems:
        bad = count(len({p.line for p in problems}), "line has", "lines have")
        text = f"{file}: {bad} problems. Nothing was signed or sent." if file else "Nothing was signed or sent."
        raise Stop(Code.PROBLEMS, text, listing(problems) if file else [p.text for p in problems])


def _signs(clerk: Clerk, items: Sequence[Correction], as_: str | None) -> bool:
    """Whether this account strikes by its signature as an attester; otherwise it may as PROGRAMME.

    Raises:
        Stop: neither.
    """
    programmes = sorted({item.attestation.programme for item in items})
    calls = [Call(REGISTRY, "isAttester", (programme, clerk.official.address)) for programme in programmes]
    not_theirs = [p for p, yes in zip(programmes, clerk.city.read_many(calls), strict=True) if not yes]
    if as_ != "programme" and not not_theirs:
        return True
    if as_ == "attester":
        text = f"{clerk.official.alias} is not an attester of programme {', '.join(map(str, not_theirs))}."
        raise Stop(Code.PROBLEMS, f"{text} Nothing was signed or sent.")
    others = f"; an attester of programme {', '.join(map(str, programmes))} may too"
    delay_of(clerk.city, clerk.official, REGISTRY, "reduce", others)
    return False


def _struck(items: Sequence[Correction]) -> int:
    return sum(item.before - item.after for item in items)


def _show_corrections(clerk: Clerk, items: Sequence[Correction]) -> None:
    rows = [
        (
            item.number,
            item.activity,
            item.kept,
            item.minutes,
            amount(item.before),
            amount(item.after),
            "so already" if item.done else amount(item.before - item.after),
        )
        for item in items
    ]
    columns = ("member#", "activity#", "minutes#", "then#", "earned€", "then€", "struck€")
    show_table("To strike (amounts in euros)", columns, rows)
    window = clerk.city.read(REGISTRY, "clawbackWindow")
    until = clerk.when(clerk.city.timestamp + window)
    say(
        "Nothing is taken now: the residents keep what they have, and can spend it. Tell each of them what is struck "
        f"and why. If it is struck now, they can object until {until} ({window // DAY} days). From then on "
        "`ape run correct clawback` can take back what is struck, as far as they still have it; shops keep what they "
        "were paid. What is struck does not return to the programme's budget."
    )


def _what(item: Correction) -> str:
    return f"strike minutes: member {item.number} keeps {item.minutes} in activity {item.activity}"


def _reduction(clerk: Clerk, item: Correction) -> SignedAct:
    domain, signer = clerk.city.domain(REGISTRY), clerk.official.address
    message = partial(messages.reduce, domain, signer, item.uid, item.minutes)
    return SignedAct(_what(item), REGISTRY, "reduceBySignature", (item.uid, item.minutes), message)


@cli.command(name="list", cls=Script)
@profile_option
@deployment_option
def list_(provider: Any, profile: str | None, deployment: Path) -> None:
    """Show what was struck and not taken back: what is due, and what not yet. Needs no account."""
    visitor = Visitor.open(provider, deployment, profile)
    items = struck_rewards(visitor.city)
    due = due_now(visitor.city, items)
    _show_struck(visitor, "Due", due)
    _show_struck(visitor, "Not due yet: the resident can still object", [item for item in items if item not in due])


@cli.command(cls=Script)
@click.option("--member", help="Only of this member (a number, or a wallet).")
@click.option("--activity", type=click.IntRange(min=1), help="Only for this activity.")
@acts_as("It needs the role CLAWBACK.")
@profile_option
@receipt_option("correct-clawback")
@switches
def clawback(
    provider: Any,
    member: str | None,
    activity: int | None,
    means: Means,
    profile: str | None,
    receipt: Path,
    deployment: Path,
    *,
    yes: bool,
    dry_run: bool,
) -> None:
    """Take back what was struck and is due, as far as the residents still have it.

    What they no longer have is written off for good; it is never taken from a shop. Leave out a case about which an
    objection was made: take the others with --member or --activity. Running it again takes nothing twice.
    """
    clerk = Clerk.at_work(provider, deployment, profile, means, signs=False, dry_run=dry_run)
    number = find(clerk.city, [member])[0].number if member else None
    items = [
        item
        for item in struck_rewards(clerk.city)
        if number in (None, item.number) and activity in (None, item.activity)
    ]
    due = due_now(clerk.city, items)
    later = [item for item in items if item not in due]
    for title, some in (("To take back", due), ("Not due yet: the resident can still object", later)):
        if some:
            _show_struck(clerk, title, some)
    what = "take back what was struck of member {0.number} in activity {0.activity}"
    acts = [Act(what.format(item), REGISTRY, "clawback", (item.uid,)) for item in due]
    clerk.plan(acts)
    if due:
        there, lost = sum(item.there for item in due), sum(item.written_off for item in due)
        say(f"{euros(there)} of it is there now; {euros(lost)} was spent or has expired, and is written off for good.")
        confirm(f"Take back {count(len(due), 'reward')} as {clerk.official.alias}?", yes=yes, dry_run=dry_run)
    nothing_more(dry_run=dry_run)
    clerk.office.perform(acts)
    clerk.city.refresh()
    clerk.write(receipt, "correct clawback", clawbacks=clawbacks(clerk.city))
    clerk.office.finish("take back what was struck")
    done = f"{count(len(due), 'reward')} taken back." if due else "Nothing is due. Nothing was left to take back."
    say(f"{done} Receipt: {receipt}")


def _show_struck(visitor: Visitor, title: str, items: Sequence[Struck]) -> None:
    rows = [
        (
            item.number,
            item.activity,
            amount(item.attestation.struck),
            visitor.when(item.due),
            amount(item.there),
            amount(item.written_off),
        )
        for item in items
    ]
    columns = ("member#", "activity#", "struck€", "due from", "still there€", "lost€")
    show_table(f"{title} (amounts in euros)", columns, rows)


@cli.command(name="cancel-report", cls=Script)
@click.argument("reports", nargs=-1, required=True)
@click.option("--as", "as_", type=click.Choice(_AS), help="In which role. Without it: attester, if all are yours.")
@signs_as("Its attester, or it needs the role PROGRAMME.")
@profile_option
@receipt_option("correct-cancel-report")
@switches
def cancel_report(
    provider: Any,
    reports: Sequence[str],
    as_: str | None,
    means: Means,
    profile: str | None,
    receipt: Path,
    deployment: Path,
    *,
    yes: bool,
    dry_run: bool,
) -> None:
    """Cancel reports that are signed but not minted, so that they never can be.

    REPORTS are files that `attest` wrote, folders of them, or digests (0x…, for PROGRAMME only). An attester cancels
    their own by a signature, at once; PROGRAMME cancels any, and may have to announce it: until then it can be minted.
    No money moves. A report that was minted is corrected with `reduce`. Running it again cancels nothing twice.
    """
    documents, digests = named(reports)
    clerk = Clerk.at_work(provider, deployment, profile, means, signs=True, dry_run=dry_run)
    items = read_cancellations(clerk, documents, digests, as_)
    _show_cancellations(items)
    todo = [item for item in items if not item.done]
    acts = acts_of_programme(todo)
    clerk.plan(acts)
    if todo:
        confirm(f"Cancel {count(len(todo), 'report')} as {clerk.official.alias}?", yes=yes, dry_run=dry_run)
    nothing_more(dry_run=dry_run)
    clerk.sign_and_carry(acts_of_attester(clerk, todo))
    clerk.office.perform(acts)
    clerk.city.refresh()
    reports_now = outcomes(clerk.city, items)
    clerk.write(receipt, "correct cancel-report", reports=reports_now, announced=list(clerk.office.waiting))
    clerk.office.finish("cancel reports")
    say(f"{count(len(todo), 'report')} cancelled, {len(items) - len(todo)} were already. Receipt: {receipt}")


def _show_cancellations(items: Sequence[Cancellation]) -> None:
    rows = [
        (item.name, item.lines or "", "cancelled already" if item.done else "to cancel", "0x" + item.digest.hex())
        for item in items
    ]
    show_table("Reports", ("report", "lines#", "status", "digest"), rows)


@cli.command(name="lower-year", cls=Script)
@click.argument("member")
@click.argument("euros_", metavar="EUROS", type=click.IntRange(0, 65_535))
@click.option("--year", type=click.IntRange(2000, 9999), help="Without it: this year.")
@acts_as("It needs the role REGISTRAR.")
@profile_option
@receipt_option("correct-lower-year")
@switches
def lower_year(
    provider: Any,
    member: str,
    euros_: int,
    year: int | None,
    means: Means,
    profile: str | None,
    receipt: Path,
    deployment: Path,
    *,
    yes: bool,
    dry_run: bool,
) -> None:
    """Lower what a resident can still earn in a year, at their own request.

    EUROS is by how much in all, so it replaces what was said before, up or down; 0 undoes it. For whoever is paid for
    volunteering elsewhere too, because the limits of the law are over all organisations together. Nothing that was
    earned is touched.
    """
    clerk = Clerk.at_work(provider, deployment, profile, means, signs=False, dry_run=dry_run)
    (person,) = find(clerk.city, [member])
    zone = ZoneInfo(clerk.profile.time_zone)
    in_year = year or datetime.fromtimestamp(clerk.city.timestamp, zone).year
    january = 12 * in_year
    rule = clerk.city.read(REGISTRY, "ruleFor", january)
    if not rule:
        raise Stop(Code.PROBLEMS, f"No limits are in force for {in_year}, so nothing can be lowered. Nothing was sent.")
    earned = clerk.city.read(REGISTRY, "earned", person.number, january)[1]
    before = clerk.city.read(REGISTRY, "loweredBy", person.number, in_year)
    limit, after = rule["yearLimit"] - rule["headroom"], 100 * euros_
    rows = [
        (text, *map(euros, (limit, earned, cents, max(0, limit - earned - cents))))
        for text, cents in (
            ("now", before),
            ("then", after),
        )
    ]
    show_table(f"Member {person.number} in {in_year}", ("", "limit€", "earned€", "lowered by€", "left€"), rows)
    say("Nothing that was earned is touched, and no money moves. It says only what can still be earned.")
    what = f"lower {in_year} of member {person.number} by {euros(after)}"
    acts = [Act(what, REGISTRY, "lowerYear", (person.number, in_year, euros_))] if before != after else []
    clerk.plan(acts)
    if acts:
        confirm(f"Lower the year as {clerk.official.alias}?", yes=yes, dry_run=dry_run)
    nothing_more(dry_run=dry_run)
    clerk.office.perform(acts)
    clerk.city.refresh()
    lowered = clerk.city.read(REGISTRY, "loweredBy", person.number, in_year)
    clerk.write(receipt, "correct lower-year", member=person.number, year=in_year, loweredCents=str(lowered))
    clerk.office.finish("lower a year")
    done = "Done." if before != after else "It is so already. Nothing was left to do."
    say(f"{done} Receipt: {receipt}")
