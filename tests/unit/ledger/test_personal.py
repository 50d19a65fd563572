# SPDX-License-Identifier: EUPL-1.2
"""A page shows what it can when the node does not answer."""

import asyncio
import socket
import time

import pytest

from heitje.chain.addresses import ZERO_ADDRESS
from heitje.chain.nodes import Nodes
from heitje.ledger import personal
from heitje.ledger.personal import Personal


def asked(url):
    async def ask():
        async with Nodes([url]) as node:
            person = Personal(node, ZERO_ADDRESS, ZERO_ADDRESS, 0)
            return await person.left(7, 24_000), await person.freeze_reason(7)

    return asyncio.run(ask())


@pytest.fixture
def port():
    """A port at which somebody listens and never answers."""
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        yield silent.getsockname()[1]


def test_a_node_that_is_away_leaves_what_only_it_knows_open():
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        free = closed.getsockname()[1]
    assert asked(f"http://127.0.0.1:{free}") == (None, None)


def test_a_node_that_is_silent_keeps_nobody_waiting(port, monkeypatch):
    monkeypatch.setattr(personal, "_PATIENCE", 0.3)
    began = time.monotonic()
    assert asked(f"http://127.0.0.1:{port}") == (None, None)
    assert time.monotonic() - began < 10
