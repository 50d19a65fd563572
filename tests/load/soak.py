# SPDX-License-Identifier: EUPL-1.2
"""Very many payments through one service: whether it slows down or grows, and whether the books are right then."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from heitje.store.session import Store
from tests.load.indexing import Backfill, Reading, backfill, reading
from tests.load.measure import Watch
from tests.load.payments import BLOCK_GAS, MUCH, RESIDENTS, SHOPS, Result, measure
from tests.load.traffic import Town
from tests.support.anvil import Anvil
from tests.support.city import City
from tests.support.service import Service

SAMPLE = 5.0
"""Seconds between two looks at the memory."""


@dataclass(frozen=True)
class Soak:
    """What it showed.

    Attributes:
        run: As a run of payments.
        megabytes: Resident memory of the service, sampled evenly, from the first payment to the last.
        slowdown: How long the last tenth of the payments took, in times of the second tenth.
        audit_seconds: The audit of the whole chain afterwards, which must pass.
        backfill: The same chain read into an empty database.
        reading: Accounts asked for with all of it stored.
    """

    run: Result
    megabytes: list[int]
    slowdown: float
    audit_seconds: float
    backfill: Backfill
    reading: Reading


def soak(folder: Path, payments: int) -> Soak:
    """Send so many payments as fast as they are answered, then audit, read again, and ask.

    Raises:
        RuntimeError: The audit found something.
    """
    with Anvil(f"--gas-limit={BLOCK_GAS}") as anvil:
        town = Town.settle(City.found(anvil.url, cap=MUCH), RESIDENTS, SHOPS)
        requests = town.payments(payments, valid=6 * 3_600)
        anvil.rpc("evm_setIntervalMining", 1)
        with Service(folder, town.city) as service, _Sampler(service.process.pid) as sampler:
            run = measure(folder / "db.sqlite", service, anvil, requests, rate=0.0)
        digests = [request.digest for request in requests]
        del requests
        slowdown = _slowdown(folder / "db.sqlite", digests)
        again = backfill(town, Store.at(folder / "again.sqlite"), "SQLite")
        read = reading(folder, town, payments)
        return Soak(run, sampler.megabytes, slowdown, _audit(town), again, read)


class _Sampler:
    """Looks at the memory of a process from time to time."""

    def __init__(self, pid: int) -> None:
        self.megabytes: list[int] = []
        self._watch = Watch.over(pid)
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._over.wait(SAMPLE):
            self.megabytes.append(self._watch.memory // 1_000_000)


def _slowdown(database: Path, digests: list[str]) -> float:
    """By the time at which each was taken on."""
    with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as connection:
        times = [at for (at,) in connection.execute("SELECT received_at FROM operation ORDER BY seq")]
    tenth = len(digests) // 10
    return round((times[-1] - times[-tenth]) / (times[2 * tenth] - times[tenth]), 2)


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
