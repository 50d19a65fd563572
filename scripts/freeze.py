# SPDX-License-Identifier: EUPL-1.2
"""Freezes an account or pauses the city, lifts either again, and shows who is frozen and why."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from heitje.chain.account import Flag
from heitje.city.roles import TOKEN
from heitje.reports.problems import euros
from scripts._support.clerk import Clerk, Visitor
from scripts._support.console import confirm, count, nothing_more, say, show_table, warn
from scripts._support.exits import Code, Stop
from scripts._support.means import Means, acts_as
from scripts._support.office import Act
from scripts._support.people import Freeze, Holding, find, frozen_now, holdings
from scripts._support.replacing import pending
from scripts._support.script import Script, profile_option, receipt_option, switches

HELP = """Freeze an account, pause the city, or lift either; without MEMBERS, show who is frozen and why.

MEMBERS are member numbers, or wallets. Freezing needs a --reason from the city's published list, and takes the role
GUARDIAN; --lift takes the role UNPAUSER, which a guardian never has: whoever freezes cannot lift.

\b
  stops        whatever leaves the account: payments, refunds, new redemptions, also what was signed before
  still works  it receives; its credits expire on their date; what was reduced can be taken back; its redemptions
               at the desk end, paid out or given back; its wallet can be replaced

--pause stops every reward and every payment by residents at once; shops go on redeeming and refunding. Running it
again freezes or lifts nothing twice.
"""
_FROZEN = (
    "Nothing leaves a frozen account until it is lifted. No money is lost: it can still receive, its credits expire on "
    "their date as always, and its redemptions at the desk still end, paid out or given back."
)
_OBJECT = (
    "Tell the holder today, with the reason as it is published. They can object to the municipality; if they are "
    "right, a member of UNPAUSER lifts it: `ape run freeze MEMBER --lift`."
)


@click.command(cls=Script, help=HELP, short_help="Freeze an account or pause the city, or lift it")
@click.argument("members", nargs=-1)
@click.option("--reason", type=click.IntRange(1, 65535), help="A code of the profile's freeze_reasons.")
@click.option("--lift", is_flag=True, help="Let these accounts pay again.")
@click.option("--pause", is_flag=True, help="Stop rewards and payments by residents in the whole city.")
@click.option("--unpause", is_flag=True, help="Let the city go on.")
@acts_as("It needs the role GUARDIAN, to lift UNPAUSER.")
@profile_option
@receipt_option("freeze")
@switches
def cli(
    provider: Any,
    members: Sequence[str],
    reason: int | None,
    means: Means,
    profile: str | None,
    receipt: Path,
    deployment: Path,
    *,
    lift: bool,
    pause: bool,
    unpause: bool,
    yes: bool,
    dry_run: bool,
) -> None:
    """See HELP."""
    who = means.account or means.safe
    _check_usage(members, reason, who, lift=lift, pause=pause, unpause=unpause)
    if who is None:
        _show(Visitor.open(provider, deployment, profile))
        return
    clerk = Clerk.at_work(provider, deployment, profile, means, signs=False, dry_run=dry_run)
    if pause or unpause:
        acts = _city(clerk, pause=pause)
        numbers: list[int] = []
    else:
        people = find(clerk.city, members)
        numbers = [person.number for person in people]
        acts = _lift(people) if lift else _freeze(clerk, people, reason or 0)
    clerk.plan(acts)
    if acts:
        confirm(f"Do this as {clerk.official.alias}?", yes=yes, dry_run=dry_run)
    nothing_more(dry_run=dry_run)
    done = clerk.office.perform(acts)
    clerk.city.refresh()
    sent = [item["transactionHash"] for item in done if item]
    official = {"account": clerk.official.alias, "address": clerk.official.address}
    _write(clerk, receipt, numbers, official=official, reason=reason, transactions=sent)
    clerk.office.finish("freeze or lift")
    say(
        f"{count(len(acts), 'act')} done. Receipt: {receipt}" if acts else f"Nothing was left to do. Receipt: {receipt}"
    )


def _check_usage(
    members: Sequence[str], reason: int | None, who: str | None, *, lift: bool, pause: bool, unpause: bool
) -> None:
    """Whether the command line says one thing, and all of it.

    Raises:
        Stop: it does not.
    """
    ways = [bool(reason), lift, pause, unpause]
    wrong = ""
    if sum(ways) > 1:
        wrong = "One thing at a time: --reason, --lift, --pause or --unpause."
    elif members and not any(ways):
        wrong = "Say why with --reason CODE (the profile's freeze_reasons), or lift with --lift."
    elif (reason or lift) and not members:
        wrong = "Say whom: a member number, or several."
    elif (pause or unpause) and members:
        wrong = "--pause and --unpause are for the whole city; leave the members out."
    elif any(ways) and not who:
        wrong = "Say who acts: --account ALIAS, or --safe ADDRESS."
    elif who and not any(ways):
        wrong = "Without an account you see who is frozen; to act, say how: --reason, --lift, --pause or --unpause."
    if wrong:
        raise Stop(Code.USAGE, f"{wrong} Nothing was sent.")


def _city(clerk: Clerk, *, pause: bool) -> list[Act]:
    """What pauses the city, or lets it go on; nothing if it is so already."""
    paused = clerk.city.read(TOKEN, "rules")[1]
    if paused is pause:
        say(f"The city {'is paused already' if pause else 'is not paused'}.")
        return []
    function = "pause" if pause else "unpause"
    if pause:
        say("This stops every reward and every payment by residents, at once. Shops go on redeeming and refunding.")
        say("No money is lost, but credits still expire on their date: do not leave it so for long.")
        return [Act("pause the city", TOKEN, function, ())]
    say("Rewards and payments by residents go on, and what was signed before and has not run out can be paid.")
    return [Act("let the city go on", TOKEN, function, ())]


def _freeze(clerk: Clerk, people: Sequence[Holding], reason: int) -> list[Act]:
    reasons = reason_texts(clerk)
    if str(reason) not in reasons:
        known = [f"{code}: {text}" for code, text in reasons.items()]
        raise Stop(Code.PROBLEMS, f"{reason} is not a reason in the profile. Nothing was sent.", known)
    todo = [person for person in people if not person.has(Flag.FROZEN)]
    found = [was for person in people if person not in todo for was in frozen_now(clerk.city, person.number)]
    others = [f"member {f.holding.number}: {_why(clerk, f.reason)}" for f in found if f.reason != reason]
    if others:
        text = "Somebody is frozen already for another reason; lift it first to give this one. Nothing was sent."
        raise Stop(Code.PROBLEMS, text, others)
    for was in found:
        say(f"Member {was.holding.number} is frozen already: {_why(clerk, was.reason)}.")
    if todo:
        _table(f"To freeze: {reasons[str(reason)]}", todo)
        say(_FROZEN)
        say(_OBJECT)
    return [Act(f"freeze member {person.number}", TOKEN, "freeze", (person.number, reason)) for person in todo]


def _lift(people: Sequence[Holding]) -> list[Act]:
    todo = [person for person in people if person.has(Flag.FROZEN)]
    for person in people:
        if person not in todo:
            say(f"Member {person.number} is not frozen by the guardian.")
    for person in people:
        if person.has(Flag.REPLACING):
            text = "has a replacement of the wallet waiting, which keeps it shut; see `ape run replace list`"
            say(f"Member {person.number} {text}.")
    if todo:
        _table("To lift", todo)
        say("These accounts can pay again with what they have. Payments signed before may still be carried out.")
    return [Act(f"lift the freeze of member {p.number}", TOKEN, "unfreeze", (p.number,)) for p in todo]


def _table(title: str, people: Sequence[Holding]) -> None:
    rows = [(p.number, p.kind, euros(p.spendable), p.account.open_redemptions, p.address) for p in people]
    show_table(title, ("member#", "class", "can be spent€", "at the desk#", "wallet"), rows)


def _show(visitor: Visitor) -> None:
    """Who is frozen, and why."""
    found = frozen_now(visitor.city)
    why = {item.holding: (item.since, _why(visitor, item.reason)) for item in found}
    waiting = pending(visitor.city)
    shut = holdings(visitor.city, [item.number for item in waiting])
    for holding, item in zip(shut, waiting, strict=True):
        text = f"new wallet from {visitor.when(item.executable_from)} on, see `ape run replace list`"
        since, earlier = why.get(holding, (item.requested_at, ""))
        why[holding] = since, "; ".join(filter(None, (earlier, text)))
    rows = [(h.number, h.kind, euros(h.spendable), visitor.when(since)) for h, (since, _) in why.items()]
    show_table("Frozen", ("member#", "class", "can be spent€", "since"), rows)
    for holding, (_, text) in why.items():
        say(f"Member {holding.number}: {text}")
    if rows:
        say(f"{_FROZEN} A holder can object to the municipality; a member of UNPAUSER lifts a freeze.")
    say("Reasons for --reason: " + "; ".join(f"{code}: {text}" for code, text in reason_texts(visitor).items()))
    if visitor.city.read(TOKEN, "rules")[1]:
        warn("PAUSED: no rewards, and residents cannot pay.")


def reason_texts(visitor: Visitor) -> dict[str, str]:
    """The published reasons, by code, in the city's main language."""
    return visitor.profile.reasons(visitor.profile.freeze_reasons)


def _why(visitor: Visitor, reason: int) -> str:
    return f"{reason}: {reason_texts(visitor).get(str(reason), 'not in the profile')}"


def _write(clerk: Clerk, receipt: Path, numbers: Sequence[int], **did: Any) -> None:
    """What was done, and what is so now, from the chain."""
    frozen: dict[int, Freeze] = {f.holding.number: f for n in numbers for f in frozen_now(clerk.city, n)}
    members = [
        {
            "member": number,
            "frozen": number in frozen,
            "reason": frozen[number].reason if number in frozen else None,
            "since": frozen[number].since if number in frozen else None,
        }
        for number in numbers
    ]
    paused = clerk.city.read(TOKEN, "rules")[1]
    clerk.write(receipt, "freeze", **did, members=members, paused=paused, announced=list(clerk.office.waiting))
