# SPDX-License-Identifier: EUPL-1.2
"""Activities as a resident reads them: when, where, how much, and whether there is a place."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from heitje.activities.claims import ClaimService
from heitje.activities.service import ActivityService
from heitje.activities.sign_ups import SignUpService
from heitje.problems import Code, Problem
from heitje.web.pages import Pages

_MANY = 200


@dataclass(frozen=True, slots=True)
class Own:
    """What is somebody's own: activities still to come or to hand in, and claims."""

    coming: list[dict[str, Any]]
    claims: list[dict[str, Any]]


def shown(pages: Pages, body: Mapping[str, Any], now: float) -> dict[str, Any]:
    """An activity with what a page says of it beside what the API does.

    Args:
        pages: in which language.
        body: as `/v1/activities` has it.
        now: Unix time.
    """
    details = body["details"]
    told = {name: (details or {}).get(name, "") for name in ("place", "lat", "lon")}
    opens, closes = (datetime.fromisoformat(body[name]).timestamp() for name in ("opensAt", "closesAt"))
    return {
        **body,
        **told,
        "title": details["title"] if details else f"{pages.gettext('Activity')} {body['id']}",
        "when": _when(pages, details) if details else pages.moment(body["opensAt"]),
        "most": int(body["centsPerHour"]) * body["maxMinutes"] // 60,
        "left": _left(pages, body),
        "starts": opens,
        "held": opens <= now,
        "closed": closes < now,
    }


def to_come(pages: Pages, bodies: Iterable[Mapping[str, Any]], now: float) -> list[dict[str, Any]]:
    """What can still be done or handed in, the soonest first; what has been held comes last."""
    found = (shown(pages, body, now) for body in bodies)
    return sorted((one for one in found if not one["closed"]), key=lambda one: (one["held"], one["starts"], one["id"]))


async def own(
    pages: Pages, services: tuple[ActivityService, SignUpService, ClaimService], address: str, now: float
) -> Own:
    """What somebody signed up for and handed in."""
    activities, sign_ups, claims = services
    places = (await sign_ups.mine(address, None, _MANY))["items"]
    handed_in = (await claims.page(address, scope="mine", activity=None, state=None, cursor=None, limit=_MANY))["items"]
    ids = {one["activity"] for one in (*places, *handed_in)}
    known = {each: shown(pages, await activities.show(each), now) for each in sorted(ids)}
    done = {one["activity"] for one in handed_in}
    coming = [known[one["activity"]] for one in places if one["activity"] not in done]
    return Own(
        coming=sorted((one for one in coming if not one["closed"]), key=lambda one: float(one["starts"])),
        claims=[{**one, "title": known[one["activity"]]["title"]} for one in handed_in],
    )


async def titles(activities: ActivityService, ids: Iterable[int]) -> dict[int, str]:
    """The titles of activities; empty where nobody has sent the description."""
    found = {}
    for each in set(ids):
        try:
            details = (await activities.show(each))["details"]
        except Problem as problem:
            if problem.code is not Code.NOT_FOUND:
                raise
            details = None
        found[each] = str(details["title"]) if details else ""
    return found


def _when(pages: Pages, details: Mapping[str, Any]) -> str:
    """The day and the hours, on the city's clock, as the description has them."""
    day = pages.date(details["date"])
    hours = f"{details['starts']} - {details['ends']}" if details.get("starts") else details["ends"]
    return f"{day}, {hours}"


def _left(pages: Pages, body: Mapping[str, Any]) -> str:
    if body["places"] is None:
        return pages.gettext("Room for everybody")
    left = max(body["places"] - body["signUps"], 0)
    if left == 0:
        return pages.gettext("No places left")
    return pages.ngettext("%(num)d place left", "%(num)d places left", left) % {"num": left}
