# SPDX-License-Identifier: EUPL-1.2
"""In a demonstration only: anybody can be one of its people, whose keys are worth nothing."""

from __future__ import annotations

import json
from pathlib import Path

from fastapi import APIRouter, Request, Response

from heitje.rest.requests import json_response
from heitje.web.pages import Pages


def people_router(people: Path) -> APIRouter:
    """The keys of demo people.

    Args:
        people: a file as `make demo` writes it: `actors`, each with name, role, member, address and privateKey. It may
            come later than the service.
    """
    routes = APIRouter(include_in_schema=False)

    @routes.get("/demo/people")
    async def list_people() -> Response:
        """Everybody, with their demo keys."""
        found = json.loads(people.read_text("utf-8"))["actors"] if people.is_file() else []  # noqa: ASYNC240 - small
        return json_response({"people": found}, headers={"Cache-Control": "no-store"})

    return routes


def router(pages: Pages) -> APIRouter:
    """The page in one language."""
    routes = APIRouter(prefix=f"/{pages.language}", include_in_schema=False)

    @routes.get("/demo")
    async def show_people(request: Request) -> Response:
        """Whom one can be."""
        return pages.render(request, "demo.html", script="demo.js")

    return routes
