# SPDX-License-Identifier: EUPL-1.2
"""The statistics over HTTP: JSON, and files to download."""

from typing import Annotated, Final

import orjson
from fastapi import APIRouter, Path, Response

from heitje.rest.requests import json_response
from heitje.statistics.downloads import metadata, to_csv
from heitje.statistics.schemas import Months, Neighbourhoods, Programmes, SpendingTimes, SummaryBody, body, summary
from heitje.statistics.service import StatisticsService
from heitje.statistics.tables import DEFINITIONS

_CSV: Final = "text/csv; charset=utf-8; header=present"
_CSVW: Final = "application/csvm+json"
_FRESH: Final = {"Cache-Control": "public, max-age=60"}

Name = Annotated[str, Path(pattern=f"^({'|'.join(DEFINITIONS)})$", description="Of a table.")]


def router(service: StatisticsService) -> APIRouter:
    """The endpoints, for this service."""
    routes = APIRouter(tags=["statistics"])

    async def answer(name: str) -> Response:
        statistics, table = await service.table(name)
        return json_response(body(statistics, table), headers=_FRESH)

    @routes.get("/v1/statistics", response_model=SummaryBody)
    async def get_statistics() -> Response:
        """Which tables there are, through which month, and by which rule they are published."""
        return json_response(summary(await service.current()))

    @routes.get("/v1/statistics/months", response_model=Months)
    async def list_months() -> Response:
        """Credits earned, spent, redeemed, expired and taken back, month by month."""
        return await answer("months")

    @routes.get("/v1/statistics/programmes", response_model=Programmes)
    async def list_programmes() -> Response:
        """What was earned by programme, month by month."""
        return await answer("programmes")

    @routes.get("/v1/statistics/neighbourhoods", response_model=Neighbourhoods)
    async def list_neighbourhoods() -> Response:
        """What was earned by neighbourhood, month by month."""
        return await answer("neighbourhoods")

    @routes.get("/v1/statistics/spending-time", response_model=SpendingTimes)
    async def list_spending_times() -> Response:
        """Days from earning to spending, month by month."""
        return await answer("spending-time")

    @routes.get("/ledger/downloads/{name}.csv", response_class=Response, responses={200: {"content": {"text/csv": {}}}})
    async def download(name: Name) -> Response:
        """A table as CSV (RFC 4180). Amounts are credits with two decimals."""
        _, table = await service.table(name)
        place = f"/ledger/downloads/{name}.csv-metadata.json"
        headers = {
            **_FRESH,
            "Content-Disposition": f'attachment; filename="{name}.csv"',
            "Link": f'<{place}>; rel="describedby"; type="{_CSVW}"',
        }
        return Response(to_csv(table), headers=headers, media_type=_CSV)

    @routes.get(
        "/ledger/downloads/{name}.csv-metadata.json",
        response_class=Response,
        responses={200: {"content": {_CSVW: {}}}},
    )
    async def describe(name: Name) -> Response:
        """What the columns of a table mean (W3C CSV on the Web)."""
        return Response(orjson.dumps(metadata(DEFINITIONS[name])), headers=_FRESH, media_type=_CSVW)

    return routes
