# SPDX-License-Identifier: EUPL-1.2
"""How fast the index reads a past that it has missed, and how fast an account is read from what it has made of it."""

from __future__ import annotations

import asyncio
import random
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from heitje.chain.node import RpcNode
from heitje.index.follow import Follower, IndexSettings
from heitje.index.rows import Places
from heitje.store.bell import Bell, Gong
from heitje.store.session import Store
from tests.load.client import drive
from tests.load.history import push
from tests.load.measure import Watch, at
from tests.load.payments import MUCH, RESIDENTS, SHOPS
from tests.load.traffic import Request, Town, get
from tests.support.anvil import Anvil, rpc
from tests.support.city import City
from tests.support.service import Service


@dataclass(frozen=True)
class Backfill:
    """One reading of the whole chain into an empty database. Events are logs of the city's contracts."""

    database: str
    events: int
    seconds: float
    events_per_second: float
    cpu_seconds: float

    @classmethod
    def of(cls, database: str, events: int, seconds: float, cpu_seconds: float) -> Backfill:
        """With what follows from these."""
        return cls(database, events, round(seconds, 2), round(events / seconds), round(cpu_seconds, 2))


@dataclass(frozen=True)
class Reading:
    """Accounts asked for one after another over some connections, with so many transfers stored. Seconds."""

    transfers: int
    asked: int
    per_second: float
    p50: float
    p95: float
    p99: float


def long_past(anvil: Anvil, payments: int) -> Town:
    """A city in which so many payments were made."""
    town = Town.settle(City.found(anvil.url, cap=MUCH), RESIDENTS, SHOPS)
    signed = town.payments(payments)
    anvil.rpc("evm_setAutomine", False)
    push(anvil, town, signed)
    return town


def events_of(town: Town) -> int:
    """How many logs the city's contracts have written, counted by the node in portions of blocks."""
    head, count = int(rpc(town.city.url, "eth_blockNumber"), 16), 0
    for first in range(0, head + 1, 20):
        wanted = {"fromBlock": hex(first), "toBlock": hex(min(head, first + 19))}
        count += len(rpc(town.city.url, "eth_getLogs", {**wanted, "address": list(town.city.addresses.values())}))
    return count


def backfill(town: Town, store: Store, name: str) -> Backfill:
    """Read everything, in this process."""
    events = events_of(town)
    began, cpu = time.perf_counter(), time.process_time()
    asyncio.run(_read(town, store))
    seconds = time.perf_counter() - began
    return Backfill.of(name, events, seconds, time.process_time() - cpu)


async def _read(town: Town, store: Store) -> None:
    city = town.city
    contracts = (city.addresses[part] for part in ("token", "registry", "desk"))
    domains = (city.domains[part] for part in ("token", "registry", "desk"))
    settings: dict[str, Any] = {"news": Gong(), "work": Bell(), "clock": time.time}
    async with RpcNode(city.url) as node:
        await store.create_tables()
        follower = Follower(
            store, node, Places(*contracts, *domains), city.chain_id, IndexSettings(first_block=0), **settings
        )
        while await follower.step():
            pass
    await store.close()


def reading(folder: Path, town: Town, transfers: int, asked: int = 5_000) -> Reading:
    """Ask the service for accounts, on the database that a backfill left in the folder as `db.sqlite`."""
    chooser = random.Random(1)
    addresses = [town.city.address_of(number) for number in town.residents]
    wanted = [Request("", get(f"/v1/accounts/{chooser.choice(addresses)}")) for _ in range(asked)]
    with Service(folder, town.city) as service:
        watched = Watch.over(service.process.pid)
        # A quarter of what it can do: the time of an answer, not of a queue.
        outcome = asyncio.run(drive(service.port, [one.raw for one in wanted], rate=200))
        spent = watched.cpu
    if set(outcome.statuses) != {200}:
        raise RuntimeError(f"not all accounts were answered: {outcome.refusals}")
    waits = [answered - due for answered, due in zip(outcome.answered, outcome.due, strict=True)]
    return Reading(transfers, asked, round(asked / spent), at(waits, 0.5), at(waits, 0.95), at(waits, 0.99))
