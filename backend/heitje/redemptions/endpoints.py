# SPDX-License-Identifier: EUPL-1.2
"""Redemptions over HTTP."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Response

from heitje.redemptions.schemas import (
    CancellationBody,
    CancellationRequest,
    ReclaimBody,
    RedemptionBody,
    RedemptionPage,
    RedemptionRequest,
    Status,
)
from heitje.redemptions.service import RedemptionService
from heitje.relay.endings import Endings
from heitje.rest.fields import Hash
from heitje.rest.requests import Cursor, IdempotencyKey, Limit, Wait, acknowledge, json_response

Id = Annotated[Hash, Path(description="Id of the redemption.")]


def router(service: RedemptionService, endings: Endings) -> APIRouter:
    """The endpoints, for this service."""
    routes = APIRouter(prefix="/v1/redemptions", tags=["redemptions"])

    @routes.post("", status_code=202, response_model=RedemptionBody, responses={200: {"model": RedemptionBody}})
    async def submit_redemption(request: RedemptionRequest, key: IdempotencyKey, wait: Wait) -> Response:
        """Take a signed redemption on: credits into escrow, to be paid in euros."""
        accepted = await service.submit(request, key)
        return await acknowledge(accepted, endings, wait, service.show)

    @routes.get("", response_model=RedemptionPage)
    async def list_redemptions(
        number: Annotated[int | None, Query(ge=1, lt=1 << 32, description="Of this shop.")] = None,
        status: Annotated[Status | None, Query(description="That are here now.")] = None,
        cursor: Cursor = None,
        limit: Limit = 50,
    ) -> Response:
        """Redemptions on the chain, the newest first."""
        return json_response(await service.page(number, status, cursor, limit))

    @routes.get("/{id}", response_model=RedemptionBody)
    async def get_redemption(id: Id) -> Response:  # noqa: A002 - the name in the path
        """A redemption, what became of the request and where it is since."""
        return json_response(await service.show(id))

    @routes.post(
        "/{id}/cancellation",
        status_code=202,
        response_model=CancellationBody,
        responses={200: {"model": CancellationBody}},
    )
    async def cancel_redemption(
        id: Id,  # noqa: A002 - the name in the path
        request: CancellationRequest,
        key: IdempotencyKey,
        wait: Wait,
    ) -> Response:
        """Take a merchant's signed cancellation on: the credits come back, if it is not locked."""
        accepted = await service.cancel(id, request, key)
        return await acknowledge(accepted, endings, wait, lambda _: service.show_cancellation(id))

    @routes.get("/{id}/cancellation", response_model=CancellationBody)
    async def get_cancellation(id: Id) -> Response:  # noqa: A002 - the name in the path
        """The cancellation of a redemption and what became of it."""
        return json_response(await service.show_cancellation(id))

    @routes.post("/{id}/reclaim", status_code=202, response_model=ReclaimBody, responses={200: {"model": ReclaimBody}})
    async def reclaim_redemption(id: Id, key: IdempotencyKey, wait: Wait) -> Response:  # noqa: A002 - as above
        """Have a redemption given back that the municipality did not end in time. Anybody may ask; nobody signs."""
        accepted = await service.reclaim(id, key)
        return await acknowledge(accepted, endings, wait, lambda _: service.show_reclaim(id))

    @routes.get("/{id}/reclaim", response_model=ReclaimBody)
    async def get_reclaim(id: Id) -> Response:  # noqa: A002 - as above
        """The reclaim of a redemption and what became of it."""
        return json_response(await service.show_reclaim(id))

    return routes
