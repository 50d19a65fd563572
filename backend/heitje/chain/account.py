# SPDX-License-Identifier: EUPL-1.2
"""An account as the token stores it, and the arithmetic of its two buckets, without a chain.

The same rules as `contracts/libraries/Account.sol`: what is earned goes to `fresh`, everything else a resident receives
to `stale`; spending takes `stale` first; a new epoch burns `stale` and makes `fresh` stale.
"""

from dataclasses import dataclass
from enum import IntEnum, IntFlag
from typing import Final

_MASK_8: Final = 0xFF
_MASK_16: Final = 0xFFFF
_MASK_32: Final = 0xFFFFFFFF
_MASK_48: Final = (1 << 48) - 1


class Class(IntEnum):
    """What an account may do."""

    NONE = 0
    RESIDENT = 1
    MERCHANT = 2
    CLOSING = 3
    DESK = 4


class Flag(IntFlag):
    """What is particular about an account: frozen by GUARDIAN, being replaced, or replaced."""

    FROZEN = 1
    REPLACING = 2
    DEAD = 4


@dataclass(frozen=True, slots=True)
class Account:
    """One holder. Amounts are cents; `holder_class` is a `Class`, `flags` are `Flag` bits, both as plain integers."""

    fresh: int = 0
    stale: int = 0
    epoch: int = 0
    nonce: int = 0
    number: int = 0
    holder_class: int = 0
    flags: int = 0
    open_redemptions: int = 0
    spare: int = 0

    @classmethod
    def from_word(cls, word: int) -> "Account":
        """Unpacks the storage word.

        Low bits first: fresh 48 | stale 48 | epoch 16 | nonce 48 | number 32 | class 8 | flags 8 |
        open redemptions 16 | spare 32.
        """
        return cls(
            word & _MASK_48,
            word >> 48 & _MASK_48,
            word >> 96 & _MASK_16,
            word >> 112 & _MASK_48,
            word >> 160 & _MASK_32,
            word >> 192 & _MASK_8,
            word >> 200 & _MASK_8,
            word >> 208 & _MASK_16,
            word >> 224,
        )

    def to_word(self) -> int:
        """Packs the account as the token stores it."""
        return (
            self.fresh
            | self.stale << 48
            | self.epoch << 96
            | self.nonce << 112
            | self.number << 160
            | self.holder_class << 192
            | self.flags << 200
            | self.open_redemptions << 208
            | self.spare << 224
        )

    @property
    def balance(self) -> int:
        """Cents in both buckets, what has expired included until it is burnt."""
        return self.fresh + self.stale

    @property
    def is_resident(self) -> bool:
        """Whether credits here expire."""
        return self.holder_class == Class.RESIDENT

    @property
    def is_frozen(self) -> bool:
        """Whether nothing may leave, for either reason."""
        return self.flags & (Flag.FROZEN | Flag.REPLACING) != 0

    @property
    def is_dead(self) -> bool:
        """Whether another address has taken over the number."""
        return self.flags & Flag.DEAD != 0

    def with_buckets(self, fresh: int, stale: int, epoch: int) -> "Account":
        """The same account with other buckets and epoch."""
        return Account(
            fresh,
            stale,
            epoch,
            self.nonce,
            self.number,
            self.holder_class,
            self.flags,
            self.open_redemptions,
            self.spare,
        )

    def with_nonce(self, nonce: int) -> "Account":
        """The same account with another next payment nonce."""
        return Account(
            self.fresh,
            self.stale,
            self.epoch,
            nonce,
            self.number,
            self.holder_class,
            self.flags,
            self.open_redemptions,
            self.spare,
        )

    def roll(self, epoch_now: int, *, ended: bool = False) -> tuple["Account", int]:
        """The account as of `epoch_now`, and how many cents that burns.

        Args:
            epoch_now: the epoch of now, not before the account's own.
            ended: whether the date until which residents can pay has passed; then everything has expired.

        Returns:
            The account unchanged, and 0, for everybody who is not a resident.
        """
        if self.holder_class != Class.RESIDENT or (self.epoch == epoch_now and not ended):
            return self, 0
        if ended or epoch_now - self.epoch > 1:
            return self.with_buckets(0, 0, epoch_now), self.fresh + self.stale
        return self.with_buckets(0, self.fresh, epoch_now), self.stale

    def spendable(self, epoch_now: int, *, ended: bool = False) -> int:
        """Cents that can be spent now: the balance without what has expired."""
        return self.roll(epoch_now, ended=ended)[0].balance

    def debit(self, cents: int) -> "Account":
        """Takes `cents`, stale before fresh.

        Raises:
            ValueError: more than the balance.
        """
        if cents > self.fresh + self.stale:
            raise ValueError(f"{cents} cents is more than the balance of {self.balance}")
        if cents <= self.stale:
            return self.with_buckets(self.fresh, self.stale - cents, self.epoch)
        return self.with_buckets(self.fresh + self.stale - cents, 0, self.epoch)

    def take_back(self, cents: int) -> "Account":
        """Takes `cents` back by a clawback, fresh before stale.

        Raises:
            ValueError: more than the balance.
        """
        if cents > self.balance:
            raise ValueError(f"{cents} cents is more than the balance of {self.balance}")
        from_fresh = min(cents, self.fresh)
        return self.with_buckets(self.fresh - from_fresh, self.stale - (cents - from_fresh), self.epoch)

    def credit(self, cents: int) -> "Account":
        """Adds `cents` that were not earned here and now: to stale."""
        return self.with_buckets(self.fresh, self.stale + cents, self.epoch)

    def reward(self, cents: int) -> "Account":
        """Adds a reward of `cents`: to fresh. The account has been rolled."""
        return self.with_buckets(self.fresh + cents, self.stale, self.epoch)
