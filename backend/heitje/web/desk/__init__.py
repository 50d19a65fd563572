# SPDX-License-Identifier: EUPL-1.2
"""The desk of officials: what the chain lets somebody do, in words, and signed by their own wallet."""

from __future__ import annotations

from fastapi import APIRouter

from heitje.web.desk import acting, announced, budgets, complaints, counter, earning, home, members, money
from heitje.web.desk.frame import Desk, Parts
from heitje.web.pages import Pages

__all__ = ["Parts", "router"]


def router(pages: Pages, parts: Parts) -> APIRouter:
    """The desk in one language."""
    routes = APIRouter(prefix=f"/{pages.language}/desk", include_in_schema=False)
    desk = Desk(pages, parts)
    for part in (home, acting, announced, budgets, complaints, counter, earning, members, money):
        part.add(routes, desk)
    return routes
