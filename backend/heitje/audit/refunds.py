# SPDX-License-Identifier: EUPL-1.2
"""Refunds from shops to residents, each looked for among the payments between the same two.

A refund's nonce is the hash of the payment it refunds. One that matches no payment, or goes above what is left of it,
is the shop's exception: listed, and no fault of the city's books.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from heitje.audit.books import Refund
from heitje.audit.findings import euros
from heitje.audit.reader import LONGEST_RANGE, Reader
from heitje.audit.replay import CityFacts
from heitje.chain import events, logs
from heitje.chain.addresses import ZERO_ADDRESS
from heitje.chain.typed_data import refund_nonce

REFUNDS_PER_PAYMENT: Final = 16


@dataclass(frozen=True, slots=True)
class RefundException:
    """A refund that cannot be explained, and why."""

    refund: Refund
    message: str


async def exceptions(reader: Reader, facts: CityFacts, refunds: Sequence[Refund]) -> list[RefundException]:
    """The refunds that match no payment, or more than is left of it."""
    by_pair: dict[tuple[str, str], list[Refund]] = defaultdict(list)
    for refund in refunds:
        by_pair[refund.merchant, refund.resident].append(refund)
    found: list[RefundException] = []
    for (merchant, resident), own in by_pair.items():
        payments = await _payments(reader, facts, resident, merchant)
        by_nonce = {refund_nonce(digest, k): digest for digest in payments for k in range(REFUNDS_PER_PAYMENT)}
        for refund in own:
            digest = by_nonce.get(refund.nonce)
            if digest is None:
                found.append(RefundException(refund, "it refunds no payment between these two"))
            elif refund.value > payments[digest]:
                left = euros(payments[digest])
                found.append(RefundException(refund, f"{left} of the payment was left to refund"))
            if digest is not None:
                payments[digest] -= refund.value
    return found


async def _payments(reader: Reader, facts: CityFacts, payer: str, payee: str) -> dict[bytes, int]:
    """Cents of each signed payment between two, by digest."""
    topics = [logs.TRANSFER, _topic(payer), _topic(payee)]
    found: dict[str, None] = {}
    first = facts.first_block
    while first <= facts.head:
        query = {"address": facts.token, "topics": topics}
        page, end = await reader.logs(query, first, min(first + LONGEST_RANGE - 1, facts.head))
        found.update((log["transactionHash"], None) for log in page)
        first = end + 1
    payments: dict[bytes, int] = {}
    for receipt in await reader.receipts(list(found)):
        payments |= _paid(receipt, facts.token, payer, payee)
    return payments


def _paid(receipt: dict[str, Any], token: str, payer: str, payee: str) -> dict[bytes, int]:
    moves: list[events.Transfer] = []
    paid: dict[bytes, int] = {}
    for log in receipt["logs"]:
        try:
            event = logs.decode_log(log) if log["address"].lower() == token.lower() else None
        except logs.MalformedLog:  # the replay has found it already
            continue
        if isinstance(event, events.Transfer) and ZERO_ADDRESS not in (event.sender, event.recipient):
            moves.append(event)
        elif isinstance(event, events.Paid):
            own = moves[-len(event.digests) :]
            paid |= {
                digest: move.value
                for digest, move in zip(event.digests, own, strict=False)
                if (move.sender, move.recipient) == (payer, payee)
            }
    return paid


def _topic(address: str) -> str:
    return "0x" + address[2:].lower().rjust(64, "0")
