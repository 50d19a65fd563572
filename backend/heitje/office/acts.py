# SPDX-License-Identifier: EUPL-1.2
"""Every act of an official: its particulars, and the call or the typed data that it is on the chain. No node is asked.

Some acts are transactions that the official sends; some are signed as typed data, whose signature is the last argument
of the call that carries it, by whomever; and two are signed for somebody else here to carry.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from heitje.chain import messages
from heitje.chain.abi import load
from heitje.chain.messages import Message
from heitje.chain.typed_data import Domain, Group
from heitje.chain.words import Class
from heitje.city.fields import FieldError, parse_address, parse_euros, parse_month, parse_whole
from heitje.city.payouts import MOST_IN_ONE, parse_id
from heitje.city.roles import DESK, DUTIES, REGISTRY, TOKEN, Role
from heitje.office.groups import parse_groups

VALID: Final = 3_600
"""Seconds for which what an official has signed can be carried to the chain."""

_UINT32: Final = (1 << 32) - 1
Values = Mapping[str, Any]
Read = Callable[[str], Any]


class WrongParticular(ValueError):
    """A particular of an act is missing or cannot be understood; its name."""


@dataclass(frozen=True, slots=True)
class Domains:
    """Under which officials sign."""

    token: Domain
    registry: Domain
    desk: Domain


class Kind(NamedTuple):
    """One kind of act.

    Attributes:
        contract: That is called.
        function: Of it.
        particulars: What must be known, and how it is read.
        arguments: Of the call; without the signature, where the act is signed.
        message: What is signed, for a signer and a deadline; None for a transaction.
    """

    contract: str
    function: str
    particulars: Mapping[str, Read]
    arguments: Callable[[Values], tuple[Any, ...]]
    message: Callable[[Domains, str, Values, int], Message] | None = None

    @property
    def role(self) -> Role:
        """Whose members may do it."""
        return next(duty.role for duty in DUTIES if (duty.contract, duty.function) == (self.contract, self.function))


@dataclass(frozen=True)
class Act:
    """One act, with its particulars.

    Attributes:
        name: Of its kind.
        kind: What it is.
        account: Who acts.
        values: The particulars, as they were understood.
    """

    name: str
    kind: Kind
    account: str
    values: Values

    @property
    def is_signed(self) -> bool:
        """Whether it is typed data, and not a transaction of the official's own."""
        return self.kind.message is not None

    def message(self, domains: Domains, deadline: int) -> Message:
        """What is signed."""
        assert self.kind.message is not None
        return self.kind.message(domains, self.account, self.values, deadline)

    def call(self, signature: bytes | None = None, deadline: int = 0) -> bytes:
        """The data of the call."""
        arguments = self.kind.arguments(self.values)
        if self.is_signed:
            arguments = (self.account, *arguments, deadline, signature or b"")
        return load(self.kind.contract).encode(self.kind.function, *arguments)


def act_of(name: str, account: str, particulars: Mapping[str, str]) -> Act:
    """An act of somebody.

    Raises:
        KeyError: There is no act of this name.
        WrongParticular: See there.
    """
    kind = ACTS[name]
    values: dict[str, Any] = {}
    for particular, read in kind.particulars.items():
        try:
            values[particular] = read(particulars.get(particular, "").strip())
        except (FieldError, ValueError):
            raise WrongParticular(particular) from None
    return Act(name, kind, account, values)


def _number(text: str) -> int:
    return parse_whole(text, 1, _UINT32)


def _reason(text: str) -> int:
    return parse_whole(text, 1, (1 << 16) - 1)


def _holder_class(text: str) -> Class:
    return {"resident": Class.RESIDENT, "merchant": Class.MERCHANT}[text] if text in ("resident", "merchant") else _no()


def _no() -> Any:
    raise FieldError("none of the choices")


def _ids(text: str) -> tuple[bytes, ...]:
    found = tuple(dict.fromkeys(parse_id(part) for part in text.split(",") if part))
    return found if 0 < len(found) <= MOST_IN_ONE else _no()


def _whole_euros(text: str) -> int:
    return parse_whole(text, 0, (1 << 16) - 1)


def _uid(text: str) -> int:
    return parse_whole(text, 1, (1 << 63) - 1)


def _minutes(text: str) -> int:
    return parse_whole(text, 0, 1_440)


def _opened(text: str) -> bytes:
    """The public description of an activity is hashed before; see `heitje.office.opening`."""
    return parse_id(text)


def _groups(values: Values) -> list[Group]:
    return [Group(payout.reference, list(payout.ids)) for payout in values["groups"]]


def _lock(domains: Domains, who: str, values: Values, deadline: int) -> Message:
    return messages.lock(domains.desk, who, values["ids"], deadline)


def _settle(domains: Domains, who: str, values: Values, deadline: int) -> Message:
    return messages.settle(domains.desk, who, _groups(values), deadline)


