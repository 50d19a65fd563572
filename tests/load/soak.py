# SPDX-License-Identifier: EUPL-1.2
"""Very many payments through one service: whether it slows down or grows, and whether the books are right then."""

from __future__ import annotations

import bisect
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from heitje.store.session import Store
from tests.load.indexing import Backfill, Reading, backfill, reading
from tests.load.measure import Watch, at
from tests.load.payments import BLOCK_GAS, LEASE, MUCH, RESIDENTS, SHOPS, Result, Seen, watch
from tests.load.traffic import Town
from tests.support.anvil import Anvil
from tests.support.city import City
from tests.support.service import Service

SAMPLE = 5.0
"""Seconds between two looks at the process."""

VALID = 12 * 3_600
"""Seconds for which what is signed beforehand is valid: longer than all of it takes."""


@dataclass(frozen=True)
class Tenth:
    """A tenth of the payments, by the order in which they were sent. Times are seconds.

    Attributes:
        cpu_ms: Processor time of the service for each of them, read off the samples.
    """

    final_p50: float
    final_p95: float
    cpu_ms: float


@dataclass(frozen=True)
class Soak:
    """What it showed.

    Attributes:
        run: As a run of payments.
        megabytes: Resident memory of the service, sampled evenly, from the first payment to the last.
        node_megabytes: That of the node at the end.
        disk_megabytes: What the database takes at the end.
        second: The second tenth: the first still warms up.
        last: The last tenth.
        audit_seconds: The audit of the whole chain afterwards, which must pass.
        backfill: The same chain read into an empty database.
        reading: Accounts asked for with all of it stored.
    """

    run: Result
    megabytes: list[int]
    node_megabytes: int
    disk_megabytes: int
    second: Tenth
    last: Tenth
    audit_seconds: float
    backfill: Backfill
    reading: Reading


def soak(folder: Path, payments: int, rate: float, say: Callable[[str], None]) -> Soak:
    """Send so many payments at a rate, then audit, read again, and ask.

    Raises:
        RuntimeError: The audit found something, or not all were settled.
    """
    with Anvil(f"--gas-limit={BLOCK_GAS}") as anvil:
        town = Town.settle(City.found(anvil.url, cap=MUCH), RESIDENTS, SHOPS)
        say(f"signing {payments} payments")
        requests = town.payments(payments, valid=VALID)
        anvil.rpc("evm_setIntervalMining", 1)
        say(f"sending them, which takes {payments / rate / 60:.0f} minutes at {rate:g} a second")
        with Service(folder, town.city, HEITJE_LEASE=LEASE) as service, _Sampler(service.process.pid) as sampler:
            run, seen = watch(service, anvil, requests, rate)
            if run.settled != payments:
                raise RuntimeError(f"{payments - run.settled} of {payments} payments were not settled: {_why(service)}")
        del requests
        node = Watch.over(anvil._process.pid).memory // 1_000_000
        disk = sum(file.stat().st_size for file in folder.glob("db.sqlite*")) // 1_000_000
        second, last = (_tenth(seen, sampler, which) for which in (1, 9))
        say("auditing the chain")
        audit = _audit(town)
        say("reading the chain into an empty database, and asking for accounts")
        again = backfill(town, Store.at(folder / "again.sqlite"), "SQLite")
        read = reading(folder, town, payments)
        return Soak(run, sampler.megabytes, node, disk, second, last, audit, again, read)


class _Sampler:
    """Looks at a process from time to time."""

    def __init__(self, pid: int) -> None:
        self.megabytes: list[int] = []
        self._spent: list[tuple[float, float]] = []
        self._watch = Watch.over(pid)
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def spent_at(self, moment: float) -> float:
        """Processor seconds at a moment, between the samples before and after it."""
        times, spent = zip(*self._spent, strict=True)
        after = min(max(1, bisect.bisect(times, moment)), len(times) - 1)
        share = (moment - times[after - 1]) / (times[after] - times[after - 1])
        return float(spent[after - 1] + share * (spent[after] - spent[after - 1]))

    def _look(self) -> None:
        is_over = False
        while not is_over:
            self._note()
            is_over = self._over.wait(SAMPLE)
        self._note()

    def _note(self) -> None:
        self._spent.append((time.time(), self._watch.cpu))
        self.megabytes.append(self._watch.memory // 1_000_000)


def _tenth(seen: Seen, sampler: _Sampler, which: int) -> Tenth:
    """The tenth with this number, from 0 on."""
    size = len(seen.finals) // 10
    places = range(which * size, (which + 1) * size)
    waits = [seen.finals[place] - seen.outcome.answered[place] for place in places if seen.finals[place]]
    spent = sampler.spent_at(seen.outcome.answered[places[-1]]) - sampler.spent_at(seen.outcome.answered[places[0]])
    return Tenth(at(waits, 0.5), at(waits, 0.95), round(1000 * spent / size, 3))


def _why(service: Service) -> str:
    """What may tell why not all was settled: the states, what is on its way, and what the service has said."""
    with closing(sqlite3.connect(f"file:{service.database}?mode=ro", uri=True)) as database:
        states = database.execute("SELECT state, failure, count(*) FROM operation GROUP BY 1, 2").fetchall()
        batches = database.execute("SELECT state, count(*), min(nonce), max(nonce) FROM batch GROUP BY 1").fetchall()
    said = [line for line in service.log.read_text().splitlines() if '"transaction signed"' not in line]
    return "\n".join([str(states), str(batches), *said[-30:]])


def _audit(town: Town) -> float:
    """Audit the chain with the command that anyone has; the seconds it took."""
    program = Path(sys.executable).with_name("heitje")
    began = time.monotonic()
    ended = subprocess.run(
        [program, "audit", f"--rpc={town.city.url}", f"--token={town.city.addresses['token']}"],
        capture_output=True,
        text=True,
        check=False,
    )
    if ended.returncode:
        raise RuntimeError(f"the audit found something:\n{ended.stdout[-3_000:]}{ended.stderr[-3_000:]}")
    return round(time.monotonic() - began, 1)
