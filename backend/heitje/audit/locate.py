# SPDX-License-Identifier: EUPL-1.2
"""Finds the block, and the transaction in it, from which on a contract says something else than its events."""

from collections.abc import Sequence
from typing import Final

from heitje.audit.compare import Difference, actual, describe, expected, same
from heitje.audit.facts import CityFacts
from heitje.audit.findings import Finding, Findings
from heitje.audit.reader import RawLog, Reader
from heitje.audit.replay import Replay
from heitje.audit.stored import Key
from heitje.audit.walk import walk
from heitje.chain.calendar import epoch_of

LOCATED: Final = 5
"""So many differences are traced to their block; one cause often has many of them."""


async def locate(reader: Reader, facts: CityFacts, differences: Sequence[Difference]) -> list[Finding]:
    """A finding for each difference, the first few with block and transaction.

    The events are replayed once more, to know what each of these things should have been after every block; then the
    blocks are halved, asking the node for its state of old.
    """
    traced = differences[:LOCATED]
    timelines = await _timelines(reader, facts, [difference.key for difference in traced])
    findings: list[Finding] = []
    for difference in traced:
        block = await _first_bad_block(reader, facts, difference.key, timelines[difference.key])
        if block is None:
            message = f"{describe(difference)}; the node has no state of old to tell since when"
            findings.append(Finding("state", message, facts.head, None))
            continue
        transaction, why = await _transaction(reader, facts, block)
        findings.append(Finding("state", f"{describe(difference)}; {why}", block, transaction))
    findings += [Finding("state", describe(difference), None, None) for difference in differences[LOCATED:]]
    return findings


Timeline = list[tuple[int, object]]


async def _timelines(reader: Reader, facts: CityFacts, keys: Sequence[Key]) -> dict[Key, Timeline]:
    replay = Replay(facts, Findings())
    timelines: dict[Key, Timeline] = {key: [(-1, expected(replay, key))] for key in keys}
    async for block in walk(reader, replay):
        for key, timeline in timelines.items():
            value = expected(replay, key)
            if value != timeline[-1][1]:
                timeline.append((block, value))
    return timelines


async def _first_bad_block(reader: Reader, facts: CityFacts, key: Key, timeline: Timeline) -> int | None:
    low, high = facts.first_block - 1, facts.head
    while high - low > 1:
        middle = (low + high) // 2
        stored = await actual(reader, key, middle)
        if stored is None:
            code = await reader.code(key.contract, middle)
            if code is None:
                return None
            # Where there is no contract yet, or no such thing in it, nothing can differ.
            low = middle
            continue
        said = next(value for block, value in reversed(timeline) if block <= middle)
        epoch = epoch_of((await reader.header(middle)).time, facts.epoch_months)
        low, high = (middle, high) if same(key, said, stored, epoch) else (low, middle)
    return high


async def _transaction(reader: Reader, facts: CityFacts, block: int) -> tuple[str | None, str]:
    """The transaction of a block that is most likely the cause, and why."""
    hashes = await reader.transactions_of(block)
    receipts = await reader.receipts(hashes)
    ours = {address.lower() for address in facts.contracts}
    listed = {_content(log) for log in (await reader.logs({"address": facts.contracts}, block, block))[0]}
    told: set[tuple[str, ...]] = set()
    with_logs: list[str] = []
    for receipt in receipts:
        own = {_content(log) for log in receipt["logs"] if log["address"].lower() in ours}
        told |= own
        if own - listed:
            return receipt["transactionHash"], "its receipt holds events that the node left out of the block's list"
        if own:
            with_logs.append(receipt["transactionHash"])
    extra = sorted(listed - told)
    if extra:
        return extra[0][0], "the node lists an event that is in no receipt"
    if with_logs:
        return with_logs[-1], "this is so since that block, and the events of its transactions do not explain it"
    if hashes:
        return hashes[-1], "this is so since that block, whose transactions have no events of these contracts"
    return None, "this is so since that block, which has no transactions at all"


def _content(log: RawLog) -> tuple[str, ...]:
    return log["transactionHash"], log["logIndex"], log["address"].lower(), *log["topics"], log["data"]