def _refund(domains: Domains, who: str, values: Values, deadline: int) -> Message:
    return messages.refund(domains.desk, who, values["ids"], values["reason"], deadline)


def _request_replacement(domains: Domains, who: str, values: Values, deadline: int) -> Message:
    return messages.request_replacement(domains.token, who, values["number"], values["address"], deadline)


def _execute_replacement(domains: Domains, who: str, values: Values, deadline: int) -> Message:
    return messages.execute_replacement(domains.token, who, values["request"], deadline)


_FIELDS: Final = (
    ("programme", "uint32"),
    ("month", "uint16"),
    ("centsPerHour", "uint32"),
    ("maxMinutes", "uint16"),
    ("opensAt", "uint40"),
    ("closesAt", "uint40"),
    ("neighbourhood", "uint32"),
)


def _details(values: Values) -> dict[str, Any]:
    numbers = {name: values[name] for name, _ in _FIELDS}
    adult, declared = values["adult"], values["noDisplacement"]
    return {**numbers, "adult": adult, "noDisplacement": declared, "description": values["description"]}


def _flag(text: str) -> bool:
    return {"true": True, "": False}[text] if text in ("true", "") else _no()


def _declared(text: str) -> bool:
    return text == "true" or _no()


def _sized(kind: str) -> Read:
    most = (1 << int(kind.removeprefix("uint"))) - 1
    return lambda text: parse_whole(text, 0, most)


ACTS: Final[dict[str, Kind]] = {
    "enrol": Kind(
        TOKEN,
        "enrol",
        {"number": _number, "address": parse_address, "class": _holder_class},
        lambda v: ([(v["address"], v["number"], v["class"])],),
    ),
    "freeze": Kind(TOKEN, "freeze", {"number": _number, "reason": _reason}, lambda v: (v["number"], v["reason"])),
    "unfreeze": Kind(TOKEN, "unfreeze", {"number": _number}, lambda v: (v["number"],)),
    "pause": Kind(TOKEN, "pause", {}, lambda _: ()),
    "unpause": Kind(TOKEN, "unpause", {}, lambda _: ()),
    "lower-year": Kind(
        REGISTRY,
        "lowerYear",
        {"number": _number, "year": lambda text: parse_whole(text, 2000, 9999), "euros": _whole_euros},
        lambda v: (v["number"], v["year"], v["euros"]),
    ),
    "open-programme": Kind(
        REGISTRY,
        "openProgramme",
        {"cap": parse_euros, "from": parse_month, "to": parse_month},
        lambda v: (v["cap"], v["from"], v["to"]),
    ),
    "set-cap": Kind(
        REGISTRY,
        "setProgrammeCap",
        {"programme": _number, "cap": parse_euros},
        lambda v: (v["programme"], v["cap"]),
    ),
    "appoint": Kind(
        REGISTRY,
        "setAttester",
        {"programme": _number, "address": parse_address},
        lambda v: (v["programme"], v["address"], True),
    ),
    "dismiss": Kind(
        REGISTRY,
        "setAttester",
        {"programme": _number, "address": parse_address},
        lambda v: (v["programme"], v["address"], False),
    ),
    "open-activity": Kind(
        REGISTRY,
        "openActivity",
        {
            **{name: _sized(kind) for name, kind in _FIELDS},
            "adult": _flag,
            "noDisplacement": _declared,
            "description": _opened,
        },
        lambda v: (_details(v),),
    ),
    "cancel-report": Kind(REGISTRY, "cancelReport", {"report": parse_id}, lambda v: (v["report"],)),
    "reduce": Kind(REGISTRY, "reduce", {"uid": _uid, "minutes": _minutes}, lambda v: (v["uid"], v["minutes"])),
    "clawback": Kind(REGISTRY, "clawback", {"uid": _uid}, lambda v: (v["uid"],)),
    "cancel-replacement": Kind(TOKEN, "cancelReplacement", {"number": _number}, lambda v: (v["number"],)),
    "request-replacement": Kind(
        TOKEN,
        "requestReplacement",
        {"number": _number, "address": parse_address},
        lambda v: (v["number"], v["address"]),
        _request_replacement,
    ),
    "execute-replacement": Kind(
        TOKEN,
        "executeReplacement",
        {"number": _number, "request": parse_id},
        lambda v: (v["number"], v["request"]),
        _execute_replacement,
    ),
    "lock": Kind(DESK, "lock", {"ids": _ids}, lambda v: (list(v["ids"]),), _lock),
    "settle": Kind(
        DESK, "settle", {"groups": parse_groups}, lambda v: ([tuple(group) for group in _groups(v)],), _settle
    ),
    "refund": Kind(DESK, "refund", {"ids": _ids, "reason": _reason}, lambda v: (list(v["ids"]), v["reason"]), _refund),
}
