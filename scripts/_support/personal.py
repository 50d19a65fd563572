# SPDX-License-Identifier: EUPL-1.2
"""One person or shop: in the register, and what the chain says about their number."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from pathlib import Path
from typing import Any, Final

from heitje.chain.account import Account, Class, Flag
from heitje.chain.addresses import ZERO_ADDRESS, to_address
from heitje.chain.events import Enrolled, Replaced, ReportIssued
from heitje.chain.typed_data import Line
from heitje.chain.words import Attestation, uid_of
from heitje.city.members import MemberNumberError, parse
from heitje.city.register import Member, Register, evidence_commitment
from heitje.city.roles import REGISTRY, TOKEN
from heitje.reports.problems import euros
from heitje.reports.state import Call
from scripts._support.city_chain import CityChain
from scripts._support.console import count
from scripts._support.exits import Code, Stop

REPLACED: Final = "Replaced(bytes32,uint32,address,address)"
_ISSUED: Final = (
    "ReportIssued(bytes32,uint256,address,address,(uint32,uint16,bytes32)[],uint256,uint256,uint256,bytes,bytes)"
)


def find_member(register: Register, text: str, path: Path) -> Member:
    """Who has this member number, erased or not.

    Raises:
        Stop: it is no member number, or nobody in the register has it.
    """
    try:
        number = parse(text)
    except MemberNumberError as error:
        raise Stop(Code.PROBLEMS, f"{error}. Nothing was done.") from error
    member = register.get(number)
    if member is None:
        raise Stop(Code.PROBLEMS, f"Member {number} is not in the register {path}. Nothing was done.")
    return member


def moment(seconds: int, zone: tzinfo) -> str:
    """A moment in words: `3 March 2027 14:05`."""
    when = datetime.fromtimestamp(seconds, zone)
    return f"{when.day} {when:%B %Y %H:%M}"


def topic_of(value: int | str) -> str:
    """A number or an address as an indexed argument."""
    return f"0x{value:064x}" if isinstance(value, int) else "0x" + value[2:].lower().rjust(64, "0")


@dataclass(frozen=True)
class Standing:
    """The account of a number now. Amounts are cents; `expiring` is what goes when (cents, Unix time)."""

    holder: str
    account: Account
    spendable: int
    expiring: tuple[tuple[int, int], ...]

    @classmethod
    def read(cls, city: CityChain, number: int) -> "Standing":
        """Asks the chain; an empty account without holder if the number was never enrolled."""
        holder = to_address(city.read(TOKEN, "holderOf", number))
        if holder == ZERO_ADDRESS:
            return cls("", Account(), 0, ())
        questions = [Call(TOKEN, "wordsOf", ([holder],)), Call(TOKEN, "spendableOf", (holder,))]
        words, spendable, going = city.read_many([*questions, Call(TOKEN, "expiringOf", (holder,))])
        first, first_at, second, second_at = going
        expiring = tuple((cents, at) for cents, at in ((first, first_at), (second, second_at)) if cents)
        return cls(holder, Account.from_word(words[0]), spendable, expiring)

    @property
    def replacing(self) -> bool:
        """Whether a replacement is under way."""
        return bool(self.account.flags & Flag.REPLACING)

    def owed(self, zone: tzinfo) -> list[str]:
        """What is still owed to this member or under way, in words, with what happens to it after an erasure."""
        found = []
        if self.spendable and self.account.holder_class == Class.RESIDENT:
            dates = ", ".join(f"{euros(cents)} on {moment(at, zone)}" for cents, at in self.expiring)
            found.append(
                f"{euros(self.spendable)} can still be spent. Nothing is taken: whoever holds the phone can spend it,"
                f" and what is not spent expires by itself ({dates}). If the phone is lost, it is lost too"
            )
        elif self.spendable:
            found.append(
                f"{euros(self.spendable)} can still be redeemed. Nothing is taken and it does not expire, but the shop"
                " can be paid only as long as the municipality knows whose bank account goes with this number"
            )
        if self.account.open_redemptions:
            how_many = count(self.account.open_redemptions, "redemption is", "redemptions are")
            found.append(
                f"{how_many} open at the desk. It ends as every other: paid out, or given back to the account of this"
                " number"
            )
        if self.replacing:
            found.append(
                "a replacement of the wallet is under way. It can still be carried out or cancelled, but nobody can"
                " tell any more for whom it was asked"
            )
        return found


def addresses_of(city: CityChain, number: int, also: Iterable[str]) -> list[str]:
    """Every address this number has, or had: enrolled, after a replacement, and `also`."""
    topic = topic_of(number)
    enrolled = city.events(TOKEN, "Enrolled(uint32,address,uint8)", topic)
    replaced = city.events(TOKEN, REPLACED, None, topic)
    found = [event.account for event, _ in enrolled if isinstance(event, Enrolled)]
    found += [event.new_holder for event, _ in replaced if isinstance(event, Replaced)]
    return list(dict.fromkeys([*found, *(to_address(item) for item in also if item)]))


@dataclass(frozen=True)
class Part:
    """A person's line in a report that was issued: what was signed, and what the registry has stored."""

    event: ReportIssued
    log: dict[str, Any]
    line: Line
    skipped: bool
    attestation: Attestation

    @property
    def block(self) -> int:
        """The block in which it was issued."""
        return int(self.log["blockNumber"], 16)


def parts_of(city: CityChain, number: int, activity: int | None = None) -> list[Part]:
    """Every line about a number in the reports that were issued, in order; of one activity, or of all."""
    wanted = None if activity is None else topic_of(activity)
    found = []
    for event, log in city.events(REGISTRY, _ISSUED, None, wanted):
        if isinstance(event, ReportIssued):
            lines = enumerate(event.lines)
            found += [(event, log, line, bool(event.skip >> i & 1)) for i, line in lines if line.number == number]
    uids = [uid_of(event.activity, number) for event, *_ in found]
    words: Sequence[int] = city.read(REGISTRY, "wordsOf", uids) if uids else []
    return [Part(*item, Attestation.from_word(word)) for item, word in zip(found, words, strict=True)]


def matching(member: Member, activity: int, commitment: bytes, texts: Iterable[str]) -> str | None:
    """Which of these texts a commitment was made of; None if of none."""
    made = ((text, evidence_commitment(member.secret, activity, text.encode())) for text in texts)
    return next((text for text, found in made if found == commitment), None)
