# SPDX-License-Identifier: EUPL-1.2
"""What one transaction has announced and not yet done, or done and not yet explained."""

from collections import deque
from dataclasses import dataclass, field
from typing import NamedTuple


class TakenBack(NamedTuple):
    """What a clawback burnt, in cents, and what the account held just before."""

    number: int
    amount: int
    held: int


@dataclass
class Scratch:
    """Of one transaction. Places are those among its logs."""

    paid: dict[int, bytes] = field(default_factory=dict)
    """Digest of each `Transfer` that is a signed payment, by its place."""
    replacing: set[int] = field(default_factory=set)
    """Places of each `Transfer` that a replacement made."""
    taking_back: set[int] = field(default_factory=set)
    """Places of each burn that a clawback made."""
    rewards: deque[tuple[str, int]] = field(default_factory=deque)
    authorization: tuple[str, bytes] | None = None
    expiry: tuple[str, int] | None = None
    moved: tuple[str, str, int] | None = None
    """(old address, new address, cents) that a replacement moved."""
    burnt: tuple[str, int, int] | None = None
    """(account, cents, cents held before) that a clawback burnt."""
    taken_back: deque[TakenBack] = field(default_factory=deque)
    escrowed: deque[tuple[str, str, int, bytes]] = field(default_factory=deque)
    """(desk, shop, cents, nonce) of credits that came into escrow."""
    releases: deque[tuple[str, int, int]] = field(default_factory=deque)
    """(desk, number, cents) of credits a desk said it gives back."""
    settled: dict[str, int] = field(default_factory=dict)
    """Cents each desk said it burns."""
    desks: set[str] = field(default_factory=set)
