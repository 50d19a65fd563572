# SPDX-License-Identifier: EUPL-1.2
"""A proxy between a service and its node that can stop the world: hold a request back, or the answer to it.

It can also do what networks and nodes do: cut the connection before the request arrived or before the answer came back,
bring a request twice, take long, and say what is not so.
"""

import contextlib
import json
import socket
import struct
import threading
import time
import urllib.request
from collections import defaultdict, deque
from collections.abc import Callable
from enum import Enum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Final, Self

RESET: Final = struct.pack("ii", 1, 0)
"""Of a socket's SO_LINGER: closing it resets the connection at once."""


class Fault(Enum):
    """What happens to one HTTP message."""

    CUT_REQUEST = "the connection is reset, and the request does not reach the node"
    CUT_ANSWER = "the node gets the request, and the connection is reset before its answer"
    TWICE = "the node gets the request twice"
    LATE = "the node gets the request after a while"


class Proxy:
    """Forwards JSON-RPC to a node. Use it as `with Proxy(node_url) as proxy`.

    Attributes:
        url: where the service is to find its node.
        held: set when something is being held back.
    """

    def __init__(self, target: str) -> None:
        self.held = threading.Event()
        self._target = target
        self._hold_request: str | None = None
        self._hold_answer: str | None = None
        self._head: str | None = None
        self._refuse: tuple[str, dict[str, Any]] | None = None
        self._faults: defaultdict[str, deque[Fault]] = defaultdict(deque)
        self._lies: dict[str, Callable[[Any], Any]] = {}
        self._released = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._released.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def hold_requests(self, method: str) -> None:
        """From now on requests with this method do not reach the node."""
        self._hold_request = method

    def hold_answers(self, method: str) -> None:
        """From now on requests with this method reach the node, but the answers do not come back."""
        self._hold_answer = method

    def refuse(self, method: str, code: int, message: str) -> None:
        """From now on requests with this method do not reach the node, and are answered with this error."""
        self._refuse = method, {"code": code, "message": message}

    def be_at(self, block: int) -> None:
        """From now on the node says that this is the chain's latest block."""
        self._head = hex(block)

    def fail(self, method: str, *faults: Fault) -> None:
        """The next requests with this method meet these faults, one each."""
        self._faults[method].extend(faults)

    def faults_left(self, method: str) -> int:
        """How many of them nobody has met yet."""
        return len(self._faults[method])

    def lie(self, method: str, change: Callable[[Any], Any]) -> None:
        """From now on what the node answers to this method is changed."""
        self._lies[method] = change

    def let_pass(self) -> None:
        """Nothing is held, refused or changed any more; what was held is dropped."""
        self._faults.clear()
        self._lies.clear()
        self._hold_request = self._hold_answer = self._refuse = self._head = None
        self._released.set()
        self._released = threading.Event()
        self.held.clear()

    def _wait(self) -> None:
        released = self._released
        self.held.set()
        released.wait()

    def _forward(self, body: bytes) -> bytes | None:
        asked = json.loads(body)
        methods = {one["method"] for one in (asked if isinstance(asked, list) else [asked])}
        if self._hold_request in methods:
            self._wait()
            return None
        if self._refuse and self._refuse[0] in methods:
            many = asked if isinstance(asked, list) else [asked]
            refused = [{"jsonrpc": "2.0", "id": one["id"], "error": self._refuse[1]} for one in many]
            return json.dumps(refused if isinstance(asked, list) else refused[0]).encode()
        if self._head:
            for one in asked if isinstance(asked, list) else [asked]:
                if one["method"] == "eth_getBlockByNumber" and one["params"][0] == "latest":
                    one["params"][0] = self._head
            body = json.dumps(asked).encode()
        fault = next((self._faults[method].popleft() for method in methods if self._faults[method]), None)
        if fault is Fault.CUT_REQUEST:
            return None
        if fault is Fault.LATE:
            time.sleep(2.0)
        answer = self._post(body)
        if fault is Fault.TWICE:
            answer = self._post(body)
        if self._hold_answer in methods:
            self._wait()
            return None
        return None if fault is Fault.CUT_ANSWER else self._changed(asked, answer)

    def _post(self, body: bytes) -> bytes:
        request = urllib.request.Request(self._target, body, {"content-type": "application/json"})
        with urllib.request.urlopen(request, timeout=60) as response:
            answer: bytes = response.read()
        return answer

    def _changed(self, asked: Any, answer: bytes) -> bytes:
        many = asked if isinstance(asked, list) else [asked]
        lies = {one["id"]: self._lies[one["method"]] for one in many if one["method"] in self._lies}
        if not lies:
            return answer
        told = json.loads(answer)
        for one in told if isinstance(told, list) else [told]:
            if one["id"] in lies and "result" in one:
                one["result"] = lies[one["id"]](one["result"])
        return json.dumps(told).encode()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        proxy = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                answer = proxy._forward(self.rfile.read(int(self.headers["content-length"])))
                if answer is None:
                    self.close_connection = True
                    self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
                    self.connection.close()
                    return
                self.send_response(200)
                self.send_header("content-type", "application/json")
                self.send_header("content-length", str(len(answer)))
                self.end_headers()
                with contextlib.suppress(ConnectionError):  # whoever asked is dead, or no longer waits
                    self.wfile.write(answer)

            def log_message(self, *arguments: Any) -> None:
                """Say nothing."""

        return Handler
