# SPDX-License-Identifier: EUPL-1.2
"""Enrols residents and shops: gives each a member number and a place in the register, and opens their accounts."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import click

from heitje.chain.account import Account, Class
from heitje.chain.addresses import ZERO_ADDRESS, to_address
from heitje.city.enrolments import CLASSES, COLUMNS, SYNONYMS, Wish, class_words, read_wishes, register_problems
from heitje.city.members import allot
from heitje.city.register import Register
from heitje.city.roles import TOKEN
from heitje.city.table import LineProblem
from heitje.reports.state import Call
from scripts._support.city_chain import CityChain
from scripts._support.console import confirm, count, nothing_more, progress, say, show_table, warn, were
from scripts._support.documents import read_deployment, write_json
from scripts._support.inputs import known_profile, open_register, read_rows, save_register, stop_at
from scripts._support.means import Means, acts_as
from scripts._support.office import Act, Office, delay_of
from scripts._support.script import Script, profile_option, receipt_option, switches

PER_TRANSACTION: Final = 150
"""Accounts per transaction; two new storage slots each keep that below 15.5 million gas."""
_SHOWN: Final = 30

HELP = """Enrol residents and shops.

MEMBERS is a table (CSV, `;` or `,`) with the columns member, class and address:

\b
  member;class;address
  10000012;resident;0x…      a number you already gave out
  ;merchant;0x…              empty: a number is allotted

The classes may also be called what the city's profile calls them, in any of its languages.

The last digit of a member number is a check digit. Nothing but numbers, classes and addresses goes on the chain.

REGISTER is your encrypted list of members; it is made if there is none. It also keeps a secret per person, with which
the evidence of their activities is sealed. Keep the file and its passphrase apart, and make copies: who loses it
cannot attest any more. Its passphrase is asked for, or read from HEITJE_REGISTER_PASSPHRASE.

