# SPDX-License-Identifier: EUPL-1.2
"""Signatures of a Safe: what its owners shall sign is written down, and their signature is found again days later."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NoReturn
from zoneinfo import ZoneInfo

from heitje.chain.messages import ToSign
from scripts._support.announcements import moment
from scripts._support.city_chain import CityChain
from scripts._support.console import say
from scripts._support.exits import Code, Stop
from scripts._support.founding import DAY
from scripts._support.safe import Safe, write_messages

DAYS: Final = 8
"""A signature can be carried to the end of the eighth day (UTC), counted from the day it was asked for. The deadline is
a whole day, so that it is found again when the signature is brought."""
_AGAIN: Final = 7
"""How many days later a deadline can be, because what the day would give was brought before."""


@dataclass(frozen=True)
class Signed:
    """A signature, and the deadline (Unix time) that stands in what was signed."""

    deadline: int
    signature: bytes


@dataclass(frozen=True)
class SafeSignatures:
    """What one Safe is asked to sign."""

    city: CityChain
    safe: Safe
    zone: ZoneInfo

    def ask(self, items: Sequence[ToSign], export: Path) -> NoReturn:
        """Writes what the Safe shall sign.

        Raises:
            Stop: always; the Safe's owners go on.
        """
        deadlines = [self._deadline(item) for item in items]
        messages = [item.message(deadline) for item, deadline in zip(items, deadlines, strict=True)]
        paths = write_messages(export, messages)
        for path, item, message in zip(paths, items, messages, strict=True):
            name = self.safe.message_hash(self.city.chain_id, message.digest)
            say(f"{path}: {item.what}")
            say(f"  digest 0x{message.digest.hex()}; the Safe shows its message hash 0x{name.hex()}")
        text = (
            f"Written for the Safe to sign: {', '.join(map(str, paths))}. Nothing was sent. Let the owners sign each as"
            " a message (typed data), and then run the same command again with --signature 0x… for each. They have"
            f" until {moment(min(deadlines), self.zone)}."
        )
        raise Stop(Code.WAITING, text)

    def brought(self, items: Sequence[ToSign], signatures: Sequence[bytes]) -> list[Signed]:
        """The signature that was brought for each item, whatever day it was asked for.

        Raises:
            Stop: there is none for some.
        """
        days = [self._day(day) for day in range(DAYS + _AGAIN, 0, -1)]
        pairs = {
            (item.message(deadline).digest, signature): (index, Signed(deadline, signature))
            for index, item in enumerate(items)
            for deadline in days
            if item.message(deadline).digest not in item.used
            for signature in signatures
        }
        answers = self.safe.accepts(self.city.rpc, list(pairs))
        found = dict(place for place, valid in zip(pairs.values(), answers, strict=True) if valid)
        missing = [item.what for index, item in enumerate(items) if index not in found]
        if missing:
            text = (
                f"The Safe {self.safe.address} has not signed what would be done now. Nothing was sent. Too few owners"
                " have signed, the signature is of something else, or something changed since the message was written"
                " (a new report or redemption, or more than a week). Write it again with --export, without --signature."
            )
            raise Stop(Code.PROBLEMS, text, missing)
        return [found[index] for index in range(len(items))]

    def _deadline(self, item: ToSign) -> int:
        """The end of the eighth day, or a later one where what would be signed was brought before.

        Raises:
            Stop: all of them were.
        """
        for day in range(DAYS, DAYS + _AGAIN + 1):
            if item.message(self._day(day)).digest not in item.used:
                return self._day(day)
        text = f"{item.what}: this was asked for {_AGAIN + 1} times of late. Nothing was written or sent. Try tomorrow."
        raise Stop(Code.PROBLEMS, text)

    def _day(self, days: int) -> int:
        """The end of a day (UTC), so many days from the beginning of this one."""
        return (self.city.timestamp // DAY + days) * DAY
