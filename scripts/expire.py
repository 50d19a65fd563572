# SPDX-License-Identifier: EUPL-1.2
"""Burns what has expired, so that the books show it."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

import click

from heitje.chain.abi import load
from heitje.chain.account import Account
from heitje.city.roles import TOKEN
from heitje.reports.problems import euros
from scripts._support.city_chain import CityChain
from scripts._support.console import confirm, count, progress, say, show_table
from scripts._support.documents import read_deployment, write_json
from scripts._support.exits import Code, Stop
from scripts._support.inputs import profile_of
from scripts._support.keys import Key
from scripts._support.people import wallets
from scripts._support.script import (
    Script,
    account_option,
    node_of,
    profile_option,
    receipt_option,
    switches,
)
from scripts._support.sending import Sender, Transaction

PER_TRANSACTION: Final = 400
"""Accounts per transaction: far below 15.5 million gas, also when each burns."""

HELP = """Burn the credits of residents that are past their date.

Nothing is taken that could still be spent: expired credits cannot be paid with from the moment they expire, burnt or
not, and are burnt by themselves when their holder next earns or pays. This does it for everybody at once, so that the
public books show what expired, for example at the turn of an epoch or after the last day of paying. Anyone may run it;
shops' credits never expire. Run it as often as you like.
"""


@dataclass(frozen=True)
class Past:
    """One account with credits that are past their date, in cents."""

    number: int
    address: str
    cents: int


@click.command(cls=Script, help=HELP, short_help="Burn credits that are past their date")
@receipt_option("expire")
@profile_option
@switches
@account_option("Any: it needs no right, and pays nothing.")
def cli(
    provider: Any,
    account: str,
    deployment: Path,
    profile: str | None,
    receipt: Path,
    *,
    yes: bool,
    dry_run: bool,
) -> None:
    """See HELP."""
    key, rpc = Key(account), node_of(provider)
    sender = Sender(rpc, int(rpc.call("eth_chainId"), 16), key)
    sender.settle_down()
    city = CityChain.connect(rpc, read_deployment(deployment))
    when = datetime.fromtimestamp(city.timestamp, ZoneInfo(profile_of(city.deployment, profile).time_zone))
    found = past_their_date(city)
    total = sum(item.cents for item in found)
    if not found:
        raise Stop(Code.DONE, f"Nothing had expired on {when.day} {when:%B %Y}. Nothing was left to do.")
    show_table(
        f"Expired on {when.day} {when:%B %Y}",
        ("member#", "expired€"),
        [(item.number, euros(item.cents)) for item in found],
    )
    confirm(f"Burn {euros(total)} of {count(len(found), 'resident')}?", yes=yes, dry_run=dry_run)
    hashes = _burn(city, sender, found)
    write_json(
        receipt,
        {
            "city": city.deployment.city,
            "burnt": str(total),
            "members": [{"member": item.number, "cents": str(item.cents)} for item in found],
            "transactions": hashes,
        },
    )
    say(f"{euros(total)} of {count(len(found), 'resident')} are burnt; receipt: {receipt}")


def past_their_date(city: CityChain) -> list[Past]:
    """Everybody whose balance holds credits that can no longer be spent, as of the city's block."""
    holders = wallets(city)
    words: list[int] = []
    for start in range(0, len(holders), 500):
        words += city.read(TOKEN, "wordsOf", holders[start : start + 500])
    epoch = city.read(TOKEN, "currentEpoch")
    ended = city.timestamp > city.read(TOKEN, "rules")[3]
    found = []
    for address, word in zip(holders, words, strict=True):
        account = Account.from_word(word)
        _, burned = account.roll(epoch, ended=ended)
        if burned:
            found.append(Past(account.number, address, burned))
    return found


def _burn(city: CityChain, sender: Sender, found: list[Past]) -> list[str]:
    token = load(TOKEN)
    parts = [found[start : start + PER_TRANSACTION] for start in range(0, len(found), PER_TRANSACTION)]
    transactions = []
    for part in parts:
        data = token.encode("expire", [item.address for item in part])
        bare = Transaction("burn what has expired", city.address(TOKEN), data)
        transactions.append(Transaction(bare.what, bare.to, data, sender.check(bare)))
    with progress() as bar:
        task = bar.add_task("Burning", total=len(transactions))
        receipts = sender.send_all(transactions, done=lambda: bar.advance(task))
    return [receipt["transactionHash"] for receipt in receipts]
