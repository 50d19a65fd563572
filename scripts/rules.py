# SPDX-License-Identifier: EUPL-1.2
"""Shows the limits of the volunteer compensation and who may pay whom, adds rows of limits, switches transfers."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import click

from heitje.chain.account import Class
from heitje.chain.calendar import city_month_of, month_text
from heitje.city.profile import Profile, profile_text
from heitje.city.roles import REGISTRY, TOKEN
from heitje.reports.state import Call
from scripts._support.city_chain import CityChain
from scripts._support.console import confirm, count, nothing_more, say, warn
from scripts._support.describing import rule_text
from scripts._support.documents import keep_profile, read_deployment, write_json
from scripts._support.exits import Code, Stop
from scripts._support.founding import rule_structs
from scripts._support.inputs import profile_of
from scripts._support.limits import Row, additions, in_force
from scripts._support.means import Means, acts_as
from scripts._support.office import Act, Office
from scripts._support.script import Script, node_of, profile_option, receipt_option, switches

HELP = """Show the limits of the volunteer compensation, add rows, and switch who may pay whom.

Without --add and --transfers this shows the rows on the chain, which one is in force now and since when, and the two
switches. That needs no account.

\b
  --add PROFILE
     Adds the rows of a city profile (a name, or the path of a TOML file) that are not in force on the chain as the
     profile has them. Only rows with confirmed = true, read in a published source, and only rows that begin after
     every month for which rewards were issued. A row is never changed: a wrong one is superseded by a later one.
  --transfers resident-to-resident=on|off
  --transfers merchant-to-merchant=on|off
     Lets residents pay residents, or shops pay shops. Warning: with either on, credits are no longer only earned from
     the city and spent in its shops, and the city must look again at the law on electronic money and at its notice as
     a limited network.

