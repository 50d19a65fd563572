# SPDX-License-Identifier: EUPL-1.2
"""The HTTP API: endpoints of all domains, problems, health and the OpenAPI document."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final

import structlog
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.openapi.utils import get_openapi
from fastapi.responses import PlainTextResponse, RedirectResponse
from fastapi.telemetry import TelemetryConfig
from starlette.exceptions import HTTPException

import heitje.access.endpoints
import heitje.activities.endpoints
import heitje.activities.taking_part_endpoints
import heitje.authorizations.endpoints
import heitje.complaints.endpoints
import heitje.counter.endpoints
import heitje.events.endpoints
import heitje.ledger.endpoints
import heitje.ledger.rpc
import heitje.merchants.endpoints
import heitje.office.endpoints
import heitje.payments.endpoints
import heitje.redemptions.endpoints
import heitje.statistics.endpoints
import heitje.webhooks.endpoints
import heitje.x402.endpoints
from heitje import problems
from heitje.access.service import AccessService
from heitje.activities.attestations import AttestationService
from heitje.activities.cancellations import ReportCancellationService
from heitje.activities.reports import ReportService
from heitje.activities.service import ActivityService
from heitje.authorizations.service import AuthorizationService
from heitje.community import Community
from heitje.events.rendering import EventBody, Renderer
from heitje.events.tail import Tail
from heitje.ledger.asking import PublicNode
from heitje.ledger.personal import Personal
from heitje.ledger.service import LedgerService
from heitje.merchants.service import MerchantService
from heitje.office.composing import Office
from heitje.payments.schemas import PaymentRequest
from heitje.payments.service import PaymentService
from heitje.problems import Code, Problem
from heitje.redemptions.service import RedemptionService
from heitje.relay import operation
from heitje.relay.endings import Endings
from heitje.rest.city import CityBody
from heitje.rest.express import Express, Stop
from heitje.rest.health import Health
from heitje.rest.middleware import API_VERSION, Envelope
from heitje.rest.requests import KEY_PATTERN, PROBLEM, json_response, problem_response
from heitje.rest.throttle import Throttle
from heitje.statistics.service import StatisticsService
from heitje.web import app as resident_app
from heitje.web import demo, desk, front, static, till
from heitje.web import ledger as ledger_pages
from heitje.web.pages import Site
from heitje.webhooks.service import WebhookService
from heitje.x402.service import FacilitatorService

log = structlog.get_logger(__name__)

_PROBLEM_SCHEMA: Final = {
    "type": "object",
    "title": "Problem",
    "description": "RFC 9457. Every code, and what it means for the money: /problems",
    "required": ["type", "title", "status", "detail", "code"],
    "properties": {
        "type": {"type": "string", "format": "uri-reference"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "code": {"type": "string", "enum": [str(code) for code in Code]},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["pointer", "detail"],
                "properties": {"pointer": {"type": "string"}, "detail": {"type": "string"}},
            },
        },
    },
}
_PROBLEM_CONTENT: Final = {PROBLEM: {"schema": {"$ref": "#/components/schemas/Problem"}}}
_PROBLEM_RESPONSES: Final[dict[int | str, dict[str, Any]]] = {
    422: {"description": "The request cannot be done as it is", "content": _PROBLEM_CONTENT},
    "4XX": {"description": "The request cannot be done", "content": _PROBLEM_CONTENT},
    "5XX": {"description": "It cannot be done now", "content": _PROBLEM_CONTENT},
}
_NOT_BY_ITSELF: Final[TelemetryConfig] = {"tracing": False, "metrics": False, "logs": False, "auto_configure": False}
"""What the framework would trace has paths and queries in it, and those have people's addresses."""

_LINKS: Final = {
    "city": "/v1/city",
    "ledger": "/v1/ledger",
    "statistics": "/v1/statistics",
    "activities": "/v1/activities",
    "openapi": "/openapi.json",
    "problems": "/problems",
    "x402": "/x402/supported",
    "states": "/states",
    "ready": "/readyz",
}


@dataclass(frozen=True, slots=True)
class Services:
    """What the endpoints need."""

    city: dict[str, Any]
    access: AccessService
    rates: tuple[int, int]
    payments: PaymentService
    authorizations: AuthorizationService
    activities: ActivityService
    reports: ReportService
    cancellations: ReportCancellationService
    attestations: AttestationService
    community: Community
    office: Office
    redemptions: RedemptionService
    ledger: LedgerService
    personal: Personal
    statistics: StatisticsService
    public_node: PublicNode
    merchants: MerchantService
    webhooks: WebhookService
    renderer: Renderer
    tail: Tail
    facilitator: FacilitatorService
    health: Health
    endings: Endings
    site: Site
    demo_people: Path | None


