# SPDX-License-Identifier: EUPL-1.2
"""Operations per second, end to end: one POST each, settled and final, beside the node on one machine."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from heitje.relay.operation import ENDED, State
from heitje.store.session import Store
from heitje.store.tables import operation
from tests.load.client import Outcome, drive
from tests.load.measure import Watch, at
from tests.load.traffic import Request, Town
from tests.support.anvil import Anvil
from tests.support.city import City
from tests.support.service import Service

BLOCK_GAS = 600_000_000
"""A block must not be what limits: 600 M holds 35 000 payments."""

MUCH = 1_000_000_000
"""Cents that the programme may give."""

RESIDENTS = 500
SHOPS = 50
PATIENCE = 60.0
"""Seconds to wait for the next to be final."""

LEASE = "6"
"""Seconds, as a city has it; tests have less."""

_PORTION = 50_000


@dataclass(frozen=True)
class Result:
    """What one run showed. Times are seconds, memory is bytes.

    Attributes:
        asked: Requests that were sent.
        accepted: Of these, how many the service took on.
        settled: How many things (payments, or rewards) are final.
        seconds: From the first request to the last that was final.
        answer_p50: From when a request was due to its answer: waiting for a free connection counts.
        final_p50: From the answer to final, as the service's own books tell it.
    """

    asked: int
    accepted: int
    refused: dict[str, int]
    settled: int
    seconds: float
    per_second: float
    answer_p50: float
    answer_p95: float
    final_p50: float
    final_p95: float
    final_p99: float
    service_cpu_ms: float
    node_cpu_ms: float
    memory_before: int
    memory_after: int


def payments(folder: Path, *, seconds: float, rate: float) -> Result:
    """Payments of many residents to fewer shops, on a chain of their own."""
    return run(folder, lambda town: town.payments(int(seconds * rate)), rate)


def mints(folder: Path, *, reports: int, rate: float) -> Result:
    """Reports of a hundred rewards each, on a chain of their own. What is counted is rewards."""
    return run(folder, lambda town: town.reports(reports), rate)


def run(folder: Path, prepare: Callable[[Town], Sequence[Request]], rate: float) -> Result:
    """Found a city, prepare what is to be sent, start the service, send."""
    with Anvil(f"--gas-limit={BLOCK_GAS}") as anvil:
        town = Town.settle(City.found(anvil.url, cap=MUCH), RESIDENTS, SHOPS)
        requests = prepare(town)
        anvil.rpc("evm_setIntervalMining", 1)
        with Service(folder, town.city, HEITJE_LEASE=LEASE) as service:
            return measure(service, anvil, requests, rate)


@dataclass(frozen=True)
class Seen:
    """What became of each request, by place. Times are Unix seconds; 0 where it has not come so far."""

    began: float
    outcome: Outcome
    finals: Sequence[float]


def measure(service: Service, anvil: Anvil, requests: Sequence[Request], rate: float) -> Result:
    """Send requests to a service at a rate (0: as fast as it answers) and wait until all of them have ended."""
    return watch(service, anvil, requests, rate)[0]


def watch(service: Service, anvil: Anvil, requests: Sequence[Request], rate: float) -> tuple[Result, Seen]:
    """The same, and what became of each."""
    watched, node = Watch.over(service.process.pid), Watch.over(anvil._process.pid)
    began = time.time()
    outcome = asyncio.run(drive(service.port, [request.raw for request in requests], rate))
    finals = asyncio.run(_finals(service.database, [request.digest for request in requests]))
    seconds = max(max(finals, default=0.0), began) - began
    taken = [place for place, status in enumerate(outcome.statuses) if status in (200, 202)]
    settled = sum(request.weight for request, final in zip(requests, finals, strict=True) if final)
    waits = [finals[place] - outcome.answered[place] for place in taken if finals[place]]
    result = Result(
        asked=len(requests),
        accepted=len(taken),
        refused=outcome.refusals,
        settled=settled,
        seconds=round(seconds, 2),
        per_second=round(settled / seconds, 1) if seconds else 0.0,
        **_answers(outcome),
        final_p50=at(waits, 0.5),
        final_p95=at(waits, 0.95),
        final_p99=at(waits, 0.99),
        service_cpu_ms=round(1000 * watched.cpu / max(1, settled), 3),
        node_cpu_ms=round(1000 * node.cpu / max(1, settled), 3),
        memory_before=watched.memory_before,
        memory_after=watched.memory,
    )
    return result, Seen(began, outcome, finals)


def _answers(outcome: Outcome) -> dict[str, float]:
    waits = [answered - due for answered, due in zip(outcome.answered, outcome.due, strict=True) if answered]
    return {"answer_p50": at(waits, 0.5), "answer_p95": at(waits, 0.95)}


async def _finals(database: str, digests: Sequence[str]) -> list[float]:
    """When each of these was final: waits until everything has ended, as long as there is progress."""
    places = {digest: place for place, digest in enumerate(digests)}
    finals = [0.0] * len(digests)
    store = Store.of(database, statement_seconds=None)
    try:
        await _until_ended(store)
        last = -1
        while True:
            after = sa.select(operation.c.seq, operation.c.id, operation.c.state, operation.c.changed_at)
            async with store.read() as session:
                rows = await session.rows(after.where(operation.c.seq > last).order_by(operation.c.seq).limit(_PORTION))
            for row in rows:
                if row.state == State.FINAL and (place := places.get(row.id)) is not None:
                    finals[place] = row.changed_at
            if len(rows) < _PORTION:
                return finals
            last = rows[-1].seq
    finally:
        await store.close()


async def _until_ended(store: Store) -> None:
    under_way = sa.select(sa.func.count()).where(operation.c.state.not_in(ENDED))
    least, moved = None, time.time()
    while time.time() < moved + PATIENCE:
        async with store.read() as session:
            left = await session.scalar(under_way)
        if not left:
            return
        if least is None or left < least:
            least, moved = left, time.time()
        await asyncio.sleep(0.25)
