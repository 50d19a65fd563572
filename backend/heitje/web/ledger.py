# SPDX-License-Identifier: EUPL-1.2
"""The public ledger: the supply equation, what the credits did month by month, how that is derived, and a check of it.

Nothing here shows an address with a neighbourhood or a time of day. What rests on people keeps the rule of
`heitje.statistics.disclosure`.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from http import HTTPStatus
from typing import Any, Final

from babel.numbers import format_decimal
from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from heitje.ledger.service import LedgerService
from heitje.problems import Code, Problem
from heitje.statistics.disclosure import DOMINANCE, THRESHOLD, Withheld
from heitje.statistics.service import Statistics, StatisticsService
from heitje.statistics.tables import Row, Table
from heitje.web.pages import Pages, Site

_NODES: Final = "https: http://localhost:* http://127.0.0.1:*"
"""Where the check's script may connect to, so that visitors can ask a node of their own."""

_RECENT: Final = 2.0
"""Seconds for which the equation is not read again."""

_SUMS: Final = ("issued", "settled", "clawedBack", "expired", "totalSupply", "balances", "escrow", "holds")


def N_(sentence: str) -> str:  # noqa: N802 - as gettext's readers know it
    """A sentence that is translated where it is shown."""
    return sentence


_WHY: Final = {
    Withheld.FEW: N_("fewer than 10 people"),
    Withheld.DOMINATED: N_("one person or shop has more than half"),
    Withheld.NOT_OVER: N_("the month is not over"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """A row of a table as a page shows it; `label` is what a chart calls it."""

    month: str
    label: str
    row: Row


def entrance(site: Site) -> APIRouter:
    """Addresses below the ledger without a language lead to the reader's."""
    routes = APIRouter(include_in_schema=False)
    for page in ("check", "derivation"):

        @routes.get(f"/ledger/{page}", name=f"ledger's {page} in any language")
        async def lead(request: Request) -> Response:
            place = f"/{site.language_of(request)}{request.url.path}"
            return RedirectResponse(place, HTTPStatus.FOUND, {"Vary": "Accept-Language"})

    return routes


def router(pages: Pages, ledger: LedgerService, statistics: StatisticsService) -> APIRouter:
    """The pages in one language."""
    routes = APIRouter(prefix=f"/{pages.language}/ledger", include_in_schema=False)
    written = _Written(pages)
    equation_now = _Recent(ledger.ledger)

    @routes.get("")
    async def show_ledger(request: Request) -> Response:
        """Everything on one page."""
        equation = await _or_none(equation_now.read)
        known = await _or_none(statistics.current)
        tables = written.tables(known) if known else {}
        return pages.render(
            request,
            "ledger/ledger.html",
            script="ledger.js",
            equation=equation,
            seen=_seen(equation),
            statistics=known,
            tables=tables,
            why=written.why,
            hours=written.hours,
            rule=(THRESHOLD, DOMINANCE),
        )

    @routes.get("/equation")
    async def show_equation(request: Request, seen: str = "") -> Response:
        """The equation alone; nothing where the reader has it already."""
        equation = await _or_none(equation_now.read)
        if seen and seen == _seen(equation):
            return Response(status_code=HTTPStatus.NO_CONTENT)
        return pages.render(request, "ledger/equation.html", equation=equation, seen=_seen(equation))

    @routes.get("/derivation")
    async def show_derivation(request: Request) -> Response:
        """How each figure is derived."""
        return pages.render(request, "ledger/derivation.html", rule=(THRESHOLD, DOMINANCE))

    @routes.get("/check")
    async def show_check(request: Request) -> Response:
        """The audit in the visitor's own browser."""
        city = pages.site.city
        start = {"deployBlock": city["deployBlock"], "node": "/rpc"}
        template, script = "ledger/check.html", "ledger-check.js"
        return pages.render(request, template, script=script, connect=_NODES, start=start, city=city)

    return routes


class _Recent:
    """What was read a moment ago: a page that renews itself in many browsers is one reading of the database."""

    def __init__(self, read: Callable[[], Awaitable[dict[str, Any]]]) -> None:
        self._read = read
        self._turn = asyncio.Lock()
        self._found: dict[str, Any] | None = None
        self._at = 0.0

    async def read(self) -> dict[str, Any]:
        """It, at most `_RECENT` seconds old."""
        async with self._turn:
            if self._found is None or time.monotonic() - self._at > _RECENT:
                self._found = await self._read()
                self._at = time.monotonic()
            return self._found


class _Written:
    """How figures are written in one language."""

    def __init__(self, pages: Pages) -> None:
        self._pages = pages
        self._language = pages.language

    def tables(self, statistics: Statistics) -> dict[str, list[Line]]:
        """Each table's rows, the newest month first."""
        return {
            name.replace("-", "_"): [self._line(table, row) for row in reversed(table.rows)]
            for name, table in statistics.tables.items()
        }

    def why(self, reason: str) -> str:
        """Why a figure is left out."""
        return self._pages.gettext(_WHY[Withheld(reason)])

    def hours(self, minutes: int) -> str:
        """Minutes as hours, with one decimal at most."""
        return str(format_decimal(round(minutes / 60, 1), format="#,##0.#", locale=self._language))

    def _line(self, table: Table, row: Row) -> Line:
        return Line(self._pages.month(str(row["month"])), self._label(table.definition.name, row), row)

    def _label(self, name: str, row: Row) -> str:
        _ = self._pages.gettext
        if name == "programmes":
            return " + ".join(_("Programme {number}").format(number=number) for number in _each(row, "programmes"))
        if name == "neighbourhoods":
            pairs = zip(_each(row, "neighbourhoods"), _each(row, "names"), strict=True)
            return " + ".join(self._neighbourhood(int(code), str(called)) for code, called in pairs)
        return ""

    def _neighbourhood(self, code: int, name: str) -> str:
        _ = self._pages.gettext
        if code == 0:
            return _("The whole city")
        return name or _("Neighbourhood {code}").format(code=code)


def _each(row: Row, column: str) -> tuple[Any, ...]:
    value = row[column]
    return value if isinstance(value, tuple) else ()


def _seen(equation: Mapping[str, Any] | None) -> str:
    """A name for the figures of the equation, so that only a change is sent and read out."""
    said = repr([equation[name] for name in _SUMS]) if equation else ""
    return sha256(said.encode()).hexdigest()[:16]


async def _or_none(read: Callable[[], Any]) -> Any:
    """What is read; None while the index has not begun."""
    try:
        return await read()
    except Problem as problem:
        if problem.code is not Code.NOT_READY:
            raise
        return None
