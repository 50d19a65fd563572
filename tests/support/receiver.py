# SPDX-License-Identifier: EUPL-1.2
"""A real HTTP server that receives webhooks, well or badly behaved."""

import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

from standardwebhooks import Webhook


@dataclass(frozen=True)
class Message:
    """What came in."""

    path: str
    headers: dict[str, str]
    body: bytes
    at: float

    @property
    def event(self) -> dict[str, Any]:
        """What it tells."""
        event: dict[str, Any] = json.loads(self.body)
        return event

    @property
    def id(self) -> str:
        """The same for each attempt to deliver one event."""
        return self.headers["webhook-id"]

    def verified(self, secret: str) -> dict[str, Any]:
        """What it tells, checked as receivers do.

        Raises:
            WebhookVerificationError: It was not signed with this secret.
        """
        event: dict[str, Any] = Webhook(secret).verify(self.body, self.headers)
        return event


Behaviour = Callable[[BaseHTTPRequestHandler, int], None]
"""Answers a request; the number is that of the message, from 1."""


def say(status: int, body: bytes = b"", **headers: str) -> Behaviour:
    """Always the same answer."""

    def answer(request: BaseHTTPRequestHandler, _number: int) -> None:
        request.send_response(status)
        for name, value in headers.items():
            request.send_header(name, value)
        request.send_header("content-length", str(len(body)))
        request.end_headers()
        request.wfile.write(body)

    return answer


def first(*statuses: int, then: int = 204) -> Behaviour:
    """These answers first, one after the other."""

    def answer(request: BaseHTTPRequestHandler, number: int) -> None:
        say(statuses[number - 1] if number <= len(statuses) else then)(request, number)

    return answer


class Receiver:
    """A running receiver. Use it as `with Receiver() as receiver`; `behaviour` can be changed at any time."""

    def __init__(self, behaviour: Behaviour | None = None, host: str = "127.0.0.1") -> None:
        self.behaviour = behaviour or say(204)
        self.got: list[Message] = []
        self.released = threading.Event()
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("content-length", 0)))
                headers = {name.lower(): value for name, value in self.headers.items()}
                receiver.got.append(Message(self.path, headers, body, time.time()))
                try:
                    receiver.behaviour(self, len(receiver.got))
                except (BrokenPipeError, ConnectionResetError):
                    self.close_connection = True  # whoever asked wants no more

            def log_message(self, *_: Any) -> None:
                """Nothing is written to the terminal."""

        self._server = ThreadingHTTPServer((host, 0), Handler)
        self._server.daemon_threads = True
        self.port: int = self._server.server_address[1]
        self.url = f"http://{host}:{self.port}/hook"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.released.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def hang(self, _request: BaseHTTPRequestHandler, _number: int) -> None:
        """As behaviour: never answers."""
        self.released.wait(60)

    def wait_for(self, messages: int, within: float = 60.0) -> list[Message]:
        """Waits until so many came in.

        Raises:
            TimeoutError: They did not.
        """
        deadline = time.monotonic() + within
        while len(self.got) < messages:
            if time.monotonic() > deadline:
                raise TimeoutError(f"{len(self.got)} of {messages} came in: {[m.event['type'] for m in self.got]}")
            time.sleep(0.02)
        return self.got
