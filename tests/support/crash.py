# SPDX-License-Identifier: EUPL-1.2
"""Accepting payments, dying, and asking the chain afterwards: what the tests of crashes share."""

import asyncio
import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import asyncpg

from tests.support.anvil import rpc
from tests.support.city import City
from tests.support.databases import place_of, restore, server
from tests.support.service import (
    Service,
    digest_of,
    nonce_on_chain,
    paid_on_chain,
    relayer,
    signed_payment,
    transactions_without_effect,
)
from tests.support.town import FUNDS, RESIDENTS, SHOPS

SEND: Final = "eth_sendRawTransaction"
PAYERS: Final = RESIDENTS[:5]
CENTS: Final = 150


def accept(service: Service, city: City, payers: Sequence[int] = PAYERS, nonce: int = 0) -> list[str]:
    """Has one payment of each payer accepted; their digests."""
    digests = []
    for payer in payers:
        body = signed_payment(city, payer, SHOPS[0], CENTS, nonce)
        answer = service.post("/v1/payments", body)
        assert answer.status == 202, answer.body
        digests.append(digest_of(city, body))
    return digests


def finish(service: Service, digests: Sequence[str]) -> None:
    """Waits until all of them are final."""
    for digest in digests:
        ended = service.wait_for(f"/v1/payments/{digest}")
        assert ended["state"] == "final", ended


def check_once(city: City, digests: Sequence[str], payers: Sequence[int] = PAYERS, *, each: int = 1) -> None:
    """Asks the chain: each payment was carried once, nothing else was, and no nonce was skipped.

    Args:
        city: Where.
        digests: Of all payments that were accepted.
        payers: Who signed them.
        each: How many of each payer.
    """
    assert sorted(paid_on_chain(city)) == sorted(digests)
    for payer in payers:
        assert city.account(payer).nonce == each
        assert city.account(payer).balance == FUNDS - CENTS * each
    assert city.account(SHOPS[0]).balance == CENTS * each * len(payers)
    pending = int(rpc(city.url, "eth_getTransactionCount", relayer().address, "pending"), 16)
    assert pending == nonce_on_chain(city)


def check_nothing_in_vain(city: City) -> None:
    """Asks the chain: each of the relayer's transactions did something."""
    assert transactions_without_effect(city) == []


def rows(folder: Path, query: str, database: str = "db") -> list[tuple[Any, ...]]:
    """What a database says, of a service that is dead or alive."""
    if server() is not None:
        return asyncio.run(asked(place_of(folder, database), query))
    with sqlite3.connect(f"file:{folder / database}.sqlite?mode=ro", uri=True) as connection:
        found = connection.execute(query).fetchall()
    connection.close()
    return found


async def asked(url: str, statement: str) -> list[tuple[Any, ...]]:
    """What PostgreSQL answers to a statement."""
    connection = await asyncpg.connect(url)
    try:
        return [tuple(row) for row in await connection.fetch(statement)]
    finally:
        await connection.close()


def copy_database(folder: Path, source: str, target: str) -> None:
    """Restores a database as the runbook says: the file, without what was written ahead beside it."""
    if server() is not None:
        restore(folder, source, target)
        return
    for rest in ("-wal", "-shm"):
        (folder / f"{target}.sqlite{rest}").unlink(missing_ok=True)
    (folder / f"{target}.sqlite").write_bytes((folder / f"{source}.sqlite").read_bytes())
