# SPDX-License-Identifier: EUPL-1.2
"""What the chain says about everything a file of claims mentions: read once, then checked against without a node."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol

from heitje.chain.account import Account, Flag
from heitje.chain.addresses import ZERO_ADDRESS, to_address
from heitje.chain.calendar import month_of
from heitje.chain.words import uid_of
from heitje.city.roles import REGISTRY, TOKEN


class Call(NamedTuple):
    """One question to a contract: its name, a function that changes nothing, its arguments."""

    contract: str
    function: str
    args: tuple[Any, ...] = ()


class Reads(Protocol):
    """The contracts of one city as of one block."""

    @property
    def timestamp(self) -> int:
        """Unix time of that block."""

    def read_many(self, calls: Sequence[Call]) -> list[Any]:
        """The answers in the order of the calls; None where the contract refused."""


@dataclass(frozen=True, slots=True)
class ActivityState:
    """An activity as opened. The rate is cents per hour, times are Unix time, `limit` the hourly limit in force."""

    programme: int
    month: int
    rate: int
    max_minutes: int
    opens_at: int
    closes_at: int
    limit: int | None


@dataclass(frozen=True, slots=True)
class Person:
    """The live holder of a number. `frozen` is by GUARDIAN, `replacing` while another wallet is to take over."""

    number: int
    address: str
    holder_class: int
    frozen: bool
    replacing: bool = False


@dataclass(frozen=True)
class State:
    """A city, as far as some claims are concerned."""

    now: int
    paused: bool
    issue_until: int
    months_back: int
    activities: dict[int, ActivityState] = field(default_factory=dict)
    budget_left: dict[int, int] = field(default_factory=dict)
    """Cents left per programme."""
    appointed: frozenset[tuple[int, str]] = frozenset()
    """Programme and attester."""
    people: dict[int, Person] = field(default_factory=dict)
    numbers: dict[str, int] = field(default_factory=dict)
    """The number each address has, or had; 0 for none."""
    rewarded: frozenset[tuple[int, int]] = frozenset()
    """Activity and number."""
    left: dict[tuple[int, int], tuple[int, int]] = field(default_factory=dict)
    """Cents left for number and month: in the month, in its year."""

    @property
    def month(self) -> int:
        """The current month, in UTC as the contracts count."""
        return month_of(self.now)


class Subject(NamedTuple):
    """What claims are about: pairs of activity and resident (a member number, or an address)."""

    activity: int
    resident: int | str


def read_state(reads: Reads, subjects: Iterable[Subject], signers: Iterable[str]) -> State:
    """Reads what is needed to check these subjects, for these signers (attesters and issuers).

    Raises:
        whatever `reads` raises when there is no answer.
    """
    pairs = set(subjects)
    people_signing = sorted({to_address(signer) for signer in signers})
    rules, months_back = reads.read_many([Call(TOKEN, "rules"), Call(REGISTRY, "monthsBack")])
    activities = _activities(reads, sorted({pair.activity for pair in pairs}))
    addresses = sorted({to_address(pair.resident) for pair in pairs if isinstance(pair.resident, str)})
    numbers = dict(
        zip(
            [*addresses, *people_signing],
            reads.read_many([Call(TOKEN, "numberOf", (address,)) for address in [*addresses, *people_signing]]),
            strict=True,
        )
    )
    resolved = {
        (pair.activity, pair.resident if isinstance(pair.resident, int) else numbers[to_address(pair.resident)])
        for pair in pairs
    }
    people = _people(reads, sorted({number for _, number in resolved if number}))
    known = sorted((a, n) for a, n in resolved if a in activities and n in people)
    budget_left, appointed = _programmes(reads, sorted({a.programme for a in activities.values()}), people_signing)
    return State(
        now=reads.timestamp,
        paused=rules[1],
        issue_until=rules[2],
        months_back=months_back,
        activities=activities,
        budget_left=budget_left,
        appointed=appointed,
        people=people,
        numbers=numbers,
        rewarded=_rewarded(reads, known),
        left=_left(reads, sorted({(n, activities[a].month) for a, n in known})),
    )


def _activities(reads: Reads, numbers: Sequence[int]) -> dict[int, ActivityState]:
    answers = reads.read_many([Call(REGISTRY, "activityOf", (number,)) for number in numbers])
    found = {number: answer for number, answer in zip(numbers, answers, strict=True) if answer}
    months = sorted({answer["month"] for answer in found.values()})
    rules = dict(zip(months, reads.read_many([Call(REGISTRY, "ruleFor", (m,)) for m in months]), strict=True))
    return {
        number: ActivityState(
            answer["programme"],
            answer["month"],
            answer["centsPerHour"],
            answer["maxMinutes"],
            answer["opensAt"],
            answer["closesAt"],
            rules[answer["month"]] and rules[answer["month"]]["hourlyAdult" if answer["adult"] else "hourlyYouth"],
        )
        for number, answer in found.items()
    }


def _people(reads: Reads, numbers: Sequence[int]) -> dict[int, Person]:
    holders = reads.read_many([Call(TOKEN, "holderOf", (number,)) for number in numbers])
    live = {n: to_address(h) for n, h in zip(numbers, holders, strict=True) if h and to_address(h) != ZERO_ADDRESS}
    if not live:
        return {}
    (words,) = reads.read_many([Call(TOKEN, "wordsOf", (list(live.values()),))])
    accounts = [Account.from_word(word) for word in words]
    return {
        number: Person(
            number,
            address,
            account.holder_class,
            frozen=bool(account.flags & Flag.FROZEN),
            replacing=bool(account.flags & Flag.REPLACING),
        )
        for (number, address), account in zip(live.items(), accounts, strict=True)
    }


def _programmes(
    reads: Reads, programmes: Sequence[int], signers: Sequence[str]
) -> tuple[dict[int, int], frozenset[tuple[int, str]]]:
    budgets = reads.read_many([Call(REGISTRY, "programmeOf", (programme,)) for programme in programmes])
    pairs = [(programme, signer) for programme in programmes for signer in signers]
    appointed = reads.read_many([Call(REGISTRY, "isAttester", pair) for pair in pairs])
    left = {p: max(0, budget["cap"] - budget["used"]) for p, budget in zip(programmes, budgets, strict=True)}
    return left, frozenset(pair for pair, yes in zip(pairs, appointed, strict=True) if yes)


def _rewarded(reads: Reads, known: Sequence[tuple[int, int]]) -> frozenset[tuple[int, int]]:
    if not known:
        return frozenset()
    (words,) = reads.read_many([Call(REGISTRY, "wordsOf", ([uid_of(activity, n) for activity, n in known],))])
    return frozenset(pair for pair, word in zip(known, words, strict=True) if word)


def _left(reads: Reads, keys: Sequence[tuple[int, int]]) -> dict[tuple[int, int], tuple[int, int]]:
    answers = reads.read_many([Call(REGISTRY, "left", key) for key in keys])
    return {key: tuple(answer) for key, answer in zip(keys, answers, strict=True) if answer}
