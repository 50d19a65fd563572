# SPDX-License-Identifier: EUPL-1.2
"""A lost phone: one official asks for a new wallet, another carries it out when nobody has objected."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import click

from heitje.chain import messages
from heitje.chain.account import Account, Class, Flag
from heitje.chain.words import RedemptionStatus
from heitje.city.fields import FieldError, parse_address
from heitje.city.register import Register, RegisterError
from heitje.city.roles import TOKEN
from heitje.reports.problems import euros
from scripts._support.clerk import Clerk, SignedAct, Visitor
from scripts._support.console import confirm, count, nothing_more, say, show_table, warn
from scripts._support.desk import redemptions
from scripts._support.exits import Code, Stop
from scripts._support.inputs import open_register
from scripts._support.means import Means, acts_as, signs_as
from scripts._support.office import Act
from scripts._support.people import Holding, find, holdings
from scripts._support.replacing import Outcome, Replacement, pending, replacements
from scripts._support.script import Script, deployment_option, profile_option, receipt_option, switches

_REGISTER = click.Path(path_type=Path, exists=True, dir_okay=False)


@click.group(short_help="Replace a lost wallet")
def cli() -> None:
    """Replace the wallet of somebody who lost their phone, resident or shop.

    The registrar asks for it, which shuts the old wallet at once (`request`). When the time to object is over, somebody
    else carries it out (`execute`): the money, with its dates, moves to the new wallet; what was earned, every limit
    and every redemption belong to the member number and do not change. Until then GUARDIAN can cancel it (`cancel`).
    Each step has its own help, such as `ape run replace request --help`.
    """


@cli.command(name="list", cls=Script)
@click.option("--all", "everything", is_flag=True, help="Also what was carried out or cancelled.")
@profile_option
@deployment_option
def list_(provider: Any, profile: str | None, deployment: Path, *, everything: bool) -> None:
    """Show which replacements wait, and until when the holder can object. Needs no account."""
    visitor = Visitor.open(provider, deployment, profile)
    items = replacements(visitor.city) if everything else pending(visitor.city)
    _show(visitor, "Replacements" if everything else "Replacements that wait", items)


@cli.command(cls=Script)
@click.argument("member")
@click.argument("new_wallet")
@click.option("--register", "register_path", type=_REGISTER, required=True, help="The register's file.")
@click.option("--again", is_flag=True, help="Ask for what GUARDIAN cancelled before.")
@signs_as("It needs the role REGISTRAR.")
@profile_option
@receipt_option("replace-request")
@switches
def request(
    provider: Any,
    member: str,
    new_wallet: str,
    register_path: Path,
    means: Means,
    profile: str | None,
    receipt: Path,
    deployment: Path,
    *,
    again: bool,
    yes: bool,
    dry_run: bool,
) -> None:
    """Ask that MEMBER's wallet be replaced by NEW_WALLET. Shuts the old wallet at once.

    Look at the person's identity first, not at the phone. MEMBER is a member number that is in the register; NEW_WALLET
    (0x…) is what the new phone shows, and must never have belonged to anybody. Running it again asks for nothing twice.
    """
    new = _address(new_wallet)
    register = open_register(register_path)
    clerk = Clerk.at_work(provider, deployment, profile, means, signs=True, dry_run=dry_run)
    (person,) = find(clerk.city, [member])
    waiting = next((item for item in pending(clerk.city, person.number)), None)
    if waiting and waiting.new == new:
        _show(clerk, "Asked for before", [waiting])
        nothing_more(dry_run=dry_run)
        clerk.write(receipt, "replace request", replacement=waiting.as_json())
        raise Stop(Code.DONE, f"This was asked for before. Nothing was left to do. Receipt: {receipt}")
    clerk.must_sign(TOKEN, "requestReplacement")
    _must_be_replaceable(clerk, person, new, register, waiting, again=again)
    _show_move(clerk, person, new)
    if clerk.city.codes([new]):
        warn(
            f"{new} is a contract, such as a Safe. Is it really theirs, and can it sign? Of a contract that cannot, "
            "the money could never be spent."
        )
    window = clerk.city.read(TOKEN, "replacementWindow")
    say(
        "The old wallet is shut at once: nothing leaves it. Its money stays where it is; what was paid from it before "
        f"is not undone. Until {clerk.when(clerk.city.timestamp + window)} the holder can object, and GUARDIAN cancels "
        "it. Tell them by another way than the phone: whoever did not ask for this must hear of it."
    )
    confirm(f"Ask for this as {clerk.official.alias}?", yes=yes, dry_run=dry_run)
    message = partial(
        messages.request_replacement, clerk.city.domain(TOKEN), clerk.official.address, person.number, new
    )
    what = f"ask for a new wallet of member {person.number}"
    used = {item.request for item in replacements(clerk.city, person.number)}
    clerk.sign_and_carry([SignedAct(what, TOKEN, "requestReplacement", (person.number, new), message, used=used)])
    clerk.city.refresh()
    (item,) = pending(clerk.city, person.number)
    clerk.write(receipt, "replace request", replacement=item.as_json())
    say(f"Asked for. It can be carried out from {clerk.when(item.executable_from)}. Receipt: {receipt}")


@cli.command(cls=Script)
@click.argument("member")
@click.option("--register", "register_path", type=_REGISTER, help="Also put the new wallet in this register.")
@signs_as("It needs the role REPLACER, and is not who asked.")
@profile_option
@receipt_option("replace-execute")
@switches
def execute(
    provider: Any,
    member: str,
    register_path: Path | None,
    means: Means,
    profile: str | None,
    receipt: Path,
    deployment: Path,
    *,
    yes: bool,
    dry_run: bool,
) -> None:
    """Carry out the replacement that waits for MEMBER, when the time to object is over.

    Everything the old wallet held moves to the new one, with the dates on which it expires; the old wallet is dead for
    ever, and whatever it signed is worth nothing. With --register the new wallet is put in the register; a registrar
    can do that later by `ape run replace update-register`. Running it again moves nothing twice.
    """
    register = open_register(register_path) if register_path else None
    clerk = Clerk.at_work(provider, deployment, profile, means, signs=True, dry_run=dry_run)
    (person,) = find(clerk.city, [member])
    item = next((item for item in pending(clerk.city, person.number)), None)
    if item is None:
        _tell_the_end(clerk, person, register, receipt, dry_run=dry_run)
        return
    _must_be_executable(clerk, person, item)
    _show_move(clerk, person, item.new)
    say(
        f"{_cents(person)} to the new wallet, good as long as before. The old wallet is dead for ever: "
        "what it signed and nobody carried yet is worth nothing. What was earned, every limit and every redemption "
        "stay with the member number."
    )
    confirm(f"Carry this out as {clerk.official.alias}?", yes=yes, dry_run=dry_run)
    message = partial(messages.execute_replacement, clerk.city.domain(TOKEN), clerk.official.address, item.request)
    what = f"replace the wallet of member {person.number}"
    clerk.sign_and_carry([SignedAct(what, TOKEN, "executeReplacement", (person.number, item.request), message)])
    clerk.city.refresh()
    _tell_the_end(clerk, person, register, receipt, dry_run=False)


@cli.command(cls=Script)
@click.argument("member")
@acts_as("It needs the role GUARDIAN.")
@profile_option
@receipt_option("replace-cancel")
@switches
def cancel(
    provider: Any,
    member: str,
    means: Means,
    profile: str | None,
    receipt: Path,
    deployment: Path,
    *,
    yes: bool,
    dry_run: bool,
) -> None:
    """Cancel the replacement that waits for MEMBER, because the holder objected.

    The old wallet can pay again at once, unless it is frozen as well. Running it again cancels nothing twice.
    """
    clerk = Clerk.at_work(provider, deployment, profile, means, signs=False, dry_run=dry_run)
    (person,) = find(clerk.city, [member])
    items = pending(clerk.city, person.number)
    what = f"cancel the replacement of member {person.number}'s wallet"
    acts = [Act(what, TOKEN, "cancelReplacement", (person.number,)) for _ in items]
    clerk.plan(acts)
    if items:
        _show(clerk, "To cancel", items)
        frozen = (
            "It stays frozen, because GUARDIAN froze it." if person.has(Flag.FROZEN) else "It can pay again at once."
        )
        say(f"The wallet {person.address} stays member {person.number}'s, with {euros(person.spendable)}. {frozen}")
        confirm(f"Cancel this as {clerk.official.alias}?", yes=yes, dry_run=dry_run)
    nothing_more(dry_run=dry_run)
    clerk.office.perform(acts)
    clerk.city.refresh()
    history = replacements(clerk.city, person.number)
    clerk.write(receipt, "replace cancel", replacements=[item.as_json() for item in history])
    clerk.office.finish("cancel a replacement")
    done = "Cancelled." if items else f"Nothing waits for member {person.number}. Nothing was left to cancel."
    say(f"{done} Receipt: {receipt}")


@cli.command(name="update-register", cls=Script)
@click.option("--register", "register_path", type=_REGISTER, required=True, help="The register's file.")
@click.option("--dry-run", is_flag=True, help="Show what would be changed, then stop.")
@profile_option
@deployment_option
def update_register(
    provider: Any, register_path: Path, profile: str | None, deployment: Path, *, dry_run: bool
) -> None:
    """Put every wallet that was replaced in the register. Needs no account; changes nothing on the chain."""
    register = open_register(register_path)
    visitor = Visitor.open(provider, deployment, profile)
    done = {item.number for item in replacements(visitor.city) if item.outcome is Outcome.DONE}
    people = holdings(visitor.city, sorted(number for number in done if number in register))
    late = [person for person in people if (register.get(person.number) or person).address not in ("", person.address)]
    for person in late:
        say(f"Member {person.number}: {person.address}")
    nothing_more(dry_run=dry_run)
    changed = _update(register, late)
    say(f"{count(len(changed), 'wallet')} changed in the register." if changed else "The register is up to date.")


def _address(text: str) -> str:
    try:
        return parse_address(text)
    except FieldError as error:
        raise Stop(Code.PROBLEMS, f"{error}. Nothing was signed or sent.") from error


def _must_be_replaceable(
    clerk: Clerk, person: Holding, new: str, register: Register, waiting: Replacement | None, *, again: bool
) -> None:
    """Checks that the register knows this person as the chain does, and that the new wallet is free.

    Raises:
        Stop: not so; everything is listed.
    """
    member = register.get(person.number)
    wrong = []
    if member is None or member.is_erased:
        wrong.append(f"member {person.number} {'was erased from' if member else 'is not in'} this register")
    elif member.address != person.address:
        text = "`ape run replace update-register` puts that right" if _was_replaced(clerk, person) else "find out why"
        wrong.append(
            f"the register has wallet {member.address} for member {person.number}, the chain {person.address}: {text}"
        )
    other = register.by_address(new)
    if other and other.number != person.number:
        wrong.append(f"wallet {new} is in the register as member {other.number}'s")
    (word,) = clerk.city.read(TOKEN, "wordsOf", [new])
    account = Account.from_word(word)
    own = clerk.city.own_contract(new)
    if own:
        wrong.append(f"wallet {new} is the city's own {own}, from which nobody can ever pay")
    elif account.number or account.holder_class != Class.NONE:
        whose = f"is, or was, member {account.number}'s" if account.number else "is the city's desk"
        wrong.append(f"wallet {new} {whose}; a new wallet must never have belonged to anybody")
    if waiting:
        wrong.append(
            f"another replacement waits for member {person.number}, by {waiting.new}; GUARDIAN must cancel it first "
            f"(`ape run replace cancel {person.number}`)"
        )
    before = [item for item in replacements(clerk.city, person.number) if item.outcome is Outcome.CANCELLED]
    same = [item for item in before if item.new == new]
    if same and not again:
        wrong.append(
            f"the same was asked for by {same[-1].registrar} and cancelled on {clerk.when(same[-1].ended_at)}, because "
            "somebody objected; talk to GUARDIAN, then add --again"
        )
    if wrong:
        raise Stop(Code.PROBLEMS, "This wallet cannot be replaced so. Nothing was signed or sent.", wrong)


def _was_replaced(clerk: Clerk, person: Holding) -> bool:
    return any(item.outcome is Outcome.DONE for item in replacements(clerk.city, person.number))


def _must_be_executable(clerk: Clerk, person: Holding, item: Replacement) -> None:
    """Checks the date, the officials, and that the chain would take it.

    Raises:
        Stop: not so.
    """
    clerk.must_sign(TOKEN, "executeReplacement")
    if item.registrar == clerk.official.address:
        text = f"{clerk.official.alias} asked for this replacement; somebody else must carry it out."
        raise Stop(Code.PROBLEMS, f"{text} Nothing was signed or sent.")
    if own := clerk.city.own_contract(item.new):
        text = (
            f"The new wallet {item.new} is the city's own {own}, from which nobody can ever pay: GUARDIAN must cancel"
        )
        raise Stop(
            Code.PROBLEMS, f"{text} this (`ape run replace cancel {person.number}`). Nothing was signed or sent."
        )
    if clerk.city.timestamp < item.executable_from:
        text = f"The holder of the old wallet can object until {clerk.when(item.executable_from)}."
        _show(clerk, "Waits", [item])
        raise Stop(Code.WAITING, f"{text} Run the same command again after that. Nothing was signed or sent.")
    if clerk.city.read(TOKEN, "rules")[1] and person.account.is_resident:
        text = "The city is paused, so no resident's wallet can be replaced until UNPAUSER lets it go on."
        raise Stop(Code.PROBLEMS, f"{text} Nothing was signed or sent.")


def _tell_the_end(clerk: Clerk, person: Holding, register: Register | None, receipt: Path, *, dry_run: bool) -> None:
    """What became of this member's replacements; and the register brought up to date."""
    history = replacements(clerk.city, person.number)
    done = [item for item in history if item.outcome is Outcome.DONE]
    if not done:
        cancelled = f" The last was cancelled on {clerk.when(history[-1].ended_at)}." if history else ""
        text = f"No replacement waits for member {person.number}.{cancelled} Nothing was signed or sent."
        raise Stop(Code.PROBLEMS, text)
    if dry_run:
        raise Stop(Code.DONE, "Dry run: nothing was signed or sent, and this was carried out before.")
    if register is not None:
        _update(register, holdings(clerk.city, [person.number]))
    last = done[-1]
    clerk.write(receipt, "replace execute", replacement=last.as_json())
    wallet = f"Member {person.number}'s wallet is {last.new} since {clerk.when(last.ended_at)}"
    hint = "" if register is not None else " The registrar must run `ape run replace update-register` now."
    say(f"{wallet}, and the old one is dead.{hint} Receipt: {receipt}")


