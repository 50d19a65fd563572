# SPDX-License-Identifier: EUPL-1.2
"""Two more steps of `redemptions`: what the municipality did not end in time, and a desk that another one replaces."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from heitje.chain.abi import load
from heitje.chain.words import RedemptionStatus
from heitje.city.roles import DESK
from heitje.reports.problems import euros
from heitje.reports.state import Call
from scripts._support.city_chain import CityChain
from scripts._support.console import confirm, count, nothing_more, say, show_table
from scripts._support.desk import Waiting, chosen, redemptions
from scripts._support.documents import read_deployment, write_json
from scripts._support.means import Means, acts_as
from scripts._support.office import Act, Office
from scripts._support.script import Script, receipt_option, switches
from scripts._support.sending import Transaction

REQUESTED, LOCKED = RedemptionStatus.REQUESTED, RedemptionStatus.LOCKED


@click.command(cls=Script)
@click.argument("ids", nargs=-1)
@acts_as("Any: it needs no right.")
@receipt_option("redemptions-reclaim.json")
@switches
def reclaim(
    provider: Any,
    ids: Sequence[str],
    means: Means,
    receipt: Path,
    deployment: Path,
    *,
    yes: bool,
    dry_run: bool,
) -> None:
    """Give back what the municipality did not end in time. Anybody may.

    IDS are redemptions (0x…); none means all that are due. The credits go back to the merchant's wallet, who can ask
    again. If the bank has paid a locked one, have it settled instead: given back, the shop would have both. Running it
    again gives nothing back twice.
    """
    office = Office.open(provider, read_deployment(deployment), means, dry_run=dry_run)
    city = office.city
    items = chosen(redemptions(city), ids, (REQUESTED, LOCKED, RedemptionStatus.RECLAIMED))
    waiting = [item for item in items if item.status is not RedemptionStatus.RECLAIMED]
    dates = dict(zip((item.id for item in waiting), reclaimable_from(city, waiting), strict=True))
    due = [item for item in waiting if dates[item.id] <= city.timestamp]
    _show("To give back", due, dates)
    _show("Not yet", [item for item in waiting if item not in due], dates)
    if due:
        total = euros(sum(item.state.amount for item in due))
        say("The credits go back to the shops; no euros move. What the bank has paid must be settled instead.")
        confirm(f"Give {total} back as {office.official.alias}?", yes=yes, dry_run=dry_run)
    nothing_more(dry_run=dry_run)
    desk = load(DESK)
    office.send([Transaction("reclaim", city.address(DESK), desk.encode("reclaim", item.id)) for item in due])
    city.refresh()
    document = {"script": "redemptions reclaim", "city": city.deployment.city, "block": city.block}
    write_json(receipt, {**document, "redemptions": _reclaimed(city)})
    office.finish("reclaim redemptions")
    done = f"{count(len(due), 'redemption')} given back." if due else "Nothing is due. Nothing was left to give back."
    say(f"{done} Receipt: {receipt}")


def reclaimable_from(city: CityChain, items: Sequence[Waiting]) -> list[int]:
    """From when on anybody can reclaim each of these, Unix time."""
    after, locked_after = city.read(DESK, "reclaimAfter"), city.read(DESK, "lockedReclaimAfter")
    locks = sorted({item.state.lock_id for item in items if item.status is LOCKED})
    answers = city.read_many([Call(DESK, "lockOf", (lock,)) for lock in locks])
    locked_at = {lock: answer[1] for lock, answer in zip(locks, answers, strict=True)}
    return [
        locked_at[item.state.lock_id] + locked_after if item.status is LOCKED else item.state.requested_at + after
        for item in items
    ]


def _reclaimed(city: CityChain) -> list[dict[str, Any]]:
    """Everything that was ever reclaimed."""
    return [
        {"redemption": "0x" + item.id.hex(), "member": item.state.number, "cents": str(item.state.amount)}
        for item in redemptions(city)
        if item.status is RedemptionStatus.RECLAIMED
    ]


def _show(title: str, items: Sequence[Waiting], dates: dict[bytes, int]) -> None:
    rows = []
    for item in items:
        day = datetime.fromtimestamp(dates[item.id], UTC)
        when, status = f"{day.day} {day:%B %Y %H:%M} UTC", item.status.name.lower()
        rows.append((item.state.number, euros(item.state.amount), status, when, "0x" + item.id.hex()))
    show_table(title, ("member#", "amount€", "status", "can be reclaimed from", "redemption"), rows)


@click.command(cls=Script)
@acts_as("It needs the role ADMIN.")
@receipt_option("redemptions-close.json")
@switches
def close(provider: Any, means: Means, receipt: Path, deployment: Path, *, yes: bool, dry_run: bool) -> None:
    """Close this desk for good: it takes no new requests. What is open still ends as before.

    Only when a newer desk has been made one, because shops cannot redeem here any more. Where ADMIN has a delay, the
    first run announces it.
    """
    office = Office.open(provider, read_deployment(deployment), means, dry_run=dry_run)
    city = office.city
    closed = bool(city.read(DESK, "isClosed"))
    acts = [] if closed else [Act("close the redemption desk", DESK, "close", ())]
    office.show(office.plan(acts))
    if acts:
        waiting = [item for item in redemptions(city) if item.status in (REQUESTED, LOCKED)]
        total = euros(sum(item.state.amount for item in waiting))
        say(f"No shop can redeem here any more. {count(len(waiting), 'redemption')} of {total} still end as before.")
        confirm("Close this desk for good?", yes=yes, dry_run=dry_run)
    nothing_more(dry_run=dry_run)
    office.perform(acts)
    city.refresh()
    document = {"script": "redemptions close", "city": city.deployment.city, "block": city.block}
    write_json(receipt, {**document, "desk": city.address(DESK), "closed": city.read(DESK, "isClosed")})
    office.finish("close the redemption desk")
    say(f"{'It was closed before.' if closed else 'Closed.'} Receipt: {receipt}")