def create_app(services: Services) -> FastAPI:
    """The application."""
    app = FastAPI(
        title="Heitje",
        version=API_VERSION,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        responses=_PROBLEM_RESPONSES,
        telemetry=_NOT_BY_ITSELF,
    )
    payments = heitje.payments.endpoints.submission(services.payments, services.endings)
    stops = {heitje.payments.endpoints.PATH: Stop(PaymentRequest, payments)}
    app.add_middleware(Express, stops=stops)
    unknown, known = services.rates
    authenticate = app.state.authenticate = services.access.authenticate
    app.add_middleware(Throttle, authenticate=authenticate, unknown=unknown, known=known)
    app.add_middleware(
        Envelope, larger=heitje.activities.taking_part_endpoints.LARGER
    )  # the last that is added is the first to see a request
    _handle_errors(app, services.site)
    _add_public(app, services)
    _add_health(app, services.health)
    app.include_router(heitje.access.endpoints.router(services.access))
    app.include_router(heitje.payments.endpoints.router(services.payments, services.endings))
    app.include_router(heitje.authorizations.endpoints.router(services.authorizations, services.endings))
    app.include_router(heitje.activities.endpoints.router(services.activities, services.reports, services.endings))
    corrections = (services.cancellations, services.attestations)
    app.include_router(heitje.activities.endpoints.corrections_router(*corrections, services.endings))
    _add_community(app, services.community)
    app.include_router(heitje.office.endpoints.router(services.office.sending))
    app.include_router(heitje.redemptions.endpoints.router(services.redemptions, services.endings))
    app.include_router(heitje.ledger.endpoints.router(services.ledger))
    app.include_router(heitje.ledger.rpc.router(services.public_node))
    app.include_router(heitje.statistics.endpoints.router(services.statistics))
    app.include_router(heitje.merchants.endpoints.router(services.merchants))
    app.include_router(heitje.events.endpoints.router(services.tail))
    app.include_router(heitje.webhooks.endpoints.router(services.webhooks))
    app.include_router(heitje.x402.endpoints.router(services.facilitator, services.endings))
    _add_pages(app, services)
    app.openapi = lambda: _openapi(app)  # type: ignore[method-assign] # FastAPI's own way to extend the document
    return app


def _add_pages(app: FastAPI, services: Services) -> None:
    """The faces, in every language."""
    site, community = services.site, services.community
    residents = resident_app.AppServices(
        services.ledger,
        services.activities,
        services.personal,
        community.sign_ups,
        community.claims,
        community.complaints,
    )
    officials = desk.Parts(services.access, services.office, services.activities, community, services.redemptions)
    app.include_router(static.router(site))
    app.include_router(static.worker_router(dict(site.assets)))
    for entrance in (front.entrance, ledger_pages.entrance, till.entrance):
        app.include_router(entrance(site))
    for pages in site.each:
        app.include_router(front.router(pages))
        app.include_router(resident_app.router(pages, residents))
        app.include_router(till.router(pages, services.merchants))
        app.include_router(desk.router(pages, officials))
        app.include_router(ledger_pages.router(pages, services.ledger, services.statistics))
        if services.demo_people is not None:
            app.include_router(demo.router(pages))
    if services.demo_people is not None:
        app.include_router(demo.people_router(services.demo_people))


def _add_community(app: FastAPI, community: Community) -> None:
    taking_part = heitje.activities.taking_part_endpoints
    app.include_router(taking_part.router(community.descriptions, community.sign_ups))
    app.include_router(taking_part.claims_router(community.claims))
    app.include_router(taking_part.shelf_router(community.drafts, community.shelf))
    app.include_router(heitje.counter.endpoints.router(community.invitations))
    app.include_router(heitje.complaints.endpoints.router(community.complaints))


def _add_public(app: FastAPI, services: Services) -> None:
    @app.get("/", tags=["documentation"])
    async def get_index(request: Request) -> Response:
        """What can be asked here, as JSON; a browser is led to the pages."""
        vary = {"Vary": "Accept, Accept-Language"}
        if "text/html" in request.headers.get("accept", ""):
            return RedirectResponse(f"/{services.site.language_of(request)}", HTTPStatus.FOUND, vary)
        return json_response({"name": str(services.city["name"]), "links": _LINKS}, headers=vary)

    @app.get("/v1/city", response_model=CityBody, tags=["city"])
    async def get_city() -> Response:
        """The city, its contracts, and the EIP-712 domains to sign under."""
        return json_response({**services.city, "rules": await services.ledger.rules()})

    @app.get("/problems", response_class=PlainTextResponse, tags=["documentation"])
    async def list_problems() -> str:
        """Every problem code: what it means, what happened to the money, what to do next."""
        return problems.documentation()

    @app.get("/problems/{code}", response_class=PlainTextResponse, tags=["documentation"])
    async def get_problem(code: str) -> str:
        """One problem code."""
        if code not in {str(known) for known in Code}:
            raise Problem(Code.NOT_FOUND)
        meaning = Code(code).meaning
        return f"{meaning.title} (HTTP {meaning.status})\n\n{meaning.money}\n\n{meaning.next}\n"

    @app.get("/states", response_class=PlainTextResponse, tags=["documentation"])
    async def list_states() -> str:
        """Every state of an operation, and what changes it."""
        return operation.documentation()


