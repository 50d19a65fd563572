# SPDX-License-Identifier: EUPL-1.2
"""The residents' app.

Its pages are the same for everybody, so that they work without a connection; what is about one account comes as a part,
by the account's address, and is public anyway. What is not public needs a session.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any, Final
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Path, Request, Response

from heitje.activities.claims import ClaimService
from heitje.activities.service import ActivityService
from heitje.activities.sign_ups import SignUpService
from heitje.chain.addresses import to_address
from heitje.chain.calendar import city_month_of, year_and_month
from heitje.complaints.service import ComplaintService
from heitje.index.rows import TransferKind
from heitje.ledger.personal import Personal
from heitje.ledger.service import LedgerService
from heitje.rest.fields import Address
from heitje.rest.principal import Person
from heitje.rest.requests import Cursor, json_response
from heitje.web import app_activities, app_statement
from heitje.web.app_moves import Move, View, move_of, others_of
from heitje.web.pages import Pages
from heitje.web.routes import route_class

SCREENS: Final = ("", "/join", "/pay", "/vouchers", "/mine", "/history", "/complaint", "/more")
"""The pages that are the same for everybody at any time, below the app's address."""

KEPT: Final = (*SCREENS, "/activities")
"""The pages that open without a connection."""

_PAGE: Final = 50
_MANY: Final = 200
Account = Annotated[Address, Path(description="Of the account.")]


@dataclass(frozen=True)
class AppServices:
    """What the app's pages ask."""

    ledger: LedgerService
    activities: ActivityService
    personal: Personal
    sign_ups: SignUpService
    claims: ClaimService
    complaints: ComplaintService


def router(pages: Pages, services: AppServices) -> APIRouter:
    """The app in one language."""
    routes = APIRouter(prefix=f"/{pages.language}/app", include_in_schema=False, route_class=route_class(pages))
    _add_screens(routes, pages)
    _add_offline(routes, pages)
    _add_activities(routes, pages, services)
    _add_parts(routes, pages, services)
    _add_own(routes, pages, services)
    _add_statement(routes, pages, services)
    return routes


def _add_screens(routes: APIRouter, pages: Pages) -> None:
    """The pages themselves, which say nothing of anybody."""
    window = int(pages.site.city["terms"]["replacementWindow"]) // 86_400

    for screen in SCREENS:
        name = screen.removeprefix("/") or "home"

        @routes.get(screen, name=f"app {name}")
        async def show_screen(request: Request, name: str = name) -> Response:
            now = datetime.now(ZoneInfo(pages.site.time_zone))
            return pages.render(
                request,
                f"app/{name}.html",
                screen=name,
                script="app.js",
                objection_days=window,
                years=range(now.year, now.year - 3, -1),
            )


def _add_offline(routes: APIRouter, pages: Pages) -> None:
    """What makes the app one that a phone keeps."""
    home = f"/{pages.language}/app"
    told = pages.gettext("Do something for your neighbourhood, earn credits, spend them in local shops.")
    site = pages.site
    icon = f"/static/{site.assets['icon.svg']}"
    files = [icon, *(f"/static/{name}" for name in [*site.needed("app.js"), site.assets["heitje.css"]])]
    if site.theme_path:
        files.append(site.theme_path)

    @routes.get("/manifest.webmanifest")
    async def get_manifest() -> Response:
        """How a phone shows the app among others (W3C Web Application Manifest)."""
        manifest = {
            "id": home,
            "name": str(pages.site.city["token"]["name"]),
            "short_name": "Heitje",
            "description": told,
            "lang": pages.language,
            "start_url": home,
            "scope": home,
            "display": "standalone",
            "background_color": "#ffffff",
            "theme_color": "#14503c",
            "icons": [
                {"src": icon, "type": "image/svg+xml", "sizes": "any", "purpose": purpose}
                for purpose in ("any", "maskable")
            ],
        }
        return Response(json_response(manifest).body, media_type="application/manifest+json")

    @routes.get("/offline.json")
    async def list_offline() -> Response:
        """Everything a phone keeps to work without a connection."""
        shell = [*(home + screen for screen in KEPT), f"{home}/manifest.webmanifest"]
        return json_response({"shell": shell, "files": files}, headers={"Cache-Control": "no-cache"})


def _add_activities(routes: APIRouter, pages: Pages, services: AppServices) -> None:
    @routes.get("/activities")
    async def list_activities(request: Request) -> Response:
        """What can be done, the soonest first."""
        page = await services.activities.activities(None, _MANY)
        found = app_activities.to_come(pages, page["items"], time.time())
        return pages.render(request, "app/activities.html", screen="activities", script="app.js", activities=found)

    @routes.get("/activities/{activity}")
    async def show_activity(request: Request, activity: Annotated[int, Path(ge=1, lt=1 << 53)]) -> Response:
        """One activity."""
        one = app_activities.shown(pages, await services.activities.show(activity), time.time())
        return pages.render(request, "app/activity.html", screen="activity", script="app.js", one=one)


