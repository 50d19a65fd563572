# SPDX-License-Identifier: EUPL-1.2
"""What waits at the redemption desk, and what the bank is to pay, shown to people."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from operator import itemgetter

from heitje.city.payouts import Payout
from heitje.city.roles import DESK
from heitje.reports.problems import euros
from heitje.reports.state import Call
from scripts._support.city_chain import CityChain
from scripts._support.console import say, show_table
from scripts._support.desk import Waiting, clock


def show_redemptions(title: str, items: Sequence[Waiting]) -> None:
    """Redemptions, and their sum per merchant."""
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


def show_dates(city: CityChain, title: str, items: Sequence[Waiting], dates: Mapping[bytes, int]) -> None:
    """Redemptions, each with the moment from which anybody can have it given back."""
    rows = [
        (
            item.state.number,
            euros(item.state.amount),
            item.status.name.lower(),
            clock(city, dates[item.id]),
            "0x" + item.id.hex(),
        )
        for item in items
    ]
    show_table(title, ("member#", "amount€", "status", "can be reclaimed from", "redemption"), rows)


def show_payouts(title: str, plan: Sequence[Payout]) -> None:
    """Bank payments, one per line."""
    rows = [(p.number, euros(p.amount), len(p.ids), p.end_to_end_id, "0x" + p.reference.hex()) for p in plan]
    show_table(title, ("member#", "amount€", "redemptions#", "EndToEndId", "payout reference"), rows)


def tell_what_can_be_asked_for_again(city: CityChain, items: Sequence[Waiting]) -> None:
    """What the shops of these redemptions, which came back, can ask for although the last day for redeeming is over."""
    numbers = sorted({item.state.number for item in items})
    answers = city.read_many([Call(DESK, "graceOf", (number,)) for number in numbers])
    for number, (cents, until) in zip(numbers, answers, strict=True):
        if cents and city.timestamp <= until:
            say(
                f"The last day for redeeming is over, but member {number} can ask again, at this desk, for up to "
                f"{euros(cents)} until {clock(city, until)}. After that it is lost: tell the shop now."
            )
