# SPDX-License-Identifier: EUPL-1.2
"""What merchants redeem: see what waits, lock it before the bank pays, settle it afterwards, or give it back."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from operator import itemgetter
from pathlib import Path
from typing import Any

import click

from heitje.chain.abi import load
from heitje.chain.typed_data import Group, lock_digest, refund_digest, settle_digest
from heitje.chain.words import RedemptionStatus
from heitje.city.payouts import COLUMNS, OPTIONAL, Payout, one_per_merchant, payout_reference, read_payouts
from heitje.city.roles import DESK, TOKEN
from heitje.city.table import LineProblem, Row
from heitje.reports.problems import euros
from heitje.reports.state import Call
from scripts._support import messages
from scripts._support.city_chain import CityChain
from scripts._support.console import confirm, count, say, show_table
from scripts._support.desk import (
    PER_TRANSACTION,
    VALID,
    Waiting,
    chosen,
    must_be_another,
    must_be_treasurer,
    payout_items,
    redemptions,
    write_payouts,
)
from scripts._support.documents import read_deployment, write_json
from scripts._support.exits import Code, Stop
from scripts._support.inputs import profile_of, read_rows, stop_at
from scripts._support.keys import Key
from scripts._support.script import (
    Script,
    account_option,
    deployment_option,
    node_of,
    profile_option,
    receipt_option,
    switches,
)
from scripts._support.sending import Sender, Transaction

REQUESTED, LOCKED = RedemptionStatus.REQUESTED, RedemptionStatus.LOCKED


@click.group(short_help="List, lock, settle or refund what merchants redeem")
def cli() -> None:
    """What merchants redeem: see it, lock it, settle it, or give it back.

    A treasurer locks redemptions before the payment file goes to the bank: from then on the merchant cannot take them
    back. When the bank has paid, another treasurer settles them, and the credits are destroyed. Each step has its own
    help: `ape run redemptions lock --help`.
    """


@dataclass(frozen=True)
class Counter:
    """A treasurer at the desk: the city, the key, and the way to the chain."""

    city: CityChain
    key: Key
    sender: Sender

    @classmethod
    def open(cls, provider: Any, deployment: Path, account: str, function: str) -> "Counter":
        """Looks at the chain once nothing of this account is under way any more.

        Raises:
            Stop: this account is no treasurer.
        """
        key, rpc = Key(account), node_of(provider)
        city = CityChain.connect(rpc, read_deployment(deployment))
        sender = Sender(rpc, city.chain_id, key)
        sender.settle_down()
        city.refresh()
        must_be_treasurer(city, key, function)
        return cls(city, key, sender)

    @property
    def deadline(self) -> int:
        """Until when a signature made now can be carried."""
        return self.city.timestamp + VALID

    def send(self, what: str, function: str, *args: Any) -> str:
        """Sends one act; returns the transaction's hash."""
        data = load(DESK).encode(function, *args)
        receipt = self.sender.send(Transaction(what, self.city.address(DESK), data))
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
    _show("Redemptions", shown)
    for status in (REQUESTED, LOCKED):
        total = sum(item.state.amount for item in items if item.status is status)
        say(f"{status.name.capitalize()}: {euros(total)}")


