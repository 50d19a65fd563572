# SPDX-License-Identifier: EUPL-1.2
"""Webhooks in JSON."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import Field, StringConstraints

from heitje.index.telling import TYPES
from heitje.rest.fields import Answer, Model
from heitje.webhooks.guard import MAX_URL
from heitje.webhooks.repository import DeliveryState

EventType = StrEnum("EventType", {name.replace(".", "_").upper(): name for name in TYPES})  # type: ignore[misc]
Id = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$", strict=True)]


class WebhookState(StrEnum):
    """Whether events are delivered."""

    ACTIVE = "active"
    DISABLED = "disabled"


class WebhookRequest(Model):
    """Where to tell what happens to one's own account."""

    url: Annotated[
        str,
        Field(min_length=1, max_length=MAX_URL, description="https, port 443 or 8443, a name on the public internet."),
    ]
    types: Annotated[
        list[EventType], Field(default_factory=list, max_length=len(TYPES), description="Empty: all that there are.")
    ]


class WebhookBody(Answer):
    """A webhook."""

    id: str
    url: str
    types: list[EventType]
    state: WebhookState
    disabled_because: Annotated[
        str | None, Field(description="What happened, and what to do. Null while it is active.")
    ]
    failures: Annotated[int, Field(description="Attempts in a row that failed.")]
    next_attempt_at: Annotated[str | None, Field(description="Null when nothing is waiting for another attempt.")]
    old_secret_until: Annotated[str | None, Field(description="Until then messages are signed with the old one too.")]
    created_at: str


class NewWebhookBody(WebhookBody):
    """A webhook and its secret, which is shown this once."""

    secret: Annotated[str, Field(description="Checks that a message is from here. Keep it where no visitor gets.")]


class WebhookList(Answer):
    """All webhooks of an account."""

    items: list[WebhookBody]


class DeliveryBody(Answer):
    """One attempt to deliver one event."""

    id: str
    event: Annotated[str, Field(description="The event's id, as its body says.")]
    type: EventType
    subject: str
    state: DeliveryState
    attempt: Annotated[int, Field(description="1 for the first; 0 when it was asked for by hand.")]
    at: str
    seconds: float | None
    status: Annotated[int | None, Field(description="HTTP status of the answer.")]
    response: Annotated[str | None, Field(description="The first 2 048 characters of the answer.")]
    error: str | None


class DeliveryPage(Answer):
    """Deliveries, the newest first."""

    items: list[DeliveryBody]
    next: str | None
