# SPDX-License-Identifier: EUPL-1.2
"""Acts of an official: at once, after a delay, or by signature; with a key of ape, or as a Safe.

The authority says for each act whether this official may do it at once, after a delay, or never. With a delay the first
run announces it (`schedule`), others can cancel it, and a run after the delay carries it out; an announcement that
nobody carries out in time expires, and is made anew. For a Safe the calls are written to a file instead of sent, and
what it shall sign is written to a file until its signature is brought. All of it is checked as if it came from the
Safe.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final
from zoneinfo import ZoneInfo

from heitje.chain.abi import load
from heitje.chain.messages import Message, ToSign
from heitje.city.roles import AUTHORITY, DUTIES, Duty
from heitje.reports.state import Call
from scripts._support.announcements import announcements, guardian_of, moment
from scripts._support.city_chain import CityChain
from scripts._support.console import count, say
from scripts._support.documents import Deployment, write_json
from scripts._support.exits import Code, Stop
from scripts._support.keys import Key
from scripts._support.means import Means
from scripts._support.safe import MOST_GAS, Safe, batch_file
from scripts._support.safe_signatures import SafeSignatures, Signed
from scripts._support.script import node_of
from scripts._support.sending import Sender, Transaction, gas_for

VALID: Final = 3600
"""Seconds in which a key's signature can be carried to the chain."""

Official = Key | Safe


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


@dataclass(frozen=True)
class Step:
    """What is to be done about an act in this run.

    Attributes:
        act: the act.
        transaction: the act itself, or its announcement; None where it must wait.
        operation: its name at the authority, where it must be announced.
        due: when an act that was announced can be done, Unix time; 0 where it is done, or announced, in this run.
        note: why it is announced anew, or not yet.
    """

    act: Act
    transaction: Transaction | None = None
    operation: bytes = b""
    due: int = 0
    note: str = ""

    @property
    def announces(self) -> bool:
        """Whether this run announces it."""
        return bool(self.operation) and self.transaction is not None


def duty_of(contract: str, function: str) -> Duty:
    """Which role a function belongs to."""
    return next(duty for duty in DUTIES if (duty.contract, duty.function) == (contract, function))


def delay_of(city: CityChain, official: Official, contract: str, function: str, others: str = "") -> int:
    """Seconds this official must announce such an act before it; 0 for at once.

    Args:
        city: the city.
        official: who wants to act.
        contract: which.
        function: restricted.
        others: who may do it without the role, in words, to be told in a refusal.

    Raises:
        Stop: it may not do that at all.
    """
    selector = load(contract).function(function).selector
    immediate, delay = city.read(AUTHORITY, "canCall", official.address, city.address(contract), selector)
    if not immediate and not delay:
        role = duty_of(contract, function).role.name
        needs = f"it needs the role {role}{others}"
        text = f"{official.alias} ({official.address}) may not do this: {needs}. Nothing was sent."
        raise Stop(Code.PROBLEMS, text)
    return 0 if immediate else int(delay)


def may_sign(city: CityChain, signer: str, contract: str, function: str) -> bool:
    """Whether the authority lets this signer do something at once, which is what a signature needs."""
    call = Call(AUTHORITY, "canCall", (signer, city.address(contract), load(contract).function(function).selector))
    immediate, _ = city.read_many([call])[0]
    return bool(immediate)


