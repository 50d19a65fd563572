# SPDX-License-Identifier: EUPL-1.2
"""What officials look up before they act: programmes, members, redemptions, replacements, as the chain has them now."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from heitje.chain.abi import Revert
from heitje.chain.addresses import ZERO_ADDRESS, checksummed
from heitje.chain.calendar import month_of
from heitje.city.roles import DESK, REGISTRY, TOKEN
from heitje.office.chain import Chain, Question

_ATTESTER_SET: Final = "AttesterSet(uint256,address,bool)"
_REQUESTED: Final = "ReplacementRequested(bytes32,uint32,address,address,address,uint256,uint256)"


@dataclass(frozen=True)
class Programme:
    """A budget. Cents; months as the contracts count them."""

    number: int
    cap: int
    used: int
    from_month: int
    to_month: int
    attesters: tuple[str, ...] = ()

    @property
    def left(self) -> int:
        """Cents that can still be given."""
        return max(0, self.cap - self.used)


@dataclass(frozen=True)
class Member:
    """A member and their account. Cents; `earned`, `left` and `lowered` are of `month` and its year."""

    number: int
    address: str
    holder_class: int
    balance: int
    frozen: bool
    replacing: bool
    open_redemptions: int
    month: int
    earned: tuple[int, int]
    left: tuple[int, int] | None
    lowered: int


@dataclass(frozen=True)
class Redemption:
    """What a shop wants to exchange. Cents, Unix time; `locked_by` is empty where it is not locked."""

    id: bytes
    number: int
    amount: int
    status: int
    requested_at: int
    locked_by: str = ""


@dataclass(frozen=True)
class Replacement:
    """A lost phone that is to be replaced. `executable_from` is Unix time."""

    number: int
    request: bytes
    new_holder: str
    registrar: str
    executable_from: int
    can_be_executed: bool


@dataclass(frozen=True)
class Books:
    """Looks things up on the chain. Every method raises a Problem where the node cannot be asked."""

    chain: Chain

    async def programmes(self) -> list[Programme]:
        """All programmes, the newest first."""
        count, _, _ = await self.chain.ask(REGISTRY, "counts")
        numbers = range(1, count + 1)
        found = await self.chain.ask_many([Question(REGISTRY, "programmeOf", (number,)) for number in numbers])
        appointed = await self._attesters()
        programmes = [
            Programme(number, one["cap"], one["used"], one["fromMonth"], one["toMonth"], appointed.get(number, ()))
            for number, one in zip(numbers, found, strict=True)
            if not isinstance(one, Revert)
        ]
        return programmes[::-1]

    async def _attesters(self) -> dict[int, tuple[str, ...]]:
        latest: dict[tuple[int, str], bool] = {}
        for log in await self.chain.logs(REGISTRY, [_ATTESTER_SET]):
            pair = int(log["topics"][1], 16), checksummed(log["topics"][2][-40:])
            latest[pair] = bool(int(log["data"], 16))
        found: dict[int, tuple[str, ...]] = {}
        for (programme, attester), appointed in latest.items():
            if appointed:
                found[programme] = (*found.get(programme, ()), attester)
        return found

    async def member(self, number: int) -> Member | None:
        """Whoever has a number; None if nobody has."""
        holder = await self.chain.ask(TOKEN, "holderOf", number)
        if holder == ZERO_ADDRESS:
            return None
        month = month_of(await self.chain.now())
        account, balance, earned, left, lowered = await self.chain.ask_many(
            [
                Question(TOKEN, "accountOf", (holder,)),
                Question(TOKEN, "spendableOf", (holder,)),
                Question(REGISTRY, "earned", (number, month)),
                Question(REGISTRY, "left", (number, month)),
                Question(REGISTRY, "loweredBy", (number, month // 12)),
            ]
        )
        return Member(
            number,
            holder,
            account["class"],
            balance,
            account["frozen"],
            account["replacing"],
            account["openRedemptions"],
            month,
            tuple(earned),
            None if isinstance(left, Revert) else tuple(left),  # no limits are in force for the month
            lowered,
        )

    async def redemptions(self, ids: Iterable[bytes]) -> list[Redemption]:
        """Redemptions by their ids, with who locked them."""
        names = list(ids)
        found = await self.chain.ask_many([Question(DESK, "redemptionOf", (name,)) for name in names])
        locks = sorted({one["lockId"] for one in found if one["lockId"]})
        answers = await self.chain.ask_many([Question(DESK, "lockOf", (lock,)) for lock in locks])
        lockers: Mapping[int, str] = {lock: answer[0] for lock, answer in zip(locks, answers, strict=True)}
        return [
            Redemption(
                name,
                one["number"],
                one["amount"],
                one["status"],
                one["requestedAt"],
                lockers.get(one["lockId"], ""),
            )
            for name, one in zip(names, found, strict=True)
        ]

    async def replacements(self) -> list[Replacement]:
        """Every replacement that waits."""
        numbers = {int(log["topics"][2], 16) for log in await self.chain.logs(TOKEN, [_REQUESTED])}
        return await self.replacements_of(sorted(numbers))

    async def replacements_of(self, numbers: Sequence[int]) -> list[Replacement]:
        """The replacements that wait for these members."""
        waiting = await self.chain.ask_many([Question(TOKEN, "replacementOf", (number,)) for number in numbers])
        now = await self.chain.now()
        return [
            Replacement(number, request, new_holder, registrar, from_, from_ <= now)
            for number, (request, new_holder, registrar, from_) in zip(numbers, waiting, strict=True)
            if any(request)
        ]

    async def is_paused(self) -> bool:
        """Whether rewards and payments are paused."""
        rules: Any = await self.chain.ask(TOKEN, "rules")
        return bool(rules[1])

    async def hourly_limits(self, month: int) -> tuple[int, int] | None:
        """Most cents per hour for 21 and over, and under; None where no limits are in force for a month."""
        (rule,) = await self.chain.ask_many([Question(REGISTRY, "ruleFor", (month,))])
        return None if isinstance(rule, Revert) else (rule["hourlyAdult"], rule["hourlyYouth"])
