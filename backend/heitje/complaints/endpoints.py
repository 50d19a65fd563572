# SPDX-License-Identifier: EUPL-1.2
"""Complaints over HTTP."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Response

from heitje.complaints.schemas import (
    AnswerRequest,
    ComplaintBody,
    ComplaintPage,
    ComplaintRequest,
    ComplaintState,
    Office,
)
from heitje.complaints.service import ComplaintService
from heitje.rest.principal import Person
from heitje.rest.requests import Cursor, Limit, json_response

ComplaintId = Annotated[
    str, Path(pattern=r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$", description="Id of the complaint.")
]

_PRIVATE = {"Cache-Control": "no-store"}


def router(service: ComplaintService) -> APIRouter:
    """The endpoints, for this service."""
    routes = APIRouter(prefix="/v1/complaints", tags=["complaints"])

    @routes.post("", status_code=201, response_model=ComplaintBody)
    async def lodge(request: ComplaintRequest, who: Person) -> Response:
        """Complain, as a member: the municipality answers here."""
        return json_response(await service.lodge(who.address, request), 201, _PRIVATE)

    @routes.get("", response_model=ComplaintPage)
    async def list_own(who: Person, cursor: Cursor = None, limit: Limit = 50) -> Response:
        """What one has lodged, with the answers, the last first."""
        return json_response(await service.mine(who.address, cursor, limit), headers=_PRIVATE)

    @routes.get("/to-answer", response_model=ComplaintPage)
    async def list_to_answer(
        who: Person,
        office: Annotated[Office | None, Query(description="Only what is this office's to answer.")] = None,
        state: Annotated[ComplaintState | None, Query(description="In this state.")] = None,
        cursor: Cursor = None,
        limit: Limit = 50,
    ) -> Response:
        """Complaints of all members, the last first, for registrar, programme staff and guardian."""
        page = await service.to_answer(who.address, office, state, cursor, limit)
        return json_response(page, headers=_PRIVATE)

    @routes.post("/{complaint}/answer", response_model=ComplaintBody)
    async def answer(complaint: ComplaintId, request: AnswerRequest, who: Person) -> Response:
        """Answer a complaint, as one of these officials. Once: the member may have read it."""
        return json_response(await service.answer(who.address, complaint, request.text), headers=_PRIVATE)

    return routes
