# SPDX-License-Identifier: EUPL-1.2
"""Complaints in JSON."""

from enum import StrEnum
from typing import Annotated, Final, Literal

from pydantic import Field, StringConstraints

from heitje.city.roles import Role
from heitje.rest.fields import Answer, Model

MOST_TEXT = 2_000
"""Characters of a complaint or an answer."""


class Subject(StrEnum):
    """What a complaint is about."""

    FREEZE = "freeze"
    REFUSAL = "refusal"
    REWARD = "reward"
    PAYMENT = "payment"
    REDEMPTION = "redemption"
    OTHER = "other"


Office = Literal["registrar", "programme", "guardian"]

OFFICE_OF: Final[dict[Subject, Role]] = {
    Subject.FREEZE: Role.GUARDIAN,
    Subject.REFUSAL: Role.REGISTRAR,
    Subject.REWARD: Role.PROGRAMME,
    Subject.PAYMENT: Role.REGISTRAR,
    Subject.REDEMPTION: Role.REGISTRAR,
    Subject.OTHER: Role.REGISTRAR,
}
"""Who answers first. Any of the three may answer any."""


class ComplaintState(StrEnum):
    """Whether it has been answered."""

    OPEN = "open"
    ANSWERED = "answered"


_Text = Annotated[str, StringConstraints(min_length=1, max_length=MOST_TEXT, strict=True)]


class ComplaintRequest(Model):
    """What somebody does not agree with."""

    about: Subject
    reference: Annotated[
        str | None,
        StringConstraints(pattern=r"^[\x21-\x7e]{1,100}$", strict=True),
        Field(description="Digest of the payment, uid of the reward, id of the redemption or code of the refusal."),
    ] = None
    text: _Text


class AnswerRequest(Model):
    """What the municipality says to it."""

    text: _Text


class ComplaintBody(Answer):
    """A complaint, and the answer if there is one."""

    id: str
    number: int
    about: Subject
    reference: str | None
    text: str
    state: ComplaintState
    office: Annotated[Office, Field(description="Whose it is to answer.")]
    lodged_at: str
    answer: str | None
    answered_at: str | None


class ComplaintPage(Answer):
    """Complaints, the last first."""

    items: list[ComplaintBody]
    next: str | None
