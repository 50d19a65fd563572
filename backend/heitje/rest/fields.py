# SPDX-License-Identifier: EUPL-1.2
"""How values are written in the API's JSON.

Amounts and nonces are strings of digits, because JSON numbers lose digits beyond 2^53 in many readers. Addresses are
EIP-55; all lower or all upper case is accepted as well. Hashes and signatures are `0x` and hexadecimal digits. Seconds
of Unix time inside signed structs are numbers; every other time is RFC 3339 in UTC.
"""

import re
from datetime import UTC, datetime
from typing import Annotated, Any, Final

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, StringConstraints, WithJsonSchema
from pydantic import BaseModel as PydanticModel
from pydantic.alias_generators import to_camel

from heitje.chain.addresses import to_address

LAST_SECOND: Final = 253_402_300_799
"""31 December 9999: later times cannot be written as RFC 3339."""

_MAX_CENTS: Final = (1 << 48) - 1
_CENTS: Final = re.compile(r"0|[1-9][0-9]{0,14}")
_DIGITS: Final = re.compile(r"0|[1-9][0-9]{0,77}")


class Model(PydanticModel):
    """Base of all bodies: camelCase in JSON, nothing that is not named."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, extra="forbid", frozen=True)


class Answer(PydanticModel):
    """Base of what the API answers; it may gain members."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, frozen=True)


def _address(value: str) -> str:
    address = to_address(value)
    digits = value[2:]
    if digits not in (digits.lower(), digits.upper(), address[2:]):
        raise ValueError("the checksum of this address is wrong (EIP-55): one of its characters is mistyped")
    return address


def _below(limit: int) -> AfterValidator:
    def check(value: str) -> str:
        if int(value) >= limit:
            raise ValueError(f"must be below {limit}")
        return value

    return AfterValidator(check)


def _digits(value: Any) -> Any:
    """A whole number of any size, as text or as a JSON number."""
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 1 << 256:
        return str(value)
    if isinstance(value, str) and _DIGITS.fullmatch(value) and int(value) < 1 << 256:
        return value
    raise ValueError("must be a whole number below 2^256, in digits")


def _cents(value: Any) -> Any:
    if isinstance(value, str) and _CENTS.fullmatch(value):
        return value
    raise ValueError('must be cents as digits in text, such as "250"')


_NUMERAL: Final = StringConstraints(pattern=r"^(0|[1-9][0-9]{0,14})$", strict=True)
Address = Annotated[str, StringConstraints(pattern=r"^0x[0-9a-fA-F]{40}$", strict=True), AfterValidator(_address)]
Hash = Annotated[str, StringConstraints(pattern=r"^0x[0-9a-fA-F]{64}$", strict=True, to_lower=True)]
Signature = Annotated[str, StringConstraints(pattern=r"^0x[0-9a-fA-F]{130}$", strict=True, to_lower=True)]
Cents = Annotated[str, _NUMERAL, _below(_MAX_CENTS + 1), BeforeValidator(_cents)]
Nonce = Annotated[str, _NUMERAL, _below(1 << 48)]
Seconds = Annotated[int, Field(ge=0, le=LAST_SECOND, strict=True)]
ActivityId = Annotated[int, Field(ge=1, lt=1 << 53)]
Number = Annotated[int, Field(ge=1, lt=1 << 32, strict=True)]
Whole = Annotated[
    str,
    BeforeValidator(_digits),
    WithJsonSchema(
        {
            "anyOf": [{"type": "string", "pattern": "^(0|[1-9][0-9]{0,77})$"}, {"type": "integer", "minimum": 0}],
            "description": "A whole number below 2^256, as digits in text; small ones may be numbers.",
        }
    ),
]


def rfc3339(seconds: float) -> str:
    """A Unix time as RFC 3339 in UTC, whole seconds; what lies beyond the year 9999 as its last second."""
    return datetime.fromtimestamp(min(int(seconds), LAST_SECOND), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
