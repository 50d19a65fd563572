# SPDX-License-Identifier: EUPL-1.2
"""Endpoints whose refusals are pages: what happened, what it means for the money, what to do next."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any, Final

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute

from heitje.problems import Code, Problem
from heitje.web.pages import Pages
from heitje.web.plain import PLAIN

PROBLEM_HEADER: Final = "Heitje-Problem"
"""Tells a page's script which problem an answer is about."""


def route_class(pages: Pages) -> type[APIRoute]:
    """For a router of pages in one language."""

    class PageRoute(APIRoute):
        """Answers a problem with a page about it."""

        def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
            """What answers, and what says why not."""
            answer = super().get_route_handler()

            async def handle(request: Request) -> Response:
                try:
                    return await answer(request)
                except RequestValidationError:
                    return refused(pages, request, Problem(Code.NOT_FOUND))
                except Problem as problem:
                    return refused(pages, request, problem)

            return handle

    return PageRoute


def refused(pages: Pages, request: Request, problem: Problem) -> Response:
    """The page about a problem."""
    code = problem.code
    headers = {PROBLEM_HEADER: str(code)}
    return pages.render(
        request, "problem.html", code.meaning.status, headers=headers, code=str(code), plain=PLAIN[code]
    )