def create_health_app(health: Health) -> FastAPI:
    """What a process answers that relays or indexes: only whether it can do its work."""
    app = FastAPI(title="Heitje", docs_url=None, redoc_url=None, openapi_url=None, telemetry=_NOT_BY_ITSELF)
    _add_health(app, health)
    return app


def _add_health(app: FastAPI, health: Health) -> None:
    @app.get("/livez", tags=["health"])
    async def livez() -> dict[str, str]:
        """Whether the process answers at all."""
        return {"status": "alive"}

    @app.get("/readyz", tags=["health"])
    async def readyz() -> Response:
        """Whether it can do its work: database, node, index, lane. 503 if not, and why."""
        ready, seen = await health.ready()
        return json_response({"ready": ready, **seen}, HTTPStatus.OK if ready else HTTPStatus.SERVICE_UNAVAILABLE)


def _handle_errors(app: FastAPI, site: Site) -> None:
    def told(request: Request, problem: Problem) -> Response:
        """As a page to who asked for one."""
        page = front.problem_page(site, request, problem.code, problem.code.meaning.status)
        return page or problem_response(problem)

    @app.exception_handler(Problem)
    async def on_problem(request: Request, error: Problem) -> Response:
        return told(request, error)

    @app.exception_handler(RequestValidationError)
    async def on_invalid(request: Request, error: RequestValidationError) -> Response:
        found = [{"pointer": _where(item), "detail": _what(item)} for item in error.errors()]
        first = f"{found[0]['pointer']}: {found[0]['detail']}." if found else ""
        return told(request, Problem(Code.INVALID_REQUEST, first, errors=found))

    @app.exception_handler(HTTPException)
    async def on_http(request: Request, error: HTTPException) -> Response:
        code = {404: Code.NOT_FOUND, 405: Code.METHOD_NOT_ALLOWED}.get(error.status_code, Code.INVALID_REQUEST)
        response = told(request, Problem(code))
        response.headers.update(error.headers or {})
        if code is Code.METHOD_NOT_ALLOWED:
            response.headers["Allow"] = ", ".join(_methods_of(app, request.url.path))
        return response

    @app.exception_handler(Exception)
    async def on_fault(request: Request, error: Exception) -> Response:
        log.error("request failed", path=request.url.path, error=repr(error))
        return told(request, Problem(Code.INTERNAL))


def _methods_of(app: FastAPI, path: str) -> list[str]:
    """The methods the description has for a path. The router itself names only those of one endpoint."""
    described: dict[str, dict[str, Any]] = app.openapi()["paths"]
    if path in described:
        return sorted(method.upper() for method in described[path])
    templates = {known: re.sub(r"\\\{[^}]*\\\}", "[^/]+", re.escape(known)) for known in described}
    fitting = (known for known, template in templates.items() if re.fullmatch(template, path))
    return sorted({method.upper() for known in fitting for method in described[known]})


def _where(item: Mapping[str, Any]) -> str:
    """Where it is wrong; a body that is no JSON is wrong as a whole."""
    return "#" if item["type"] == "json_invalid" else _pointer(item["loc"])


def _what(item: Mapping[str, Any]) -> str:
    return _plain(str(item["msg"]).removeprefix("Value error, "))


def _pointer(location: tuple[int | str, ...]) -> str:
    """Where in the request: a JSON pointer (RFC 6901) after `body`, `path`, `query` or `header`."""
    place, *keys = location or ("body",)
    escaped = ("/" + str(key).replace("~", "~0").replace("/", "~1") for key in keys)
    return _plain("#" + "".join(escaped) if place == "body" else "/".join(map(str, location)))


def _plain(text: str) -> str:
    """Text that can be written as UTF-8, whatever was in the request."""
    return text.encode("utf-8", "replace").decode()[:300]


def _require_keys(document: dict[str, Any]) -> None:
    """Say that the Idempotency-Key is required. To FastAPI it is not, so that its absence is a problem of its own."""
    for methods in document["paths"].values():
        for described in methods.values():
            for parameter in described.get("parameters", ()):
                if parameter["in"] == "header" and parameter["name"].lower() == "idempotency-key":
                    parameter["required"] = True
                    parameter["schema"] = {"type": "string", "pattern": KEY_PATTERN}


def _openapi(app: FastAPI) -> dict[str, Any]:
    """The document, with the schema of problems."""
    if app.openapi_schema is None:
        document = get_openapi(title=app.title, version=app.version, routes=app.routes)
        schemas = document.setdefault("components", {}).setdefault("schemas", {})
        schemas["Problem"] = _PROBLEM_SCHEMA
        # What streams and webhooks carry; no answer of an operation has it as its body.
        schemas["EventBody"] = EventBody.model_json_schema(by_alias=True)
        _require_keys(document)
        app.openapi_schema = document
    return app.openapi_schema