def _update(register: Register, people: Sequence[Holding]) -> list[int]:
    """Puts the live wallets of these in the register; whose changed. Who was erased is left alone.

    Raises:
        Stop: the register could not be written, or does not know somebody.
    """
    changed = []
    try:
        register.refresh()
        for person in people:
            member = register.get(person.number)
            if member is None or (not member.is_erased and member.address != person.address):
                register.move(person.number, person.address)
                changed.append(person.number)
        if changed:
            register.save()
    except RegisterError as error:
        text = f"{error}. The register was left as it is; the chain is in order. Run `ape run replace update-register`."
        raise Stop(Code.FILE, text) from error
    return changed


def _cents(person: Holding) -> str:
    return f"{euros(person.spendable)} move" if person.spendable else "Nothing is there to move"


def _show_move(clerk: Clerk, person: Holding, new: str) -> None:
    rows = [(person.number, person.kind, euros(person.spendable), person.address, new)]
    show_table("To replace", ("member#", "class", "can be spent€", "old wallet", "new wallet"), rows)
    if person.account.open_redemptions:
        waiting = [
            r
            for r in redemptions(clerk.city)
            if r.status in (RedemptionStatus.REQUESTED, RedemptionStatus.LOCKED) and r.state.number == person.number
        ]
        total = euros(sum(item.state.amount for item in waiting))
        say(
            f"{count(len(waiting), 'redemption waits', 'redemptions wait')} at the desk, {total} in all. They go on: "
            "the bank pays as before, and what is given back goes to the wallet that is live then."
        )
    if person.has(Flag.FROZEN):
        say("The account is frozen by GUARDIAN as well; that goes with the member number and stays until it is lifted.")


def _show(visitor: Visitor, title: str, items: Sequence[Replacement]) -> None:
    rows = [
        (
            item.number,
            visitor.when(item.requested_at),
            visitor.when(item.executable_from),
            item.outcome.value,
            visitor.when(item.ended_at) if item.ended_at else "",
        )
        for item in items
    ]
    show_table(title, ("member#", "asked for", "objections until", "state", "on"), rows)
    for item in items:
        say(f"Member {item.number}: from {item.old} to {item.new}, asked for by {item.registrar}")