Both need the role RULES. Where it has a delay, the first run announces, and a later one does it.
"""

SWITCHES: Final = {
    "resident-to-resident": (Class.RESIDENT, Class.RESIDENT),
    "merchant-to-merchant": (Class.MERCHANT, Class.MERCHANT),
}


def _switches(_context: click.Context, _option: click.Parameter, texts: Sequence[str]) -> dict[str, bool]:
    wanted: dict[str, bool] = {}
    for text in (part for item in texts for part in re.split(r"[\s,]+", item.strip())):
        name, _, value = text.partition("=")
        if name not in SWITCHES or value not in ("on", "off"):
            raise click.BadParameter(f"{text!r} is not one of {', '.join(SWITCHES)} followed by =on or =off")
        if wanted.setdefault(name, value == "on") != (value == "on"):
            raise click.BadParameter(f"{name} is switched both on and off")
    return wanted


@click.command(cls=Script, help=HELP, short_help="Show and add limits, switch who may pay whom")
@click.option("--add", metavar="PROFILE", help="Add the confirmed rows of this profile; see above.")
@click.option(
    "--transfers", metavar="WHO=on|off", multiple=True, callback=_switches, help="Switch transfers; see above."
)
@acts_as("Only to change something: it needs the role RULES.")
@profile_option
@receipt_option("rules")
@switches
def cli(
    provider: Any,
    means: Means,
    add: str | None,
    transfers: Mapping[str, bool],
    profile: str | None,
    receipt: Path,
    deployment: Path,
    *,
    yes: bool,
    dry_run: bool,
) -> None:
    """See HELP."""
    where = read_deployment(deployment)
    added = profile_of(where, add) if add else None
    own = added or profile_of(where, profile)
    if added is None and not transfers:
        city = CityChain.connect(node_of(provider), where)
        _show(city, own)
        return
    if added is not None and added.id != where.city:
        raise Stop(Code.PROBLEMS, f"{add} is the profile of {added.id}, the city is {where.city}. Nothing was sent.")
    office = Office.open(provider, where, means, own.time_zone, dry_run=dry_run)
    city = office.city
    _show(city, own)
    acts = [*(_additions(city, added) if added else ()), *_switching(city, transfers)]
    if acts:
        office.show(office.plan(acts))
        for act in acts:
            say(f"To do: {act.what}")
        if any(act.function == "setTransferRule" and act.args[2] for act in acts):
            warn(_OPEN_LOOP)
        confirm(f"Do {count(len(acts), 'act')} as {office.official.alias}?", yes=yes, dry_run=dry_run)
        office.perform(acts)
        city.refresh()
    else:
        say("All of this is so already. Nothing was left to do.")
        nothing_more(dry_run=dry_run)
    _write_receipt(receipt, city)
    office.finish("rules")
    if add:
        keep_profile(deployment, where.city, profile_text(add)[0])
    say(f"Done. Receipt: {receipt}")


_OPEN_LOOP: Final = (
    "WARNING: credits can then pass from hand to hand before a shop takes them. The scheme is no longer a closed loop"
    " from the city through residents to shops and back: ask the lawyer about electronic money and the notice as a"
    " limited network first, and the accountant about what a credit stands for."
)


_UNCONFIRMED: Final = (
    "its figures were not read in a published source; look them up, write the source down, and set confirmed = true"
)


def rows_of(city: CityChain) -> list[Row]:
    """The rows of limits on the chain, in the order in which they were added."""
    number = city.read(REGISTRY, "counts")[2]
    return city.read_many([Call(REGISTRY, "ruleAt", (row,)) for row in range(number)])


def _additions(city: CityChain, profile: Profile) -> list[Act]:
    """The rows to add. A row that no source confirms is never added: each is named.

    Raises:
        Stop: one begins too early, or all that are missing are not confirmed.
    """
    found = additions(rows_of(city), rule_structs(profile), city.read(REGISTRY, "lastIssuedMonth"))
    if found.problems:
        raise Stop(Code.PROBLEMS, "The rows cannot be added like this. Nothing was sent.", found.problems)
    drafts = [f"{row.valid_from}: {_UNCONFIRMED}" for row in profile.rules if not row.confirmed]
    if drafts and not found.rows:
        raise Stop(Code.PROBLEMS, "Every row that is not on the chain is refused. Nothing was sent.", drafts)
    for draft in drafts:
        warn(f"Refused: {draft}")
    return [
        Act(f"add limits from {month_text(row['validFrom'])}: {rule_text(row)}", REGISTRY, "addRule", (row,))
        for row in found.rows
    ]


def _switching(city: CityChain, wanted: Mapping[str, bool]) -> list[Act]:
    """The switches that stand differently."""
    now = switches_of(city)
    return [
        Act(f"switch {name} {'on' if on else 'off'}", TOKEN, "setTransferRule", (*SWITCHES[name], on))
        for name, on in wanted.items()
        if now[name] != on
    ]


def switches_of(city: CityChain) -> dict[str, bool]:
    """How the two switches stand; see `contracts/libraries/Rules.sol` for the bits."""
    matrix = city.read(TOKEN, "rules")[0]
    return {name: bool(matrix >> (8 * payer + payee) & 1) for name, (payer, payee) in SWITCHES.items()}


def _show(city: CityChain, profile: Profile) -> None:
    rows, month = rows_of(city), city_month_of(city.timestamp, profile.time_zone)
    now = in_force(rows, month)
    say("Limits of the volunteer compensation, in the order in which they were added:")
    for number, row in enumerate(rows):
        mark = "in force" if row is now else "to come" if row["validFrom"] > month else "past"
        mark = mark if in_force(rows, row["validFrom"]) is row else "superseded by a later row"
        say(f"  row {number}, from {month_text(row['validFrom'])}, {mark}: {rule_text(row)}")
    if now:
        say(f"In force in {month_text(month)}, since {month_text(now['validFrom'])}: {rule_text(now)}.")
    problem = profile.limits_problem(month)
    if problem:
        warn(problem)
    last = city.read(REGISTRY, "lastIssuedMonth")
    if last:
        say(f"Rewards were issued for months up to {month_text(last)}; new rows begin later than that.")
    for name, on in switches_of(city).items():
        say(f"{name}: {'ON, so the scheme is no longer a closed loop' if on else 'off'}")


def _write_receipt(path: Path, city: CityChain) -> None:
    rows = [{**row, "source": "0x" + row["source"].hex()} for row in rows_of(city)]
    document = {
        "script": "rules",
        "city": city.deployment.city,
        "registry": city.address(REGISTRY),
        "block": city.block,
        "rows": rows,
        "transfers": switches_of(city),
    }
    write_json(path, document)
