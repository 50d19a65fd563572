# SPDX-License-Identifier: EUPL-1.2
"""A phone that trusts the demo's authority reaches the demo by its name, and nothing else by it."""

import ssl
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.error import URLError
from urllib.request import urlopen

import pytest

from tools.demo.certificate import make


class Hello(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(204)
        self.end_headers()

    def log_message(self, *arguments):
        pass


@contextmanager
def serving(certificate, key):
    server = ThreadingHTTPServer(("127.0.0.1", 0), Hello)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.mark.parametrize(("host", "other"), [("localhost", "127.0.0.1"), ("127.0.0.1", "localhost")])
def test_who_trusts_the_authority_reaches_the_host_by_its_name_only(tmp_path, host, other):
    trusted, certificate, key = make(tmp_path, host)
    context = ssl.create_default_context(cafile=trusted)
    with serving(certificate, key) as port:
        assert urlopen(f"https://{host}:{port}", context=context).status == 204
        with pytest.raises(URLError, match="certificate verify failed"):
            urlopen(f"https://{other}:{port}", context=context)
        with pytest.raises(URLError, match="certificate verify failed"):
            urlopen(f"https://{host}:{port}")


def test_the_hosts_key_is_its_owners_and_the_authoritys_is_kept_nowhere(tmp_path):
    _, _, key = make(tmp_path, "localhost")
    assert key.stat().st_mode & 0o077 == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["authority.pem", "host.key", "host.pem"]
