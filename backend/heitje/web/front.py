# SPDX-License-Identifier: EUPL-1.2
"""The way in: all pages, what everybody must be told, and what a problem means."""

from __future__ import annotations

from http import HTTPStatus
from typing import Final

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from heitje.privacy.notice import DEFAULT, notice
from heitje.problems import Code, Problem
from heitje.web.pages import Pages, Site
from heitje.web.plain import PLAIN

FACES: Final = ("app", "till", "desk", "ledger", "demo")


def entrance(site: Site) -> APIRouter:
    """Addresses without a language lead to the reader's."""
    routes = APIRouter(include_in_schema=False)
    for face in FACES:

        @routes.get(f"/{face}", name=f"{face} in any language")
        async def lead(request: Request) -> Response:
            return RedirectResponse(
                f"/{site.language_of(request)}{request.url.path}", HTTPStatus.FOUND, {"Vary": "Accept-Language"}
            )

    return routes


def problem_page(site: Site, request: Request, code: Code, status: int) -> Response | None:
    """What somebody sees who asked for a page and cannot have it; None for who did not ask for one."""
    language = request.url.path.strip("/").partition("/")[0]
    pages = next((one for one in site.each if one.language == language), None)
    if pages is None or "text/html" not in request.headers.get("accept", ""):
        return None
    return pages.render(request, "problem.html", status, code=code, plain=PLAIN[code])


def router(pages: Pages) -> APIRouter:
    """The pages in one language."""
    language = pages.language
    routes = APIRouter(prefix=f"/{language}", include_in_schema=False)

    @routes.get("")
    async def show_front(request: Request) -> Response:
        """All pages."""
        return pages.render(request, "front.html")

    @routes.get("/about")
    async def show_about(request: Request) -> Response:
        """What is kept of whom, why, how long, and which rights that gives."""
        told = notice(pages.site.languages, pages.site.name)
        return pages.render(request, "about.html", parts=told.get(language, told[DEFAULT]))

    @routes.get("/problem/{code}")
    async def show_problem(request: Request, code: str, part: str | None = None) -> Response:
        """What a problem means for the money, and what to do; `part`: without the page around it."""
        if code not in {str(known) for known in Code}:
            raise Problem(Code.NOT_FOUND)
        plain = PLAIN[Code(code)]
        template = "problem.html" if part is None else "problem_part.html"
        return pages.render(request, template, code=code, plain=plain)

    return routes
