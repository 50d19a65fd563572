# SPDX-License-Identifier: EUPL-1.2
"""Payments in JSON."""

from typing import Annotated

from pydantic import Field

from heitje.rest.fields import Address, Answer, Cents, Hash, Model, Nonce, Seconds, Signature
from heitje.rest.operations import OperationBody


class PaymentRequest(Model):
    """A payment, signed by its payer: EIP-712 struct `Payment` under the token's domain."""

    sender: Annotated[Address, Field(alias="from", description="The payer, who signs.")]
    to: Annotated[Address, Field(description="The payee.")]
    value: Annotated[Cents, Field(description="Cents.")]
    nonce: Annotated[Nonce, Field(description="The payer's next payment nonce: `nextNonce` of the account.")]
    deadline: Annotated[Seconds, Field(description="The last second (Unix time) at which it may be carried out.")]
    request_id: Annotated[Hash, Field(description="The till's 32 random bytes; zero where there is none.")]
    signature: Signature


class PaymentBody(OperationBody):
    """A payment and what became of it. `nonce`, `deadline` and `requestId` are null if it was never sent here."""

    sender: Annotated[str, Field(alias="from")]
    to: str
    value: str
    nonce: str | None
    deadline: int | None
    request_id: str | None


class PaymentPage(Answer):
    """Payments, the newest first."""

    items: list[PaymentBody]
    next: str | None
