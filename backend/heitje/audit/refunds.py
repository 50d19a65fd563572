# SPDX-License-Identifier: EUPL-1.2
"""Refunds from shops to residents, each looked for among the payments between the same two numbers.

A refund's nonce is the hash of the payment it refunds. One that matches no payment, or goes above what is left of it,
is the shop's exception: listed, and no fault of the city's books. A number may have had several addresses: a new phone
changes nothing that can be refunded.
"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Final

from heitje.audit.books import Books, Refund
from heitje.audit.facts import CityFacts
from heitje.audit.findings import euros
from heitje.audit.reader import LONGEST_RANGE, Reader
from heitje.chain import events, logs
from heitje.chain.addresses import ZERO_ADDRESS
from heitje.chain.typed_data import refund_nonce

REFUNDS_PER_PAYMENT: Final = 16


@dataclass(frozen=True, slots=True)
class RefundException:
    """A refund that cannot be explained, and why."""

    refund: Refund
    message: str


async def exceptions(reader: Reader, facts: CityFacts, books: Books) -> list[RefundException]:
    """The refunds that match no payment, or more than is left of it."""
    by_pair: dict[tuple[int, int], list[Refund]] = defaultdict(list)
    for refund in books.refunds:
        by_pair[books.account(refund.merchant).number, books.account(refund.resident).number].append(refund)
    numbers = {number for pair in by_pair for number in pair}
    addresses: dict[int, list[str]] = defaultdict(list)
    for address, account in books.accounts.items():
        if account.number in numbers:
            addresses[account.number].append(address)
    found: list[RefundException] = []
    for (merchant, resident), own in by_pair.items():
        payments = await _payments(reader, facts, addresses[resident], addresses[merchant])
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


async def _payments(reader: Reader, facts: CityFacts, payers: Sequence[str], payees: Sequence[str]) -> dict[bytes, int]:
    """Cents of each signed payment from addresses of one number to addresses of another, by digest."""
    topics = [logs.TRANSFER, [_topic(payer) for payer in payers], [_topic(payee) for payee in payees]]
    found: dict[str, None] = {}
    first = facts.first_block
    while first <= facts.head:
        query = {"address": facts.token, "topics": topics}
        page, end = await reader.logs(query, first, min(first + LONGEST_RANGE - 1, facts.head))
        found.update((log["transactionHash"], None) for log in page)
        first = end + 1
    payments: dict[bytes, int] = {}
    for receipt in await reader.receipts(list(found)):
        payments |= _paid(receipt, facts.token, payers, payees)
    return payments


def _paid(receipt: dict[str, Any], token: str, payers: Collection[str], payees: Collection[str]) -> dict[bytes, int]:
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
                if move.sender in payers and move.recipient in payees
            }
    return paid


def _topic(address: str) -> str:
    return "0x" + address[2:].lower().rjust(64, "0")
