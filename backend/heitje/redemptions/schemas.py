# SPDX-License-Identifier: EUPL-1.2
"""Redemptions in JSON."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from heitje.chain.words import RedemptionStatus
from heitje.rest.fields import Address, Answer, Cents, Hash, Model, Seconds, Signature
from heitje.rest.operations import OperationBody


class Status(StrEnum):
    """Where a redemption is, on the chain."""

    REQUESTED = "requested"
    LOCKED = "locked"
    SETTLED = "settled"
    REFUNDED = "refunded"
    CANCELLED = "cancelled"
    RECLAIMED = "reclaimed"

    @classmethod
    def of(cls, status: int) -> "Status":
        """The status the desk stores."""
        return cls(RedemptionStatus(status).name.lower())

    @property
    def code(self) -> int:
        """As the desk stores it."""
        return RedemptionStatus[self.name].value


class RedemptionRequest(Model):
    """A redemption, signed by its merchant: ERC-3009 `ReceiveWithAuthorization` under the token's domain, to the desk.

    Its nonce is the redemption's id: keccak256(abi.encode(number, amount, payoutCommitment, salt)).
    """

    sender: Annotated[Address, Field(alias="from", description="The merchant, who signs.")]
    amount: Annotated[Cents, Field(description="Cents.")]
    valid_after: Seconds
    valid_before: Seconds
    payout_commitment: Annotated[Hash, Field(description="Salted hash of the payout account. Never an IBAN.")]
    salt: Annotated[Hash, Field(description="Makes the id new each time.")]
    signature: Signature


class CancellationRequest(Model):
    """The merchant's signature of `Cancel(id)` under the desk's domain."""

    signature: Signature


class StepBody(Answer):
    """Where the redemption is on the chain."""

    status: Status
    number: int
    requested_at: str
    changed_at: str
    lock_id: int | None
    payout_reference: str | None
    reason: Annotated[int | None, Field(description="Why it was given back: a code of the city's published list.")]
    reclaimable_from: Annotated[str | None, Field(description="From then on anybody can have it given back.")]
    transaction: str


class RedemptionBody(OperationBody):
    """A redemption: what became of the request, and in `onChain` where it is since (null until it is mined).

    The fields of the signed struct that are not on the chain are null if it was never sent here.
    """

    sender: Annotated[str | None, Field(alias="from")]
    amount: str
    valid_after: int | None
    valid_before: int | None
    payout_commitment: str
    salt: str
    on_chain: StepBody | None


class CancellationBody(OperationBody):
    """A cancellation and what became of it."""

    redemption: str


class ReclaimBody(OperationBody):
    """A reclaim and what became of it."""

    redemption: str


class RedemptionPage(Answer):
    """Redemptions on the chain, the newest first."""

    items: list[RedemptionBody]
    next: str | None
