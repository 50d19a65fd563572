# SPDX-License-Identifier: EUPL-1.2
"""Complaints of members, and the answers of the municipality."""

from collections.abc import Mapping
from typing import Final

from fastapi import APIRouter, Request, Response

from heitje.complaints.schemas import ComplaintState, Subject
from heitje.web.desk.frame import Desk
from heitje.web.desk.visitor import Official
from heitje.web.plain import N_

SUBJECTS: Final[Mapping[str, str]] = {
    Subject.FREEZE: N_("a block"),
    Subject.REFUSAL: N_("a refusal"),
    Subject.REWARD: N_("a reward"),
    Subject.PAYMENT: N_("a payment"),
    Subject.REDEMPTION: N_("an exchange for euros"),
    Subject.OTHER: N_("something else"),
}


def add(routes: APIRouter, desk: Desk) -> None:
    """The page."""

    async def show_complaints(request: Request, official: Official) -> Response:
        """Those that wait for an answer first."""
        to_answer = desk.parts.community.complaints.to_answer
        waiting = await to_answer(official.address, None, ComplaintState.OPEN, None, 200)
        answered = await to_answer(official.address, None, ComplaintState.ANSWERED, None, 50)
        return desk.show(
            request,
            "desk/complaints.html",
            official,
            waiting=waiting["items"][::-1],
            answered=answered["items"],
            subjects={name: desk.text(text) for name, text in SUBJECTS.items()},
        )

    desk.page(routes, "/complaints", show_complaints)
