# SPDX-License-Identifier: EUPL-1.2
"""Members: looked up by their number, and what an official can do about them."""

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from heitje.chain.words import Class
from heitje.city.fields import FieldError, parse_whole
from heitje.city.roles import Role
from heitje.problems import Code, Problem
from heitje.web.desk.frame import Desk
from heitje.web.desk.visitor import Official


def add(routes: APIRouter, desk: Desk) -> None:
    """The pages."""

    async def find(request: Request, official: Official) -> Response:
        """A field for the number; a number leads to the member's page."""
        text = request.query_params.get("number", "")
        if text:
            number = _number(text)
            if number and await desk.books.member(number):
                return RedirectResponse(f"{desk.path}/members/{number}", 303)
        return desk.show(request, "desk/members.html", official, wanted=text)

    async def show(request: Request, official: Official) -> Response:
        """One member."""
        number = _number(request.path_params["number"])
        member = await desk.books.member(number) if number else None
        if member is None:
            raise Problem(Code.NOT_FOUND)
        rewards = await desk.parts.activities.rewards(number, None, None, None, 20)
        resident = member.holder_class == Class.RESIDENT
        return desk.show(
            request,
            "desk/member.html",
            official,
            member=member,
            resident=resident,
            rewards=rewards["items"],
            reasons=desk.reasons("freeze"),
            can_freeze=official.holds(Role.GUARDIAN) and not member.frozen,
            can_unfreeze=official.holds(Role.UNPAUSER) and member.frozen and not member.replacing,
            can_lower=official.holds(Role.REGISTRAR) and resident,
            can_reduce=official.holds(Role.PROGRAMME),
            can_claw_back=official.holds(Role.CLAWBACK),
        )

    desk.page(routes, "/members", find)
    desk.page(routes, "/members/{number}", show)


def _number(text: str) -> int:
    try:
        return parse_whole(text.strip(), 1, (1 << 32) - 1)
    except FieldError:
        return 0
