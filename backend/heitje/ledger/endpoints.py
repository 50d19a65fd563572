# SPDX-License-Identifier: EUPL-1.2
"""Accounts and the public ledger over HTTP."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Response

from heitje.ledger.schemas import AccountBody, LedgerBody, TransferPage
from heitje.ledger.service import LedgerService
from heitje.rest.fields import Address
from heitje.rest.requests import Cursor, Limit, json_response


def router(service: LedgerService) -> APIRouter:
    """The endpoints, for this service."""
    routes = APIRouter(prefix="/v1", tags=["ledger"])

    @routes.get("/accounts/{address}", response_model=AccountBody)
    async def get_account(address: Annotated[Address, Path(description="EIP-55 address.")]) -> Response:
        """An account at the indexed block, less what is under way."""
        return json_response(await service.account(address))

    @routes.get("/ledger", response_model=LedgerBody)
    async def get_ledger() -> Response:
        """The supply equation at the indexed block."""
        return json_response(await service.ledger())

    @routes.get("/ledger/transfers", response_model=TransferPage)
    async def list_transfers(
        account: Annotated[Address | None, Query(description="From or to this account.")] = None,
        cursor: Cursor = None,
        limit: Limit = 50,
    ) -> Response:
        """Every move of credits, the newest first."""
        return json_response(await service.transfers(account, cursor, limit))

    return routes
