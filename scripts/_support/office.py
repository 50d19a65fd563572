# SPDX-License-Identifier: EUPL-1.2
"""Acts of an official that may need to be announced first.

The authority says for each act whether this account may do it at once, after a delay, or never. With a delay the first
run announces it (`schedule`), GUARDIAN can cancel it, and a run after the delay carries it out.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from heitje.chain.abi import load
from heitje.city.roles import AUTHORITY, DUTIES, Duty
from heitje.reports.state import Call
from scripts._support.city_chain import CityChain
from scripts._support.exits import Code, Stop
from scripts._support.keys import Key
from scripts._support.sending import Sender, Transaction


@dataclass(frozen=True)
class Act:
    """A restricted function to call, and in words what that does."""

    what: str
    contract: str
    function: str
    args: tuple[Any, ...]

    @property
    def data(self) -> bytes:
        """The call."""
        return load(self.contract).encode(self.function, *self.args)


def duty_of(contract: str, function: str) -> Duty:
    """Which role a function belongs to."""
    return next(duty for duty in DUTIES if (duty.contract, duty.function) == (contract, function))


def delay_of(city: CityChain, key: Key, contract: str, function: str) -> int:
    """Seconds this account must announce such an act before it; 0 for at once.

    Raises:
        Stop: it may not do that at all.
    """
    selector = load(contract).function(function).selector
    immediate, delay = city.read(AUTHORITY, "canCall", key.address, city.address(contract), selector)
    if not immediate and not delay:
        role = duty_of(contract, function).role.name
        text = f"{key.alias} ({key.address}) may not do this: it needs the role {role}. Nothing was sent."
        raise Stop(Code.PROBLEMS, text)
    return 0 if immediate else int(delay)


class Office:
    """Carries out, or announces, the acts of one official."""

    def __init__(self, city: CityChain, sender: Sender, key: Key, time_zone: str) -> None:
        self._city = city
        self._sender = sender
        self._key = key
        self._zone = ZoneInfo(time_zone)
        self.waiting: list[str] = []
        """What has been announced and is not due yet, in words."""

    def perform(self, acts: Sequence[Act]) -> list[dict[str, Any] | None]:
        """Does what can be done now, in one go, and announces the rest; receipts in order, None where announced."""
        transactions: list[Transaction | None] = []
        for act in acts:
            delay = delay_of(self._city, self._key, act.contract, act.function)
            due = delay == 0 or self._is_due(act, delay)
            target = self._city.address(act.contract)
            transactions.append(self._checked(Transaction(act.what, target, act.data)) if due else None)
        receipts = iter(self._sender.send_all([item for item in transactions if item]))
        return [next(receipts) if item else None for item in transactions]

    def _checked(self, transaction: Transaction) -> Transaction:
        gas = self._sender.check(transaction)
        return Transaction(transaction.what, transaction.to, transaction.data, gas)

    def _is_due(self, act: Act, delay: int) -> bool:
        """Whether an act that needs announcing is announced and due; announces it where it is not."""
        target = self._city.address(act.contract)
        operation = self._city.read(AUTHORITY, "hashOperation", self._key.address, target, act.data)
        due = int(self._city.read(AUTHORITY, "getSchedule", operation))
        if due and due <= self._city.timestamp:
            return True
        if not due:
            authority = self._city.address(AUTHORITY)
            data = load(AUTHORITY).encode("schedule", target, act.data, 0)
            self._sender.send(Transaction(f"announce: {act.what}", authority, data))
            self._city.refresh()
            due = int(self._city.read(AUTHORITY, "getSchedule", operation)) or self._city.timestamp + delay
        when = datetime.fromtimestamp(due, self._zone)
        self.waiting.append(
            f"{act.what}: announced, can be done from {when.day} {when:%B %Y %H:%M}; GUARDIAN can cancel it until then"
        )
        return False

    def finish(self) -> None:
        """The end of a run in which something was announced.

        Raises:
            Stop: something waits.
        """
        if self.waiting:
            text = "Not everything could be done at once. Run the same command again after the times below."
            raise Stop(Code.WAITING, text, self.waiting)


def may_sign(city: CityChain, signer: str, contract: str, function: str) -> bool:
    """Whether the authority lets this signer do something at once, which is what a signature needs."""
    call = Call(AUTHORITY, "canCall", (signer, city.address(contract), load(contract).function(function).selector))
    immediate, _ = city.read_many([call])[0]
    return bool(immediate)
