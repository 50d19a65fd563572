# SPDX-License-Identifier: EUPL-1.2
"""Transactions of officials whose wallet has no node of its own, over HTTP."""

from typing import Annotated

from fastapi import APIRouter, Path, Response

from heitje.office.schemas import OfficialAccountBody, TransactionBody, TransactionRequest
from heitje.office.sending import SendingService
from heitje.rest.fields import Address
from heitje.rest.requests import json_response


def router(service: SendingService) -> APIRouter:
    """The endpoints, for this service."""
    routes = APIRouter(prefix="/v1/office", tags=["office"])

    @routes.get("/accounts/{address}", response_model=OfficialAccountBody)
    async def get_account(address: Annotated[Address, Path(description="Of an official.")]) -> Response:
        """The number of an account's next transaction."""
        body = {"address": address, "nonce": await service.next_nonce(address)}
        return json_response(body, headers={"Cache-Control": "no-store"})

    @routes.post("/transactions", status_code=202, response_model=TransactionBody)
    async def send_transaction(request: TransactionRequest) -> Response:
        """Pass a signed transaction on to the chain's node. The signature is who asks: it must be an official's."""
        return json_response({"hash": await service.send(bytes.fromhex(request.raw[2:]))}, 202)

    return routes
