# SPDX-License-Identifier: EUPL-1.2
"""Shops' days over HTTP."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Path, Response

from heitje.merchants.schemas import DayBody, ReceiptBody
from heitje.merchants.service import MerchantService
from heitje.rest.fields import Address, Hash
from heitje.rest.requests import json_response

Shop = Annotated[Address, Path(description="EIP-55 address of the shop.")]


def router(service: MerchantService) -> APIRouter:
    """The endpoints, for this service."""
    routes = APIRouter(prefix="/v1/merchants", tags=["merchants"])

    @routes.get("/{address}/days/today", response_model=DayBody)
    async def get_today(address: Shop) -> Response:
        """What a shop took today, in the city's time, and what is under way to it."""
        return json_response(await service.day(address, service.today()))

    @routes.get("/{address}/days/{day}", response_model=DayBody)
    async def get_day(address: Shop, day: Annotated[date, Path(description="In the city's time.")]) -> Response:
        """What a shop took on a day."""
        return json_response(await service.day(address, day))

    @routes.get("/{address}/payments/{digest}", response_model=ReceiptBody)
    async def get_receipt(
        address: Shop, digest: Annotated[Hash, Path(description="EIP-712 digest of the payment.")]
    ) -> Response:
        """One payment to a shop, and what was given back of it."""
        return json_response(await service.receipt(address, digest))

    return routes
