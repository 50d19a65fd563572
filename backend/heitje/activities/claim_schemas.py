# SPDX-License-Identifier: EUPL-1.2
"""Signing up, handing in and reports that wait for their release, in JSON."""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from heitje.activities.schemas import SignedReport
from heitje.rest.fields import JSON_INTEGER, Answer, Model, Signature

MOST_NOTE = 1_000
"""Characters of a note or a reason."""


class ClaimState(StrEnum):
    """What has become of what a resident handed in."""

    HANDED_IN = "handed_in"
    CONFIRMED = "confirmed"
    DECLINED = "declined"
    REWARDED = "rewarded"


class ShelfState(StrEnum):
    """What has become of a signed report that waits for its release."""

    WAITING = "waiting"
    UNDER_WAY = "under_way"
    ISSUED = "issued"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


_Spent = Annotated[int, Field(ge=1, le=1_440, strict=True), JSON_INTEGER]
_Note = Annotated[str, StringConstraints(max_length=MOST_NOTE, strict=True)]
_Reason = Annotated[str, StringConstraints(min_length=1, max_length=MOST_NOTE, strict=True)]


class SignUpBody(Answer):
    """A place that a resident has taken."""

    activity: int
    number: int
    at: str


class SignUpPage(Answer):
    """Sign-ups."""

    items: list[SignUpBody]
    next: str | None


class ClaimRequest(Model):
    """What a resident has done. A photo can follow: PUT /v1/claims/{id}/photo."""

    minutes: _Spent
    note: _Note = ""


class Confirmation(Model):
    """An attester was there, and these minutes count."""

    state: Literal["confirmed"]
    minutes: _Spent


class Refusal(Model):
    """An attester does not confirm it, and says why to the resident."""

    state: Literal["declined"]
    reason: _Reason


DecisionRequest = Annotated[Confirmation | Refusal, Field(discriminator="state")]


class EvidenceBody(Answer):
    """What a report's line commits to: `commitment` is keccak256(salt | text in UTF-8)."""

    commitment: str
    salt: str
    text: str


class ClaimBody(Answer):
    """What a resident handed in, and what has become of it."""

    id: str
    activity: int
    number: int
    minutes: int
    note: str
    has_photo: Annotated[bool, Field(description="Whether there is a photo, and it is still kept.")]
    signed_up: bool
    state: ClaimState
    confirmed_minutes: int | None
    reason: Annotated[str | None, Field(description="Why it was declined.")]
    amount: Annotated[str | None, Field(description="Cents of the reward; null until it is rewarded.")]
    evidence: Annotated[EvidenceBody | None, Field(description="From when it is confirmed.")]
    report: Annotated[str | None, Field(description="Digest of the last report that was drafted with it.")]
    handed_in_at: str
    decided_at: str | None


class ClaimPage(Answer):
    """Claims, the last first."""

    items: list[ClaimBody]
    next: str | None


class DraftBody(Answer):
    """A report of confirmed claims, for the attester to sign. `left` claims more wait for another one."""

    report: SignedReport
    digest: Annotated[str, Field(description="EIP-712 digest, to compare with what is signed.")]
    left: int


class ShelfRequest(Model):
    """A report and its attester's signature."""

    report: SignedReport
    attester_signature: Signature


class ShelfBody(Answer):
    """A signed report, and what has become of it. To release it, sign `Release` and POST /v1/reports."""

    digest: str
    report: SignedReport
    attester_signature: str
    state: ShelfState
    refusal: Annotated[str | None, Field(description="What the chain said when it was tried last, if it refused.")]
    at: str


class ShelfPage(Answer):
    """Signed reports, the last first."""

    items: list[ShelfBody]
    next: str | None
