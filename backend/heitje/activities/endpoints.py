# SPDX-License-Identifier: EUPL-1.2
"""Activities, reports and rewards over HTTP."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Response

from heitje.activities.attestations import AttestationService
from heitje.activities.cancellations import ReportCancellationService
from heitje.activities.reports import ReportService
from heitje.activities.schemas import (
    ActivityBody,
    ActivityPage,
    AttestationBody,
    ReductionBody,
    ReductionRequest,
    ReportBody,
    ReportCancellationBody,
    ReportCancellationRequest,
    ReportRequest,
    RewardPage,
)
from heitje.activities.service import ActivityService
from heitje.relay.endings import Endings
from heitje.rest.fields import Address, Hash, digits_below
from heitje.rest.requests import Cursor, IdempotencyKey, Limit, Wait, acknowledge, json_response

Uid = Annotated[str, Path(pattern=digits_below(1 << 85), description="activity << 32 | number, in digits.")]
Digest = Annotated[Hash, Path(description="EIP-712 digest of the report.")]
Attester = Annotated[
    Address | None, Query(description="Who signed the cancellation; must be given while the report was not sent here.")
]


def router(activities: ActivityService, reports: ReportService, endings: Endings) -> APIRouter:
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
        return await acknowledge(accepted, endings, wait, reports.show)

    @routes.get("/reports/{digest}", response_model=ReportBody, tags=["reports"])
    async def get_report(digest: Digest) -> Response:
        """A report and what became of it."""
        return json_response(await reports.show(digest))

    return routes


def corrections_router(
    cancellations: ReportCancellationService, attestations: AttestationService, endings: Endings
) -> APIRouter:
    """The endpoints for what attesters take back, for these services."""
    routes = APIRouter(prefix="/v1", tags=["reports"])

    @routes.post(
        "/reports/{digest}/cancellation",
        status_code=202,
        response_model=ReportCancellationBody,
        responses={200: {"model": ReportCancellationBody}},
    )
    async def cancel_report(
        digest: Digest, request: ReportCancellationRequest, key: IdempotencyKey, wait: Wait
    ) -> Response:
        """Take an attester's signed cancellation on: the report can no longer be issued, whoever holds it."""
        accepted = await cancellations.submit(digest, request, key)
        return await acknowledge(accepted, endings, wait, lambda _: cancellations.show(digest, request.attester))

    @routes.get("/reports/{digest}/cancellation", response_model=ReportCancellationBody)
    async def get_report_cancellation(digest: Digest, attester: Attester = None) -> Response:
        """The cancellation of a report by its attester, and what became of it."""
        return json_response(await cancellations.show(digest, attester))

    @routes.get("/attestations/{uid}", response_model=AttestationBody)
    async def get_attestation(uid: Uid) -> Response:
        """A reward, and what was struck of it."""
        return json_response(await attestations.show(uid))

    @routes.post(
        "/attestations/{uid}/reductions",
        status_code=202,
        response_model=ReductionBody,
        responses={200: {"model": ReductionBody}},
    )
    async def reduce_attestation(uid: Uid, request: ReductionRequest, key: IdempotencyKey, wait: Wait) -> Response:
        """Take an attester's signed reduction on: fewer minutes count, and the rest can be taken back later."""
        accepted = await attestations.reduce(uid, request, key)
        return await acknowledge(accepted, endings, wait, lambda digest: attestations.show_reduction(uid, digest))

    @routes.get("/attestations/{uid}/reductions/{digest}", response_model=ReductionBody)
    async def get_reduction(
        uid: Uid, digest: Annotated[Hash, Path(description="EIP-712 digest of the reduction.")]
    ) -> Response:
        """A reduction and what became of it."""
        return json_response(await attestations.show_reduction(uid, digest))

    return routes
