# SPDX-License-Identifier: EUPL-1.2
"""Activities, reports and rewards over HTTP."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Response

from heitje.activities.reports import ReportService
from heitje.activities.schemas import ActivityBody, ActivityPage, ReportBody, ReportRequest, RewardPage
from heitje.activities.service import ActivityService
from heitje.rest.fields import Hash
from heitje.rest.requests import Cursor, IdempotencyKey, Limit, Wait, acknowledge, json_response
from heitje.store.bell import Gong


def router(activities: ActivityService, reports: ReportService, news: Gong) -> APIRouter:
    """The endpoints, for these services."""
    routes = APIRouter(prefix="/v1")

    @routes.get("/activities", response_model=ActivityPage, tags=["activities"])
    async def list_activities(cursor: Cursor = None, limit: Limit = 50) -> Response:
        """Activities, the newest first."""
        return json_response(await activities.activities(cursor, limit))

    @routes.get("/activities/{activity}", response_model=ActivityBody, tags=["activities"])
    async def get_activity(activity: Annotated[int, Path(ge=1, lt=1 << 53)]) -> Response:
        """One activity."""
        return json_response(await activities.show(activity))

    @routes.get("/rewards", response_model=RewardPage, tags=["reports"])
    async def list_rewards(
        number: Annotated[int | None, Query(ge=1, lt=1 << 32, description="Of this person.")] = None,
        activity: Annotated[int | None, Query(ge=1, lt=1 << 53, description="For this activity.")] = None,
        report: Annotated[Hash | None, Query(description="From this report.")] = None,
        cursor: Cursor = None,
        limit: Limit = 50,
    ) -> Response:
        """Rewards, the newest first."""
        return json_response(await activities.rewards(number, activity, report, cursor, limit))

    @routes.post(
        "/reports", status_code=202, response_model=ReportBody, responses={200: {"model": ReportBody}}, tags=["reports"]
    )
    async def submit_report(request: ReportRequest, key: IdempotencyKey, wait: Wait) -> Response:
        """Take a report on, signed by an attester and released by an issuer. Every line is checked first."""
        accepted = await reports.submit(request, key)
        return await acknowledge(accepted, lambda: reports.find(accepted.operation_id), news, wait, reports.show)

    @routes.get("/reports/{digest}", response_model=ReportBody, tags=["reports"])
    async def get_report(digest: Annotated[Hash, Path(description="EIP-712 digest of the report.")]) -> Response:
        """A report and what became of it."""
        return json_response(await reports.show(digest))

    return routes
