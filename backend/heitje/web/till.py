# SPDX-License-Identifier: EUPL-1.2
"""The till: one page that works on when the connection does not; receipts and days to keep are pages of their own."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from datetime import date
from http import HTTPStatus
from typing import Annotated, Any, Final

from fastapi import APIRouter, Path, Request, Response
from fastapi.responses import RedirectResponse

from heitje.chain.addresses import to_address
from heitje.merchants.service import MerchantService
from heitje.problems import Code, Problem
from heitje.rest.requests import json_response
from heitje.web.pages import Pages, Site, packed
from heitje.web.plain import PLAIN

CSV: Final = "text/csv; charset=utf-8"
_BYTE_ORDER_MARK: Final = "\ufeff"
"""By which spreadsheets see that it is UTF-8."""
_RECEIPT: Final = 8
"""Letters of a digest by which people call a payment."""

Shop = Annotated[str, Path(pattern=r"^0x[0-9a-fA-F]{40}$")]
Digest = Annotated[str, Path(pattern=r"^0x[0-9a-f]{64}$")]


def entrance(site: Site) -> APIRouter:
    """A shop's till at an address without a language leads to the reader's."""
    routes = APIRouter(include_in_schema=False)

    @routes.get("/till/{shop}")
    async def lead(request: Request, shop: Shop) -> Response:
        """A shop's till."""
        where = f"/{site.language_of(request)}/till/{shop}"
        return RedirectResponse(where, HTTPStatus.FOUND, {"Vary": "Accept-Language"})

    return routes


def router(pages: Pages, merchants: MerchantService) -> APIRouter:
    """The pages in one language."""
    routes = APIRouter(prefix=f"/{pages.language}/till", include_in_schema=False)

    site, home = pages.site, f"/{pages.language}/till"
    names = [*site.needed("till.js"), *(site.assets[name] for name in ("till.css", "heitje.css", "icon.svg"))]
    files = [*(f"/static/{name}" for name in names), *([site.theme_path] if site.theme_path else [])]

    def shell(request: Request, shop: str | None) -> Response:
        return pages.render(request, "till/till.html", script="till.js", shop=shop, reasons=_reasons(pages))

    def missing(request: Request, code: Code) -> Response:
        return pages.render(request, "problem.html", HTTPStatus.NOT_FOUND, code=str(code), plain=PLAIN[code])

    @routes.get("")
    async def show_till(request: Request) -> Response:
        """The till of the shop whose key this browser has."""
        return shell(request, None)

    @routes.get("/offline.json")
    async def list_offline() -> Response:
        """Everything a device keeps, so that the till opens without a connection (see client/worker.ts)."""
        return json_response({"shell": [home], "files": files}, headers={"Cache-Control": "no-cache"})

    @routes.get("/{shop}")
    async def show_staff_till(request: Request, shop: Shop) -> Response:
        """The till of a shop, without its key: nothing can leave the shop from here."""
        return shell(request, to_address(shop))

    @routes.get("/{shop}/days/{day}.csv")
    async def download_day(request: Request, shop: Shop, day: date) -> Response:
        """A day as a table for a spreadsheet."""
        try:
            told = await merchants.day(to_address(shop), day)
        except Problem as problem:
            return missing(request, problem.code)
        name = f"till-{day.isoformat()}.csv"
        headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
        return packed(request, _table(pages, told).encode(), CSV, HTTPStatus.OK, headers)

    @routes.get("/{shop}/payments/{digest}")
    async def show_receipt(request: Request, shop: Shop, digest: Digest) -> Response:
        """A receipt."""
        try:
            told = await merchants.receipt(to_address(shop), digest)
        except Problem as problem:
            return missing(request, problem.code)
        left = int(told["taking"]["value"]) - int(told["taking"]["refunded"])
        return pages.render(request, "till/receipt.html", **told, code=receipt_code(digest), left=left)

    return routes


def receipt_code(digest: str) -> str:
    """What a receipt is called: short enough to be read out."""
    return digest[2 : 2 + _RECEIPT].upper()


def _reasons(pages: Pages) -> Mapping[str, str]:
    """Why redemptions are given back, by code, in this language where the city wrote it."""
    profile = pages.site.profile
    if profile is None:
        return {}
    language = pages.language if pages.language in profile.languages else None
    return profile.reasons(profile.refund_reasons, language)


def _table(pages: Pages, day: Mapping[str, Any]) -> str:
    """CSV (RFC 4180) with the separators that spreadsheets of this language expect. Nothing in it is anybody's text."""
    _ = pages.gettext
    comma = pages.language != "en"
    out = io.StringIO()
    out.write(_BYTE_ORDER_MARK)
    rows = csv.writer(out, delimiter=";" if comma else ",", lineterminator="\r\n")
    kinds = {"payment": _("payment"), "authorization": _("payment"), "refund": _("given back")}
    states = {"final": _("paid"), "rejected": _("failed"), "failed": _("failed"), "expired": _("failed")}
    rows.writerow([_("time"), _("what"), _("euros"), _("state"), _("receipt"), _("of receipt"), _("reference")])
    for item in reversed(day["items"]):
        euros = _euros(-int(item["value"]) if item["kind"] == "refund" else int(item["value"]), comma=comma)
        of = receipt_code(item["payment"]) if item["payment"] else ""
        state = states.get(str(item["state"]), _("under way"))
        at = pages.local(item["time"]).strftime("%Y-%m-%d %H:%M:%S")
        rows.writerow([at, kinds[str(item["kind"])], euros, state, receipt_code(item["id"]), of, item["id"]])
    return out.getvalue()


def _euros(cents: int, *, comma: bool) -> str:
    sign, whole = "-" if cents < 0 else "", abs(cents)
    return f"{sign}{whole // 100}{',' if comma else '.'}{whole % 100:02d}"
