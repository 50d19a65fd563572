# SPDX-License-Identifier: EUPL-1.2
"""The service: builds its parts once, runs the roles, and ends in order.

A role that fails is started again; one that must not go on (the chain took back what was final) says why. Several
processes can share one database: each that has the API takes requests in; of those that relay, and of those that index,
one works and the others stand by. On Ctrl-C or a TERM signal no request is cut off, the leases are given back, and
everything is closed.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import logging
import signal
import socket
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Final

import structlog
import uvloop

from heitje import tracing
from heitje.access.service import AccessService, Place
from heitje.activities.attestations import AttestationService, ReductionAdmitter
from heitje.activities.cancellations import ReportCancellationAdmitter, ReportCancellationService
from heitje.activities.reports import ReportAdmitter, ReportService
from heitje.activities.service import ActivityService
from heitje.api import Services, create_app, create_health_app
from heitje.authorizations.admission import AuthorizationAdmitter, WithdrawalAdmitter
from heitje.authorizations.service import AuthorizationService
from heitje.chain.addresses import ZERO_ADDRESS
from heitje.chain.node import Node, NodeUnreachable
from heitje.chain.nodes import Nodes
from heitje.chain.signing import KeystoreSigner
from heitje.community import community, forget_community
from heitje.events.rendering import Renderer, Show
from heitje.events.tail import Tail
from heitje.index.follow import Follower, IndexHalted, IndexSettings
from heitje.index.nightly import Nightly, NightlySettings
from heitje.ledger.asking import PublicNode
from heitje.ledger.personal import Personal
from heitje.ledger.service import LedgerService
from heitje.listening import CannotServe, listen_at, metrics_at, server_of
from heitje.merchants.service import MerchantService
from heitje.office.composing import office
from heitje.payments.service import PaymentAdmitter, PaymentService
from heitje.redemptions.service import CancellationAdmitter, ReclaimAdmitter, RedemptionAdmitter, RedemptionService
from heitje.relay.endings import Endings
from heitje.relay.intake import Admitter, Intake
from heitje.relay.lane import Lane, LaneSettings
from heitje.relay.measured import MeasuredNode
from heitje.relay.operation import Kind
from heitje.relay.reception import Reception
from heitje.relay.signatures import Signatures
from heitje.relay.tidying import Tidier
from heitje.rest.deployment import Deployment, WrongDeployment, read_deployment
from heitje.rest.gauges import Gauges
from heitje.rest.health import Health
from heitje.rest.offices import Offices
from heitje.rest.operations import render_bytes
from heitje.rest.traced import Traced
from heitje.settings import RoleName, Settings
from heitje.statistics.service import StatisticsService
from heitje.store.bell import Bell, Gong
from heitje.store.leases import end_all
from heitje.store.migrate import WrongSchema
from heitje.store.session import CannotConnect, Channel, Store
from heitje.store.watch import watch
from heitje.web.pages import Site
from heitje.webhooks.delivering import Deliverer
from heitje.webhooks.service import WebhookService
from heitje.x402.service import FacilitatorService

log = structlog.get_logger(__name__)

_NODE_PATIENCE: Final = 30.0
"""Seconds to wait at start-up for the node to answer."""

Clock = Callable[[], float]


@dataclass(frozen=True, slots=True)
class Parts:
    """What the service is made of."""

    settings: Settings
    store: Store
    node: Node
    deployment: Deployment
    signer: KeystoreSigner | None
    intake: Intake
    follower: Follower
    work: Bell
    news: Gong
    endings: Endings
    clock: Clock


def serve(settings: Settings) -> None:
    """Run until told to stop.

    Raises:
        CannotServe: It cannot start, or cannot go on.
    """
    _set_up_logging()
    try:
        with tracing.exporting(settings.role), asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(_serve(settings))
    except tracing.CannotTrace as error:
        raise CannotServe(str(error)) from None


async def _serve(settings: Settings) -> None:
    signer = _open_key(settings) if settings.has_relay else None
    async with AsyncExitStack() as stack:
        listeners = [stack.enter_context(listen_at(settings.host, settings.port))]
        if settings.certificate is not None and settings.has_api:
            listeners.append(stack.enter_context(listen_at(settings.tls_host, settings.tls_port, "HEITJE_TLS_PORT")))
        if settings.metrics_port is not None:
            stack.enter_context(metrics_at(settings.host, settings.metrics_port))
        node: Node = MeasuredNode(await stack.enter_async_context(Nodes((settings.rpc, *settings.fallback_rpc))))
        deployment = await _wait_for_node(settings, node)
        store = await _open_database(settings, stack)
        parts = _build(settings, store, node, deployment, signer)
        await _run(parts, listeners)


async def _open_database(settings: Settings, stack: AsyncExitStack) -> Store:
    try:
        store = Store.of(settings.database)
    except ValueError as error:
        raise CannotServe(
            f"--database is neither a path nor the URL of a PostgreSQL database: {error}. Write it as "
            "postgresql://user@host/name"
        ) from None
    stack.push_async_callback(store.close)
    try:
        await store.create_tables()
    except (CannotConnect, WrongSchema) as error:
        raise CannotServe(str(error)) from None
    return store


def _build(
    settings: Settings, store: Store, node: Node, deployment: Deployment, signer: KeystoreSigner | None
) -> Parts:
    work, news, clock = Bell(), Gong(), time.time
    admitters: dict[Kind, Admitter] = {
        Kind.PAYMENT: PaymentAdmitter(),
        Kind.REPORT: ReportAdmitter(),
        Kind.REDEMPTION: RedemptionAdmitter(),
        Kind.CANCELLATION: CancellationAdmitter(),
        Kind.RECLAIM: ReclaimAdmitter(),
        Kind.REFUND: AuthorizationAdmitter(),
        Kind.AUTHORIZATION: AuthorizationAdmitter(),
        Kind.AUTHORIZATION_CANCELLATION: WithdrawalAdmitter(),
        Kind.REPORT_CANCELLATION: ReportCancellationAdmitter(),
        Kind.REDUCTION: ReductionAdmitter(),
    }
    intake = Intake(store, admitters, render=render_bytes, work=work, clock=clock)
    follower = Follower(
        store,
        node,
        deployment.places,
        deployment.chain_id,
        IndexSettings(first_block=deployment.deploy_block, finality=settings.finality, lease=settings.lease),
        news=news,
        work=work,
        clock=clock,
        owner=store.name,
    )
    return Parts(settings, store, node, deployment, signer, intake, follower, work, news, Endings(store, news), clock)


async def _run(parts: Parts, listeners: list[socket.socket]) -> None:
    """Run the roles until one says it cannot go on, or a signal comes."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    services = _services(parts)
    roles = _roles(parts, services)
    tasks = [asyncio.create_task(_supervise(name, run), name=name) for name, run in roles.items()]
    stopping = asyncio.create_task(stop.wait())
    settings = parts.settings
    answering = create_app(services) if settings.has_api else create_health_app(_health(parts))
    app = Traced(answering) if tracing.is_on() else answering
    plain, *encrypted = listeners
    servers = [(server_of(app), plain)]
    servers += [(server_of(app, settings.certificate, settings.certificate_key), listener) for listener in encrypted]
    tasks += [asyncio.create_task(server.serve(sockets=[listener]), name="api") for server, listener in servers]
    at = f"http://{settings.host}:{plain.getsockname()[1]}"
    log.info("serving", url=at, role=str(settings.role))
    done, _ = await asyncio.wait({*tasks, stopping}, return_when=asyncio.FIRST_COMPLETED)
    services.tail.close()
    for server, _ in servers:
        server.should_exit = True
    await asyncio.wait([task for task in tasks if task.get_name() == "api"])
    await end_all([*tasks, stopping])
    for task in done - {stopping}:
        if not task.cancelled() and (error := task.exception()) is not None:
            raise error
    log.info("stopped")


