# SPDX-License-Identifier: EUPL-1.2
"""How to lie about a log or a view, and what an audit that is lied to finds."""

from collections.abc import Callable, Sequence
from typing import Any

from heitje.audit.command import audit_url
from heitje.audit.findings import Finding
from tests.chain.audit.day import Day
from tests.chain.audit.lying_node import Lie, lying_node

Log = dict[str, Any]
Change = Callable[[Log], Sequence[Log]]


async def lied_to(day: Day, lie: Lie) -> list[Finding]:
    async with lying_node(day.city.url, lie) as url:
        result = await audit_url(url, day.city.addresses["token"])
    assert not result.is_clean
    return result.findings.listed


def assert_named(findings: list[Finding], code: str, day: Day, where: str) -> None:
    found = [(f.code, f.block, f.transaction) for f in findings]
    assert (code, day.block(where), day.transaction(where)) in found, findings


def in_transaction(day: Day, where: str, event: str, change: Change) -> Change:
    """Changes the logs of one event in one transaction."""
    transaction = day.transaction(where)
    return lambda log: change(log) if (log["transactionHash"], log["topics"][0]) == (transaction, event) else [log]


def drop(_: Log) -> list[Log]:
    return []


def word(index: int, value: int) -> Change:
    """Replaces a word of the data."""
    at = 2 + 64 * index
    return lambda log: [{**log, "data": log["data"][:at] + f"{value:064x}" + log["data"][at + 64 :]}]


def named(index: int, value: int) -> Change:
    """Replaces a topic; the first is 1, because 0 is the event's own."""

    def change(log: Log) -> list[Log]:
        topics = list(log["topics"])
        topics[index] = f"0x{value:064x}"
        return [{**log, "topics": topics}]

    return change


def together(*changes: Change) -> Change:
    """Makes several changes, one after the other."""

    def change(log: Log) -> list[Log]:
        logs = [log]
        for each in changes:
            logs = [changed for one in logs for changed in each(one)]
        return logs

    return change


def plus(cents: int, *, width: int = 256) -> Callable[[bytes], bytes]:
    """Adds to the last word of an answer, within its lowest bits."""

    def change(answer: bytes) -> bytes:
        value = int.from_bytes(answer[-32:], "big")
        low = (value + cents) % (1 << width)
        return answer[:-32] + (value >> width << width | low).to_bytes(32, "big") if value else answer

    return change
