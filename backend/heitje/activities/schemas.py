# SPDX-License-Identifier: EUPL-1.2
"""Activities, reports and rewards in JSON."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from heitje.city.openings import MOST_TEXT
from heitje.rest.fields import (
    JSON_INTEGER,
    ActivityId,
    Address,
    Answer,
    Hash,
    Minutes,
    Model,
    Number,
    Seconds,
    Signature,
    Whole,
)
from heitje.rest.operations import OperationBody


class LineRequest(Model):
    """One person in a report."""

    number: Number
    minutes: Minutes
    evidence: Annotated[Hash, Field(description="Salted commitment to the evidence.")]


class SignedReport(Model):
    """EIP-712 struct `Report` under the registry's domain."""

    attester: Address
    activity: ActivityId
    lines: Annotated[list[LineRequest], Field(min_length=1, max_length=200)]
    deadline: Annotated[Seconds, Field(description="The last second (Unix time) at which it may be issued.")]
    serial: Whole


class ReportRequest(Model):
    """A report signed by its attester, and its release signed by an issuer who is somebody else."""

    report: SignedReport
    attester_signature: Signature
    issuer: Address
    issuer_signature: Annotated[Signature, Field(description="Of `Release(issuer, report digest, skip)`.")]
    skip: Annotated[Whole, Field(description="Bit i leaves line i out.")] = "0"


class ReportBody(OperationBody):
    """A report and what became of it. `report` is null if it was never sent here."""

    report: SignedReport | None
    issuer: str | None
    skip: str | None


class ReportCancellationRequest(Model):
    """The attester's signature of `CancelReport(attester, report)` under the registry's domain."""

    attester: Address
    signature: Signature


class ReportCancellationBody(OperationBody):
    """A cancellation of a report and what became of it."""

    report: str
    attester: str


class ReductionRequest(Model):
    """A present attester's signature of `Reduce(attester, uid, minutes, deadline)` under the registry's domain."""

    attester: Address
    minutes: Annotated[Minutes, Field(description="What is kept; 0 revokes the reward.")]
    deadline: Annotated[Seconds, Field(description="The last second (Unix time) at which it may be carried.")]
    signature: Signature


class ReductionBody(OperationBody):
    """A reduction and what became of it."""

    uid: str
    attester: str
    minutes: int
    deadline: int


class RewardBody(Answer):
    """One person's reward for one activity: `minutes` and `amount` as issued, and what was struck of it since."""

    uid: Annotated[str, Field(description="activity << 32 | number, in digits.")]
    report: str
    activity: int
    number: int
    minutes: int
    amount: str
    status: Literal["issued", "reduced", "clawed_back"]
    kept: Annotated[int, Field(description="Minutes that count now.")]
    struck: Annotated[str, Field(description="Cents struck by reductions.")]
    clawback_from: Annotated[str | None, Field(description="From then on what was struck can be taken back.")]
    burned: Annotated[str, Field(description="Cents taken back.")]
    written_off: Annotated[str, Field(description="Cents struck that were not there any more.")]
    time: str
    transaction: str
    block: int


class CorrectionBody(Answer):
    """One step in the correction of a reward. `attester` is null if the municipality struck."""

    kind: Literal["reduction", "clawback"]
    attester: str | None
    kept: int | None
    struck: str | None
    burned: str | None
    written_off: str | None
    time: str
    transaction: str


class AttestationBody(RewardBody):
    """A reward, and everything that was struck of it, in order."""

    corrections: list[CorrectionBody]


class RewardPage(Answer):
    """Rewards, the newest first."""

    items: list[RewardBody]
    next: str | None


_Text = Annotated[str, StringConstraints(min_length=1, max_length=MOST_TEXT, strict=True)]
_Clock = Annotated[str, StringConstraints(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$", strict=True)]
_Degrees = Annotated[str, StringConstraints(pattern=r"^-?[0-9]{1,3}\.[0-9]{1,6}$", strict=True)]
_Code = Annotated[int, Field(ge=0, lt=1 << 32, strict=True), JSON_INTEGER]
_Places = Annotated[int, Field(ge=1, le=9_999, strict=True), JSON_INTEGER]


class DescriptionBody(Model):
    """What an activity is, as it was opened: keccak256 of this as JSON with sorted keys and no spaces is on the chain.

    What is not said is left out: null would be something else.
    """

    code: Annotated[_Text, Field(description="The organisation's own.")]
    title: _Text
    date: Annotated[str, StringConstraints(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$", strict=True)]
    ends: Annotated[_Clock, Field(description="On the city's clock.")]
    neighbourhood: _Code
    city: _Text
    starts: Annotated[_Clock | None, Field(description="On the city's clock.")] = None
    place: Annotated[_Text | None, Field(description="Where people meet.")] = None
    places: Annotated[_Places | None, Field(description="Most sign-ups.")] = None
    lat: Annotated[_Degrees | None, Field(description="Where people meet, in degrees (WGS 84).")] = None
    lon: _Degrees | None = None


class ActivityBody(Answer):
    """One dated occurrence of something residents can do."""

    id: int
    programme: int
    month: Annotated[str, Field(description="Year and month in which it takes place, as 2026-03.")]
    cents_per_hour: str
    max_minutes: int
    opens_at: Annotated[str, Field(description="From then on rewards can be issued.")]
    closes_at: str
    neighbourhood: Annotated[int, Field(description="Digits of the CBS code (BU); 0 if city-wide.")]
    adult: Annotated[bool, Field(description="For people of 21 and over.")]
    description: Annotated[str, Field(description="Hash of its public description.")]
    details: Annotated[DescriptionBody | None, Field(description="The description; null where nobody has sent it.")]
    places: Annotated[int | None, Field(description="Most sign-ups; null for any number.")]
    sign_ups: Annotated[int, Field(description="How many have signed up.")]
    rewarded: Annotated[int, Field(description="How many people have been rewarded.")]
    issued: Annotated[str, Field(description="Cents issued for it.")]
    struck: Annotated[str, Field(description="Cents of these that reductions struck.")]
    clawed_back: Annotated[str, Field(description="Cents of these that were taken back.")]


class ActivityPage(Answer):
    """Activities, the newest first."""

    items: list[ActivityBody]
    next: str | None
