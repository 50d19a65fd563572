# SPDX-License-Identifier: EUPL-1.2
"""Opens activities: what residents can do, on which day, for how much."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import click

from heitje.chain.events import ActivityOpened
from heitje.city.openings import COLUMNS, OPTIONAL, Opening, read_openings
from heitje.city.profile import Profile
from heitje.city.roles import REGISTRY
from heitje.city.table import LineProblem
from heitje.reports.problems import euros
from heitje.reports.state import Call
from scripts._support.city_chain import CityChain
from scripts._support.console import confirm, count, nothing_more, progress, say, show_table
from scripts._support.documents import read_deployment, write_json
from scripts._support.inputs import profile_of, read_rows, stop_at
from scripts._support.means import Means, acts_as
from scripts._support.office import Act, Office, delay_of
from scripts._support.relaying import Relayer
from scripts._support.script import Script, profile_option, receipt_option, switches

HELP = """Open activities.

FILE is a table (CSV, `;` or `,`), one activity per line:

\b
  code            your own; every activity has another
  title           what it is, for the public
  programme       the number of the programme that pays
  date            the day it takes place: 2026-11-21 or 21-11-2026
  ends            when it has been held, local time: 16:30. Reports are accepted from then on
  euros_per_hour  the compensation: 5.60
  max_minutes     the most one person can be rewarded for
  adult           yes if it is for 21 and over; it decides the hourly limit
  no_staff_work   yes: you declare that it replaces no work of the municipality's own staff
  neighbourhood   a code of the profile, with or without letters in front (BU…); empty for the whole city
  closes          the last day for reports; empty: as long as its month can be rewarded

\b
For those who want to come, all of it optional:

\b
  starts          when it begins, local time: 14:00
  where           where people meet, in words
  lat, lon        the same for a map, in degrees: 50.88812 and 5.98045. A public place, nobody's home
  places          how many can sign up; empty: as many as want to

