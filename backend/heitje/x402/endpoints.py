# SPDX-License-Identifier: EUPL-1.2
"""x402 over HTTP: what the protocol decides is answered with 200, in its own words; a problem says nothing about it."""

from fastapi import APIRouter, Response

from heitje.relay.endings import Endings
from heitje.rest.fields import Answer
from heitje.rest.requests import json_response
from heitje.x402.schemas import FacilitatorRequest, SettleBody, SupportedBody, VerifyBody
from heitje.x402.service import FacilitatorService


def router(service: FacilitatorService, endings: Endings) -> APIRouter:
    """The endpoints, for this service."""
    routes = APIRouter(prefix="/x402", tags=["x402"])

    @routes.get("/supported", response_model=SupportedBody)
    async def get_supported() -> Response:
        """The ways to pay here: x402's `exact` scheme in the city's credits, on the city's chain."""
        return _answer(service.supported())

    @routes.post("/verify", response_model=VerifyBody)
    async def verify(request: FacilitatorRequest) -> Response:
        """Say whether a settlement would pay now. Nothing is stored, and nothing moves."""
        return _answer(await service.verify(request))

    @routes.post("/settle", response_model=SettleBody)
    async def settle(request: FacilitatorRequest) -> Response:
        """Take a payment on, and wait until it is final, for a third of `maxTimeoutSeconds`, at most 20 seconds.

        The same payment again is never paid again: it gets the answer of the first one. So a shop that hands something
        out must see to it that it does so once for each payment. When the time is up, the answer is
        `settlement_pending`: the payment goes its way, and the same request again tells what became of it.
        """
        taken = await service.settle(request)
        if isinstance(taken, SettleBody):
            return _answer(taken)
        await endings.wait(taken.digest, taken.patience)
        return _answer(await service.outcome(taken), {"Location": taken.location})

    return routes


def _answer(body: Answer, headers: dict[str, str] | None = None) -> Response:
    """Without what does not apply: the protocol knows no null."""
    return json_response(body.model_dump(by_alias=True, exclude_none=True), headers=headers)
