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
from heitje.relay.signatures import MAX_BYTES

LAST_SECOND: Final = 253_402_300_799
"""31 December 9999: later times cannot be written as RFC 3339."""

_MAX_NUMBER: Final = (1 << 53) - 1
"""The largest whole number up to which every reader of JSON keeps all digits."""

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


def _integer(value: Any) -> Any:
    """To JSON, 1.0 is the same number as 1; some clients write it so."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


JSON_INTEGER: Final = BeforeValidator(_integer)
"""For a whole number that is not one of the kinds below."""


def _digits(value: Any) -> Any:
    """A whole number of any size, as text or, where no reader can lose digits of it, as a JSON number."""
    number = _integer(value)
    if isinstance(number, int) and not isinstance(number, bool) and 0 <= number <= _MAX_NUMBER:
        return str(number)
    if isinstance(value, str) and _DIGITS.fullmatch(value) and int(value) < 1 << 256:
        return value
    raise ValueError("must be a whole number below 2^256, as digits in text; below 2^53 it may be a number")


def _cents(value: Any) -> Any:
    if isinstance(value, str) and value.isascii() and value.isdecimal():
        return value
    raise ValueError('must be cents as digits in text, such as "250"')


def digits_below(limit: int) -> str:
    """A regular expression for the decimal digits of every whole number below a limit, without leading zeros.

    It stands in the API's description, so that who checks against that is never surprised.
    """
    last = str(limit - 1)
    shapes = ["0", f"[1-9][0-9]{{0,{len(last) - 2}}}"]
    for place, digit in enumerate(last):
        low, high, more = int(place == 0), int(digit) - 1, len(last) - place - 1
        if low <= high:
            shapes.append(f"{last[:place]}[{low}-{high}]" + (f"[0-9]{{{more}}}" if more else ""))
    return f"^({'|'.join((*shapes, last))})$"


SIGNATURE_FORM: Final = (
    "By a key: 65 bytes r, s, v; v is 27 or 28. By a browser's device key: x, y, r, s, 32 bytes each, over SHA-256 of "
    "the digest, as WebCrypto signs the digest. By a passkey: x, y, r, s, two bytes with the length of the "
    "authenticator data, the authenticator data, the client data, whose challenge is the digest; user verification "
    "required. s always in the lower half. By a contract: what it confirms."
)
"""What the contracts take as a signature."""

_48_BITS: Final = StringConstraints(pattern=digits_below(1 << 48), strict=True)
Address = Annotated[str, StringConstraints(pattern=r"^0x[0-9a-fA-F]{40}$", strict=True), AfterValidator(_address)]
Hash = Annotated[str, StringConstraints(pattern=r"^0x[0-9a-fA-F]{64}$", strict=True, to_lower=True)]
Signature = Annotated[
    str,
    StringConstraints(pattern=r"^0x([0-9a-fA-F]{2})+$", max_length=2 + 2 * MAX_BYTES, strict=True, to_lower=True),
    Field(description=SIGNATURE_FORM),
]
Cents = Annotated[str, _48_BITS, BeforeValidator(_cents)]
Nonce = Annotated[str, _48_BITS]
Seconds = Annotated[int, Field(ge=0, le=LAST_SECOND, strict=True), BeforeValidator(_integer)]
ActivityId = Annotated[int, Field(ge=1, le=_MAX_NUMBER, strict=True), BeforeValidator(_integer)]
Number = Annotated[int, Field(ge=1, lt=1 << 32, strict=True), BeforeValidator(_integer)]
Minutes = Annotated[int, Field(ge=0, lt=1 << 16, strict=True), BeforeValidator(_integer)]
RefundNumber = Annotated[int, Field(ge=0, le=15, strict=True), BeforeValidator(_integer)]
Days = Annotated[int, Field(ge=1, le=730, strict=True), BeforeValidator(_integer)]
Whole = Annotated[
    str,
    BeforeValidator(_digits),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string", "pattern": "^(0|[1-9][0-9]{0,77})$"},
                {"type": "integer", "minimum": 0, "maximum": _MAX_NUMBER},
            ],
            "description": "A whole number below 2^256, as digits in text; one below 2^53 may be a number.",
        }
    ),
]


def rfc3339(seconds: float) -> str:
    """A Unix time as RFC 3339 in UTC, whole seconds; what lies beyond the year 9999 as its last second."""
    return datetime.fromtimestamp(min(int(seconds), LAST_SECOND), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
