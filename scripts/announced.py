# SPDX-License-Identifier: EUPL-1.2
"""Shows what officials have announced and not done yet, and cancels it."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import click

from heitje.chain.abi import load
from heitje.city.roles import AUTHORITY, Role
from heitje.reports.state import Call
from scripts._support.announcements import Announcement, State, announcements, moment
from scripts._support.city_chain import CityChain
from scripts._support.console import confirm, count, say
from scripts._support.documents import read_deployment, write_json
from scripts._support.exits import Code, Stop
from scripts._support.inputs import profile_of
from scripts._support.means import Means, acts_as
from scripts._support.office import Office
from scripts._support.script import Script, node_of, profile_option, receipt_option, switches
from scripts._support.sending import Transaction

HELP = """Show what officials have announced and not done yet, and cancel it.

Where a role has a delay, its acts are announced first and done later, so that others can object: budgets, limits,
dates, desks, and who holds which role. This lists each of them: its id, what will happen, who announced it under which
role, from when and until when it can be done, and who can cancel it. What nobody does within a week expires by itself.
The list needs no account.

With --cancel ID it is cancelled, by a GUARDIAN, by an ADMIN, or by whoever announced it. The id may be cut off after
eight digits, and --cancel may be repeated. Nothing has happened to any money before an announcement is carried out, so
nothing has to be put right afterwards.
"""


@click.command(cls=Script, help=HELP, short_help="Show what is announced, and cancel it")
@click.option("--cancel", "cancelled", metavar="ID", multiple=True, help="Cancel this one; may be repeated.")
@click.option("--expired", "with_expired", is_flag=True, help="Also list what has expired.")
@acts_as("Only with --cancel: it is a GUARDIAN, an ADMIN, or announced it.")
@profile_option
@receipt_option("announced")
@switches
def cli(
    provider: Any,
    means: Means,
    cancelled: Sequence[str],
    profile: str | None,
    receipt: Path,
    deployment: Path,
    *,
    with_expired: bool,
    yes: bool,
    dry_run: bool,
) -> None:
    """See HELP."""
    where = read_deployment(deployment)
    zone = profile_of(where, profile).time_zone
    if not cancelled:
        city = CityChain.connect(node_of(provider), where)
        _show(city, announcements(city), ZoneInfo(zone), with_expired=with_expired)
        return
    office = Office.open(provider, where, means, zone, dry_run=dry_run)
    city = office.city
    chosen = _chosen(announcements(city), cancelled, city.timestamp)
    _may_cancel(office, chosen)
    for item in chosen:
        _tell(item, city.timestamp, ZoneInfo(zone))
    transactions = [_cancellation(city, item) for item in chosen]
    office.check(transactions)
    confirm(f"Cancel {count(len(chosen), 'announcement')}? None of it will happen.", yes=yes, dry_run=dry_run)
    office.send(transactions)
    office.finish("cancel announcements")
    document = {"script": "announced", "city": where.city, "authority": city.address(AUTHORITY), "block": city.block}
    write_json(receipt, {**document, "cancelled": ["0x" + item.id.hex() for item in chosen]})
    say(f"{count(len(chosen), 'announcement')} cancelled; nothing of it will happen. Receipt: {receipt}")


def _show(city: CityChain, items: Sequence[Announcement], zone: ZoneInfo, *, with_expired: bool) -> None:
    alive = [item for item in items if item.state(city.timestamp) is not State.EXPIRED]
    for item in items if with_expired else alive:
        _tell(item, city.timestamp, zone)
    say(f"{count(len(alive), 'act is', 'acts are')} announced.")
    if len(items) > len(alive) and not with_expired:
        say(f"{len(items) - len(alive)} more expired and can no longer be done; --expired lists them.")


def _tell(item: Announcement, now: int, zone: ZoneInfo) -> None:
    """One announcement in words."""
    role = f" as {item.role.name}" if item.role is not None else ""
    state = item.state(now)
    say(f"0x{item.id.hex()}")
    say(f"  what: {item.what}")
    say(f"  announced by {item.caller}{role}; {state.value}")
    say(f"  from {moment(item.due, zone)} to {moment(item.expires, zone)}")
    if state is not State.EXPIRED:
        short = f"0x{item.id.hex()[:8]}"
        say(f"  {_cancellers(item)} can cancel it: ape run announced --cancel {short} --account ALIAS")


def _cancellers(item: Announcement) -> str:
    roles = dict.fromkeys((item.cancellers, "ADMIN"))
    return f"{' or '.join(roles)}, or who announced it,"


def _chosen(items: Sequence[Announcement], ids: Sequence[str], now: int) -> list[Announcement]:
    """The announcements that were named, each once.

    Raises:
        Stop: an id fits none, or several, or what it names has expired.
    """
    wrong, found = [], {}
    for text in ids:
        digits = text.lower().removeprefix("0x")
        fitting = [item for item in items if len(digits) >= 8 and item.id.hex().startswith(digits)]
        if len(fitting) != 1:
            what = (
                f"{len(fitting)} announcements begin like this; give more digits" if fitting else "no such announcement"
            )
            wrong.append(f"{text}: {what}")
        elif fitting[0].state(now) is State.EXPIRED:
            wrong.append(f"{text}: it has expired, so it cannot happen any more and needs no cancelling")
        else:
            found[fitting[0].id] = fitting[0]
    if wrong:
        hint = "`ape run announced` lists what is announced. What was done or cancelled is no longer in it."
        raise Stop(Code.PROBLEMS, "Not all of these can be cancelled. Nothing was sent.", [*wrong, hint])
    return list(found.values())


def _may_cancel(office: Office, items: Sequence[Announcement]) -> None:
    """Checks the right to cancel, as the authority has it.

    Raises:
        Stop: this official may not cancel all of these.
    """
    city, who = office.city, office.official
    roles = city.read_many([Call(AUTHORITY, "getTargetFunctionRole", (i.target, i.data[:4])) for i in items])
    guardians = city.read_many([Call(AUTHORITY, "getRoleGuardian", (role,)) for role in roles])
    answers = city.read_many([Call(AUTHORITY, "hasRole", (role, who.address)) for role in guardians])
    admin, _ = city.read(AUTHORITY, "hasRole", Role.ADMIN, who.address)
    refused = [
        f"0x{item.id.hex()}: {item.what}"
        for item, (guardian, _) in zip(items, answers, strict=True)
        if not (guardian or admin or item.caller == who.address)
    ]
    if refused:
        text = (
            f"{who.alias} ({who.address}) may not cancel this: it did not announce it, and is neither GUARDIAN nor"
            " ADMIN. Nothing was sent."
        )
        raise Stop(Code.PROBLEMS, text, refused)


def _cancellation(city: CityChain, item: Announcement) -> Transaction:
    data = load(AUTHORITY).encode("cancel", item.caller, item.target, item.data)
    return Transaction(f"cancel: {item.what}", city.address(AUTHORITY), data)
