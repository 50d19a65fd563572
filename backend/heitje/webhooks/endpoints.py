# SPDX-License-Identifier: EUPL-1.2
"""Webhooks over HTTP."""

from typing import Annotated

from fastapi import APIRouter, Path, Response

from heitje.rest.principal import Known
from heitje.rest.requests import Cursor, Limit, json_response
from heitje.webhooks.schemas import (
    DeliveryBody,
    DeliveryPage,
    Id,
    NewWebhookBody,
    WebhookBody,
    WebhookList,
    WebhookRequest,
)
from heitje.webhooks.service import WebhookService

WebhookId = Annotated[Id, Path(description="Id of the webhook.")]
DeliveryId = Annotated[Id, Path(description="Id of the delivery.")]


def router(service: WebhookService) -> APIRouter:
    """The endpoints, for this service."""
    routes = APIRouter(prefix="/v1/webhooks", tags=["webhooks"])

    @routes.post("", status_code=201, response_model=NewWebhookBody)
    async def register_webhook(request: WebhookRequest, who: Known) -> Response:
        """Have a server told what happens to one's account from now on (Standard Webhooks)."""
        made = await service.register(who.address, request)
        return json_response(made.body, 201, {"Location": f"/v1/webhooks/{made.id}"})

    @routes.get("", response_model=WebhookList)
    async def list_webhooks(who: Known) -> Response:
        """One's webhooks, the oldest first."""
        return json_response(await service.page(who.address))

    @routes.get("/{id}", response_model=WebhookBody)
    async def get_webhook(id: WebhookId, who: Known) -> Response:  # noqa: A002 - the name in the path
        """One webhook, and why it is disabled if it is."""
        return json_response(await service.show(who.address, id))

    @routes.delete("/{id}", status_code=204, response_class=Response)
    async def delete_webhook(id: WebhookId, who: Known) -> Response:  # noqa: A002 - as above
        """Have nothing sent there any more."""
        await service.remove(who.address, id)
        return Response(status_code=204)

    @routes.post("/{id}/rotation", response_model=NewWebhookBody)
    async def rotate_secret(id: WebhookId, who: Known) -> Response:  # noqa: A002 - as above
        """Get a new secret. For a day each message is signed with the one before as well."""
        return json_response(await service.rotate(who.address, id))

    @routes.post("/{id}/resumption", response_model=WebhookBody)
    async def resume_webhook(id: WebhookId, who: Known) -> Response:  # noqa: A002 - as above
        """Go on where it was disabled, with all that has happened since and is kept (30 days)."""
        return json_response(await service.resume(who.address, id))

    @routes.get("/{id}/deliveries", response_model=DeliveryPage)
    async def list_deliveries(
        id: WebhookId,  # noqa: A002 - as above
        who: Known,
        cursor: Cursor = None,
        limit: Limit = 50,
    ) -> Response:
        """What was sent, and what was answered, the newest first. Kept for 30 days."""
        return json_response(await service.deliveries(who.address, id, cursor, limit))

    @routes.post("/{id}/deliveries/{delivery}/redelivery", status_code=202, response_model=DeliveryBody)
    async def redeliver(id: WebhookId, delivery: DeliveryId, who: Known) -> Response:  # noqa: A002 - as above
        """Have an event sent once more, beside the others and one time."""
        body = await service.redeliver(who.address, id, delivery)
        return json_response(body, 202, {"Location": f"/v1/webhooks/{id}/deliveries"})

    return routes
