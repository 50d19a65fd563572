# SPDX-License-Identifier: EUPL-1.2
"""Invitations over HTTP."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response

from heitje.counter.schemas import (
    AcceptanceBody,
    AcceptanceRequest,
    InvitationBody,
    InvitationPage,
    InvitationRequest,
    InvitationState,
    NewInvitationBody,
)
from heitje.counter.service import InvitationService
from heitje.rest.principal import Person
from heitje.rest.requests import Cursor, Limit, json_response

InvitationId = Annotated[
    str, Path(pattern=r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$", description="Id of the invitation.")
]

_NOT_KEPT = {"Cache-Control": "no-store"}


def router(service: InvitationService) -> APIRouter:
    """The endpoints, for this service."""
    routes = APIRouter(prefix="/v1/invitations", tags=["invitations"])

    @routes.post("", status_code=201, response_model=NewInvitationBody)
    async def invite(request: InvitationRequest, who: Person) -> Response:
        """Make a code for a member number, as a registrar. It is good for fourteen days and one phone."""
        return json_response(await service.make(who.address, request), 201, _NOT_KEPT)

    @routes.get("", response_model=InvitationPage)
    async def list_invitations(
        who: Person,
        state: Annotated[InvitationState | None, Query(description="In this state.")] = None,
        cursor: Cursor = None,
        limit: Limit = 50,
    ) -> Response:
        """Invitations without their codes, the last first, for registrars and replacers."""
        return json_response(await service.page(who.address, state, cursor, limit), headers=_NOT_KEPT)

    @routes.post("/acceptance", response_model=AcceptanceBody)
    async def accept_invitation(request: AcceptanceRequest, asked: Request) -> Response:
        """Say which wallet joins by a code. A registrar enrols it afterwards."""
        client = asked.client.host if asked.client is not None else "nowhere"
        return json_response(await service.accept(request, client), headers=_NOT_KEPT)

    @routes.post("/{invitation}/revocation", response_model=InvitationBody)
    async def revoke_invitation(invitation: InvitationId, who: Person) -> Response:
        """Take an invitation back, as a registrar."""
        return json_response(await service.revoke(who.address, invitation), headers=_NOT_KEPT)

    return routes
