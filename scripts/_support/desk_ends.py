# SPDX-License-Identifier: EUPL-1.2
"""Two more steps of `redemptions`: what the municipality did not end in time, and a desk that another one replaces."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from heitje.chain.abi import load
from heitje.chain.words import RedemptionStatus
from heitje.city.roles import DESK
from heitje.reports.problems import euros
from scripts._support.city_chain import CityChain
from scripts._support.console import confirm, count, nothing_more, say, warn
from scripts._support.desk import chosen, reclaimable_from, redemptions
from scripts._support.desk_tables import show_dates, tell_what_can_be_asked_for_again
from scripts._support.documents import read_deployment, write_json
from scripts._support.means import Means, acts_as
from scripts._support.office import Act, Office
from scripts._support.script import Script, receipt_option, switches
from scripts._support.sending import Transaction

REQUESTED, LOCKED = RedemptionStatus.REQUESTED, RedemptionStatus.LOCKED


@click.command(cls=Script)
@click.argument("ids", nargs=-1)
@acts_as("Any: it needs no right.")
@receipt_option("redemptions-reclaim")
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

    IDS are redemptions (0x…); none means all that are due and that no treasurer locked. A locked one is only given back
    if you name it: the bank may have paid it, and then it must be settled instead, or the shop has both. The credits go
    back to the merchant's wallet, who can ask again; after the last day for redeeming, for 60 days from now. Running it
    again gives nothing back twice.
    """
    office = Office.open(provider, read_deployment(deployment), means, dry_run=dry_run)
    city = office.city
    items = chosen(redemptions(city), ids, (REQUESTED, LOCKED, RedemptionStatus.RECLAIMED))
    waiting = [item for item in items if item.status is not RedemptionStatus.RECLAIMED]
    dates = reclaimable_from(city, waiting)
    ready = [item for item in waiting if dates[item.id] <= city.timestamp]
    due = [item for item in ready if ids or item.status is REQUESTED]
    show_dates(city, "To give back", due, dates)
    show_dates(city, "Not yet", [item for item in waiting if item not in ready], dates)
    by_name = [item for item in ready if item not in due]
    if by_name:
        show_dates(city, "Locked: only by name, because the bank may have paid them", by_name, dates)
    locked = sum(item.status is LOCKED for item in due)
    if locked:
        warn(
            f"{count(locked, 'of these was', 'of these were')} locked to be paid. Look at the bank, or ask a treasurer."
        )
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
    tell_what_can_be_asked_for_again(city, due)


def _reclaimed(city: CityChain) -> list[dict[str, Any]]:
    """Everything that was ever reclaimed."""
    return [
        {"redemption": "0x" + item.id.hex(), "member": item.state.number, "cents": str(item.state.amount)}
        for item in redemptions(city)
        if item.status is RedemptionStatus.RECLAIMED
    ]


@click.command(cls=Script)
@acts_as("It needs the role ADMIN.")
@receipt_option("redemptions-close")
@switches
def close(provider: Any, means: Means, receipt: Path, deployment: Path, *, yes: bool, dry_run: bool) -> None:
    """Close this desk for good: it takes no new requests. What is open still ends as before.

    Only when a newer desk has been made one, because shops cannot redeem here any more, but for what comes back from
    this desk after the last day for redeeming. Where ADMIN has a delay, the first run announces it.
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
