# SPDX-License-Identifier: EUPL-1.2
"""What waits at the redemption desk, and treasurers' signed acts on it."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from heitje.chain.addresses import to_address
from heitje.chain.events import RedemptionRequested
from heitje.chain.words import Redemption, RedemptionStatus
from heitje.city.fields import FieldError
from heitje.city.payouts import BANK_DAYS, Open, Payout, parse_id
from heitje.city.roles import DESK
from heitje.reports.state import Call
from scripts._support.announcements import moment
from scripts._support.city_chain import CityChain
from scripts._support.exits import Code, Stop
from scripts._support.founding import DAY
from scripts._support.inputs import known_profile
from scripts._support.office import Official, may_sign

PER_TRANSACTION: Final = 200
"""Redemptions per transaction: far below 15.5 million gas, also when each is a group of its own."""
_REQUESTED = "RedemptionRequested(bytes32,uint32,uint256,bytes32,bytes32)"


@dataclass(frozen=True)
class Waiting:
    """One redemption: id, and what the desk has stored."""

    id: bytes
    state: Redemption

    @property
    def status(self) -> RedemptionStatus:
        """Where it is."""
        return RedemptionStatus(self.state.status)

    @property
    def as_open(self) -> Open:
        """What payouts are made of."""
        return Open(self.id, self.state.number, self.state.amount)


def utc(time: int) -> str:
    """A time (Unix) written out: `24 November 2026 12:20 UTC`."""
    day = datetime.fromtimestamp(time, UTC)
    return f"{day.day} {day:%B %Y %H:%M} UTC"


def clock(city: CityChain, time: int) -> str:
    """A time (Unix) on the city's clock: `24 November 2026 12:20`, and which; in UTC if no profile tells."""
    profile = known_profile(city.deployment, None)
    return moment(time, ZoneInfo(profile.time_zone)) if profile else utc(time)


def redemptions(city: CityChain) -> list[Waiting]:
    """Every redemption there ever was, in the order of the requests, each once."""
    events = [event for event, _ in city.events(DESK, _REQUESTED)]
    ids = list(dict.fromkeys(event.id for event in events if isinstance(event, RedemptionRequested)))
    words: list[int] = []
    for start in range(0, len(ids), 500):
        words += city.read(DESK, "wordsOf", ids[start : start + 500])
    return [Waiting(name, Redemption.from_word(word)) for name, word in zip(ids, words, strict=True)]


def chosen(everything: Sequence[Waiting], texts: Sequence[str], allowed: Sequence[RedemptionStatus]) -> list[Waiting]:
    """The redemptions that were named, or all that can be taken where none is named.

    Raises:
        Stop: one is unknown, or cannot be taken any more; all such are listed.
    """
    if not texts:
        return [item for item in everything if item.status in allowed]
    by_id = {item.id: item for item in everything}
    wrong, found = [], []
    for text in dict.fromkeys(texts):
        try:
            item = by_id.get(parse_id(text))
        except FieldError as error:
            wrong.append(str(error))
            continue
        if item is None:
            wrong.append(f"{text}: there is no such redemption")
        elif item.status not in allowed:
            wrong.append(f"{text}: it is {item.status.name.lower()}, so this cannot be done")
        else:
            found.append(item)
    if wrong:
        raise Stop(Code.PROBLEMS, "Some redemptions cannot be taken. Nothing was signed or sent.", wrong)
    return found


def must_be_treasurer(city: CityChain, treasurer: Official, function: str) -> None:
    """Checks the right to sign.

    Raises:
        Stop: this account has not got it.
    """
    if not may_sign(city, treasurer.address, DESK, function):
        text = f"{treasurer.alias} ({treasurer.address}) may not do this: it needs the role TREASURER."
        raise Stop(Code.PROBLEMS, f"{text} Nothing was signed or sent.")


def must_be_another(city: CityChain, treasurer: Official, items: Sequence[Waiting]) -> None:
    """Checks that whoever signs did not lock these.

    Raises:
        Stop: some were locked by this account.
    """
    locks = sorted({item.state.lock_id for item in items if item.status is RedemptionStatus.LOCKED})
    answers = city.read_many([Call(DESK, "lockOf", (lock,)) for lock in locks])
    own = [lock for lock, answer in zip(locks, answers, strict=True) if to_address(answer[0]) == treasurer.address]
    if own:
        text = f"{treasurer.alias} made lock {', '.join(map(str, own))}; another treasurer must do this."
        raise Stop(Code.PROBLEMS, f"{text} Nothing was signed or sent.")


def reclaimable_from(city: CityChain, items: Sequence[Waiting]) -> dict[bytes, int]:
    """From when on anybody can reclaim each of these, by id, Unix time."""
    after, locked_after = city.read(DESK, "reclaimAfter"), city.read(DESK, "lockedReclaimAfter")
    locks = sorted({item.state.lock_id for item in items if item.status is RedemptionStatus.LOCKED})
    answers = city.read_many([Call(DESK, "lockOf", (lock,)) for lock in locks])
    locked_at = {lock: answer[1] for lock, answer in zip(locks, answers, strict=True)}
    return {
        item.id: (
            locked_at[item.state.lock_id] + locked_after
            if item.status is RedemptionStatus.LOCKED
            else item.state.requested_at + after
        )
        for item in items
    }


def must_be_in_time(city: CityChain, locked: Sequence[Waiting]) -> None:
    """Checks that a bank can pay these, which were locked before, and that they can be settled, while they are locked.

    Raises:
        Stop: for some of them anybody could have the credits given back first, and the shop would have both.
    """
    ends = reclaimable_from(city, locked)
    late = [item for item in locked if ends[item.id] - BANK_DAYS * DAY < city.timestamp]
    if late:
        text = (
            f"Some were locked too long ago to be paid now: a bank may take {BANK_DAYS} days, and after the moment"
            " below anybody can have them given back, so that the shop would have euros and credits. Nothing was"
            " signed, sent or written. If the bank has paid them, let another treasurer settle them at once. If not,"
            " let another treasurer give them back (`ape run redemptions refund`), and the shop asks again."
        )
        listed = [f"0x{item.id.hex()}: locked until {clock(city, ends[item.id])}" for item in late]
        raise Stop(Code.PROBLEMS, text, listed)


def write_payouts(path: Path, payouts: Sequence[Payout], amounts: dict[bytes, int]) -> None:
    """A table of payouts that `settle --payouts` reads, one line per redemption."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";")
    writer.writerow(("end_to_end_id", "member", "amount", "redemption"))
    for payout in payouts:
        for name in payout.ids:
            euros = f"{amounts[name] // 100}.{amounts[name] % 100:02d}"
            writer.writerow((payout.end_to_end_id, payout.number, euros, "0x" + name.hex()))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text.getvalue(), encoding="utf-8")


def payout_items(payouts: Sequence[Payout]) -> list[dict[str, Any]]:
    """Payouts for a receipt."""
    return [
        {
            "endToEndId": payout.end_to_end_id,
            "payoutReference": "0x" + payout.reference.hex(),
            "member": payout.number,
            "cents": str(payout.amount),
            "redemptions": ["0x" + name.hex() for name in payout.ids],
        }
        for payout in payouts
    ]
