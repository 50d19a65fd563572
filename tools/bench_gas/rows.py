# SPDX-License-Identifier: EUPL-1.2
"""A row of the bench: one operation, the transactions it was measured by, and what they say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any, Final

BATCH_GAS: Final = 15_500_000
"""What a batch of ours may take at most."""
BATCH_CALLDATA: Final = 100_000
"""Bytes of calldata a batch of ours may have at most."""
OURS: Final = "Heitje"


class Kind(StrEnum):
    """What the operations of a section do for a city. The first row of ours in a section is what all are divided by."""

    PAYMENT = "Payments that somebody else carries"
    REWARD = "Rewards with their proof"
    PAYOUT = "Settling redemptions"
    TRANSFER = "Transfers by the holder"
    MINT = "Mints without any proof"


@dataclass(frozen=True)
class Transaction:
    """What a receipt and its transaction say. Gas is the whole transaction's: 21 000, calldata, execution, refunds."""

    hash: str
    block: int
    gas_used: int
    calldata: int
    """Bytes."""

    @classmethod
    def read(cls, receipt: Mapping[str, Any], sent: Mapping[str, Any]) -> Transaction:
        """From the answers of `eth_getTransactionReceipt` and `eth_getTransactionByHash`.

        Raises:
            ValueError: it reverted.
        """
        if int(receipt["status"], 16) != 1:
            raise ValueError(f"{receipt['transactionHash']} reverted")
        block, gas = int(receipt["blockNumber"], 16), int(receipt["gasUsed"], 16)
        return cls(receipt["transactionHash"], block, gas, len(sent["input"]) // 2 - 1)


@dataclass(frozen=True)
class Row:
    """One operation of one project."""

    kind: Kind
    project: str
    operation: str
    items: int
    transactions: tuple[Transaction, ...]
    budget: int | None = None
    """Gas per item at most, where we have set ourselves a limit."""

    @property
    def gas_used(self) -> int:
        """Of all the transactions together."""
        return sum(transaction.gas_used for transaction in self.transactions)

    @property
    def per_item(self) -> int:
        """Gas per item, rounded to the nearest."""
        return (2 * self.gas_used + self.items) // (2 * self.items)

    def faults(self) -> list[str]:
        """Which of our limits it breaks, in words."""
        found = []
        name = f"{self.project}: {self.operation}"
        if self.budget is not None and self.gas_used > self.budget * self.items:
            found.append(f"{name} takes {self.per_item} gas per item, {self.per_item - self.budget} over its budget.")
        if self.project == OURS:
            for each in self.transactions:
                if each.gas_used > BATCH_GAS:
                    found.append(f"{name} takes {each.gas_used} gas, over the {BATCH_GAS} of a batch.")
                if each.calldata > BATCH_CALLDATA:
                    found.append(f"{name} has {each.calldata} bytes of calldata, over {BATCH_CALLDATA}.")
        return found

    def to_json(self) -> dict[str, Any]:
        """As it is written into the file."""
        return {**asdict(self), "gas_per_item": self.per_item}

    @classmethod
    def from_json(cls, given: Mapping[str, Any]) -> Row:
        """The reverse.

        Raises:
            ValueError: the file's gas per item does not follow from its transactions.
        """
        row = cls(
            Kind(given["kind"]),
            given["project"],
            given["operation"],
            given["items"],
            tuple(Transaction(**each) for each in given["transactions"]),
            given["budget"],
        )
        if row.per_item != given["gas_per_item"]:
            claimed = given["gas_per_item"]
            raise ValueError(f"{row.operation}: its transactions say {row.per_item} gas per item, the file {claimed}")
        return row


def ratios(rows: Sequence[Row]) -> dict[Row, float]:
    """How many times the gas of our first operation of the same section each takes; nothing where we have none."""
    first: dict[Kind, int] = {}
    for row in rows:
        if row.project == OURS:
            first.setdefault(row.kind, row.per_item)
    return {row: row.per_item / first[row.kind] for row in rows if row.kind in first}
