# SPDX-License-Identifier: EUPL-1.2
"""Payments over HTTP."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Final

from fastapi import APIRouter, Path, Query, Response

from heitje.payments.schemas import PaymentBody, PaymentPage, PaymentRequest
from heitje.payments.service import PaymentService
from heitje.relay.endings import Endings
from heitje.rest.fields import Address, Hash
from heitje.rest.requests import Cursor, IdempotencyKey, Limit, Wait, acknowledge, json_response

PATH: Final = "/v1/payments"


def submission(
    service: PaymentService, endings: Endings
) -> Callable[[PaymentRequest, str, float], Awaitable[Response]]:
    """What POST does, once a request is understood."""

    async def submit(request: PaymentRequest, key: str, wait: float) -> Response:
        accepted = await service.submit(request, key)
        return await acknowledge(accepted, endings, wait, service.show)

    return submit


def router(service: PaymentService, endings: Endings) -> APIRouter:
    """The endpoints, for this service."""
    routes = APIRouter(prefix=PATH, tags=["payments"])
    submit = submission(service, endings)

    @routes.post("", status_code=202, response_model=PaymentBody, responses={200: {"model": PaymentBody}})
    async def submit_payment(request: PaymentRequest, key: IdempotencyKey, wait: Wait) -> Response:
        """Take a signed payment on. Stored before the answer; 200 when it has ended already."""
        return await submit(request, key, wait)

    @routes.get("/{digest}", response_model=PaymentBody)
    async def get_payment(
        digest: Annotated[Hash, Path(description="EIP-712 digest of the payment.")],
    ) -> Response:
        """A payment and what became of it."""
        return json_response(await service.show(digest))

    @routes.get("", response_model=PaymentPage)
    async def list_payments(
        account: Annotated[Address | None, Query(description="Only by or to this account.")] = None,
        cursor: Cursor = None,
        limit: Limit = 50,
    ) -> Response:
        """Payments that were sent here, the newest first."""
        return json_response(await service.page(account, cursor, limit))

    return routes
