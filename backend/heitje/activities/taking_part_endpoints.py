# SPDX-License-Identifier: EUPL-1.2
"""Signing up, handing in, confirming, and reports that wait, over HTTP."""

import re
from typing import Annotated, Any, Final

from fastapi import APIRouter, Path, Query, Request, Response

from heitje.activities.claim_schemas import (
    ClaimBody,
    ClaimPage,
    ClaimRequest,
    ClaimState,
    DecisionRequest,
    DraftBody,
    ShelfBody,
    ShelfPage,
    ShelfRequest,
    ShelfState,
    SignUpBody,
    SignUpPage,
)
from heitje.activities.claims import ClaimService, Scope
from heitje.activities.descriptions import DescriptionService
from heitje.activities.drafts import DraftService
from heitje.activities.photos import MAX_BYTES
from heitje.activities.schemas import ActivityBody, DescriptionBody
from heitje.activities.shelf import ShelfService
from heitje.activities.sign_ups import SignUpService
from heitje.rest.principal import Person
from heitje.rest.requests import Cursor, Limit, json_response

Activity = Annotated[int, Path(ge=1, lt=1 << 53)]
ClaimId = Annotated[str, Path(pattern=r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$", description="Id of the claim.")]

LARGER: Final = {("PUT", re.compile(r"/v1/claims/[^/]+/photo")): MAX_BYTES + 1}
"""What may be longer than other requests: a photo, and the byte by which it is too long."""

_PHOTO: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "description": "A JPEG, PNG or WebP of at most 2 000 000 bytes; which, its first bytes say. "
        "What the camera wrote beside the picture is not kept.",
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}
_PHOTO_ANSWER: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "description": "The photo",
        "content": {
            kind: {"schema": {"type": "string", "format": "binary"}}
            for kind in ("image/jpeg", "image/png", "image/webp")
        },
    }
}
_PRIVATE: Final = {"Cache-Control": "no-store"}
_SHOWN: Final = {
    **_PRIVATE,
    # Whatever somebody has uploaded is a picture and nothing else.
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; sandbox",
}


def router(descriptions: DescriptionService, sign_ups: SignUpService) -> APIRouter:
    """The endpoints for who wants to come, for these services."""
    routes = APIRouter(prefix="/v1", tags=["activities"])

    @routes.put("/activities/{activity}/description", response_model=ActivityBody)
    async def put_description(activity: Activity, request: DescriptionBody) -> Response:
        """Bring the description of an activity. Anybody may: its hash is on the chain."""
        return json_response(await descriptions.put(activity, request))

    @routes.post("/activities/{activity}/sign-ups", status_code=201, response_model=SignUpBody)
    async def sign_up(activity: Activity, who: Person) -> Response:
        """Take a place, as a resident."""
        return json_response(await sign_ups.sign_up(who.address, activity), 201, _PRIVATE)

    @routes.delete("/activities/{activity}/sign-ups/mine", status_code=204, response_class=Response)
    async def cancel_sign_up(activity: Activity, who: Person) -> Response:
        """Give the place back."""
        await sign_ups.cancel(who.address, activity)
        return Response(status_code=204)

    @routes.get("/activities/{activity}/sign-ups", response_model=SignUpPage)
    async def list_expected(activity: Activity, who: Person) -> Response:
        """Who has signed up, by member number, for an attester of the programme."""
        return json_response(await sign_ups.expected(who.address, activity), headers=_PRIVATE)

    @routes.get("/sign-ups", response_model=SignUpPage)
    async def list_sign_ups(who: Person, cursor: Cursor = None, limit: Limit = 50) -> Response:
        """What one has signed up for, the last first."""
        return json_response(await sign_ups.mine(who.address, cursor, limit), headers=_PRIVATE)

    return routes