def _roles(parts: Parts, services: Services) -> dict[str, Callable[[], Awaitable[None]]]:
    """What this process has to keep running, by name."""
    settings = parts.settings
    roles: dict[str, Callable[[], Awaitable[None]]] = {}
    if settings.has_api:
        roles["intake"] = parts.intake.run
        roles["tail"] = services.tail.run
        roles["endings"] = parts.endings.run
    if settings.metrics_port is not None:
        roles["metrics"] = Gauges(parts.store, parts.clock).run
    if settings.has_index:
        roles["index"] = parts.follower.run
        kept = {"keep_keys": settings.keep_keys, "keep_bytes": settings.keep_bytes}
        others = [(forget_community, settings.keep_photos)]
        roles["tidy up"] = Tidier(parts.store, parts.clock, **kept, others=others).run
        if settings.check_at:
            roles["check"] = _nightly(parts).run
    if settings.has_deliver:
        roles["deliver"] = Deliverer(
            parts.store,
            services.renderer,
            parts.news,
            parts.clock,
            retries=settings.webhook_retries,
            loopback=settings.webhook_loopback,
        ).run
    if settings.has_relay and parts.signer is not None:
        roles["lane"] = _lane(parts).run
    if settings.role is not RoleName.ALL or not parts.store.is_sqlite:
        bells = {Channel.WORK: parts.work.ring, Channel.NEWS: parts.news.ring}
        roles["watch"] = lambda: watch(parts.store, bells)
    return roles


async def _supervise(name: str, run: Callable[[], Awaitable[None]]) -> None:
    """Run a role; start it again when it fails, unless it must not go on."""
    pause = 1.0
    while True:
        began = time.monotonic()
        try:
            await run()
        except IndexHalted as error:
            # The rest goes on: what is known can be read, and /readyz says what is the matter.
            log.error("index stopped", reason=str(error))  # noqa: TRY400 - the reason is for people; no trace
            await asyncio.Event().wait()
        except Exception:  # whatever it is, the role is needed
            log.exception("role failed; it is started again", role=name, seconds=pause)
        if time.monotonic() - began > 60:
            pause = 1.0
        await asyncio.sleep(pause)
        pause = min(2 * pause, 30.0)