class Office:
    """Carries out, announces, signs or writes down the acts of one official.

    Attributes:
        city: the city, as of its block.
        official: who acts.
        waiting: what has been announced and cannot be done yet, in words.
    """

    def __init__(self, city: CityChain, official: Official, carrier: Sender | None, means: Means, zone: str) -> None:
        self.city = city
        self.official = official
        self.waiting: list[str] = []
        self._carrier = carrier
        self._means = means
        self._zone = ZoneInfo(zone)
        self._for_the_safe: list[Transaction] = []

    @classmethod
    def open(
        cls,
        provider: Any,
        deployment: Deployment,
        means: Means,
        zone: str = "UTC",
        *,
        signs: bool = False,
        relayed: bool = False,
        dry_run: bool = False,
    ) -> "Office":
        """The office of whoever the command line names, once nothing of that account is under way any more.

        Args:
            provider: what ape connected to.
            deployment: the city.
            means: how the official acts.
            zone: the city's time zone, in which times are told.
            signs: whether its acts are signed, and carried by anybody.
            relayed: whether the relayer carries them.
            dry_run: whether nothing is to happen.

        Raises:
            Stop: the command line does not say enough, or names nobody; or the city is not on this chain.
        """
        means.check(signs=signs, relayed=relayed, dry_run=dry_run)
        key = Key(means.account) if means.account else None
        rpc = node_of(provider)
        city = CityChain.connect(rpc, deployment)
        carrier = Sender(rpc, city.chain_id, key) if key else None
        if carrier:
            carrier.settle_down()
            city.refresh()
        official: Official | None = Safe.find(rpc, means.safe) if means.safe else key
        assert official is not None, "means.check lets nobody pass who names neither"
        return cls(city, official, carrier, means, zone)

    # Acts that are transactions

    def plan(self, acts: Sequence[Act]) -> list[Step]:
        """What must be done about each act now, tried out on the chain.

        Raises:
            Stop: this official may not do one, or the chain would refuse it.
        """
        seen: set[bytes] = set()
        return [self._step(act, seen) for act in acts]

    def show(self, steps: Sequence[Step]) -> None:
        """Tells which of these acts are not done in this run."""
        for step in steps:
            if step.announces:
                say(f"To be announced first: {step.act.what}.{step.note}")
            elif step.transaction is None:
                say(self._words(step))

    def perform(self, acts: Sequence[Act], done: Callable[[], None] = lambda: None) -> list[dict[str, Any] | None]:
        """Does what can be done now, in one go, and announces the rest; for a Safe, keeps it to be written down.

        Args:
            acts: in order; they must not depend on each other.
            done: called for each transaction that is on the chain.

        Returns:
            Receipts in the order of the acts; None for what was announced, waits, or is for a Safe.

        Raises:
            Stop: see `plan` and `Sender.send_all`.
        """
        steps = self.plan(acts)
        transactions = [step.transaction for step in steps if step.transaction]
        if isinstance(self.official, Safe):
            self._for_the_safe += transactions
            self.waiting += [self._words(step) for step in steps if step.transaction is None]
            return [None] * len(steps)
        receipts = iter(self._send_all(transactions, done))
        by_step = [next(receipts) if step.transaction else None for step in steps]
        self.city.refresh()
        self.waiting += [self._words(step) for step in steps if step.operation]
        return [None if step.operation else receipt for step, receipt in zip(steps, by_step, strict=True)]

    def check(self, transactions: Sequence[Transaction]) -> list[Transaction]:
        """Tries each out on the chain as if this official sent it now, and adds the gas to allow.

        Raises:
            Stop: the chain refuses one.
        """
        return [self._checked(item) for item in transactions]

    def send(self, transactions: Sequence[Transaction]) -> None:
        """Sends what needs no announcement, in one go; for a Safe, keeps it to be written down.

        Raises:
            Stop: the chain refuses one.
        """
        checked = self.check(transactions)
        if isinstance(self.official, Safe):
            self._for_the_safe += checked
            return
        self._send_all(checked, lambda: None)
        self.city.refresh()

    def finish(self, name: str) -> None:
        """The end of a run in which something was announced, or is for a Safe to send.

        Args:
            name: of what was asked for, for people.

        Raises:
            Stop: not everything is done.
        """
        if self._for_the_safe:
            self._write_batch(name)
        if self.waiting:
            text = "Not everything could be done at once. Run the same command again after the times below."
            raise Stop(Code.WAITING, text, self.waiting)

    def _step(self, act: Act, seen: set[bytes]) -> Step:
        delay = delay_of(self.city, self.official, act.contract, act.function)
        target = self.city.address(act.contract)
        if delay == 0:
            return Step(act, self._checked(Transaction(act.what, target, act.data)))
        operation = self.city.read(AUTHORITY, "hashOperation", self.official.address, target, act.data)
        if operation in seen:
            note = f"{act.what}: the same as another one; it will be announced when that is done"
            return Step(act, operation=operation, note=note)
        seen.add(operation)
        due = int(self.city.read(AUTHORITY, "getSchedule", operation))
        if due and due <= self.city.timestamp:
            return Step(act, self._checked(Transaction(act.what, target, act.data)))
        if due:
            return Step(act, operation=operation, due=due)
        data = load(AUTHORITY).encode("schedule", target, act.data, 0)
        announcement = Transaction(f"announce: {act.what}", self.city.address(AUTHORITY), data)
        return Step(act, self._checked(announcement), operation, note=self._expired(operation))

    def _checked(self, transaction: Transaction) -> Transaction:
        gas = gas_for(self.city.rpc, self.official.address, transaction)
        return Transaction(transaction.what, transaction.to, transaction.data, gas)

    def _expired(self, operation: bytes) -> str:
        """That this was announced before and not done in time, if so."""
        before = announcements(self.city, operation)
        if not before:
            return ""
        return f" It was announced before, but that expired on {moment(before[-1].expires, self._zone)}."

    def _words(self, step: Step) -> str:
        if not step.transaction and not step.due:
            return step.note
        due = step.due or int(self.city.read(AUTHORITY, "getSchedule", step.operation))
        expires = due + int(self.city.read(AUTHORITY, "expiration"))
        guardian = guardian_of(duty_of(step.act.contract, step.act.function).role)
        return (
            f"{step.act.what}: announced, can be done from {moment(due, self._zone)} to {moment(expires, self._zone)}; "
            f"{guardian} can cancel it until it is done.{step.note}"
        )

    def _write_batch(self, name: str) -> None:
        """Writes what the Safe must send, as much as fits into one transaction.

        Raises:
            Stop: always; the Safe's owners go on.
        """
        fitting: list[Transaction] = []
        gas = 0
        for transaction in self._for_the_safe:
            gas += transaction.gas or 0
            if fitting and gas > MOST_GAS:
                break
            fitting.append(transaction)
        safe, export = self.official, self._means.export
        assert export is not None, "means.check asks for it"
        title = f"{self.city.deployment.city}: {name}"
        write_json(export, batch_file(safe.address, self.city.chain_id, self.city.timestamp, title, fitting))
        left = len(self._for_the_safe) - len(fitting)
        rest = (
            f" {count(left, 'call')} more did not fit into one transaction: they come at the next run." if left else ""
        )
        text = (
            f"Written for the Safe {safe.address}: {export} ({count(len(fitting), 'call')}). Nothing was sent. Open it"
            " in the Safe's Transaction Builder, let the owners sign and send it, and then run the same command"
            f" again.{rest}"
        )
        raise Stop(Code.WAITING, text, [*(f"to send: {item.what}" for item in fitting), *self.waiting])

    # Acts that are signed, and carried by anybody

    def sign(self, items: Sequence[ToSign]) -> list[Signed]:
        """The official's signatures, in order; of a Safe those that were brought.

        Raises:
            Stop: a Safe has yet to sign, did not sign this, or the key gave no signature.
        """
        if isinstance(self.official, Safe):
            signatures = SafeSignatures(self.city, self.official, self._zone)
            if self._means.signatures:
                return signatures.brought(items, self._means.signatures)
            assert self._means.export is not None, "means.check asks for it"
            signatures.ask(items, self._means.export)
        deadline = self.city.timestamp + VALID
        return [Signed(deadline, self._sign(item.message(deadline))) for item in items]

    def carry(self, transaction: Transaction) -> dict[str, Any]:
        """Brings what was signed to the chain, with the account that was named. See `Sender.send`."""
        assert self._carrier is not None, "means.check asks for an account, or the relayer carries"
        return self._carrier.send(transaction)

    def carry_all(self, transactions: Sequence[Transaction]) -> list[dict[str, Any]]:
        """The same with many that do not depend on each other, in one go. See `Sender.send_all`."""
        assert self._carrier is not None, "means.check asks for an account"
        carrier = self._carrier
        return carrier.send_all([Transaction(t.what, t.to, t.data, carrier.check(t)) for t in transactions])

    def _sign(self, message: Message) -> bytes:
        assert isinstance(self.official, Key)
        return self.official.sign(message)

    def _send_all(self, transactions: Sequence[Transaction], done: Callable[[], None]) -> list[dict[str, Any]]:
        assert self._carrier is not None, "whoever acts with a key also sends"
        return self._carrier.send_all(transactions, done)
