# SPDX-License-Identifier: EUPL-1.2
"""Shows until when the scheme runs, and extends it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import click

from heitje.city.fields import FieldError, parse_date
from heitje.city.profile import Profile
from heitje.city.roles import TOKEN
from scripts._support.announcements import moment
from scripts._support.city_chain import CityChain
from scripts._support.console import confirm, nothing_more, say, show_table
from scripts._support.documents import read_deployment, write_json
from scripts._support.exits import Code, Stop
from scripts._support.founding import DAY
from scripts._support.inputs import profile_of
from scripts._support.means import Means, acts_as
from scripts._support.office import Act, Office
from scripts._support.script import Script, node_of, profile_option, receipt_option, switches

HELP = """Show until when the scheme runs, and extend it.

\b
Three dates end it, in this order:
  issue-until    the last day on which rewards are minted
  pay-until      the last day on which residents can pay; what they still have then is lost to them
  redeem-until   the last day on which shops can ask for their euros; later it is unclaimed, and stays with the city

Without a date this shows them, and needs no account. With one or more dates (2031-12-31 or 31-12-2031, each to the end
of that day on the city's clock) they are extended by an official with the role ADMIN, who holds GOVERNANCE with it.
Dates only move away, each only while it has not passed, and they stay as far apart as the city's profile promised
(pay_gap and redeem_gap). Where ADMIN has a delay, the first run announces, and a later one extends.
"""


@dataclass(frozen=True)
class Ends:
    """The three ends of the scheme: the last second (Unix time) of each."""

    issue: int
    pay: int
    redeem: int

    @property
    def all(self) -> tuple[int, int, int]:
        """In order."""
        return self.issue, self.pay, self.redeem


_NAMES = ("issue-until", "pay-until", "redeem-until")
_MEANING = (
    "rewards can be minted",
    "residents can pay; what they have left then is lost to them",
    "shops can ask for euros; what they have left then is unclaimed",
)


def _day(_: click.Context, __: click.Parameter, text: str | None) -> date | None:
    try:
        return parse_date(text) if text else None
    except FieldError as error:
        raise click.BadParameter(str(error)) from error


@click.command(cls=Script, help=HELP, short_help="Show until when the scheme runs, and extend it")
@click.option("--redeem-until", metavar="DATE", callback=_day, help="The new last day for redemptions.")
@click.option("--pay-until", metavar="DATE", callback=_day, help="The new last day for payments.")
@click.option("--issue-until", metavar="DATE", callback=_day, help="The new last day for rewards.")
@acts_as("Only to extend: it needs the role ADMIN.")
@profile_option
@receipt_option("winddown")
@switches
def cli(
    provider: Any,
    means: Means,
    issue_until: date | None,
    pay_until: date | None,
    redeem_until: date | None,
    profile: str | None,
    receipt: Path,
    deployment: Path,
    *,
    yes: bool,
    dry_run: bool,
) -> None:
    """See HELP."""
    where = read_deployment(deployment)
    city_profile = profile_of(where, profile)
    zone = ZoneInfo(city_profile.time_zone)
    days = (issue_until, pay_until, redeem_until)
    if not any(days):
        city = CityChain.connect(node_of(provider), where)
        _show(city, ends_of(city), zone)
        return
    office = Office.open(provider, where, means, city_profile.time_zone, dry_run=dry_run)
    city = office.city
    now = ends_of(city)
    wanted = Ends(*(end_of_day(day, zone) if day else end for day, end in zip(days, now.all, strict=True)))
    _show(city, now, zone, wanted)
    if wanted == now:
        say("These are the dates already. Nothing was left to do.")
        nothing_more(dry_run=dry_run)
    else:
        _refuse(problems(now, wanted, city.timestamp, city_profile))
        act = Act(f"extend the scheme to {_listed(wanted, zone)}", TOKEN, "extendWindDown", wanted.all)
        office.show(office.plan([act]))
        _explain(now, wanted)
        confirm("Extend it? It can never be shortened again.", yes=yes, dry_run=dry_run)
        office.perform([act])
        city.refresh()
    _write_receipt(receipt, city, zone)
    office.finish("extend the scheme")
    say(f"Done. Receipt: {receipt}")


def ends_of(city: CityChain) -> Ends:
    """The ends as the token has them."""
    _, _, issue, pay, redeem = city.read(TOKEN, "rules")
    return Ends(issue, pay, redeem)


def end_of_day(day: date, zone: ZoneInfo) -> int:
    """The last second of a day on the city's clock, Unix time."""
    return int(datetime.combine(day + timedelta(days=1), time.min, zone).timestamp()) - 1


def problems(now: Ends, wanted: Ends, timestamp: int, profile: Profile) -> list[str]:
    """Why the token would refuse these dates, in words."""
    zone = ZoneInfo(profile.time_zone)
    found = []
    for name, old, new in zip(_NAMES, now.all, wanted.all, strict=True):
        if new < old:
            text = (
                f"{name}: {moment(new, zone)} is earlier than {moment(old, zone)}; what was promised is not taken back"
            )
            found.append(text)
        elif new != old and timestamp > old:
            found.append(f"{name}: it passed on {moment(old, zone)}, and what has ended cannot begin again")
    gaps = (profile.wind_down.pay_gap, profile.wind_down.redeem_gap)
    for i, gap in enumerate(gaps):
        first, second = wanted.all[i], wanted.all[i + 1]
        if second - first < gap:
            days = -(-gap // DAY)
            needed = datetime.fromtimestamp(first + gap, zone).date()
            text = (
                f"{_NAMES[i + 1]} must be at least {days} days after {_NAMES[i]}, as the city promised: "
                f"--{_NAMES[i + 1]} {needed.isoformat()} or later"
            )
            found.append(text)
    return found


def _refuse(found: Sequence[str]) -> None:
    if found:
        raise Stop(Code.PROBLEMS, "The scheme cannot be extended like this. Nothing was sent.", found)


def _listed(ends: Ends, zone: ZoneInfo) -> str:
    days = [_date(end, zone) for end in ends.all]
    return f"rewards {days[0]}, payments {days[1]}, redemptions {days[2]}"


def _date(end: int, zone: ZoneInfo) -> str:
    day = datetime.fromtimestamp(end, zone)
    return f"{day.day} {day:%B %Y}"


def _show(city: CityChain, now: Ends, zone: ZoneInfo, wanted: Ends | None = None) -> None:
    new = (wanted or now).all
    rows = [
        (name, moment(old, zone) + (", passed" if city.timestamp > old else ""), moment(end, zone), meaning)
        for name, old, end, meaning in zip(_NAMES, now.all, new, _MEANING, strict=True)
    ]
    columns = ["", "until", "then until", "what that means"]
    if wanted is None:
        del columns[2]
        rows = [(name, until, meaning) for name, until, _, meaning in rows]  # type: ignore[misc]
    show_table(f"The ends of the scheme of {city.deployment.city}", columns, rows)
    reached = [text for end, text in zip(now.all, _ENDED, strict=True) if city.timestamp > end]
    if reached:
        say(reached[-1])


_ENDED = (
    "No rewards are minted any more. Residents can still pay, and shops still get their euros.",
    "Residents can no longer pay, and what they had is lost to them. Shops can still ask for their euros.",
    "Shops can no longer ask for euros. What they asked for before is still paid; the rest is unclaimed.",
)


def _explain(now: Ends, wanted: Ends) -> None:
    """What the extension means for people and money."""
    texts = (
        "Rewards can be minted {} days longer, within the budgets of the programmes; no budget rises by this.",
        "Residents can pay {} days longer. Credits still expire by themselves as before.",
        "Shops can ask for their euros {} days longer, so the city keeps money ready for them {} days longer.",
    )
    for old, new, text in zip(now.all, wanted.all, texts, strict=True):
        if new != old:
            days = round((new - old) / DAY)
            say(text.format(days, days))


def _write_receipt(path: Path, city: CityChain, zone: ZoneInfo) -> None:
    names = ("issueUntil", "payUntil", "redeemUntil")
    ends = ends_of(city).all
    document = {
        "script": "winddown",
        "city": city.deployment.city,
        "token": city.address(TOKEN),
        "block": city.block,
        **{name: {"time": end, "text": moment(end, zone)} for name, end in zip(names, ends, strict=True)},
    }
    write_json(path, document)
