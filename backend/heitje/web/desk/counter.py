# SPDX-License-Identifier: EUPL-1.2
"""The counter: a code for a new member, or for a member with a new phone, and what is done when it has been used."""

from fastapi import APIRouter, Request, Response

from heitje.city.members import allot
from heitje.city.roles import Role
from heitje.counter.schemas import InvitationState, Kind
from heitje.web.desk.frame import Desk
from heitje.web.desk.visitor import Official

_MOST = 200


def add(routes: APIRouter, desk: Desk) -> None:
    """The pages."""

    async def show_counter(request: Request, official: Official) -> Response:
        """Make a code; enrol who has used one."""
        found = await _invitations(desk, official, Kind.JOIN)
        free = await _free_number(desk)
        return desk.show(request, "desk/counter.html", official, invitations=found, free=free)

    async def show_phones(request: Request, official: Official) -> Response:
        """Make a code for a new phone; ask for the replacement; carry it out, or cancel it."""
        may_see = official.holds(Role.REGISTRAR, Role.REPLACER)
        found = await _invitations(desk, official, Kind.REPLACEMENT) if may_see else []
        waiting = await desk.books.replacements()
        asked = {(item.number, item.new_holder) for item in waiting}
        to_ask = [item for item in found if (item["number"], item["account"]) not in asked]
        return desk.show(request, "desk/phones.html", official, invitations=to_ask, waiting=waiting)

    desk.page(routes, "/counter", show_counter)
    desk.page(routes, "/phones", show_phones)


async def _invitations(desk: Desk, official: Official, kind: Kind) -> list[dict[str, object]]:
    """Those of a kind that still mean something: open, or waiting for the registrar."""
    page = await desk.parts.community.invitations.page(official.address, None, None, _MOST)
    alive = (InvitationState.OPEN, InvitationState.ACCEPTED)
    return [item for item in page["items"] if item["kind"] == kind and item["state"] in alive]


async def _free_number(desk: Desk) -> int:
    """A number that nobody has."""
    while True:
        number = allot(())
        if await desk.books.member(number) is None:
            return number
