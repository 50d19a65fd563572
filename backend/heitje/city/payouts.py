# SPDX-License-Identifier: EUPL-1.2
"""Payouts: which redemptions one bank payment settles. The chain keeps the hash of the payment's EndToEndId only."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from eth_utils.crypto import keccak

from heitje.city.fields import FieldError, parse_euros
from heitje.city.members import MemberNumberError, parse
from heitje.city.table import LineProblem, Row

COLUMNS: Final = ("end_to_end_id", "member")
OPTIONAL: Final = ("amount", "redemption")
MOST_IN_ONE: Final = 200
BANK_DAYS: Final = 14
"""Days from the moment a payment file is written to the moment its payments are known to have arrived or to have come
back. A bank pays by the end of the next business day (directive (EU) 2015/2366, article 83) and returns within three
business days what it cannot credit (SEPA Credit Transfer Rulebook, R-transactions). Weekends, the longest run of bank
holidays, and the days in which somebody releases the file and reads the statement make it two weeks."""
_END_TO_END_ID: Final = r"[A-Za-z0-9/\-?:().,'+ ]{1,35}"
"""ISO 20022 Max35Text in the SEPA character set (EPC217-08)."""


@dataclass(frozen=True, slots=True)
class Open:
    """A redemption that waits at the desk. The amount is in cents."""

    id: bytes
    number: int
    amount: int


@dataclass(frozen=True, slots=True)
class Payout:
    """One bank payment to one merchant. The amount is in cents."""

    end_to_end_id: str
    number: int
    amount: int
    ids: tuple[bytes, ...]

    @property
    def reference(self) -> bytes:
        """What goes on the chain: keccak256 of the EndToEndId."""
        return payout_reference(self.end_to_end_id)


def payout_reference(end_to_end_id: str) -> bytes:
    """keccak256 of an EndToEndId, as text in UTF-8."""
    return keccak(end_to_end_id.encode())


def one_per_merchant(redemptions: Iterable[Open], prefix: str) -> list[Payout]:
    """One payout per merchant, with an EndToEndId made from the redemptions in it, so that it is the same every time.

    A merchant with more than two hundred redemptions gets several, because a payout is settled in one transaction.

    Args:
        redemptions: what is to be paid.
        prefix: the token's symbol; what the merchant's bank statement will begin with.
    """
    by_number: dict[int, list[Open]] = {}
    for item in redemptions:
        by_number.setdefault(item.number, []).append(item)
    payouts = []
    for number, items in sorted(by_number.items()):
        items.sort(key=lambda item: item.id)
        for start in range(0, len(items), MOST_IN_ONE):
            part = items[start : start + MOST_IN_ONE]
            ids = tuple(item.id for item in part)
            name = f"{prefix[:8]}-{number}-{keccak(b''.join(ids)).hex()[:12].upper()}"
            payouts.append(Payout(name, number, sum(item.amount for item in part), ids))
    return payouts


def read_payouts(rows: Sequence[Row], redemptions: Mapping[bytes, Open]) -> tuple[list[Payout], list[LineProblem]]:
    """Payouts from a table, one line per bank payment or per redemption, and everything that is wrong.

    Args:
        rows: with the columns `COLUMNS` and `OPTIONAL`. Without a redemption a line is about all of that merchant.
        redemptions: what can be settled, by id.
    """
    groups: dict[str, tuple[int, list[Open]]] = {}
    problems: list[LineProblem] = []
    used: dict[bytes, int] = {}
    for row in rows:
        try:
            name, number, items = _row(row, redemptions)
        except (FieldError, MemberNumberError) as error:
            problems.append(LineProblem(row.line, row.misfit or str(error)))
            continue
        for item in items:
            if used.setdefault(item.id, row.line) != row.line:
                text = f"redemption 0x{item.id.hex()} is in line {used[item.id]} too; nobody is paid twice"
                problems.append(LineProblem(row.line, text))
        if groups.setdefault(name, (number, []))[0] != number:
            problems.append(LineProblem(row.line, f"{name} is of another merchant; one bank payment pays one merchant"))
        groups[name][1].extend(items)
    payouts = [
        Payout(name, number, sum(item.amount for item in items), tuple(item.id for item in items))
        for name, (number, items) in groups.items()
    ]
    return payouts, problems


def _row(row: Row, redemptions: Mapping[bytes, Open]) -> tuple[str, int, list[Open]]:
    if row.misfit:
        raise FieldError(row.misfit)
    name = row.cells["end_to_end_id"]
    if not re.fullmatch(_END_TO_END_ID, name):
        raise FieldError(f"{name!r} is not an EndToEndId: 1 to 35 letters, digits and /-?:().,'+")
    number = parse(row.cells["member"])
    items = _items(row, number, redemptions)
    written, settled = row.cells.get("amount", ""), sum(item.amount for item in items)
    if written and parse_euros(written) != settled:
        text = f"{settled // 100}.{settled % 100:02d}"
        raise FieldError(f"the bank paid {written}, but what this line would settle comes to {text}")
    return name, number, items


def _items(row: Row, number: int, redemptions: Mapping[bytes, Open]) -> list[Open]:
    """The redemptions of a line."""
    text = row.cells.get("redemption", "")
    if text:
        wanted = parse_id(text)
        item = redemptions.get(wanted)
        if item is None or item.number != number:
            raise FieldError(f"redemption {text} of member {number} is not locked, so it cannot be settled")
        return [item]
    items = [item for item in redemptions.values() if item.number == number]
    if not items:
        raise FieldError(f"member {number} has no locked redemption")
    return items


def parse_id(text: str) -> bytes:
    """The id of a redemption.

    Raises:
        FieldError: not 0x and 64 digits.
    """
    if not re.fullmatch(r"0x[0-9a-fA-F]{64}", text):
        raise FieldError(f"{text!r} is not the id of a redemption: it must be 0x and 64 digits")
    return bytes.fromhex(text[2:])
