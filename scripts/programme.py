# SPDX-License-Identifier: EUPL-1.2
"""Opens programmes with the budget the council voted, sets budgets, and appoints or dismisses attesters."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from heitje.chain.calendar import month_text
from heitje.chain.events import ProgrammeOpened
from heitje.city.programmes import OpenedProgramme, ProgrammesError, ProgrammeWish, match_open, parse_programmes
from heitje.city.roles import REGISTRY
from heitje.reports.problems import euros
from heitje.reports.state import Call
from scripts._support.city_chain import CityChain
from scripts._support.console import confirm, count, nothing_more, say, show_table
from scripts._support.documents import read_deployment, write_json
from scripts._support.exits import Code, Stop
from scripts._support.inputs import profile_of, read_bytes
from scripts._support.means import Means, acts_as
from scripts._support.office import Act, Office, delay_of
from scripts._support.script import Script, profile_option, receipt_option, switches

HELP = """Open programmes, set their budgets, appoint attesters.

FILE (TOML) says how programmes shall be:

\b
  [[programme]]
  name = "Clean streets 2026"     for people; never on the chain
  budget_euros = 25000            what the council voted, whole euros
  from = "2026-01"                first and last month
  to = "2026-12"
  attesters = ["0x…"]             who may attest activities in it

With `number = 1` instead of from and to, the table is about a programme that is open: `budget_euros` sets its budget,
`attesters` appoints, `dismiss = ["0x…"]` dismisses.

Running the same file again opens nothing twice: a programme that was opened with the same budget and months is taken
for the same one. (If the council voted two alike, put both in one file.) Where your role has a delay, the first run
announces and says until when GUARDIAN can object; run it again afterwards. Appointing attesters is a second step then.
"""


@dataclass(frozen=True)
class Item:
    """A programme as it shall be, and its number where it is open."""

    wish: ProgrammeWish
    number: int | None


@click.command(cls=Script, help=HELP, short_help="Open programmes, set budgets, appoint attesters")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@acts_as("It needs the role PROGRAMME.")
@profile_option
@receipt_option("programme")
@switches
def cli(
    provider: Any,
    file: Path,
    means: Means,
    profile: str | None,
    receipt: Path,
    deployment: Path,
    *,
    yes: bool,
    dry_run: bool,
) -> None:
    """See HELP."""
    try:
        wishes = parse_programmes(read_bytes(file).decode(), str(file))
    except (ProgrammesError, UnicodeDecodeError) as error:
        raise Stop(Code.PROBLEMS, f"{error}\nNothing was sent.") from error
    where = read_deployment(deployment)
    office = Office.open(provider, where, means, profile_of(where, profile).time_zone, dry_run=dry_run)
    city = office.city
    delay_of(city, office.official, REGISTRY, "openProgramme")
    items = match(city, wishes)
    opening = [_opening(item.wish) for item in items if item.number is None]
    acts = [*opening, *_changes(city, items)]
    _show(items)
    if acts or any(item.number is None for item in items):
        later = sum(len(item.wish.attesters) for item in items if item.number is None)
        say(count(len(acts), "act") + (f", then {count(later, 'appointment')} in what is opened." if later else "."))
        office.show(office.plan(acts))
        confirm("Do this?", yes=yes, dry_run=dry_run)
        new = {index for index, item in enumerate(items) if item.number is None}
        office.perform(acts)
        city.refresh()
        items = match(city, wishes)
        for index in sorted(new):
            if items[index].number is not None:
                say(f"Opened: programme {items[index].number}.")
        if opening:
            office.perform(_changes(city, items))
            city.refresh()
    else:
        say("All of this is so already. Nothing was left to do.")
        nothing_more(dry_run=dry_run)
    _write_receipt(receipt, city, items)
    office.finish("programmes")
    say(f"Done. Receipt: {receipt}")


def match(city: CityChain, wishes: Sequence[ProgrammeWish]) -> list[Item]:
    """Each wish with the number of the programme that is open.

    Raises:
        Stop: a number that the file names is not open.
    """
    events = [e for e, _ in city.events(REGISTRY, "ProgrammeOpened(uint256,uint256,uint256,uint256)")]
    opened = [
        OpenedProgramme(e.programme, e.cap, e.from_month, e.to_month) for e in events if isinstance(e, ProgrammeOpened)
    ]
    numbers = match_open(wishes, opened)
    items = [Item(wish, number) for wish, number in zip(wishes, numbers, strict=True)]
    unknown = [str(item.wish.number) for item in items if item.wish.number is not None and item.number is None]
    if unknown:
        raise Stop(Code.PROBLEMS, f"There is no programme {', '.join(unknown)}. Nothing was sent.")
    return items


def _opening(wish: ProgrammeWish) -> Act:
    what = f"open a programme of {euros(wish.cap or 0)}"
    return Act(what, REGISTRY, "openProgramme", (wish.cap, wish.from_month, wish.to_month))


def _changes(city: CityChain, items: Sequence[Item]) -> list[Act]:
    """What must still change in programmes that are open."""
    acts = []
    for item in items:
        if item.number is None:
            continue
        state = city.read(REGISTRY, "programmeOf", item.number)
        wish = item.wish
        if wish.number is not None and wish.cap is not None and wish.cap != state["cap"]:
            if wish.cap < state["used"]:
                text = f"Programme {item.number} has spent {euros(state['used'])}; its budget cannot be less."
                raise Stop(Code.PROBLEMS, f"{text} Nothing was sent.")
            what = f"set the budget of programme {item.number} to {euros(wish.cap)}"
            acts.append(Act(what, REGISTRY, "setProgrammeCap", (item.number, wish.cap)))
        wanted = [(a, True) for a in wish.attesters] + [(a, False) for a in wish.dismiss]
        now = city.read_many([Call(REGISTRY, "isAttester", (item.number, address)) for address, _ in wanted])
        for (address, appointed), is_one in zip(wanted, now, strict=True):
            if appointed != is_one:
                what = f"{'appoint' if appointed else 'dismiss'} attester {address} in programme {item.number}"
                acts.append(Act(what, REGISTRY, "setAttester", (item.number, address, appointed)))
    return acts


def _show(items: Sequence[Item]) -> None:
    rows = []
    for item in items:
        wish = item.wish
        months = (
            f"{month_text(wish.from_month)} to {month_text(wish.to_month)}" if wish.from_month and wish.to_month else ""
        )
        budget = euros(wish.cap) if wish.cap is not None else "as it is"
        people = "\n".join([*wish.attesters, *(f"not {address}" for address in wish.dismiss)])
        rows.append((item.number or "new", wish.name, budget, months, people))
    show_table("Programmes", ("number", "name", "budget€", "months", "attesters"), rows)


def _write_receipt(path: Path, city: CityChain, items: Sequence[Item]) -> None:
    programmes = [
        {
            "programme": item.number,
            "name": item.wish.name,
            "cap": str(item.wish.cap) if item.wish.cap is not None else None,
            "attesters": list(item.wish.attesters),
        }
        for item in items
    ]
    document = {
        "script": "programme",
        "city": city.deployment.city,
        "registry": city.address(REGISTRY),
        "block": city.block,
        "programmes": programmes,
    }
    write_json(path, document)
