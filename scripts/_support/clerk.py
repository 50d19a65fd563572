# SPDX-License-Identifier: EUPL-1.2
"""An official at work: the city, its profile, and the office that signs, announces and sends."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from heitje.chain.abi import load
from heitje.chain.messages import Message, ToSign
from heitje.city.profile import Profile
from scripts._support.city_chain import CityChain
from scripts._support.documents import read_deployment, write_json
from scripts._support.exits import Code, Stop
from scripts._support.inputs import profile_of
from scripts._support.means import Means
from scripts._support.office import Act, Office, Official, duty_of, may_sign
from scripts._support.script import node_of
from scripts._support.sending import Transaction


@dataclass(frozen=True)
class Visitor:
    """Somebody who only looks: the city, and its profile for words and the time zone."""

    city: CityChain
    profile: Profile

    @classmethod
    def open(cls, provider: Any, deployment: Path, profile: str | None) -> "Visitor":
        """Looks at the city as it is now."""
        where = read_deployment(deployment)
        return cls(CityChain.connect(node_of(provider), where), profile_of(where, profile))

    def when(self, timestamp: int) -> str:
        """A time on the city's clock: `24 November 2026 12:20`."""
        moment = datetime.fromtimestamp(timestamp, ZoneInfo(self.profile.time_zone))
        return f"{moment.day} {moment:%B %Y %H:%M}"


@dataclass(frozen=True)
class SignedAct:
    """A function that takes an official's signature.

    Attributes:
        what: it does, in words.
        contract: which contract.
        function: takes the signer, `args`, the deadline if there is one, and the signature.
        args: see there.
        message: what is signed, for a deadline.
        has_deadline: whether the function takes one.
        used: digests that the chain takes no more; only where the same may be asked for again.
    """

    what: str
    contract: str
    function: str
    args: tuple[Any, ...]
    message: Callable[[int], Message]
    has_deadline: bool = True
    used: Collection[bytes] = ()


@dataclass(frozen=True)
class Clerk(Visitor):
    """An official: looks, signs and sends."""

    means: Means
    office: Office

    @classmethod
    def at_work(
        cls, provider: Any, deployment: Path, profile: str | None, means: Means, *, signs: bool, dry_run: bool
    ) -> "Clerk":
        """Looks at the chain once nothing of this account is under way any more. See `Office.open`."""
        where = read_deployment(deployment)
        city_profile = profile_of(where, profile)
        office = Office.open(provider, where, means, city_profile.time_zone, signs=signs, dry_run=dry_run)
        return cls(office.city, city_profile, means, office)

    @property
    def official(self) -> Official:
        """Who acts."""
        return self.office.official

    def must_sign(self, contract: str, function: str) -> None:
        """Checks the right to sign.

        Raises:
            Stop: this official has not got it.
        """
        if not may_sign(self.city, self.official.address, contract, function):
            role = duty_of(contract, function).role.name
            text = f"{self.official.alias} ({self.official.address}) may not do this: it needs the role {role}."
            raise Stop(Code.PROBLEMS, f"{text} Nothing was signed or sent.")

    def plan(self, acts: Sequence[Act]) -> None:
        """Tries acts out that are no signatures, and tells which must be announced first.

        Raises:
            Stop: one is refused; or a Safe brought a signature where it must send.
        """
        if acts and self.means.safe and self.means.export is None and self.means.signatures:
            text = "The Safe sends this itself and signs nothing for others: use --export FILE, without --signature."
            raise Stop(Code.USAGE, f"{text} Nothing was sent.")
        self.office.show(self.office.plan(acts))

    def sign_and_carry(self, items: Sequence[SignedAct]) -> None:
        """Signs each, and brings all of them to the chain. See `Office.sign` for how that can end."""
        if not items:
            return
        signed = self.office.sign([ToSign(item.what, item.message, item.used) for item in items])
        transactions = []
        for item, mark in zip(items, signed, strict=True):
            deadline = (mark.deadline,) if item.has_deadline else ()
            args = (self.official.address, *item.args, *deadline, mark.signature)
            data = load(item.contract).encode(item.function, *args)
            transactions.append(Transaction(item.what, self.city.address(item.contract), data))
        self.office.carry_all(transactions)

    def write(self, path: Path, script: str, **more: Any) -> None:
        """The receipt: what the chain says now."""
        document = {"script": script, "city": self.city.deployment.city, "block": self.city.block}
        write_json(path, {**document, **more})
