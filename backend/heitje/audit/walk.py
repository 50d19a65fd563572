# SPDX-License-Identifier: EUPL-1.2
"""Leads a replay along the chain."""

from collections.abc import AsyncIterator
from itertools import groupby
from operator import itemgetter

from heitje.audit.findings import Moment
from heitje.audit.reader import RawLog, Reader
from heitje.audit.replay import Entry, Replay
from heitje.chain.addresses import to_address
from heitje.chain.logs import MalformedLog, decode


async def walk(reader: Reader, replay: Replay) -> AsyncIterator[int]:
    """Replays every block in which the city's contracts logged something; yields each block's number afterwards."""
    facts = replay.facts
    names = {address.lower(): address for address in facts.contracts}
    async for block in reader.blocks(facts.contracts, facts.first_block, facts.head, replay.findings):
        moment = Moment.of(block.header.number, block.header.time, facts.epoch_months)
        for transaction, logs in groupby(block.logs, key=itemgetter("transactionHash")):
            moment.transaction = transaction
            replay.transaction(moment, [_entry(log, names) for log in logs])
        yield block.header.number


def _entry(log: RawLog, names: dict[str, str]) -> Entry:
    source = names.get(log["address"]) or to_address(log["address"])
    try:
        return source, decode(log["topics"], log["data"])
    except MalformedLog:
        return source, None
