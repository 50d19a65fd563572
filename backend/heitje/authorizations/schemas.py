# SPDX-License-Identifier: EUPL-1.2
"""Refunds and other authorizations in JSON."""

from typing import Annotated

from pydantic import Field

from heitje.relay.operation import State
from heitje.rest.fields import Address, Answer, Cents, Hash, Model, RefundNumber, Seconds, Signature
from heitje.rest.operations import OperationBody


class _Authorization(Model):
    """What every ERC-3009 `TransferWithAuthorization` has, but the nonce."""

    sender: Annotated[Address, Field(alias="from", description="Who pays, and signs.")]
    to: Annotated[Address, Field(description="Who is paid.")]
    value: Annotated[Cents, Field(description="Cents.")]
    valid_after: Annotated[Seconds, Field(description="It can be carried after this second (Unix time).")]
    valid_before: Annotated[Seconds, Field(description="It can be carried before this second (Unix time).")]


class RefundRequest(_Authorization):
    """A refund, signed by the shop: ERC-3009 `TransferWithAuthorization` under the token's domain.

    Its nonce is keccak256(abi.encode("refund", bytes32 payment, uint256 k)).
    """

    payment: Annotated[Hash, Field(description="EIP-712 digest of the payment that is given back, all or a part.")]
    k: Annotated[RefundNumber, Field(description="Which refund of this payment, from 0.")]
    signature: Signature


class AuthorizationRequest(_Authorization):
    """A voucher signed offline: ERC-3009 `TransferWithAuthorization` under the token's domain."""

    nonce: Annotated[Hash, Field(description="32 random bytes, chosen by the signer.")]
    signature: Signature


class CancellationRequest(Model):
    """The signature of `CancelAuthorization(authorizer, nonce)` under the token's domain."""

    authorizer: Address
    nonce: Hash
    signature: Signature


class AuthorizationBody(OperationBody):
    """An authorization and what became of it. What is not on the chain is null if it was never sent here."""

    sender: Annotated[str, Field(alias="from")]
    to: str
    value: str
    valid_after: int | None
    valid_before: int | None
    nonce: str


class RefundBody(AuthorizationBody):
    """A refund and what became of it."""

    payment: str
    k: int


class CancellationBody(OperationBody):
    """A withdrawal and what became of it."""

    authorizer: str
    nonce: str


class RefundItem(Answer):
    """One refund of a payment, whoever carried it."""

    id: str
    k: int
    value: str
    state: State


class RefundsBody(Answer):
    """What was given back of a payment, and what can still be. Cents."""

    payment: str
    value: str
    refunded: str
    under_way: str
    left: str
    next_k: Annotated[int | None, Field(description="For the next refund; null when all sixteen are used.")]
    items: list[RefundItem]