Running the same file again enrols nobody twice: who is enrolled already is only counted.
"""


@dataclass(frozen=True)
class Plan:
    """Whom to enrol, how many are enrolled already, and how many are new in the register."""

    todo: list[tuple[int, Wish]]
    done: int
    listed: int


@click.command(cls=Script, help=HELP, short_help="Enrol residents and shops")
@click.argument("members", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option(
    "--register", "register_path", type=click.Path(path_type=Path), required=True, help="The register's file."
)
@acts_as("It needs the role REGISTRAR.")
@profile_option
@receipt_option("enrol")
@switches
def cli(
    provider: Any,
    members: Path,
    register_path: Path,
    means: Means,
    profile: str | None,
    receipt: Path,
    deployment: Path,
    *,
    yes: bool,
    dry_run: bool,
) -> None:
    """See HELP."""
    where = read_deployment(deployment)
    city_profile = known_profile(where, profile)
    words = class_words(city_profile.classes) if city_profile else {}
    wishes, problems = read_wishes(read_rows(members, COLUMNS, synonyms=SYNONYMS), words)
    stop_at(members, problems)
    register = open_register(register_path, new=True)
    zone = city_profile.time_zone if city_profile else "UTC"
    office = Office.open(provider, where, means, zone, dry_run=dry_run)
    city = office.city
    stop_at(members, register_problems(wishes, register) or _chain_problems(city, wishes, register))
    delay_of(city, office.official, TOKEN, "enrol")
    plan = _plan(city, wishes, register)
    _show(city, plan)
    for address in city.codes([wish.address for _, wish in plan.todo]):
        warn(f"{address} is a contract, such as a Safe. If it cannot sign, what it receives can never be spent.")
    acts = _acts(plan.todo)
    office.show(office.plan(acts))
    if plan.todo or plan.listed:
        question = f"Enrol {count(len(plan.todo), 'member')}, and put {plan.listed} in the register?"
        confirm(question, yes=yes, dry_run=dry_run)
        # First the register: who is enrolled can always be found there, whatever happens now.
        save_register(register)
    nothing_more(dry_run=dry_run)
    with progress() as bar:
        task = bar.add_task("Enrolling", total=len(acts))
        office.perform(acts, done=lambda: bar.advance(task))
    city.refresh()
    _write_receipt(receipt, city, wishes, register)
    office.finish("enrol members")
    say(f"{len(plan.todo)} enrolled, {were(plan.done)} enrolled already. Receipt: {receipt}")


def _chain_problems(city: CityChain, wishes: Sequence[Wish], register: Register) -> list[LineProblem]:
    """Where the file and the chain contradict each other, and addresses of members who were erased."""
    found = []
    had = city.read_many([Call(TOKEN, "numberOf", (wish.address,)) for wish in wishes])
    words = city.read_many([Call(TOKEN, "wordsOf", ([wish.address for wish in wishes],))])[0]
    numbered = [wish for wish in wishes if wish.number is not None]
    holders = city.read_many([Call(TOKEN, "holderOf", (wish.number,)) for wish in numbered])
    for wish, holder in zip(numbered, map(to_address, holders), strict=True):
        if holder not in (ZERO_ADDRESS, wish.address):
            text = f"member number {wish.number} belongs to another address on the chain"
            found.append(LineProblem(wish.line, text))
    for wish, number, word in zip(wishes, had, words, strict=True):
        account = Account.from_word(word)
        if own := city.own_contract(wish.address):
            text = f"address {wish.address} is the city's own {own}, from which nobody can ever pay"
            found.append(LineProblem(wish.line, text))
            continue
        former = register.get(number) if number else None
        if former and former.is_erased:
            text = f"address {wish.address} was that of a member who was erased; who comes back needs a new address"
            found.append(LineProblem(wish.line, text))
            continue
        if number and wish.number is not None and number != wish.number:
            text = f"address {wish.address} has, or had, member number {number} on the chain"
            found.append(LineProblem(wish.line, text))
        elif number and account.is_dead:
            text = f"address {wish.address} is the old wallet of member {number}, which was replaced"
            found.append(LineProblem(wish.line, text))
        elif number and account.holder_class != CLASSES[wish.member_class]:
            text = f"member {number} is enrolled with another class than {wish.member_class}"
            left = account.holder_class in (Class.CLOSING, Class.NONE)
            hint = f"; who left comes back by `ape run leave {number} --back`" if left else ""
            found.append(LineProblem(wish.line, text + hint))
    return found


def _plan(city: CityChain, wishes: Sequence[Wish], register: Register) -> Plan:
    """Gives everybody a number and a place in the register, which is not saved yet."""
    had = city.read_many([Call(TOKEN, "numberOf", (wish.address,)) for wish in wishes])
    reserved = {wish.number for wish in wishes if wish.number is not None} | {member.number for member in register}
    todo, done, before = [], 0, len(register)
    for wish, on_chain in zip(wishes, had, strict=True):
        member = register.by_address(wish.address)
        number = (member.number if member else None) or wish.number or on_chain
        if not number:
            number = _free_number(city, reserved)
            reserved.add(number)
        if member is None:
            register.add(number, wish.member_class, wish.address)
        if on_chain:
            done += 1
        else:
            todo.append((number, wish))
    return Plan(todo, done, len(register) - before)


def _free_number(city: CityChain, reserved: set[int]) -> int:
    while True:
        number = allot(reserved)
        if to_address(city.read(TOKEN, "holderOf", number)) == ZERO_ADDRESS:
            return number


def _show(city: CityChain, plan: Plan) -> None:
    rows: list[tuple[object, ...]] = [(number, wish.member_class, wish.address) for number, wish in plan.todo[:_SHOWN]]
    if len(plan.todo) > _SHOWN:
        rows.append(("…", f"and {len(plan.todo) - _SHOWN} more", ""))
    if rows:
        show_table(f"To enrol in {city.deployment.city}", ("member#", "class", "address"), rows)


def _acts(todo: Sequence[tuple[int, Wish]]) -> list[Act]:
    """The enrolments, in parts that fit into one transaction each."""
    parts = [todo[start : start + PER_TRANSACTION] for start in range(0, len(todo), PER_TRANSACTION)]
    enrolments = [[(wish.address, number, CLASSES[wish.member_class]) for number, wish in part] for part in parts]
    return [Act(f"enrol {count(len(part), 'member')}", TOKEN, "enrol", (part,)) for part in enrolments]


def _write_receipt(path: Path, city: CityChain, wishes: Sequence[Wish], register: Register) -> None:
    """Numbers, classes and addresses are on the chain already; secrets stay in the register."""
    members = [register.by_address(wish.address) for wish in wishes]
    document = {
        "script": "enrol",
        "city": city.deployment.city,
        "token": city.address(TOKEN),
        "block": city.block,
        "members": [
            {"line": wish.line, "member": member.number, "class": wish.member_class, "address": wish.address}
            for wish, member in zip(wishes, members, strict=True)
            if member
        ],
    }
    write_json(path, document)
