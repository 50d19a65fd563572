# SPDX-License-Identifier: EUPL-1.2
"""Transactions of officials whose wallet has no node of its own, over HTTP."""

from typing import Annotated

from fastapi import APIRouter, Path, Response

from heitje.office.schemas import OfficialAccountBody, TransactionBody, TransactionRequest
from heitje.office.sending import UNKNOWN, WAITING, SendingService
from heitje.problems import Code, Problem
from heitje.rest.fields import Address, Hash
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
        name = await service.send(bytes.fromhex(request.raw[2:]))
        location = {"Location": f"/v1/office/transactions/{name}"}
        return json_response({"hash": name, "state": WAITING, "contract": None}, 202, location)

    @routes.get("/transactions/{hash}", response_model=TransactionBody)
    async def get_transaction(
        hash: Annotated[Hash, Path(description="Of a transaction.")],  # noqa: A002 - the name in the path
    ) -> Response:
        """What has become of a transaction."""
        state, refusal = await service.outcome(hash)
        if state == UNKNOWN:
            raise Problem(Code.NOT_FOUND, "The chain's node knows of no such transaction, or not yet.")
        body = {"hash": hash, "state": state, "contract": None if refusal is None else str(refusal)}
        return json_response(body, headers={"Cache-Control": "no-store"})

    return routes
