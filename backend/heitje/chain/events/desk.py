# SPDX-License-Identifier: EUPL-1.2
"""What the redemption desk tells."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RedemptionRequested:
    """A shop's credits came into escrow."""

    id: bytes
    number: int
    amount: int
    payout_commitment: bytes
    salt: bytes


@dataclass(frozen=True, slots=True)
class RedemptionsLocked:
    """A treasurer locked redemptions."""

    lock_id: int
    treasurer: str
    ids: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class RedemptionsSettled:
    """One bank payment to one shop; its credits are burnt."""

    payout_reference: bytes
    number: int
    treasurer: str
    amount: int
    ids: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class RedemptionRefunded:
    """A treasurer gave a redemption back."""

    id: bytes
    number: int
    treasurer: str
    amount: int
    reason: int


@dataclass(frozen=True, slots=True)
class RedemptionCancelled:
    """A shop took a redemption back."""

    id: bytes
    number: int
    amount: int


@dataclass(frozen=True, slots=True)
class RedemptionReclaimed:
    """The municipality did not end a redemption in time; its credits went back to the shop."""

    id: bytes
    number: int
    amount: int


@dataclass(frozen=True, slots=True)
class DeskClosed:
    """A desk takes no new requests."""