def _add_parts(routes: APIRouter, pages: Pages, services: AppServices) -> None:
    """What is about one account."""

    @routes.get("/parts/home/{address}")
    async def show_home(request: Request, address: Account) -> Response:
        """What somebody has, what goes when, what is under way, and what is left of the limits."""
        account = await services.ledger.account(address)
        month = city_month_of(int(datetime.now(UTC).timestamp()), pages.site.time_zone)
        left = await services.personal.left(account["number"], month)
        frozen = account["frozen"] and not account["replacing"]
        reason = await services.personal.freeze_reason(account["number"]) if frozen else None
        return pages.render(
            request,
            "app/parts/home.html",
            account=account,
            left=left,
            year=year_and_month(month)[0],
            reason=None if reason is None else _reason_text(pages, reason),
            reason_code=reason,
        )

    @routes.get("/parts/history/{address}")
    async def show_history(request: Request, address: Account, cursor: Cursor = None) -> Response:
        """Every move of an account, the newest first, and what is under way."""
        page = await services.ledger.transfers(address, cursor, _PAGE)
        moves = await _moves(services, address, page["items"])
        return pages.render(request, "app/parts/history.html", moves=moves, more=page["next"], address=address)

    @routes.get("/receipts/{place}")
    async def show_receipt(
        request: Request, place: Annotated[str, Path(pattern=r"^[0-9]{1,12}-[0-9]{1,6}-0x[0-9a-fA-F]{40}$")]
    ) -> Response:
        """One move, to keep or print."""
        block, index, account = place.split("-")
        address = to_address(account)
        found = await services.ledger.transfer(int(block), int(index))
        (move,) = await _moves(services, address, [found])
        return pages.render(request, "app/receipt.html", screen="receipt", script="app.js", move=move)


def _add_own(routes: APIRouter, pages: Pages, services: AppServices) -> None:
    """What only its owner may see."""
    private = {"Cache-Control": "private, no-store"}

    @routes.get("/own/activities")
    async def show_own_activities(request: Request, who: Person) -> Response:
        """What one signed up for and handed in."""
        asked = (services.activities, services.sign_ups, services.claims)
        found = await app_activities.own(pages, asked, who.address, time.time())
        return pages.render(
            request, "app/parts/own_activities.html", headers=private, coming=found.coming, claims=found.claims
        )

    @routes.get("/own/complaints")
    async def show_own_complaints(request: Request, who: Person) -> Response:
        """What one complained of, and the answers."""
        found = await services.complaints.mine(who.address, None, _PAGE)
        return pages.render(request, "app/parts/own_complaints.html", headers=private, complaints=found["items"])


def _add_statement(routes: APIRouter, pages: Pages, services: AppServices) -> None:
    @routes.get("/statement/{year}.pdf")
    async def get_statement(who: Person, year: Annotated[int, Path(ge=2020, le=2200)]) -> Response:
        """The year of whoever asks, as a PDF."""
        account = await services.ledger.account(who.address)
        content = await app_statement.statement(pages, services.ledger, services.activities, account["number"], year)
        headers = {
            "Content-Disposition": f'attachment; filename="heitje-{year}.pdf"',
            "Cache-Control": "private, no-store",
            "Content-Language": pages.language,
        }
        return Response(content, media_type="application/pdf", headers=headers)


async def _moves(services: AppServices, address: str, items: Sequence[Mapping[str, Any]]) -> list[Move]:
    """Moves, from the side of an account."""
    numbers = await services.ledger.numbers(others_of(items, address))
    view = View(address, await _titles(services, address, items), numbers, await services.ledger.final_block())
    return [move_of(item, view) for item in items]


async def _titles(services: AppServices, address: str, items: Sequence[Mapping[str, Any]]) -> Mapping[str, str]:
    """What these moves rewarded, by the report that did."""
    reports = {one["operation"] for one in items if one["kind"] == TransferKind.REWARD}
    if not reports:
        return {}
    number = (await services.ledger.account(address))["number"]
    found: dict[str, int] = {}
    for report in reports:
        page = await services.activities.rewards(number, None, report, None, 1)
        found |= {one["report"]: one["activity"] for one in page["items"]}
    names = await app_activities.titles(services.activities, found.values())
    return {report: names[activity] for report, activity in found.items()}


def _reason_text(pages: Pages, code: int) -> str:
    """Why somebody was frozen, in the city's own words; empty where the city has published none for this code."""
    profile = pages.site.profile
    texts = profile.freeze_reasons.get(str(code), {}) if profile else {}
    return texts.get(pages.language) or next(iter(texts.values()), "")
