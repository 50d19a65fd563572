# SPDX-License-Identifier: EUPL-1.2
"""Storage words as the contracts' `wordsOf` functions return them: 256-bit integers, fields from low bits up."""

from dataclasses import dataclass
from enum import IntEnum

from heitje.chain.account import Account, Class, Flag

__all__ = [
    "Account",
    "Attestation",
    "AttestationStatus",
    "Class",
    "Flag",
    "Redemption",
    "RedemptionStatus",
    "uid_of",
]


class AttestationStatus(IntEnum):
    """State of an attestation."""

    NONE = 0
    ISSUED = 1
    REDUCED = 2
    CLAWED_BACK = 3


class RedemptionStatus(IntEnum):
    """Where a redemption is. The last four are ends."""

    NONE = 0
    REQUESTED = 1
    LOCKED = 2
    SETTLED = 3
    REFUNDED = 4
    CANCELLED = 5
    RECLAIMED = 6


def uid_of(activity: int, number: int) -> int:
    """The key of one person's attestation in one activity: `activity << 32 | number`."""
    return activity << 32 | number


@dataclass(frozen=True, slots=True)
class Attestation:
    """One person's rewarded part in one activity. Amounts are cents, times Unix seconds.

    Amount, minutes and time are those of the issue; a reduction writes `struck`, `kept` (minutes) and `reduced_at`.
    """

    amount: int = 0
    struck: int = 0
    minutes: int = 0
    month: int = 0
    programme: int = 0
    time: int = 0
    status: int = 0
    kept: int = 0
    reduced_at: int = 0
    spare: int = 0

    @classmethod
    def from_word(cls, word: int) -> "Attestation":
        """Unpacks the storage word.

        Low bits first: amount 32 | struck 32 | minutes 16 | month 16 | programme 32 | time 40 | status 8 | kept 16 |
        reduced at 40 | spare 24.
        """
        return cls(
            word & 0xFFFFFFFF,
            word >> 32 & 0xFFFFFFFF,
            word >> 64 & 0xFFFF,
            word >> 80 & 0xFFFF,
            word >> 96 & 0xFFFFFFFF,
            word >> 128 & (1 << 40) - 1,
            word >> 168 & 0xFF,
            word >> 176 & 0xFFFF,
            word >> 192 & (1 << 40) - 1,
            word >> 232,
        )

    def to_word(self) -> int:
        """Packs the attestation as the registry stores it."""
        return (
            self.amount
            | self.struck << 32
            | self.minutes << 64
            | self.month << 80
            | self.programme << 96
            | self.time << 128
            | self.status << 168
            | self.kept << 176
            | self.reduced_at << 192
            | self.spare << 232
        )


@dataclass(frozen=True, slots=True)
class Redemption:
    """One redemption. The amount is in cents, `requested_at` is Unix time, `lock_id` 0 means never locked."""

    amount: int = 0
    number: int = 0
    requested_at: int = 0
    lock_id: int = 0
    status: int = 0
    spare: int = 0

    @classmethod
    def from_word(cls, word: int) -> "Redemption":
        """Unpacks amount 48 | number 32 | requested at 40 | lock id 32 | status 8 | spare 96."""
        return cls(
            word & (1 << 48) - 1,
            word >> 48 & 0xFFFFFFFF,
            word >> 80 & (1 << 40) - 1,
            word >> 120 & 0xFFFFFFFF,
            word >> 152 & 0xFF,
            word >> 160,
        )

    def to_word(self) -> int:
        """Packs the redemption as the desk stores it."""
        return (
            self.amount
            | self.number << 48
            | self.requested_at << 80
            | self.lock_id << 120
            | self.status << 152
            | self.spare << 160
        )
