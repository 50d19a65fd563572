# SPDX-License-Identifier: EUPL-1.2
"""Activities, reports and rewards in JSON."""

from typing import Annotated

from pydantic import Field

from heitje.rest.fields import ActivityId, Address, Answer, Hash, Minutes, Model, Number, Seconds, Signature, Whole
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


class RewardBody(Answer):
    """One person's reward for one activity."""

    report: str
    activity: int
    number: int
    minutes: int
    amount: str
    time: str
    transaction: str
    block: int


class RewardPage(Answer):
    """Rewards, the newest first."""

    items: list[RewardBody]
    next: str | None


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
    rewarded: Annotated[int, Field(description="How many people have been rewarded.")]
    issued: Annotated[str, Field(description="Cents issued for it.")]


class ActivityPage(Answer):
    """Activities, the newest first."""

    items: list[ActivityBody]
    next: str | None