@cli.command(cls=Script)
@click.argument("ids", nargs=-1)
@click.option(
    "--payouts", type=click.Path(path_type=Path), help="Also write who is to be paid what (CSV), for the bank."
)
@account_option("It needs the role TREASURER.")
@receipt_option("redemptions-lock.json")
@switches
def lock(
    provider: Any,
    ids: Sequence[str],
    payouts: Path | None,
    account: str,
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
    paid again only if it is named: the bank may have a file with it already.
    """
    counter = Counter.open(provider, deployment, account, "lock")
    city = counter.city
    items = redemptions(city)
    todo = chosen(items, ids, (REQUESTED, LOCKED) if ids else (REQUESTED,))
    named = [item for item in todo if item.status is LOCKED]
    todo = [item for item in todo if item.status is REQUESTED]
    earlier = [] if ids else _locked_before(items)
    _show("To lock", todo)
    if not todo and not (named and payouts):
        raise Stop(Code.DONE, "Nothing was left to lock.", earlier)
    sent = []
    if todo or dry_run:
        confirm(f"Lock {count(len(todo), 'redemption')} as {counter.key.alias}?", yes=yes, dry_run=dry_run)
    for start in range(0, len(todo), PER_TRANSACTION):
        part, deadline = [item.id for item in todo[start : start + PER_TRANSACTION]], counter.deadline
        typed = messages.lock(city.domain(DESK), counter.key.address, part, deadline)
        digest = lock_digest(city.domain(DESK), counter.key.address, part, deadline)
        signature = counter.key.sign_typed_data(typed, digest)
        sent.append(counter.send(f"lock {len(part)}", "lock", counter.key.address, part, deadline, signature))
    to_pay = [*todo, *named]
    plan = one_per_merchant([item.as_open for item in to_pay], city.read(TOKEN, "symbol"))
    _show_payouts("To be paid by the bank", plan)
    if payouts:
        write_payouts(payouts, plan, {item.id: item.state.amount for item in to_pay})
    counter.write(receipt, "lock", transactions=sent, payouts=payout_items(plan))
    say(f"{count(len(todo), 'redemption')} locked. Receipt: {receipt}")
    for line in earlier:
        say(line)


@cli.command(cls=Script)
@click.option(
    "--payouts",
    "payouts_path",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="What the bank paid (CSV: end_to_end_id;member;amount;redemption). Without it: one payment per merchant.",
)
@account_option("It needs the role TREASURER, and is not who locked.")
@receipt_option("redemptions-settle.json")
@switches
def settle(
    provider: Any,
    payouts_path: Path | None,
    account: str,
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
    counter = Counter.open(provider, deployment, account, "settle")
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
    must_be_another(city, counter.key, [items[name] for payout in plan for name in payout.ids])
    _must_be_unused(city, plan)
    _show_payouts("To settle", plan)
    total = euros(sum(payout.amount for payout in plan))
    confirm(f"Has the bank paid {total}? Settle it as {counter.key.alias}?", yes=yes, dry_run=dry_run)
    sent = [_settle_part(counter, part) for part in _parts(plan)]
    counter.write(receipt, "settle", transactions=sent, payouts=payout_items(plan))
    say(f"{count(len(plan), 'payout')} settled, {total}. Receipt: {receipt}")


@cli.command(cls=Script)
@click.argument("ids", nargs=-1, required=True)
@click.option("--reason", type=click.IntRange(1, 65535), required=True, help="A code of the profile's refund_reasons.")
@account_option("It needs the role TREASURER, and is not who locked.")
@profile_option
@receipt_option("redemptions-refund.json")
@switches
def refund(
    provider: Any,
    ids: Sequence[str],
    reason: int,
    account: str,
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
    city_profile = profile_of(read_deployment(deployment).city, profile)
    reasons = city_profile.reasons(city_profile.refund_reasons)
    if str(reason) not in reasons:
        known = [f"{code}: {text}" for code, text in reasons.items()]
        raise Stop(Code.PROBLEMS, f"{reason} is not a reason in the profile. Nothing was signed or sent.", known)
    counter = Counter.open(provider, deployment, account, "refund")
    city = counter.city
    found = chosen(redemptions(city), ids, (REQUESTED, LOCKED, RedemptionStatus.REFUNDED))
    todo = [item for item in found if item.status is not RedemptionStatus.REFUNDED]
    if not todo:
        raise Stop(Code.DONE, "All of these were given back already.")
    must_be_another(city, counter.key, todo)
    _show(f"To give back: {reasons[str(reason)]}", todo)
    confirm(f"Give back {count(len(todo), 'redemption')} as {counter.key.alias}?", yes=yes, dry_run=dry_run)
    sent = []
    for start in range(0, len(todo), PER_TRANSACTION):
        part, deadline = [item.id for item in todo[start : start + PER_TRANSACTION]], counter.deadline
        signer = counter.key.address
        typed = messages.refund(city.domain(DESK), signer, part, reason, deadline)
        digest = refund_digest(city.domain(DESK), signer, part, reason, deadline)
        signature = counter.key.sign_typed_data(typed, digest)
        sent.append(counter.send(f"refund {len(part)}", "refund", signer, part, reason, deadline, signature))
    given = ["0x" + item.id.hex() for item in todo]
    counter.write(receipt, "refund", transactions=sent, redemptions=given, reason=reason)
    say(f"{count(len(todo), 'redemption')} given back. Receipt: {receipt}")


def _locked_before(items: Sequence[Waiting]) -> list[str]:
    """What was locked by an earlier run and is not settled, in words. Only people know whether the bank has it."""
    names = ["0x" + item.id.hex() for item in items if item.status is LOCKED]
    if not names:
        return []
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


def _settle_part(counter: Counter, part: Sequence[Payout]) -> str:
    domain, signer, deadline = counter.city.domain(DESK), counter.key.address, counter.deadline
    groups = [Group(payout.reference, list(payout.ids)) for payout in part]
    typed = messages.settle(domain, signer, groups, deadline)
    signature = counter.key.sign_typed_data(typed, settle_digest(domain, signer, groups, deadline))
    items = [{"payoutReference": group.payout_reference, "ids": list(group.ids)} for group in groups]
    return counter.send(f"settle {count(len(part), 'payout')}", "settle", signer, items, deadline, signature)


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


def _show(title: str, items: Sequence[Waiting]) -> None:
    rows = [
        (item.state.number, euros(item.state.amount), item.status.name.lower(), "0x" + item.id.hex()) for item in items
    ]
    sums: defaultdict[int, int] = defaultdict(int)
    for item in items:
        sums[item.state.number] += item.state.amount
    rows.sort(key=itemgetter(0))
    show_table(title, ("member#", "amount€", "status", "redemption"), rows)
    if sums:
        show_table(
            "Per merchant", ("member#", "sum€"), [(number, euros(cents)) for number, cents in sorted(sums.items())]
        )


def _show_payouts(title: str, plan: Sequence[Payout]) -> None:
    rows = [(p.number, euros(p.amount), len(p.ids), p.end_to_end_id, "0x" + p.reference.hex()) for p in plan]
    show_table(title, ("member#", "amount€", "redemptions#", "EndToEndId", "payout reference"), rows)
