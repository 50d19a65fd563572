# SPDX-License-Identifier: EUPL-1.2
"""What the chain will say to an act that must be signed before it can be tried out.

A transaction is tried out as it is. What is signed cannot be: its signature is not there yet. So that nobody signs what
will be refused, the contracts' own checks are made here beforehand, with the contracts' own errors.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

from heitje.chain.abi import Revert
from heitje.chain.addresses import ZERO_ADDRESS
from heitje.chain.words import Class, RedemptionStatus
from heitje.city.roles import DESK, TOKEN
from heitje.office.acts import Act
from heitje.office.chain import Chain, Question


def _revert(name: str, **args: Any) -> Revert:
    return Revert(name, args, name)


async def foreseen(chain: Chain, act: Act) -> Revert | None:
    """Why the chain would refuse a signed act; None if nothing speaks against it now.

    Raises:
        Problem: The node cannot be asked.
    """
    return await _LOOKS[act.name](chain, act)


async def _lock(chain: Chain, act: Act) -> Revert | None:
    for index, (name, found) in enumerate(await _redemptions(chain, act.values["ids"])):
        if found["status"] != RedemptionStatus.REQUESTED:
            return _revert("WrongStatus", index=index, id=name, status=found["status"])
    return None


async def _settle(chain: Chain, act: Act) -> Revert | None:
    groups = act.values["groups"]
    used = await chain.ask_many([Question(DESK, "isPayoutReferenceUsed", (group.reference,)) for group in groups])
    if True in used:
        return _revert("PayoutReferenceUsed", group=used.index(True))
    ids = [name for group in groups for name in group.ids]
    found = await _redemptions(chain, ids)
    of = {name: one["number"] for name, one in found}
    for index, group in enumerate(groups):
        if len({of[name] for name in group.ids}) > 1:
            return _revert("MixedGroup", group=index, id=group.ids[0])
    return await _locked_by_another(chain, found, act.account)


async def _refund(chain: Chain, act: Act) -> Revert | None:
    found = await _redemptions(chain, act.values["ids"])
    for index, (name, one) in enumerate(found):
        if one["status"] not in (RedemptionStatus.REQUESTED, RedemptionStatus.LOCKED):
            return _revert("WrongStatus", index=index, id=name, status=one["status"])
    locked = [(name, one) for name, one in found if one["status"] == RedemptionStatus.LOCKED]
    return await _locked_by_another(chain, locked, act.account)


async def _locked_by_another(chain: Chain, found: list[tuple[bytes, Mapping[str, Any]]], account: str) -> Revert | None:
    for index, (name, one) in enumerate(found):
        if one["status"] != RedemptionStatus.LOCKED:
            return _revert("WrongStatus", index=index, id=name, status=one["status"])
    locks = await chain.ask_many([Question(DESK, "lockOf", (one["lockId"],)) for _, one in found])
    for index, ((name, _), lock) in enumerate(zip(found, locks, strict=True)):
        if lock[0] == account:
            return _revert("SameTreasurer", index=index, id=name, treasurer=account)
    return None


async def _redemptions(chain: Chain, ids: Any) -> list[tuple[bytes, Mapping[str, Any]]]:
    answers = await chain.ask_many([Question(DESK, "redemptionOf", (name,)) for name in ids])
    return list(zip(ids, answers, strict=True))


async def _request_replacement(chain: Chain, act: Act) -> Revert | None:
    number, wallet = act.values["number"], act.values["address"]
    holder, before, waits = await chain.ask_many(
        [
            Question(TOKEN, "holderOf", (number,)),
            Question(TOKEN, "numberOf", (wallet,)),
            Question(TOKEN, "replacementOf", (number,)),
        ]
    )
    if holder == ZERO_ADDRESS:
        return _revert("UnknownNumber", number=number)
    if before:
        return _revert("InvalidReplacement", newHolder=wallet)
    return _revert("ReplacementPending", number=number, request=waits[0]) if any(waits[0]) else None


async def _execute_replacement(chain: Chain, act: Act) -> Revert | None:
    number, request = act.values["number"], act.values["request"]
    waiting, _, registrar, from_ = await chain.ask(TOKEN, "replacementOf", number)
    if waiting != request:
        return _revert("NoSuchReplacement", number=number, request=request)
    if registrar == act.account:
        return _revert("ReplacerIsRegistrar", official=registrar)
    if await chain.now() < from_:
        return _revert("ReplacementTooEarly", executableFrom=from_)
    account = await chain.ask(TOKEN, "accountOf", await chain.ask(TOKEN, "holderOf", number))
    rules = await chain.ask(TOKEN, "rules")
    return _revert("TokenPaused") if rules[1] and account["class"] == Class.RESIDENT else None


_LOOKS: Final[dict[str, Callable[[Chain, Act], Awaitable[Revert | None]]]] = {
    "lock": _lock,
    "settle": _settle,
    "refund": _refund,
    "request-replacement": _request_replacement,
    "execute-replacement": _execute_replacement,
}
