# SPDX-License-Identifier: EUPL-1.2
"""Refunds, vouchers and withdrawals over HTTP."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, HTTPException, Path, Response

from heitje.authorizations.schemas import (
    AuthorizationBody,
    AuthorizationRequest,
    CancellationBody,
    CancellationRequest,
    RefundBody,
    RefundRequest,
    RefundsBody,
)
from heitje.authorizations.service import AuthorizationService
from heitje.relay.endings import Endings
from heitje.relay.intake import Acknowledgement
from heitje.relay.operation import Kind
from heitje.rest.fields import Hash
from heitje.rest.requests import IdempotencyKey, Wait, acknowledge, json_response

Digest = Annotated[Hash, Path(description="EIP-712 digest of what was signed.")]


def router(service: AuthorizationService, endings: Endings) -> APIRouter:
    """The endpoints, for this service."""
    routes = APIRouter(prefix="/v1", tags=["refunds and authorizations"])

    async def answer(accepted: Acknowledgement, kind: Kind, wait: float) -> Response:
        return await acknowledge(accepted, endings, wait, lambda digest: service.show(digest, kind))

    @routes.post("/refunds", status_code=202, response_model=RefundBody, responses={200: {"model": RefundBody}})
    async def submit_refund(request: RefundRequest, key: IdempotencyKey, wait: Wait) -> Response:
        """Take a shop's signed refund on: all of a final payment, or a part of what is left of it.

        What the resident gets back joins their credits that expire first, whatever the payment was made with. It may
        expire sooner than what they paid.
        """
        return await answer(await service.refund(request, key), Kind.REFUND, wait)

    @routes.get("/refunds/{digest}", response_model=RefundBody)
    async def get_refund(digest: Digest) -> Response:
        """A refund and what became of it."""
        return json_response(await service.show(digest, Kind.REFUND))

    @routes.get("/payments/{digest}/refunds", response_model=RefundsBody)
    async def list_refunds(digest: Annotated[Hash, Path(description="EIP-712 digest of the payment.")]) -> Response:
        """What was given back of a payment, whoever carried it, and what can still be."""
        return json_response(await service.refunds(digest))

    @routes.post(
        "/authorizations",
        status_code=202,
        response_model=AuthorizationBody,
        responses={200: {"model": AuthorizationBody}},
    )
    async def submit_authorization(request: AuthorizationRequest, key: IdempotencyKey, wait: Wait) -> Response:
        """Take a voucher on that was signed offline. Its nonce is free: it follows no other."""
        return await answer(await service.authorize(request, key), Kind.AUTHORIZATION, wait)

    @routes.get("/authorizations/cancellations", include_in_schema=False)
    async def no_list() -> Response:
        """Not the authorization that is called "cancellations"."""
        raise HTTPException(HTTPStatus.METHOD_NOT_ALLOWED)

    @routes.get("/authorizations/{digest}", response_model=AuthorizationBody)
    async def get_authorization(digest: Digest) -> Response:
        """A voucher and what became of it, whoever carried it."""
        return json_response(await service.show(digest, Kind.AUTHORIZATION))

    @routes.post(
        "/authorizations/cancellations",
        status_code=202,
        response_model=CancellationBody,
        responses={200: {"model": CancellationBody}},
    )
    async def cancel_authorization(request: CancellationRequest, key: IdempotencyKey, wait: Wait) -> Response:
        """Take a signer's withdrawal on: nothing with this nonce can be carried out any more, whoever holds it."""
        return await answer(await service.cancel(request, key), Kind.AUTHORIZATION_CANCELLATION, wait)

    @routes.get("/authorizations/cancellations/{digest}", response_model=CancellationBody)
    async def get_authorization_cancellation(digest: Digest) -> Response:
        """A withdrawal and what became of it."""
        return json_response(await service.show(digest, Kind.AUTHORIZATION_CANCELLATION))

    return routes
