# SPDX-License-Identifier: EUPL-1.2
"""What somebody at the municipality must not forget: who is frozen, whose wallet is being replaced, what is due."""

from datetime import UTC, datetime
from typing import Any

from heitje.reports.problems import euros
from scripts._support.city_chain import CityChain
from scripts._support.console import count, say
from scripts._support.correcting import due_now, struck_rewards
from scripts._support.people import frozen_now
from scripts._support.replacing import pending


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
    }


def show_attention(document: dict[str, Any]) -> None:
    """In words; nothing where there is nothing."""
    if document["frozen"]:
        members = ", ".join(str(item["member"]) for item in document["frozen"])
        say(f"Frozen: {members} (see `ape run freeze`)")
    for item in document["replacements"]:
        day = datetime.fromtimestamp(item["executableFrom"], UTC)
        when = f"{day.day} {day:%B %Y %H:%M} UTC"
        say(f"Wallet being replaced: member {item['member']}, not before {when} (see `ape run replace list`)")
    for name, words in (("due", "can be taken back now"), ("notYet", "can still be objected to")):
        found = document["clawbacks"][name]
        if found["count"]:
            amounts = f"{euros(int(found['struckCents']))}, of which {euros(int(found['thereCents']))} are still there"
            say(f"{count(found['count'], 'struck reward')} {words}: {amounts} (see `ape run correct list`)")
