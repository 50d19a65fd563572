# SPDX-License-Identifier: EUPL-1.2
"""What all pages of the desk have in common: who asks, the page around it, and problems as pages."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from fastapi import APIRouter, Request, Response

from heitje.access.service import AccessService
from heitje.activities.service import ActivityService
from heitje.chain.abi import Revert
from heitje.chain.calendar import month_text
from heitje.city.roles import Role
from heitje.community import Community
from heitje.office.books import Books
from heitje.office.composing import Office
from heitje.office.service import OfficeService
from heitje.problems import Problem
from heitje.redemptions.service import RedemptionService
from heitje.rest.principal import shown_token
from heitje.web.desk.names import CLASSES, ROLES
from heitje.web.desk.refusals import OTHER, REFUSALS
from heitje.web.desk.visitor import Official
from heitje.web.pages import Pages
from heitje.web.plain import PLAIN

Show = Callable[[Request, Official], Awaitable[Response]]
"""Answers a request of somebody with an office."""

_PRIVATE = {"Cache-Control": "no-store"}


@dataclass(frozen=True, slots=True)
class Parts:
    """What the desk needs."""

    access: AccessService
    office: Office
    activities: ActivityService
    community: Community
    redemptions: RedemptionService


class Desk:
    """The desk in one language."""

    def __init__(self, pages: Pages, parts: Parts) -> None:
        self.pages = pages
        self.parts = parts
        self.acts: OfficeService = parts.office.acts
        self.books: Books = parts.office.books
        self.path = f"/{pages.language}/desk"

    def page(self, routes: APIRouter, path: str, show: Show, method: str = "GET") -> None:
        """Serve a page to people with an office; others are told how to log in, or that there is nothing for them."""

        async def answer(request: Request) -> Response:
            try:
                official = await self.official(request)
                if official is None:
                    return self._render(request, "desk/login.html", None)
                if not official.has_office:
                    return self._render(request, "desk/stranger.html", official, HTTPStatus.FORBIDDEN)
                return await show(request, official)
            except Problem as problem:
                return self.problem(request, problem)

        routes.add_api_route(path, answer, methods=[method], name=f"desk {path} {method}", response_model=None)

    async def official(self, request: Request) -> Official | None:
        """Who asks, with what the chain lets them do now; None if nobody has logged in."""
        known = await self.parts.access.authenticate(shown_token(request))
        if known is None:
            return None
        roles = await self.parts.office.offices.roles_of(known.address)
        programmes = await self.acts.attests_for(known.address)
        return Official(known.address, roles, tuple(programmes))

    def show(self, request: Request, template: str, official: Official, **values: Any) -> Response:
        """A page for somebody with an office."""
        return self._render(request, template, official, **values)

    def problem(self, request: Request, problem: Problem) -> Response:
        """What went wrong, as a page."""
        status = int(problem.body()["status"])
        plain = PLAIN[problem.code]
        return self.pages.render(request, "problem.html", status, headers=_PRIVATE, code=str(problem.code), plain=plain)

    def _render(
        self, request: Request, template: str, official: Official | None, status: int = HTTPStatus.OK, **values: Any
    ) -> Response:
        shown = {"script": "desk.js", "official": official, "desk": self.path, "say": self, "Role": Role, **values}
        return self.pages.render(request, template, status, headers=_PRIVATE, **shown)

    # Words

    def text(self, sentence: str, values: Mapping[str, Any] | None = None) -> str:
        """A sentence in this language; what stands in braces is replaced."""
        found = self.pages.gettext(sentence)
        for name, value in (values or {}).items():
            found = found.replace(f"{{{name}}}", str(value))
        return found

    def role(self, role: Role | None) -> str:
        """What people call a role."""
        return self.text(ROLES.get(role or Role.ADMIN, ROLES[Role.ADMIN]))

    def holder_class(self, code: int) -> str:
        """What people call a class: as the city does, or else as we do."""
        return self.text(CLASSES.get(code, CLASSES[0]))

    def month(self, index: int) -> str:
        """A month of the contracts, as people write it."""
        return self.pages.month(month_text(index))

    def neighbourhood(self, code: int) -> str:
        """The name of a neighbourhood."""
        if not code:
            return self.text("Whole city")
        known = self.pages.site.profile.neighbourhoods if self.pages.site.profile else ()
        return next((item.name for item in known if item.code == code), str(code))

    def reasons(self, kind: str) -> dict[str, str]:
        """The city's published reasons by code: `freeze` or `refund`; a number where it has published none."""
        profile = self.pages.site.profile
        if profile is None:
            return {"1": "1"}
        published = profile.freeze_reasons if kind == "freeze" else profile.refund_reasons
        language = self.pages.language if self.pages.language in profile.languages else None
        return profile.reasons(published, language)

    def refusal(self, revert: Revert | None) -> str:
        """Why the chain refuses, in words."""
        name = revert.name if revert else ""
        return self.text(REFUSALS[name]) if name in REFUSALS else self.text(OTHER, {"name": revert or "?"})
