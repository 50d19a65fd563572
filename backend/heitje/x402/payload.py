# SPDX-License-Identifier: EUPL-1.2
"""Reads what a shop hands on: does the buyer's authorization pay what the shop asked for, in this city's credits?

Pure. What is left to ask is whether the buyer signed it and can pay it. Fields that decide nothing here (the resource,
extensions, descriptions) are not looked at.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Annotated, Any, Final, Literal, TypeVar

from pydantic import BaseModel as PydanticModel
from pydantic import BeforeValidator, ConfigDict, Field, ValidationError
from pydantic.alias_generators import to_camel

from heitje.authorizations.schemas import AuthorizationRequest
from heitje.chain.typed_data import Domain
from heitje.rest.fields import Address, Cents, Hash, Seconds, Signature
from heitje.x402.schemas import FacilitatorRequest, Reason

SCHEME: Final = "exact"
VERSIONS: Final = (1, 2)
LONGEST_WAIT: Final = 20
"""Seconds that a settlement waits for its end at most."""

_ASKINGS: Final = 3
"""Into so many waits a shop's own time-out is divided: its library asks a second time by itself, and the buyer, whose
signature is valid for as long, must have time to come back."""

_Read = TypeVar("_Read", bound=PydanticModel)


class Refused(Exception):
    """It does not pay what is asked, or not here.

    Args:
        reason: The protocol's code.
        message: For people.
        payer: Whose authorization it is, where that could be read.
        code: What /problems explains, where that says more than the reason.
    """

    def __init__(self, reason: Reason, message: str, payer: str | None = None, code: str | None = None) -> None:
        super().__init__(f"{reason}: {message}")
        self.reason = reason
        self.message = message
        self.payer = payer
        self.code = code


@dataclass(frozen=True, slots=True)
class Offer:
    """An authorization that pays exactly what the shop asked for, if it is good.

    Attributes:
        authorization: As the relayer takes it.
        patience: Seconds that a settlement is to wait for its end.
    """

    authorization: AuthorizationRequest
    patience: float


class _Part(PydanticModel):
    """A part of a request, of which only what is named here is read."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, extra="ignore", frozen=True)


def _seconds(value: Any) -> Any:
    """The protocol writes times as digits in text."""
    return int(value) if isinstance(value, str) and value.isascii() and value.isdecimal() else value


_Time = Annotated[Seconds, BeforeValidator(_seconds)]


class _Authorization(_Part):
    sender: Annotated[Address, Field(alias="from")]
    to: Address
    value: Cents
    valid_after: _Time
    valid_before: _Time
    nonce: Hash


class _Signed(_Part):
    signature: Signature
    authorization: _Authorization


class _Kind(_Part):
    scheme: str
    network: str


class _Payload1(_Kind):
    x402_version: Literal[1]
    payload: _Signed


class _Payload2(_Part):
    x402_version: Literal[2]
    accepted: _Kind
    payload: _Signed


class _Domain(_Part):
    name: str | None = None
    version: str | None = None


def _extra(value: Any) -> Any:
    """The first version of the protocol has clients that write this one as JSON in text."""
    if not isinstance(value, str):
        return value if value is not None else {}
    try:
        return json.loads(value)
    except ValueError:
        raise ValueError("must be an object") from None


class _Requirements(_Kind):
    asset: Address
    pay_to: Address
    max_timeout_seconds: Annotated[float, Field(ge=0, strict=True)] = _ASKINGS * LONGEST_WAIT
    extra: Annotated[_Domain, BeforeValidator(_extra)] = _Domain()


class _Requirements1(_Requirements):
    max_amount_required: Cents

    @property
    def cents(self) -> str:
        return self.max_amount_required


class _Requirements2(_Requirements):
    amount: Cents

    @property
    def cents(self) -> str:
        return self.amount


def network_of(domain: Domain) -> str:
    """The chain, as CAIP-2 names it. No city's chain has one of the older names."""
    return f"eip155:{domain.chain_id}"


def read(request: FacilitatorRequest, domain: Domain) -> Offer:
    """What a buyer offers for what a shop asks.

    Args:
        request: As it came.
        domain: The token's EIP-712 domain.

    Raises:
        Refused: It is malformed, does not fit what is asked, or is for somewhere else.
    """
    version = request.x402_version
    if version not in VERSIONS or request.payment_payload.get("x402Version") != version:
        raise Refused(Reason.VERSION, "Say version 1 or 2, and the same in the payload.")
    if version == 1:
        payload = _parsed(_Payload1, request.payment_payload, Reason.PAYLOAD)
        return _matched(payload, payload, _parsed_requirements(_Requirements1, request), domain)
    offered = _parsed(_Payload2, request.payment_payload, Reason.PAYLOAD)
    return _matched(offered.accepted, offered, _parsed_requirements(_Requirements2, request), domain)


def _parsed_requirements(form: type[_Read], request: FacilitatorRequest) -> _Read:
    return _parsed(form, request.payment_requirements, Reason.REQUIREMENTS)


def _parsed(form: type[_Read], part: dict[str, Any], reason: Reason) -> _Read:
    try:
        return form.model_validate(part)
    except ValidationError as error:
        first = error.errors()[0]
        where = "/".join(str(name) for name in first["loc"])
        raise Refused(reason, f"{where}: {first['msg'].removeprefix('Value error, ')}. Nothing moved.") from None


def _matched(
    chosen: _Kind, payload: _Payload1 | _Payload2, asked: _Requirements1 | _Requirements2, domain: Domain
) -> Offer:
    signed, network = payload.payload.authorization, network_of(domain)
    name, version = (asked.extra.name or domain.name, asked.extra.version or domain.version)
    checks = (
        (chosen.scheme == asked.scheme == SCHEME, Reason.SCHEME, f"Only {SCHEME} is supported."),
        (chosen.network == asked.network == network, Reason.NETWORK, f"Only {network} is supported."),
        (asked.asset == domain.contract, Reason.REQUIREMENTS, f"Only the token at {domain.contract} is supported."),
        (name == domain.name, Reason.TOKEN_NAME, f"The token's domain is named {domain.name}."),
        (version == domain.version, Reason.TOKEN_VERSION, f"The version of the token's domain is {domain.version}."),
        (signed.to == asked.pay_to, Reason.RECIPIENT, f"It pays {signed.to}; {asked.pay_to} is to be paid."),
        (signed.value == asked.cents, Reason.VALUE, f"It pays {signed.value} cents; {asked.cents} are asked for."),
    )
    for holds, reason, message in checks:
        if not holds:
            raise Refused(reason, f"{message} Nothing moved.", signed.sender)
    taken = AuthorizationRequest(**signed.model_dump(by_alias=True), signature=payload.payload.signature)
    return Offer(taken, min(asked.max_timeout_seconds / _ASKINGS, LONGEST_WAIT))