def claims_router(claims: ClaimService) -> APIRouter:
    """The endpoints of handing in and confirming, for this service."""
    routes = APIRouter(prefix="/v1", tags=["claims"])

    @routes.post("/activities/{activity}/claims", status_code=201, response_model=ClaimBody)
    async def hand_in(activity: Activity, request: ClaimRequest, who: Person) -> Response:
        """Hand in what one did, as a resident, when it has been held."""
        made = await claims.hand_in(who.address, activity, request)
        return json_response(made, 201, {**_PRIVATE, "Location": f"/v1/claims/{made['id']}"})

    @routes.get("/claims", response_model=ClaimPage)
    async def list_claims(
        who: Person,
        scope: Annotated[
            Scope | None,
            Query(
                description="One's own, or those to decide as an attester; if not given: the latter with an activity."
            ),
        ] = None,
        activity: Annotated[int | None, Query(ge=1, lt=1 << 53, description="For this activity.")] = None,
        state: Annotated[ClaimState | None, Query(description="In this state.")] = None,
        cursor: Cursor = None,
        limit: Limit = 50,
    ) -> Response:
        """Claims, the last first."""
        seen: Scope = scope or ("mine" if activity is None else "programme")
        page = await claims.page(who.address, scope=seen, activity=activity, state=state, cursor=cursor, limit=limit)
        return json_response(page, headers=_PRIVATE)

    @routes.get("/claims/{claim}", response_model=ClaimBody)
    async def get_claim(claim: ClaimId, who: Person) -> Response:
        """One claim, for who handed it in and for attesters of the programme."""
        return json_response(await claims.show(who.address, claim), headers=_PRIVATE)

    @routes.put("/claims/{claim}/photo", response_model=ClaimBody, openapi_extra=_PHOTO)
    async def put_photo(claim: ClaimId, who: Person, request: Request) -> Response:
        """Add a photo to what one handed in, or put another in its place, until it is decided."""
        return json_response(await claims.put_photo(who.address, claim, await request.body()), headers=_PRIVATE)

    @routes.get("/claims/{claim}/photo", response_class=Response, responses=_PHOTO_ANSWER)
    async def get_photo(claim: ClaimId, who: Person) -> Response:
        """The photo, while it is kept, for who handed it in and for attesters of the programme."""
        media_type, content = await claims.photo(who.address, claim)
        return Response(content, headers=_SHOWN, media_type=media_type)

    @routes.post("/claims/{claim}/decision", response_model=ClaimBody)
    async def decide(claim: ClaimId, request: DecisionRequest, who: Person) -> Response:
        """Confirm a claim with the minutes that count, or decline it and say why."""
        return json_response(await claims.decide(who.address, claim, request), headers=_PRIVATE)

    return routes


def shelf_router(drafts: DraftService, shelf: ShelfService) -> APIRouter:
    """The endpoints of reports that are not issued yet, for these services."""
    routes = APIRouter(prefix="/v1", tags=["reports"])

    @routes.post("/activities/{activity}/report-draft", response_model=DraftBody)
    async def draft_report(activity: Activity, who: Person) -> Response:
        """A report of confirmed claims, for an attester of the programme to sign."""
        return json_response(await drafts.draft(who.address, activity), headers=_PRIVATE)

    @routes.post("/report-drafts", status_code=201, response_model=ShelfBody, responses={200: {"model": ShelfBody}})
    async def deposit_report(request: ShelfRequest) -> Response:
        """Put a report that its attester has signed where issuers see it. The signature is who asks."""
        body, is_new = await shelf.deposit(request)
        return json_response(body, 201 if is_new else 200, _PRIVATE)

    @routes.get("/report-drafts", response_model=ShelfPage)
    async def list_deposited(
        who: Person,
        state: Annotated[ShelfState | None, Query(description="In this state.")] = None,
        cursor: Cursor = None,
        limit: Limit = 50,
    ) -> Response:
        """Signed reports, the last first: all of them for issuers, one's own for attesters."""
        return json_response(await shelf.page(who.address, state, cursor, limit), headers=_PRIVATE)

    return routes
