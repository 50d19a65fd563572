# SPDX-License-Identifier: EUPL-1.2
"""What is announced: acts that wait for their date, who can cancel them, and who carries them out."""

from fastapi import APIRouter, Request, Response

from heitje.office.announced import announcements
from heitje.web.desk.acting import call_in_words
from heitje.web.desk.frame import Desk
from heitje.web.desk.visitor import Official


def add(routes: APIRouter, desk: Desk) -> None:
    """The page."""

    async def show_announced(request: Request, official: Official) -> Response:
        """Everything that is announced and can still be done."""
        found = await announcements(desk.acts.chain)
        items = [
            {
                "id": "0x" + item.id.hex(),
                "what": call_in_words(desk, item),
                "who": item.caller,
                "role": desk.role(item.role),
                "due": item.due,
                "expires": item.expires,
                "guardian": desk.role(item.guardian),
                "can_cancel": item.can_be_cancelled_by(official.address, official.roles),
                "can_do": item.is_due and item.caller == official.address,
            }
            for item in found
        ]
        return desk.show(request, "desk/announced.html", official, items=items)

    desk.page(routes, "/announced", show_announced)
