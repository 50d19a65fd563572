# SPDX-License-Identifier: EUPL-1.2
"""The service's two ports: the API's, and the one that Prometheus asks. Whoever cannot have one says which."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import structlog
import uvicorn
from prometheus_client import start_http_server
from starlette.types import ASGIApp

log = structlog.get_logger(__name__)

_DRAIN: Final = 10
"""Seconds that requests under way have when the service stops."""

_KEEP_ALIVE: Final = 75
"""Seconds that an idle connection is kept: longer than the clients of shops do (5 to 60). Whoever closes first decides
whether a request can get lost in between, and a shop cannot know what became of a settlement that did.
"""


class CannotServe(Exception):
    """The service cannot start or go on; the message says why and what to do."""


@contextmanager
def metrics_at(host: str, port: int) -> Iterator[None]:
    """Serve metrics in a thread of their own, so that they can be had while the service is busy."""
    try:
        server, thread = start_http_server(port, host)
    except OSError as error:
        raise CannotServe(
            f"port {port} of {host} cannot be used ({error.strerror}); choose another with --metrics-port"
        ) from None
    log.info("metrics", url=f"http://{host}:{server.server_port}/metrics")
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def listen_at(host: str, port: int, option: str = "--port") -> Iterator[socket.socket]:
    """A socket at the address to serve at; taken before anything else is begun. `option` is where a port is chosen."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, port))
        except OSError as error:
            raise CannotServe(
                f"port {port} of {host} cannot be used ({error.strerror}); choose another with {option}"
            ) from None
        yield listener


def server_of(app: ASGIApp, certificate: Path | None = None, key: Path | None = None) -> uvicorn.Server:
    """The HTTP server of an application; HTTPS with a certificate."""
    return _Server(
        uvicorn.Config(
            app,
            ssl_certfile=certificate,
            ssl_keyfile=key,
            log_config=None,
            access_log=False,
            lifespan="off",
            proxy_headers=False,
            server_header=False,
            timeout_graceful_shutdown=_DRAIN,
            timeout_keep_alive=_KEEP_ALIVE,
        )
    )


class _Server(uvicorn.Server):
    """uvicorn, with signals left to us."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave them alone."""
        yield
