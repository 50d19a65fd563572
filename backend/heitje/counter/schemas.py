# SPDX-License-Identifier: EUPL-1.2
"""Invitations in JSON."""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from heitje.rest.fields import Address, Answer, Model, Number, Signature

HolderClass = Literal["resident", "merchant"]


class Kind(StrEnum):
    """What the code is for."""

    JOIN = "join"
    REPLACEMENT = "replacement"


class InvitationState(StrEnum):
    """What has become of an invitation."""

    OPEN = "open"
    ACCEPTED = "accepted"
    DONE = "done"
    EXPIRED = "expired"
    REVOKED = "revoked"


class InvitationRequest(Model):
    """Whom to invite."""

    number: Annotated[Number, Field(description="The member number.")]
    holder_class: Annotated[HolderClass, Field(alias="class")]
    kind: Annotated[Kind, Field(description="A new member, or a new phone of one.")]


class InvitationBody(Answer):
    """An invitation, without its code."""

    id: str
    number: int
    holder_class: Annotated[HolderClass, Field(alias="class")]
    kind: Kind
    state: Annotated[
        InvitationState,
        Field(description="`accepted`: the wallet waits for the registrar. `done`: the chain has it under the number."),
    ]
    account: Annotated[str | None, Field(description="The wallet that accepted it.")]
    made_by: str
    made_at: str
    expires_at: str
    accepted_at: str | None


class NewInvitationBody(InvitationBody):
    """An invitation with its code. It is shown once."""

    code: str


class InvitationPage(Answer):
    """Invitations, the last first."""

    items: list[InvitationBody]
    next: str | None


class AcceptanceRequest(Model):
    """A new wallet's signature of `Join(account, code)` under the token's domain.

    `code` of the struct is SHA-256 of the code's sixteen characters, in capitals and without hyphens.
    """

    code: Annotated[
        str,
        StringConstraints(pattern=r"^[ -~]{1,40}$", strict=True),
        Field(description="As it is on the letter; hyphens, spaces and small letters do not matter."),
    ]
    address: Annotated[Address, Field(description="The new wallet.")]
    signature: Signature


class AcceptanceBody(Answer):
    """An invitation that this wallet has accepted. Asking again, with the same wallet, tells how it is now."""

    number: int
    holder_class: Annotated[HolderClass, Field(alias="class")]
    kind: Kind
    state: InvitationState
    account: str
