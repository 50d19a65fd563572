# SPDX-License-Identifier: EUPL-1.2
"""The words of the yearly statement, and where its figures come from."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from heitje.activities.service import ActivityService
from heitje.ledger.service import LedgerService
from heitje.statements.document import Words, document
from heitje.statements.year import Reward, Year, bounds, year_of
from heitje.web.pages import Pages

_MANY: Final = 200


async def statement(pages: Pages, ledger: LedgerService, activities: ActivityService, number: int, year: int) -> bytes:
    """A member's year as a PDF."""
    first, after = bounds(year, pages.site.time_zone)
    moves = await ledger.between(number, first, after)
    own = await ledger.addresses(number)
    rewards = await _rewards(pages, activities, number, year)
    now = datetime.now(ZoneInfo(pages.site.time_zone)).replace(microsecond=0)
    whole = year_of(year, number, own, moves, rewards)
    return document(whole, _words(pages, whole, now), money=pages.money, day=pages.day, made_at=now)


async def _rewards(pages: Pages, activities: ActivityService, number: int, year: int) -> list[Reward]:
    """A member's rewards of a year, the oldest first, as they stand now."""
    zone = ZoneInfo(pages.site.time_zone)
    found: list[dict[str, Any]] = []
    cursor: str | None = None
    while True:
        page = await activities.rewards(number, None, None, cursor, _MANY)
        found += page["items"]
        cursor = page["next"]
        if cursor is None:
            break
    of_year = [one for one in reversed(found) if datetime.fromisoformat(one["time"]).astimezone(zone).year == year]
    return [
        Reward(one["time"], await _title(pages, activities, one["activity"]), one["minutes"], int(one["amount"]))
        for one in of_year
    ]


async def _title(pages: Pages, activities: ActivityService, activity: int) -> str:
    details = (await activities.show(activity))["details"]
    return str(details["title"]) if details else f"{pages.gettext('Activity')} {activity}"


def _words(pages: Pages, year: Year, now: datetime) -> Words:
    _: Callable[[str], str] = pages.gettext
    return Words(
        language=pages.language,
        title=_("Your credits in {year}").format(year=year.year),
        about=(
            _("Member number {number} of {city}.").format(number=year.number, city=pages.site.name),
            _("Made on {day} from the public ledger. One credit is one euro.").format(day=pages.day(now.timestamp())),
        ),
        sums_heading=_("The year in figures"),
        sums={
            "earned": _("Earned with activities"),
            "given_back": _("Given back by shops"),
            "received": _("Received from others"),
            "spent": _("Spent in shops"),
            "expired": _("Expired"),
            "taken_back": _("Taken back after a correction"),
        },
        difference=_("More or less at the end of the year than at its beginning"),
        rewards_heading=_("What you earned it with"),
        columns=(_("Day"), _("Activity"), _("Minutes"), _("Amount")),
        none=_("Nothing in this year."),
        foot=_(
            "A reward counts in the year in which it was paid out. If a figure is wrong, tell the municipality: in the "
            "app, under Complaints."
        ),
    )
