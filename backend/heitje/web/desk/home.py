# SPDX-License-Identifier: EUPL-1.2
"""The desk's first page: who you are here, and what there is to do."""

from fastapi import APIRouter, Request, Response

from heitje.city.roles import Role
from heitje.web.desk.frame import Desk
from heitje.web.desk.names import DUTIES
from heitje.web.desk.visitor import Official


def add(routes: APIRouter, desk: Desk) -> None:
    """The page."""

    async def show_home(request: Request, official: Official) -> Response:
        """Roles, and what is theirs to do."""
        held = [(desk.role(role), desk.text(DUTIES[role]), delay) for role, delay in official.roles.items()]
        paused = await desk.books.is_paused()
        pausing = {
            "can_pause": not paused and official.holds(Role.GUARDIAN),
            "can_unpause": paused and official.holds(Role.UNPAUSER),
        }
        return desk.show(request, "desk/home.html", official, held=held, paused=paused, **pausing)

    desk.page(routes, "", show_home)
