# SPDX-License-Identifier: EUPL-1.2
"""Prepares acts of officials: what their wallet signs, whether the chain would take it now, and what follows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from heitje.chain.abi import Revert, load
from heitje.chain.messages import Message
from heitje.city.roles import AUTHORITY, Role
from heitje.office.acts import ACTS, VALID, Act, Domains, WrongParticular, act_of
from heitje.office.announced import Announcement, announcements, guardian_of
from heitje.office.chain import Chain, Question
from heitje.office.foresight import foreseen
from heitje.problems import Code, Problem

CANCEL: Final = "cancel-announced"
CARRY_OUT: Final = "do-announced"
NAMES: Final = (*ACTS, CANCEL, CARRY_OUT)
"""Every act, by name."""

NOT_YOURS: Final = "NotYours"
"""A refusal: the authority does not let this account do this."""


class Way(StrEnum):
    """What can be done about an act now."""

    SEND = "send"
    """The official sends a transaction, and it is done."""
    SIGN = "sign"
    """The official signs, then sends the transaction that carries the signature."""
    ANNOUNCE = "announce"
    """The official sends a transaction that announces it; it can be done later."""
    WAITS = "waits"
    """It has been announced and cannot be done yet."""
    REFUSED = "refused"
    """The chain would refuse it."""


@dataclass(frozen=True)
class Prepared:
    """An act, as far as it can be done now.

    Attributes:
        name: Of the act.
        values: Its particulars, as they were understood.
        way: What can be done now.
        role: Whose members may do it.
        to: The contract that is called.
        data: Of the call; empty where a signature must come first.
        gas: To allow it.
        message: To sign first.
        deadline: Until when what is signed can be carried, Unix time.
        refusal: Why the chain would refuse.
        delay: Seconds between announcing and doing.
        due: First second at which what was announced can be done.
        announced: What is to be cancelled or carried out.
    """

    name: str
    values: Mapping[str, Any]
    way: Way
    role: Role | None
    to: str = ""
    data: bytes = b""
    gas: int = 0
    message: Message | None = None
    deadline: int = 0
    refusal: Revert | None = None
    delay: int = 0
    due: int = 0
    announced: Announcement | None = None
    guardian: Role = field(default=Role.GUARDIAN)

    @property
    def transaction(self) -> dict[str, str] | None:
        """What a wallet sends; None where a signature must come first, or nothing can be done."""
        if not self.data:
            return None
        return {"to": self.to, "data": "0x" + self.data.hex(), "gas": hex(self.gas), "value": "0x0"}


class OfficeService:
    """What the API and the desk do for officials."""

    def __init__(self, chain: Chain, domains: Domains, clock: Callable[[], float]) -> None:
        self.chain: Final = chain
        self.domains: Final = domains
        self._clock = clock

    async def prepare(self, account: str, name: str, particulars: Mapping[str, str]) -> Prepared:
        """What can be done about an act now, by this account.

        Raises:
            Problem: There is no such act, a particular of it is wrong, or the node cannot be asked.
        """
        if name in (CANCEL, CARRY_OUT):
            return await self._announced(account, name, particulars)
        act = _act(name, account, particulars)
        selector = load(act.kind.contract).function(act.kind.function).selector
        target = self.chain.addresses[act.kind.contract]
        at_once, delay = await self.chain.ask(AUTHORITY, "canCall", account, target, selector)
        if not at_once and (act.is_signed or not delay):
            return _refused(act, Revert(NOT_YOURS, {"role": act.kind.role}, NOT_YOURS))
        if act.is_signed:
            return await self._to_sign(act, target)
        if at_once:
            return await self._to_send(act, target)
        return await self._delayed(act, target, int(delay))

    async def carry(
        self, account: str, name: str, particulars: Mapping[str, str], signature: bytes, deadline: int
    ) -> Prepared:
        """The transaction that carries what an official has signed.

        Raises:
            Problem: There is no such act that is signed, or the node cannot be asked.
        """
        act = _act(name, account, particulars)
        if not act.is_signed:
            raise Problem(Code.INVALID_REQUEST, f"{name} is not signed: it is a transaction.")
        target = self.chain.addresses[act.kind.contract]
        return await self._sent(Prepared(name, act.values, Way.SEND, act.kind.role), account, target,
                                act.call(signature, deadline))  # fmt: skip

    async def _to_sign(self, act: Act, target: str) -> Prepared:
        refusal = await foreseen(self.chain, act)
        if refusal is not None:
            return _refused(act, refusal)
        # The chain's clock and ours need not agree; what is signed must hold by both.
        deadline = max(await self.chain.now(), int(self._clock())) + VALID
        message = act.message(self.domains, deadline)
        return Prepared(act.name, act.values, Way.SIGN, act.kind.role, target, message=message, deadline=deadline)

    async def _to_send(self, act: Act, target: str) -> Prepared:
        return await self._sent(Prepared(act.name, act.values, Way.SEND, act.kind.role), act.account, target,
                                act.call())  # fmt: skip

    async def _delayed(self, act: Act, target: str, delay: int) -> Prepared:
        """An act that must be announced, has been, or can be carried out."""
        data = act.call()
        operation = await self.chain.ask(AUTHORITY, "hashOperation", act.account, target, data)
        due, now = int(await self.chain.ask(AUTHORITY, "getSchedule", operation)), await self.chain.now()
        plan = Prepared(
            act.name,
            act.values,
            Way.WAITS,
            act.kind.role,
            delay=delay,
            due=due or now + delay,
            guardian=guardian_of(act.kind.role),
        )
        if due > now:
            return plan
        if due:
            return await self._sent(_as(plan, Way.SEND), act.account, target, data)
        announcing = load(AUTHORITY).encode("schedule", target, data, 0)
        return await self._sent(_as(plan, Way.ANNOUNCE), act.account, self.chain.addresses[AUTHORITY], announcing)

    async def _announced(self, account: str, name: str, particulars: Mapping[str, str]) -> Prepared:
        """To cancel or to carry out what was announced."""
        wanted = particulars.get("operation", "")
        item = next((one for one in await announcements(self.chain) if "0x" + one.id.hex() == wanted), None)
        if item is None:
            raise Problem(Code.NOT_FOUND, "It has been done or cancelled, or it has expired.")
        plan = Prepared(name, {}, Way.SEND, item.role, due=item.due, announced=item, guardian=item.guardian)
        if name == CANCEL:
            data = load(AUTHORITY).encode("cancel", item.caller, item.target, item.data)
            return await self._sent(plan, account, self.chain.addresses[AUTHORITY], data)
        if account != item.caller:
            return _as(plan, Way.REFUSED, Revert(NOT_YOURS, {"role": item.role}, NOT_YOURS))
        if not item.is_due:
            return _as(plan, Way.WAITS)
        return await self._sent(plan, account, item.target, item.data)

    async def _sent(self, plan: Prepared, account: str, to: str, data: bytes) -> Prepared:
        """The plan with its transaction, or with the reason why the chain would refuse that."""
        refusal = await self.chain.try_out(account, to, data)
        if refusal is not None:
            return _as(plan, Way.REFUSED, refusal)
        gas = await self.chain.gas_for(account, to, data)
        return Prepared(**{**vars(plan), "to": to, "data": data, "gas": gas})

    async def attests_for(self, account: str) -> list[int]:
        """The programmes whose attester an account is now.

        Raises:
            Problem: The node cannot be asked.
        """
        programmes, _, _ = await self.chain.ask("ActivityRegistry", "counts")
        questions = [Question("ActivityRegistry", "isAttester", (n, account)) for n in range(1, programmes + 1)]
        answers = await self.chain.ask_many(questions)
        return [number for number, yes in enumerate(answers, 1) if yes is True]


def _act(name: str, account: str, particulars: Mapping[str, str]) -> Act:
    if name not in ACTS:
        raise Problem(Code.NOT_FOUND, f"There is no act {name}.")
    try:
        return act_of(name, account, particulars)
    except WrongParticular as wrong:
        found = [{"pointer": f"#/particulars/{wrong}", "detail": "missing, or not understood"}]
        raise Problem(Code.INVALID_REQUEST, f"The particular {wrong} is missing, or not understood.",
                      errors=found) from None  # fmt: skip


def _refused(act: Act, refusal: Revert) -> Prepared:
    return Prepared(act.name, act.values, Way.REFUSED, act.kind.role, refusal=refusal)


def _as(plan: Prepared, way: Way, refusal: Revert | None = None) -> Prepared:
    return Prepared(**{**vars(plan), "way": way, "refusal": refusal})
