# SPDX-License-Identifier: EUPL-1.2
"""Programmes with their budgets and organisations, and the activities that residents can do."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final

from fastapi import APIRouter, Request, Response

from heitje.chain.calendar import city_month_of
from heitje.city.roles import Role
from heitje.office.opening import CannotOpen, opened
from heitje.problems import Code, Problem
from heitje.web.desk.acting import told
from heitje.web.desk.frame import Desk
from heitje.web.desk.visitor import Official

_FILLED: Final = (
    "code",
    "title",
    "programme",
    "date",
    "starts",
    "ends",
    "where",
    "places",
    "euros_per_hour",
    "max_minutes",
    "neighbourhood",
    "adult",
    "no_staff_work",
    "closes",
)


def add(routes: APIRouter, desk: Desk) -> None:
    """The pages."""

    async def show_programmes(request: Request, official: Official) -> Response:
        """Budgets, and what can be done about them."""
        found = await desk.books.programmes()
        may = official.holds(Role.PROGRAMME)
        return desk.show(request, "desk/programmes.html", official, programmes=found, may=may)

    async def show_activities(request: Request, official: Official) -> Response:
        """What residents can do, and the form to open more."""
        page = await desk.parts.activities.activities(None, 100)
        without = [one for one in page["items"] if one["details"] is None]
        unpublished = [{"id": one["id"], "description": one["description"]} for one in without]
        return await _activities(desk, request, official, page["items"], unpublished, ())

    async def open_activity(request: Request, official: Official) -> Response:
        """What will be opened, in words; or the form again, with what is wrong."""
        profile = desk.pages.site.profile
        if profile is None:
            raise Problem(Code.NOT_FOUND, "This city has no profile, so no activities can be opened here.")
        filled = {name: request.query_params.get(name, "") for name in _FILLED}
        filled = {**filled, "adult": filled["adult"] or "no", "no_staff_work": filled["no_staff_work"] or "no"}
        try:
            particulars, description = opened(filled, profile)
        except CannotOpen as wrong:
            return await _activities(desk, request, official, [], [], wrong.columns)
        prepared = await desk.acts.prepare(official.address, "open-activity", particulars)
        page = await told(desk, prepared, particulars, official)
        page["act"]["description"] = description
        page["facts"] = [(desk.text("Title"), description["title"]), *page["facts"]]
        return desk.show(request, "desk/act.html", official, **page)

    desk.page(routes, "/programmes", show_programmes)
    desk.page(routes, "/activities", show_activities)
    desk.page(routes, "/activities/new", open_activity)


async def _activities(
    desk: Desk,
    request: Request,
    official: Official,
    items: list[dict[str, Any]],
    unpublished: list[dict[str, Any]],
    wrong: tuple[str, ...],
) -> Response:
    month = city_month_of(int(datetime.now(UTC).timestamp()), desk.pages.site.time_zone)
    profile = desk.pages.site.profile
    return desk.show(
        request,
        "desk/activities.html",
        official,
        activities=items,
        unpublished=unpublished,
        wrong=wrong,
        filled={name: request.query_params.get(name, "") for name in _FILLED},
        programmes=await desk.books.programmes(),
        limits=await desk.books.hourly_limits(month),
        neighbourhoods=profile.neighbourhoods if profile else (),
        may=official.holds(Role.PROGRAMME) and profile is not None,
    )