On the chain goes the hash of code, title, day and all that; the receipt keeps the text, and with --relayer URL it is
published: residents see in the app what they can do. Running the same file again opens
nothing twice. Where your role has a delay, the first run announces, and a later one opens.
"""


@click.command(cls=Script, help=HELP, short_help="Open activities")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@acts_as("It needs the role PROGRAMME.")
@profile_option
@receipt_option("activity")
@click.option("--relayer", metavar="URL", help="Publish the descriptions there, such as http://localhost:8000.")
@switches
def cli(
    provider: Any,
    file: Path,
    means: Means,
    profile: str | None,
    receipt: Path,
    relayer: str | None,
    deployment: Path,
    *,
    yes: bool,
    dry_run: bool,
) -> None:
    """See HELP."""
    where = read_deployment(deployment)
    city_profile = profile_of(where, profile)
    openings, problems = read_openings(read_rows(file, COLUMNS, OPTIONAL), city_profile)
    stop_at(file, problems)
    office = Office.open(provider, where, means, city_profile.time_zone, dry_run=dry_run)
    city = office.city
    delay_of(city, office.official, REGISTRY, "openActivity")
    opened = numbers_by_struct(city)
    todo = [opening for opening in openings if _key(opening.struct) not in opened]
    stop_at(file, _chain_problems(city, todo))
    _show(openings, opened, city_profile)
    if todo:
        acts = [Act(f"open {item.code}", REGISTRY, "openActivity", (item.struct,)) for item in todo]
        office.show(office.plan(acts))
        confirm(f"Open {count(len(todo), 'activity', 'activities')}?", yes=yes, dry_run=dry_run)
        with progress() as bar:
            task = bar.add_task("Opening", total=len(acts))
            office.perform(acts, done=lambda: bar.advance(task))
        city.refresh()
        opened = numbers_by_struct(city)
    else:
        say("All of these are open already. Nothing was left to do.")
        nothing_more(dry_run=dry_run)
    _write_receipt(receipt, city, openings, opened)
    office.finish("open activities")
    if relayer and not dry_run:
        _publish(Relayer(relayer), openings, opened)
    say(f"Done. Receipt: {receipt}")


def _publish(relayer: Relayer, openings: Sequence[Opening], opened: Mapping[tuple[Any, ...], int]) -> None:
    """Hands descriptions to the relayer, which shows them to residents. One that it has already it keeps."""
    published = 0
    try:
        for item in openings:
            number = opened.get(_key(item.struct))
            if number is not None:
                relayer.publish(number, item.description)
                published += 1
    finally:
        relayer.close()
    say(f"Published: {count(published, 'description', 'descriptions')}.")


def _key(struct: Mapping[str, Any]) -> tuple[Any, ...]:
    """Everything an activity is, so that one that differs in anything is another one."""
    names = ("programme", "month", "centsPerHour", "maxMinutes", "opensAt", "closesAt", "neighbourhood", "adult")
    return (*(struct[name] for name in names), struct["description"])


def numbers_by_struct(city: CityChain) -> dict[tuple[Any, ...], int]:
    """The numbers of all activities on the chain, by what they are."""
    signature = "ActivityOpened(uint256,uint256,(uint32,uint16,uint32,uint16,uint40,uint40,uint32,bool,bool,bytes32))"
    found: dict[tuple[Any, ...], int] = {}
    for event, _ in city.events(REGISTRY, signature):
        if isinstance(event, ActivityOpened):
            e = event
            times = (e.opens_at, e.closes_at, e.neighbourhood, e.adult)
            found[(e.programme, e.month, e.cents_per_hour, e.max_minutes, *times, e.description)] = e.activity
    return found


def _chain_problems(city: CityChain, todo: Sequence[Opening]) -> list[LineProblem]:
    """What the registry would refuse: programme, month and rate."""
    programmes = sorted({item.struct["programme"] for item in todo})
    months = sorted({item.struct["month"] for item in todo})
    known = dict(
        zip(programmes, city.read_many([Call(REGISTRY, "programmeOf", (p,)) for p in programmes]), strict=True)
    )
    rules = dict(zip(months, city.read_many([Call(REGISTRY, "ruleFor", (m,)) for m in months]), strict=True))
    found = []
    for item in todo:
        struct = item.struct
        programme, rule = known[struct["programme"]], rules[struct["month"]]
        if programme is None:
            found.append(LineProblem(item.line, f"there is no programme {struct['programme']}"))
        elif not programme["fromMonth"] <= struct["month"] <= programme["toMonth"]:
            found.append(LineProblem(item.line, f"the day is outside the months of programme {struct['programme']}"))
        if rule is None:
            found.append(LineProblem(item.line, "no limits of the volunteer compensation are in force for that month"))
            continue
        limit = rule["hourlyAdult" if struct["adult"] else "hourlyYouth"]
        if not 0 < struct["centsPerHour"] <= limit:
            who = "21 and over" if struct["adult"] else "under 21"
            text = f"{euros(struct['centsPerHour'])} an hour; the limit for {who} is {euros(limit)}"
            found.append(LineProblem(item.line, text))
    return found


def _show(openings: Sequence[Opening], opened: Mapping[tuple[Any, ...], int], profile: Profile) -> None:
    zone = ZoneInfo(profile.time_zone)
    rows = [
        (
            opened.get(_key(item.struct), "new"),
            item.code,
            item.title,
            item.struct["programme"],
            f"{datetime.fromtimestamp(item.struct['opensAt'], zone):%d-%m-%Y %H:%M}",
            euros(item.struct["centsPerHour"]),
            item.struct["maxMinutes"],
            f"{datetime.fromtimestamp(item.struct['closesAt'], zone):%d-%m-%Y %H:%M}",
        )
        for item in openings
    ]
    columns = ("number", "code", "title", "programme#", "held", "per hour€", "most minutes#", "reports until")
    show_table("Activities", columns, rows)


def _write_receipt(
    path: Path, city: CityChain, openings: Sequence[Opening], opened: Mapping[tuple[Any, ...], int]
) -> None:
    activities = [
        {
            "activity": opened.get(_key(item.struct)),
            "code": item.code,
            "description": item.description,
            "descriptionHash": "0x" + item.struct["description"].hex(),
        }
        for item in openings
    ]
    document = {
        "script": "activity",
        "city": city.deployment.city,
        "registry": city.address(REGISTRY),
        "block": city.block,
        "activities": activities,
    }
    write_json(path, document)
