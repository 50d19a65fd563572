# SPDX-License-Identifier: EUPL-1.2
"""Shops whose agreement ended, and people who stop: what they may still do, and how they come back."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from heitje.chain.account import Class
from heitje.chain.events import Enrolled
from heitje.city.roles import TOKEN
from heitje.reports.problems import euros
from scripts._support.clerk import Clerk
from scripts._support.console import confirm, count, nothing_more, say, show_table
from scripts._support.exits import Code, Stop
from scripts._support.means import Means, acts_as
from scripts._support.office import Act
from scripts._support.people import KINDS, Holding, find, number_topic
from scripts._support.script import Script, profile_option, receipt_option, switches

HELP = """Let a shop whose agreement ended stop, let anybody leave, or take them back.

MEMBERS are member numbers, or wallets.

\b
  (nothing)  a merchant becomes one whose agreement ended: it takes no payments any more, but refunds its customers
             and redeems what it has, for as long as the scheme runs
  --out      shop or resident: the account is closed. Only when it is empty and nothing of it waits at the desk
  --back     undoes either: a shop takes payments again, a resident earns and pays again

No money moves, and nobody loses any: an account with anything in it cannot be closed. The member number stays theirs
for ever. Running it again changes nothing twice.
"""


@click.command(cls=Script, help=HELP, short_help="Let a shop stop, let anybody leave, or take them back")
@click.argument("members", nargs=-1, required=True)
@click.option("--out", is_flag=True, help="Close the empty accounts of these.")
@click.option("--back", is_flag=True, help="Take these back as what they were.")
@acts_as("It needs the role REGISTRAR.")
@profile_option
@receipt_option("leave")
@switches
def cli(
    provider: Any,
    members: Sequence[str],
    means: Means,
    profile: str | None,
    receipt: Path,
    deployment: Path,
    *,
    out: bool,
    back: bool,
    yes: bool,
    dry_run: bool,
) -> None:
    """See HELP."""
    if out and back:
        raise Stop(Code.USAGE, "Either --out or --back. Nothing was sent.")
    clerk = Clerk.at_work(provider, deployment, profile, means, signs=False, dry_run=dry_run)
    people = find(clerk.city, members)
    wanted = {person.number: _wanted(clerk, person, out=out, back=back) for person in people}
    _must_be_possible(people, wanted)
    todo = [person for person in people if person.account.holder_class != wanted[person.number]]
    _show(people, wanted)
    acts = [Act(_what(person, wanted), TOKEN, "setClass", (person.number, wanted[person.number])) for person in todo]
    clerk.plan(acts)
    if todo:
        _explain(clerk, out=out, back=back)
        confirm(f"Do this as {clerk.official.alias}?", yes=yes, dry_run=dry_run)
    nothing_more(dry_run=dry_run)
    clerk.office.perform(acts)
    clerk.city.refresh()
    after = find(clerk.city, [str(person.number) for person in people])
    items = [{"member": person.number, "class": Class(person.account.holder_class).name.lower()} for person in after]
    clerk.write(receipt, "leave", members=items)
    clerk.office.finish("change classes")
    say(f"{count(len(todo), 'member')} changed, {len(people) - len(todo)} were so already. Receipt: {receipt}")


def _wanted(clerk: Clerk, person: Holding, *, out: bool, back: bool) -> Class:
    if not back:
        return Class.NONE if out else Class.CLOSING
    if person.account.holder_class != Class.NONE:
        return Class.MERCHANT if person.is_shop else Class(person.account.holder_class)
    (event, *_), *_ = clerk.city.events(TOKEN, "Enrolled(uint32,address,uint8)", number_topic(person.number))
    assert isinstance(event, Enrolled)
    return Class(event.holder_class)


def _must_be_possible(people: Sequence[Holding], wanted: dict[int, Class]) -> None:
    """Checks that nobody would lose anything.

    Raises:
        Stop: somebody would, or is no shop; all such are listed.
    """
    wrong = []
    for person in people:
        name, then = f"member {person.number}", wanted[person.number]
        if then == person.account.holder_class:
            continue
        if then == Class.CLOSING and not person.is_shop:
            wrong.append(
                f"{name} is a {person.kind}; only a merchant's agreement ends like this, others leave with --out"
            )
        if then == Class.NONE and person.spendable:
            way = "redeem it" if person.is_shop else "spend it, or let it expire"
            wrong.append(f"{name} still has {euros(person.spendable)}: {way} first")
        if then == Class.NONE and person.account.open_redemptions:
            waiting = count(person.account.open_redemptions, "redemption waits", "redemptions wait")
            wrong.append(f"{name}: {waiting} at the desk; let them end first")
    if wrong:
        raise Stop(Code.PROBLEMS, "This cannot be done. Nothing was sent.", wrong)


def _what(person: Holding, wanted: dict[int, Class]) -> str:
    return f"make member {person.number} a {KINDS[wanted[person.number]]}"


def _show(people: Sequence[Holding], wanted: dict[int, Class]) -> None:
    rows = [
        (
            person.number,
            person.kind,
            "so already" if person.account.holder_class == wanted[person.number] else KINDS[wanted[person.number]],
            euros(person.spendable),
            person.account.open_redemptions,
        )
        for person in people
    ]
    show_table("Members", ("member#", "is", "becomes", "has€", "at the desk#"), rows)


def _explain(clerk: Clerk, *, out: bool, back: bool) -> None:
    until = clerk.when(clerk.city.read(TOKEN, "rules")[4])
    if back:
        say("They can receive and pay again as before, and what they have is theirs as it was.")
    elif out:
        say("Nothing is lost. The account can neither receive nor pay; what was earned still counts for its year.")
    else:
        say(
            "The shop takes no payments from now on, also such as were signed before. It keeps what it has, refunds "
            f"its customers, and redeems until {until}; what waits at the desk is paid as before."
        )
