# SPDX-License-Identifier: EUPL-1.2
"""What merchants redeem: see what waits, lock it before the bank pays, settle it afterwards, or give it back."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, TypeAlias

import click

from heitje.chain import messages
from heitje.chain.abi import load
from heitje.chain.messages import ToSign
from heitje.chain.typed_data import Group
from heitje.chain.words import RedemptionStatus
from heitje.city.payouts import COLUMNS, OPTIONAL, Payout, one_per_merchant, payout_reference, read_payouts
from heitje.city.roles import DESK, TOKEN
from heitje.city.table import LineProblem, Row
from heitje.reports.problems import euros
from heitje.reports.state import Call
from scripts._support.city_chain import CityChain
from scripts._support.console import confirm, count, nothing_more, say
from scripts._support.desk import (
    PER_TRANSACTION,
    Waiting,
    chosen,
    clock,
    must_be_another,
    must_be_in_time,
    must_be_treasurer,
    payout_items,
    reclaimable_from,
    redemptions,
    write_payouts,
)
from scripts._support.desk_ends import close, reclaim
from scripts._support.desk_tables import show_dates, show_payouts, show_redemptions, tell_what_can_be_asked_for_again
from scripts._support.documents import read_deployment, write_json
from scripts._support.exits import Code, Stop
from scripts._support.inputs import profile_of, read_rows, stop_at
from scripts._support.means import Means, signs_as
from scripts._support.office import Office, Official
from scripts._support.script import (
    Script,
    deployment_option,
    node_of,
    profile_option,
    receipt_option,
    switches,
)
from scripts._support.sending import Transaction

REQUESTED, LOCKED = RedemptionStatus.REQUESTED, RedemptionStatus.LOCKED
Part: TypeAlias = tuple[str, Sequence[Any], Callable[[int], messages.Message]]


@click.group(short_help="List, lock, settle, refund or reclaim what merchants redeem")
def cli() -> None:
    """What merchants redeem: see it, lock it, settle it, or give it back.

    A treasurer locks redemptions before the payment file goes to the bank: from then on the merchant cannot take them
    back. When the bank has paid, another treasurer settles them, and the credits are destroyed. What is not ended in
    time anybody can reclaim for the shop. Each step has its own help: `ape run redemptions lock --help`.
    """


cli.add_command(reclaim)
cli.add_command(close)


@dataclass(frozen=True)
class Counter:
    """A treasurer at the desk."""

    office: Office

    @classmethod
    def open(cls, provider: Any, deployment: Path, means: Means, function: str, *, dry_run: bool) -> "Counter":
        """Looks at the chain once nothing of this account is under way any more.

        Raises:
            Stop: this official is no treasurer.
        """
        office = Office.open(provider, read_deployment(deployment), means, signs=True, dry_run=dry_run)
        must_be_treasurer(office.city, office.official, function)
        return cls(office)

    @property
    def city(self) -> CityChain:
        """The city, as of its block."""
        return self.office.city

    @property
    def treasurer(self) -> Official:
        """Who acts."""
        return self.office.official

    def act(self, function: str, parts: Sequence[Part]) -> list[str]:
        """Signs each part, and brings all of them to the chain.

        Args:
            function: of the desk; it takes signer, what the part is about, deadline and signature.
            parts: in words, the arguments of the function between signer and deadline, and what is signed.

        Returns:
            The hashes of the transactions.
        """
        signed = self.office.sign([ToSign(what, message) for what, _, message in parts])
        return [
            self._send(what, function, *args, mark.deadline, mark.signature)
            for (what, args, _), mark in zip(parts, signed, strict=True)
        ]

    def _send(self, what: str, function: str, *args: Any) -> str:
        data = load(DESK).encode(function, self.treasurer.address, *args)
        receipt = self.office.carry(Transaction(what, self.city.address(DESK), data))
        return str(receipt["transactionHash"])

    def write(self, path: Path, step: str, **more: Any) -> None:
        """The receipt of a step."""
        self.city.refresh()
        document = {"script": f"redemptions {step}", "city": self.city.deployment.city, "desk": self.city.address(DESK)}
        write_json(path, {**document, "block": self.city.block, **more})


@cli.command(name="list", cls=Script)
@click.option("--all", "everything", is_flag=True, help="Also what has ended.")
@deployment_option
def list_(provider: Any, deployment: Path, *, everything: bool) -> None:
    """Show what waits at the desk, per merchant, with sums. Needs no account."""
    city = CityChain.connect(node_of(provider), read_deployment(deployment))
    items = redemptions(city)
    shown = items if everything else [item for item in items if item.status in (REQUESTED, LOCKED)]
    show_redemptions("Redemptions", shown)
    locked = [item for item in items if item.status is LOCKED]
    if locked:
        show_dates(city, "Locked: to be settled or refunded before", locked, reclaimable_from(city, locked))
    for status in (REQUESTED, LOCKED):
        total = sum(item.state.amount for item in items if item.status is status)
        say(f"{status.name.capitalize()}: {euros(total)}")


@cli.command(cls=Script)
@click.argument("ids", nargs=-1)
@click.option(
    "--payouts", type=click.Path(path_type=Path), help="Also write who is to be paid what (CSV), for the bank."
)
@signs_as("It needs the role TREASURER.")
@receipt_option("redemptions-lock")
@switches
def lock(
    provider: Any,
    ids: Sequence[str],
    payouts: Path | None,
    means: Means,
    receipt: Path,
    deployment: Path,
    *,
    yes: bool,
    dry_run: bool,
) -> None:
    """Lock redemptions before the payment file goes to the bank.

    IDS are redemptions (0x…); none means all that were requested. A locked redemption can only be settled or refunded,
    by another treasurer. With --payouts the bank payments are written to a file, one per merchant, with the EndToEndId
    that each must carry; `settle --payouts` reads it. Locking again locks nothing twice, and what was locked before is
    paid again only if it is named: the bank may have a file with it already. A lock that runs out within two weeks is
    not paid again, because anybody could have it given back before the bank has paid.
    """
    counter = Counter.open(provider, deployment, means, "lock", dry_run=dry_run)
    city = counter.city
    items = redemptions(city)
    todo = chosen(items, ids, (REQUESTED, LOCKED) if ids else (REQUESTED,))
    named = [item for item in todo if item.status is LOCKED]
    todo = [item for item in todo if item.status is REQUESTED]
    earlier = [] if ids else _locked_before(city, items)
    show_redemptions("To lock", todo)
    if not todo and not (named and payouts):
        raise Stop(Code.DONE, "Nothing was left to lock.", earlier)
    must_be_in_time(city, named)
    if todo:
        confirm(f"Lock {count(len(todo), 'redemption')} as {counter.treasurer.alias}?", yes=yes, dry_run=dry_run)
    nothing_more(dry_run=dry_run)
    domain, treasurer = city.domain(DESK), counter.treasurer.address
    parts = [
        (f"lock {count(len(part), 'redemption')}", (part,), partial(messages.lock, domain, treasurer, part))
        for part in _in_transactions(todo)
    ]
    sent = counter.act("lock", parts)
    to_pay = [*todo, *named]
    plan = one_per_merchant([item.as_open for item in to_pay], city.read(TOKEN, "symbol"))
    show_payouts("To be paid by the bank", plan)
    if payouts:
        write_payouts(payouts, plan, {item.id: item.state.amount for item in to_pay})
    counter.write(receipt, "lock", transactions=sent, payouts=payout_items(plan))
    say(f"{count(len(todo), 'redemption')} locked. Receipt: {receipt}")
    say(f"The bank must have paid, and another treasurer settled, before {_first_end(city, to_pay)}.")
    for line in earlier:
        say(line)


@cli.command(cls=Script)
@click.option(
    "--payouts",
    "payouts_path",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="What the bank paid (CSV: end_to_end_id;member;amount;redemption). Without it: one payment per merchant.",
)
@signs_as("It needs the role TREASURER, and is not who locked.")
@receipt_option("redemptions-settle")
@switches
def settle(
    provider: Any,
    payouts_path: Path | None,
    means: Means,
    receipt: Path,
    deployment: Path,
    *,
    yes: bool,
    dry_run: bool,
) -> None:
    """Settle locked redemptions that the bank has paid: their credits are destroyed.

    Every bank payment becomes a group of redemptions of one merchant. On the chain goes the hash (keccak256) of its
    EndToEndId, each of which is used once. In the file of --payouts each line names its redemption, or the amount that
    the bank paid, which must be all that is locked of that merchant. Running it again settles nothing twice.
    """
    counter = Counter.open(provider, deployment, means, "settle", dry_run=dry_run)
    city = counter.city
    items = {item.id: item for item in redemptions(city)}
    locked = {item.id: item.as_open for item in items.values() if item.status is LOCKED}
    if payouts_path:
        rows = _unsettled(city, read_rows(payouts_path, COLUMNS, OPTIONAL), locked)
        plan, problems = read_payouts(rows, locked)
        stop_at(payouts_path, [*_too_open(rows), *problems])
    else:
        plan = one_per_merchant(locked.values(), city.read(TOKEN, "symbol"))
    if not plan:
        raise Stop(Code.DONE, "Nothing was left to settle.")
    must_be_another(city, counter.treasurer, [items[name] for payout in plan for name in payout.ids])
    _must_be_unused(city, plan)
    show_payouts("To settle", plan)
    total = euros(sum(payout.amount for payout in plan))
    confirm(f"Has the bank paid {total}? Settle it as {counter.treasurer.alias}?", yes=yes, dry_run=dry_run)
    sent = counter.act("settle", [_settlement(counter, part) for part in _parts(plan)])
    counter.write(receipt, "settle", transactions=sent, payouts=payout_items(plan))
    say(f"{count(len(plan), 'payout')} settled, {total}. Receipt: {receipt}")


@cli.command(cls=Script)
@click.argument("ids", nargs=-1, required=True)
@click.option("--reason", type=click.IntRange(1, 65535), required=True, help="A code of the profile's refund_reasons.")
@signs_as("It needs the role TREASURER, and is not who locked.")
@profile_option
@receipt_option("redemptions-refund")
@switches
def refund(
    provider: Any,
    ids: Sequence[str],
    reason: int,
    means: Means,
    profile: str | None,
    receipt: Path,
    deployment: Path,
    *,
    yes: bool,
    dry_run: bool,
) -> None:
    """Give redemptions back to their merchants, with a reason from the city's list.

    IDS are redemptions (0x…). What is locked can only be given back by another treasurer than who locked it. What has
    been given back already is left alone.
    """
    city_profile = profile_of(read_deployment(deployment), profile)
    reasons = city_profile.reasons(city_profile.refund_reasons)
    if str(reason) not in reasons:
        known = [f"{code}: {text}" for code, text in reasons.items()]
        raise Stop(Code.PROBLEMS, f"{reason} is not a reason in the profile. Nothing was signed or sent.", known)
    counter = Counter.open(provider, deployment, means, "refund", dry_run=dry_run)
    city = counter.city
    found = chosen(redemptions(city), ids, (REQUESTED, LOCKED, RedemptionStatus.REFUNDED))
    todo = [item for item in found if item.status is not RedemptionStatus.REFUNDED]
    if not todo:
        raise Stop(Code.DONE, "All of these were given back already.")
    must_be_another(city, counter.treasurer, todo)
    show_redemptions(f"To give back: {reasons[str(reason)]}", todo)
    confirm(f"Give back {count(len(todo), 'redemption')} as {counter.treasurer.alias}?", yes=yes, dry_run=dry_run)
    domain, treasurer = city.domain(DESK), counter.treasurer.address
    parts = [
        (
            f"give back {count(len(part), 'redemption')}",
            (part, reason),
            partial(messages.refund, domain, treasurer, part, reason),
        )
        for part in _in_transactions(todo)
    ]
    sent = counter.act("refund", parts)
    given = ["0x" + item.id.hex() for item in todo]
    counter.write(receipt, "refund", transactions=sent, redemptions=given, reason=reason)
    say(f"{count(len(todo), 'redemption')} given back. Receipt: {receipt}")
    tell_what_can_be_asked_for_again(city, todo)


def _first_end(city: CityChain, items: Sequence[Waiting]) -> str:
    """When the first of these, which are locked by now, can be reclaimed."""
    known = {item.id for item in items}
    return clock(city, min(reclaimable_from(city, [item for item in redemptions(city) if item.id in known]).values()))


def _locked_before(city: CityChain, items: Sequence[Waiting]) -> list[str]:
    """What was locked by an earlier run and is not settled, in words. Only people know whether the bank has it."""
    locked = [item for item in items if item.status is LOCKED]
    if not locked:
        return []
    ends = reclaimable_from(city, locked)
    names = [f"0x{item.id.hex()}, locked until {clock(city, ends[item.id])}" for item in locked]
    text = (
        f"{count(len(names), 'redemption was', 'redemptions were')} locked before and left out now, because the bank "
        "may have a payment for this already. "
        "If no payment file with them has gone out, name them with --payouts to have one written:"
    )
    return [text, *names]


def _parts(plan: Sequence[Payout]) -> list[list[Payout]]:
    """Payouts in transactions of at most `PER_TRANSACTION` redemptions; one that is longer is alone in its own."""
    parts: list[list[Payout]] = []
    size = PER_TRANSACTION
    for payout in plan:
        if size + len(payout.ids) > PER_TRANSACTION:
            parts.append([])
            size = 0
        parts[-1].append(payout)
        size += len(payout.ids)
    return parts


def _in_transactions(items: Sequence[Waiting]) -> list[list[bytes]]:
    """The ids in parts that fit into one transaction each."""
    ids = [item.id for item in items]
    return [ids[start : start + PER_TRANSACTION] for start in range(0, len(ids), PER_TRANSACTION)]


def _settlement(counter: Counter, part: Sequence[Payout]) -> Part:
    groups = [Group(payout.reference, list(payout.ids)) for payout in part]
    message = partial(messages.settle, counter.city.domain(DESK), counter.treasurer.address, groups)
    items = [{"payoutReference": group.payout_reference, "ids": list(group.ids)} for group in groups]
    return f"settle {count(len(part), 'payout')}", (items,), message


def _unsettled(city: CityChain, rows: Sequence[Row], locked: Collection[bytes]) -> list[Row]:
    """The lines whose bank payment has settled nothing yet, so that a file can be run again.

    A line with a used EndToEndId that names a redemption which still waits is kept, to be refused.
    """
    names = sorted({row.cells["end_to_end_id"] for row in rows})
    used = city.read_many([Call(DESK, "isPayoutReferenceUsed", (payout_reference(name),)) for name in names])
    done = {name for name, yes in zip(names, used, strict=True) if yes}
    waiting = {"0x" + name.hex() for name in locked}
    kept = [
        row
        for row in rows
        if row.cells["end_to_end_id"] not in done or row.cells.get("redemption", "").lower() in waiting
    ]
    if len(kept) < len(rows):
        say(f"{count(len(rows) - len(kept), 'line of the file was', 'lines of the file were')} settled before.")
    return kept


def _too_open(rows: Sequence[Row]) -> list[LineProblem]:
    """The lines that do not say what the bank paid: all that is locked of a merchant may be more than that."""
    text = "name the redemption or the amount that the bank paid; all that is locked of this merchant may be more"
    named = ("redemption", "amount")
    return [LineProblem(r.line, text) for r in rows if not r.misfit and not any(r.cells.get(name) for name in named)]


def _must_be_unused(city: CityChain, plan: Sequence[Payout]) -> None:
    used = city.read_many([Call(DESK, "isPayoutReferenceUsed", (payout.reference,)) for payout in plan])
    names = [payout.end_to_end_id for payout, yes in zip(plan, used, strict=True) if yes]
    if names:
        text = "These EndToEndIds have settled something before; every bank payment has its own. Nothing was sent."
        raise Stop(Code.PROBLEMS, text, names)
