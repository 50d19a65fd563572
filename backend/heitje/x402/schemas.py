# SPDX-License-Identifier: EUPL-1.2
"""What a facilitator is asked and answers, in the words of the x402 specification (versions 1 and 2 of the protocol).

What a request holds is read in `payload`, not here: a buyer wrote most of it, and what a buyer gets wrong is an answer
for the shop (`invalid_payload`), not a refused request.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any, Final

from pydantic import BaseModel as PydanticModel
from pydantic import ConfigDict, Field
from pydantic.alias_generators import to_camel
from pydantic.config import JsonDict

from heitje.rest.fields import JSON_INTEGER, Answer


class Reason(StrEnum):
    """Why a payment is not valid, or was not settled.

    The specification's codes (section 9); below the line those of its reference implementations for what the
    specification has no code for.
    """

    VERSION = "invalid_x402_version"
    SCHEME = "unsupported_scheme"
    NETWORK = "invalid_network"
    PAYLOAD = "invalid_payload"
    REQUIREMENTS = "invalid_payment_requirements"
    RECIPIENT = "invalid_exact_evm_payload_recipient_mismatch"
    VALUE = "invalid_exact_evm_payload_authorization_value_mismatch"
    VALID_AFTER = "invalid_exact_evm_payload_authorization_valid_after"
    VALID_BEFORE = "invalid_exact_evm_payload_authorization_valid_before"
    SIGNATURE = "invalid_exact_evm_payload_signature"
    FUNDS = "insufficient_funds"
    STATE = "invalid_transaction_state"
    # ---
    NONCE_USED = "invalid_exact_evm_nonce_already_used"
    TOKEN_NAME = "invalid_exact_evm_token_name_mismatch"  # noqa: S105 - no password
    TOKEN_VERSION = "invalid_exact_evm_token_version_mismatch"  # noqa: S105 - no password
    PENDING = "settlement_pending"


_AUTHORIZATION: Final[JsonDict] = {
    "signature": "0x" + "ab" * 64 + "1b",
    "authorization": {
        "from": "0x857b06519E91e3A54538791bDbb0E22373e36b66",
        "to": "0x209693Bc6afc0C5328bA36FaF03C514EF312287C",
        "value": "250",
        "validAfter": "0",
        "validBefore": "1790000000",
        "nonce": "0x" + "5e" * 32,
    },
}
_KIND: Final[JsonDict] = {"scheme": "exact", "network": "eip155:1337"}
_ASKED: Final[JsonDict] = {
    "asset": "0x036CbD53842c5426634e7929541eC2318f3dCF7e",
    "payTo": "0x209693Bc6afc0C5328bA36FaF03C514EF312287C",
    "maxTimeoutSeconds": 60,
    "extra": {"name": "Example Heitje", "version": "1"},
}
_VERSION_1: Final[JsonDict] = {
    "x402Version": 1,
    "paymentPayload": {"x402Version": 1, **_KIND, "payload": _AUTHORIZATION},
    "paymentRequirements": {**_KIND, **_ASKED, "maxAmountRequired": "250", "resource": "https://shop.example/article"},
}
_VERSION_2: Final[JsonDict] = {
    "x402Version": 2,
    "paymentPayload": {
        "x402Version": 2,
        "accepted": {**_KIND, **_ASKED, "amount": "250"},
        "payload": _AUTHORIZATION,
        "resource": {"url": "https://shop.example/article"},
    },
    "paymentRequirements": {**_KIND, **_ASKED, "amount": "250"},
}


class FacilitatorRequest(PydanticModel):
    """What a shop sends: what its buyer signed, and what it asked for. Amounts are cents, as digits in text."""

    model_config = ConfigDict(
        alias_generator=to_camel,
        populate_by_name=True,
        frozen=True,
        json_schema_extra={"examples": [_VERSION_2, _VERSION_1]},
    )

    x402_version: Annotated[
        int, Field(strict=True, description="Of the protocol: 1 or 2; the payload must say the same."), JSON_INTEGER
    ]
    payment_payload: Annotated[
        dict[str, Any],
        Field(description="The buyer's: an ERC-3009 `TransferWithAuthorization` and signature, as in the examples."),
    ]
    payment_requirements: Annotated[
        dict[str, Any],
        Field(description="The shop's: `exact`, this network, the city's token, whom to pay, how many cents."),
    ]


class VerifyBody(Answer):
    """Whether a settlement would pay now. What does not apply is left out."""

    is_valid: bool
    invalid_reason: Reason | None = None
    invalid_message: str | None = None
    payer: str | None = None
    extra: Annotated[
        dict[str, str] | None, Field(description="`code`: what /problems explains, where the reason is broad.")
    ] = None


class SettleBody(Answer):
    """What became of a payment. What does not apply is left out."""

    success: Annotated[bool, Field(description="Whether it is paid for good.")]
    error_reason: Annotated[
        Reason | None, Field(description="`settlement_pending` is no failure: it may still be paid. Ask again.")
    ] = None
    error_message: str | None = None
    payer: str | None = None
    transaction: Annotated[str, Field(description="Hash; empty if there is none yet, or none will be.")]
    network: str
    amount: Annotated[str | None, Field(description="Cents.")] = None
    extra: Annotated[
        dict[str, str] | None,
        Field(description="`operation`: where it can be looked up; `state`: of it; `code`: what /problems explains."),
    ] = None


class KindBody(Answer):
    """A way to pay."""

    x402_version: int
    scheme: str
    network: str
    extra: Annotated[
        dict[str, str],
        Field(description="`name`, `version`: of the EIP-712 domain to sign under. `asset`, `decimals`: of the token."),
    ]


class SupportedBody(Answer):
    """The ways to pay, and who sends the transactions."""

    kinds: list[KindBody]
    extensions: list[str]
    signers: dict[str, list[str]]
