# SPDX-License-Identifier: EUPL-1.2
"""The how-to page's program receives what the real service sends, and its commands are answered."""

import os
import re
import shlex
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import pytest

from heitje.index.telling import TYPES
from heitje.problems import Code
from heitje.webhooks.delivering import RETRIES
from tests.support.anvil import free_port
from tests.support.hooks import ask, register, token_of, told
from tests.support.scripts import ROOT
from tests.support.service import Service, digest_of, signed_payment, until
from tests.support.town import SHOPS

PAGE = (ROOT / "docs" / "howto" / "webhooks.md").read_text("utf-8")
SHOP = SHOPS[0]


@pytest.fixture(scope="module")
def service(city, tmp_path_factory):
    with Service(tmp_path_factory.mktemp("service"), city, **told()) as running:
        yield running


@contextmanager
def program(folder, secret, port):
    """The page's receiver, as a process; what it has written."""
    (source,) = re.findall(r"^```python\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
    (folder / "receiver.py").write_text(source)
    log = folder / "log"
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "receiver.py"],
            cwd=folder,
            env={**os.environ, "SECRET": secret, "PORT": str(port)},
            stdout=out,
            stderr=out,
        )
    try:
        yield log
    finally:
        process.kill()
        process.wait()


def printed(log: Path) -> list[str]:
    return [line for line in log.read_text().splitlines() if line.startswith(("payment.", "redemption."))]


def test_the_program_writes_each_payment_once_and_refuses_what_is_not_from_the_city(service, city, residents, tmp_path):
    port = free_port()
    url = f"http://127.0.0.1:{port}/hook"
    hook = register(service, SHOP, url)
    with program(tmp_path, hook["secret"], port) as log:
        body = signed_payment(city, residents(), SHOP, 1, 0)
        service.post("/v1/payments", body)
        line = f"payment.final {digest_of(city, body)} 1"
        until(lambda: printed(log), lambda lines: lines == [line])
        # The program writes its line before it answers, so the service's record of the delivery follows.
        (delivery,) = until(lambda: ask(service, SHOP, "GET", f"/{hook['id']}/deliveries").body["items"], bool)
        ask(service, SHOP, "POST", f"/{hook['id']}/deliveries/{delivery['id']}/redelivery")
        rows = until(
            lambda: ask(service, SHOP, "GET", f"/{hook['id']}/deliveries").body["items"],
            lambda rows: [row["state"] for row in rows] == ["delivered", "delivered"],
        )
        assert rows[0]["event"] == rows[1]["event"]
        assert printed(log) == [line]
        other = register(service, SHOP, url)  # a webhook with another secret: the program does not know it
        service.post("/v1/payments", signed_payment(city, residents(), SHOP, 2, 0))
        until(lambda: len(printed(log)), lambda lines: lines == 2)
        (refused, *_) = until(lambda: ask(service, SHOP, "GET", f"/{other['id']}/deliveries").body["items"], bool)
        assert (refused["state"], refused["status"]) == ("failed", 400)
        assert "not from the city's service" in refused["response"]
        assert len(printed(log)) == 2


def commands():
    """Method, path, and body of everything the page asks with curl."""
    for line in re.findall(r"^curl .*$", PAGE, re.MULTILINE):
        words = shlex.split(line)
        (url,) = (word for word in words if word.startswith("http://"))
        body = words[words.index("--json") + 1] if "--json" in words else None
        method = words[words.index("--request") + 1] if "--request" in words else "POST" if body else "GET"
        yield method, url.removeprefix("http://127.0.0.1:8000"), body


def test_every_command_of_the_page_is_answered(service):
    hook = register(service, SHOP, "https://shop.example.org/hook")
    headers = {"authorization": f"Bearer {token_of(service, SHOP)}", "content-type": "application/json"}
    asked = list(commands())
    assert len(asked) == 5
    for method, path, body in asked:
        place = path.replace("$ID", hook["id"]).replace("/events", "/events?seconds=0")
        answer = service.request(method, place, body.encode() if body else None, headers)
        assert answer.status in (200, 201), (method, path, answer.body)


def test_what_the_page_names_is_there():
    types = set(re.findall(r"`((?:payment|redemption)\.[a-z_]+)`", PAGE))
    assert types
    assert types <= set(TYPES)
    shown = re.findall(r"^\| `([a-z]+(?:_[a-z]+)+)` \|", PAGE, re.MULTILINE)
    assert shown
    assert set(shown) <= {str(code) for code in Code}
    source = "".join(path.read_text("utf-8") for path in (ROOT / "backend/heitje/webhooks").glob("*.py"))
    assert "no complete answer within {self._timeout:g} seconds" in source
    assert "the receiver redirects" in source


def test_the_page_says_how_long_it_is_tried():
    said = re.search(r"tried again after ([^.]*)\.", PAGE)
    assert said is not None
    units = {"second": 1, "minute": 60, "hour": 3_600}
    found = re.findall(r"(\d+)\s+(second|minute|hour)s?", said.group(1))
    assert tuple(int(number) * units[unit] for number, unit in found) == RETRIES
