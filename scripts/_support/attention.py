# SPDX-License-Identifier: EUPL-1.2
"""What somebody at the municipality must not forget: frozen accounts, new wallets, what is due, what is locked."""

from collections import defaultdict
from typing import Any, Final

from heitje.chain.words import RedemptionStatus
from heitje.city.payouts import BANK_DAYS
from heitje.reports.problems import euros
from scripts._support.city_chain import CityChain
from scripts._support.console import count, say
from scripts._support.correcting import due_now, struck_rewards
from scripts._support.desk import reclaimable_from, redemptions, utc
from scripts._support.founding import DAY
from scripts._support.people import frozen_now
from scripts._support.replacing import pending

_WORDS: Final = {
    "in time": "to be settled or given back before {} (see `ape run redemptions list`)",
    "running out": "not to be paid any more: settle them, or give them back, before {}",
    "over": "anybody can have them given back since {}: if the bank has paid, settle them now",
}


def attention(city: CityChain) -> dict[str, Any]:
    """For machines; amounts are text, in cents, times are Unix time."""
    struck = struck_rewards(city)
    due = due_now(city, struck)
    later = [item for item in struck if item not in due]
    return {
        "frozen": [
            {"member": item.holding.number, "reason": item.reason, "since": item.since} for item in frozen_now(city)
        ],
        "replacements": [
            {"member": item.number, "newAddress": item.new, "executableFrom": item.executable_from}
            for item in pending(city)
        ],
        "clawbacks": {
            name: {
                "count": len(items),
                "struckCents": str(sum(item.attestation.struck for item in items)),
                "thereCents": str(sum(item.there for item in items)),
            }
            for name, items in (("due", due), ("notYet", later))
        },
        "locks": _locks(city),
    }


def _locks(city: CityChain) -> list[dict[str, Any]]:
    """What is locked at the desk, by the moment from which anybody can have it given back; the first one first."""
    locked = [item for item in redemptions(city) if item.status is RedemptionStatus.LOCKED]
    ends = reclaimable_from(city, locked)
    amounts: defaultdict[int, list[int]] = defaultdict(list)
    for item in locked:
        amounts[ends[item.id]].append(item.state.amount)
    return [
        {"reclaimableFrom": end, "count": len(cents), "cents": str(sum(cents)), "state": _state(end - city.timestamp)}
        for end, cents in sorted(amounts.items())
    ]


def _state(left: int) -> str:
    """How urgent a lock is that runs out in so many seconds."""
    return "over" if left <= 0 else "running out" if left < BANK_DAYS * DAY else "in time"


def show_attention(document: dict[str, Any]) -> None:
    """In words; nothing where there is nothing."""
    if document["frozen"]:
        members = ", ".join(str(item["member"]) for item in document["frozen"])
        say(f"Frozen: {members} (see `ape run freeze`)")
    for item in document["replacements"]:
        when = utc(item["executableFrom"])
        say(f"Wallet being replaced: member {item['member']}, not before {when} (see `ape run replace list`)")
    for name, words in (("due", "can be taken back now"), ("notYet", "can still be objected to")):
        found = document["clawbacks"][name]
        if found["count"]:
            amounts = f"{euros(int(found['struckCents']))}, of which {euros(int(found['thereCents']))} are still there"
            say(f"{count(found['count'], 'struck reward')} {words}: {amounts} (see `ape run correct list`)")
    for lock in document["locks"]:
        what = f"{count(lock['count'], 'redemption')}, {euros(int(lock['cents']))}"
        say(f"Locked at the desk: {what}, {_WORDS[lock['state']].format(utc(lock['reclaimableFrom']))}")
