# SPDX-License-Identifier: EUPL-1.2
"""A shop's day in JSON."""

from typing import Annotated, Literal

from pydantic import Field

from heitje.relay.operation import State
from heitje.rest.fields import Answer


class TakingBody(Answer):
    """One payment to the shop, or one refund by it."""

    id: Annotated[str, Field(description="EIP-712 digest of what was signed.")]
    kind: Literal["payment", "authorization", "refund"]
    state: State
    value: Annotated[str, Field(description="Cents.")]
    person: Annotated[str, Field(description="Who paid, or was given back.")]
    time: Annotated[str, Field(description="Of its block; before that, when it came in.")]
    request_id: Annotated[
        str | None, Field(description="What the till asked with, as far as it is known here; an authorization's nonce.")
    ]
    refunded: Annotated[str, Field(description="Cents of it that were given back, or are about to be.")]
    payment: Annotated[str | None, Field(description="Of a refund: the payment it gives back, where it is known.")]


class DayBody(Answer):
    """A shop's day in the city's time. Sums are of what is final on the chain. Cents."""

    address: str
    day: str
    payments: int
    taken: str
    refunds: int
    refunded: str
    net: Annotated[str, Field(description="Taken less refunded; below zero on a day with more refunds.")]
    under_way: Annotated[str, Field(description="Of payments to it that are not final yet.")]
    items: Annotated[list[TakingBody], Field(description="The newest first; what failed is among them.")]


class ReceiptBody(Answer):
    """One payment to a shop, and what it gave back of it."""

    address: str
    taking: TakingBody
    refunds: list[TakingBody]