def _nightly(parts: Parts) -> Nightly:
    return Nightly(
        parts.store,
        parts.node,
        parts.deployment.places,
        NightlySettings(dt.time.fromisoformat(parts.settings.check_at), parts.settings.lease),
        clock=parts.clock,
        owner=parts.store.name,
    )


def _health(parts: Parts) -> Health:
    return Health(parts.store, parts.node, parts.clock, parts.settings.role, parts.store.name)


def _services(parts: Parts) -> Services:
    store, intake, deployment, clock = parts.store, parts.intake, parts.deployment, parts.clock
    contracts = deployment.contracts
    carrier = parts.signer.address if parts.signer is not None else ZERO_ADDRESS
    signatures = Signatures(parts.node)
    reception = Reception(store, intake, parts.node, signatures, contracts, carrier)
    domains = (deployment.token_domain, deployment.desk_domain)
    settings = parts.settings
    url = (settings.public_url or f"http://{settings.host}:{settings.port}").rstrip("/")
    place = Place(url, deployment.city, deployment.chain_id, deployment.token_domain)
    offices = Offices(parts.node, contracts.authority)
    payments = PaymentService(store, intake, signatures, deployment.token_domain)
    authorizations = AuthorizationService(reception, deployment.token_domain)
    redemptions = RedemptionService(reception, domains, deployment.terms)
    shows: dict[str, Show] = {
        Kind.PAYMENT: payments.show,
        Kind.AUTHORIZATION: lambda identity: authorizations.show(identity, Kind.AUTHORIZATION),
        Kind.REDEMPTION: redemptions.show,
    }
    renderer = Renderer(store, shows)
    site = Site.of(deployment.body(), deployment.profile, demo=settings.demo is not None)
    return Services(
        city=deployment.body(),
        access=AccessService(store, offices, signatures, place, clock),
        rates=(settings.rate, settings.rate_known),
        payments=payments,
        authorizations=authorizations,
        activities=ActivityService(store),
        reports=ReportService(reception, deployment.registry_domain),
        cancellations=ReportCancellationService(reception, deployment.registry_domain),
        attestations=AttestationService(reception, deployment.registry_domain),
        redemptions=redemptions,
        community=community(settings, store, signatures, offices, deployment, clock),
        office=office(parts.node, deployment, offices, store, clock),
        ledger=LedgerService(store, contracts.desk, clock),
        personal=Personal(parts.node, contracts.token, contracts.registry, deployment.deploy_block),
        statistics=StatisticsService(store, _neighbourhoods(deployment), clock),
        public_node=PublicNode(parts.node, (contracts.authority, contracts.token, contracts.registry, contracts.desk)),
        merchants=MerchantService(store, site.time_zone, clock),
        facilitator=FacilitatorService(authorizations, deployment.token_domain, carrier, clock),
        webhooks=WebhookService(store, parts.news, clock, loopback=settings.webhook_loopback),
        renderer=renderer,
        tail=Tail(store, renderer, parts.news, settings.streams),
        health=_health(parts),
        endings=parts.endings,
        site=site,
        demo_people=settings.demo,
    )


def _neighbourhoods(deployment: Deployment) -> dict[int, str]:
    """Their names, by code; none where the city has no profile."""
    profile = deployment.profile
    return {place.code: place.name for place in profile.neighbourhoods} if profile else {}


def _lane(parts: Parts) -> Lane:
    assert parts.signer is not None
    settings = parts.settings
    return Lane(
        parts.store,
        parts.node,
        parts.signer,
        parts.deployment.contracts,
        parts.deployment.chain_id,
        work=parts.work,
        clock=parts.clock,
        owner=parts.store.name,
        settings=LaneSettings(
            window=settings.window, linger=settings.linger, lease=settings.lease, resend=settings.resend
        ),
    )


async def _wait_for_node(settings: Settings, node: Node) -> Deployment:
    give_up = time.monotonic() + _NODE_PATIENCE
    while True:
        try:
            return await read_deployment(settings.deployment, node)
        except WrongDeployment as error:
            raise CannotServe(str(error)) from None
        except NodeUnreachable as error:
            if time.monotonic() > give_up:
                raise CannotServe(f"{error}. Start the node first, or give the right address with --rpc.") from None
            await asyncio.sleep(0.5)


def _open_key(settings: Settings) -> KeystoreSigner:
    if settings.keyfile is None:
        raise CannotServe("a process that relays needs a key: give its file with --keyfile")
    try:
        return KeystoreSigner(settings.keyfile.read_text("utf-8"), settings.relayer_passphrase.get_secret_value())
    except OSError as error:
        raise CannotServe(f"{settings.keyfile}: the key file cannot be read ({error.strerror})") from None
    except (ValueError, KeyError, TypeError):
        raise CannotServe(
            f"{settings.keyfile}: not a key file, or the passphrase in HEITJE_RELAYER_PASSPHRASE does not open it"
        ) from None


def _set_up_logging() -> None:
    logging.basicConfig(level=logging.WARNING, format="%(message)s")
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            tracing.mark,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            # Without local variables: they hold signatures, and could hold a key.
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
    )
