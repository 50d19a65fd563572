# SPDX-License-Identifier: EUPL-1.2
"""One person or shop on the chain: found by number or wallet, with what they have and why they may be frozen."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from heitje.chain.account import Account, Class, Flag
from heitje.chain.addresses import ZERO_ADDRESS, to_address
from heitje.chain.events import Enrolled, Frozen, Replaced, Unfrozen
from heitje.city.fields import FieldError, parse_address
from heitje.city.members import MemberNumberError, parse
from heitje.city.roles import TOKEN
from heitje.reports.corrections import old_wallet
from heitje.reports.state import Call
from scripts._support.city_chain import CityChain
from scripts._support.exits import Code, Stop

KINDS: Final = {
    Class.NONE: "closed account",
    Class.RESIDENT: "resident",
    Class.MERCHANT: "merchant",
    Class.CLOSING: "merchant whose agreement ended",
    Class.DESK: "desk",
}
FROZEN: Final = "Frozen(uint32,address,uint16)"
UNFROZEN: Final = "Unfrozen(uint32,address)"


@dataclass(frozen=True, slots=True)
class Holding:
    """The live wallet of a number: the account as stored, and how many cents of it can still be spent."""

    number: int
    address: str
    account: Account
    spendable: int

    @property
    def kind(self) -> str:
        """Its class, in words."""
        return KINDS[Class(self.account.holder_class)]

    @property
    def is_shop(self) -> bool:
        """Whether this is a merchant, leaving or not."""
        return self.account.holder_class in (Class.MERCHANT, Class.CLOSING)

    def has(self, flag: Flag) -> bool:
        """Whether the account has this flag."""
        return bool(self.account.flags & flag)


def wallets(city: CityChain) -> list[str]:
    """Every wallet that ever belonged to somebody, those of the past too."""
    enrolled = [event for event, _ in city.events(TOKEN, "Enrolled(uint32,address,uint8)")]
    replaced = [event for event, _ in city.events(TOKEN, "Replaced(bytes32,uint32,address,address)")]
    found = [event.account for event in enrolled if isinstance(event, Enrolled)]
    found += [event.new_holder for event in replaced if isinstance(event, Replaced)]
    return list(dict.fromkeys(found))


def number_topic(number: int) -> str:
    """A member number as an indexed argument of an event."""
    return f"0x{number:064x}"


def find(city: CityChain, texts: Iterable[str]) -> list[Holding]:
    """The people and shops that were named by member number or wallet, each once.

    Raises:
        Stop: somebody is unknown, or named by a wallet of the past; all such are listed.
    """
    numbers: dict[int, None] = {}
    wrong: list[str] = []
    for text in texts:
        try:
            numbers[_number(city, text)] = None
        except (FieldError, MemberNumberError) as error:
            wrong.append(str(error))
    if wrong:
        raise Stop(Code.PROBLEMS, "Somebody cannot be found. Nothing was signed or sent.", wrong)
    return holdings(city, list(numbers))


def _number(city: CityChain, text: str) -> int:
    by_wallet = text[:2].lower() == "0x"
    address = parse_address(text) if by_wallet else ""
    number = int(city.read(TOKEN, "numberOf", address)) if by_wallet else parse(text)
    holder = to_address(city.read(TOKEN, "holderOf", number))
    if holder == ZERO_ADDRESS:
        raise FieldError(f"{'address' if by_wallet else 'member'} {text} is not enrolled: a typing error?")
    if by_wallet and holder != address:
        raise FieldError(old_wallet(address, number, holder))
    return number


def holdings(city: CityChain, numbers: Sequence[int]) -> list[Holding]:
    """What the live wallets of these numbers hold."""
    found: list[Holding] = []
    for start in range(0, len(numbers), 500):
        part = numbers[start : start + 500]
        wallets = [to_address(a) for a in city.read_many([Call(TOKEN, "holderOf", (number,)) for number in part])]
        words = city.read(TOKEN, "wordsOf", wallets)
        cents = city.read_many([Call(TOKEN, "spendableOf", (wallet,)) for wallet in wallets])
        items = zip(part, wallets, words, cents, strict=True)
        found += [Holding(number, wallet, Account.from_word(word), spend) for number, wallet, word, spend in items]
    return found


@dataclass(frozen=True, slots=True)
class Freeze:
    """That GUARDIAN froze a number: the code of the reason, and when (Unix time)."""

    holding: Holding
    reason: int
    since: int


def frozen_now(city: CityChain, number: int | None = None) -> list[Freeze]:
    """Whom GUARDIAN froze, or only what is so of one number, in the order of time."""
    topic = None if number is None else number_topic(number)
    log_of: dict[int, tuple[Frozen, dict[str, Any]]] = {}
    events = [*city.events(TOKEN, FROZEN, topic), *city.events(TOKEN, UNFROZEN, topic)]
    for event, log in sorted(events, key=lambda item: (int(item[1]["blockNumber"], 16), int(item[1]["logIndex"], 16))):
        if isinstance(event, Frozen):
            log_of[event.number] = event, log
        elif isinstance(event, Unfrozen):
            log_of.pop(event.number, None)
    times = times_of(city, [log for _, log in log_of.values()])
    items = zip(holdings(city, list(log_of)), log_of.values(), times, strict=True)
    return [Freeze(holding, event.reason, since) for holding, (event, _), since in items]


def times_of(city: CityChain, logs: Sequence[dict[str, Any]]) -> list[int]:
    """When these events happened, Unix time."""
    blocks = city.rpc.batch([("eth_getBlockByNumber", [log["blockNumber"], False]) for log in logs])
    return [int(block["timestamp"], 16) for block in blocks]
