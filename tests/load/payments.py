# SPDX-License-Identifier: EUPL-1.2
"""Payments per second, end to end: one POST each, settled and final, beside the node on one machine."""

from __future__ import annotations

import asyncio
import json
import os
import sqlite3
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from tests.load.client import Outcome, drive
from tests.load.traffic import Request, Town
from tests.support.anvil import Anvil
from tests.support.city import City
from tests.support.service import Service

BLOCK_GAS = 600_000_000
"""A block must not be what limits: 600 M holds 35 000 payments."""


@dataclass(frozen=True)
class Result:
    """What one run showed. Times are seconds, memory is bytes."""

    asked: int
    settled: int
    refused: dict[str, int]
    seconds: float
    per_second: float
    answer_p50: float
    answer_p95: float
    final_p50: float
    final_p95: float
    final_p99: float
    cpu_ms_per_payment: dict[str, float]
    memory_start: int
    memory_end: int


def run(folder: Path, *, seconds: float, rate: float, residents: int = 500, shops: int = 50) -> Result:
    """One run on a chain of its own."""
    with Anvil(f"--gas-limit={BLOCK_GAS}") as anvil:
        city = City.found(anvil.url)
        town = Town.settle(city, residents, shops)
        requests = town.payments(int(seconds * rate))
        anvil.rpc("evm_setIntervalMining", 1)
        with Service(folder, city) as service:
            return _measure(folder, service, anvil, requests, rate)


def _measure(folder: Path, service: Service, anvil: Anvil, requests: list[Request], rate: float) -> Result:
    watched = {"service": _tree(service.process.pid), "node": _tree(anvil._process.pid)}
    before = {name: _cpu(tree) for name, tree in watched.items()}
    memory = _memory(watched["service"])
    began = time.time()
    outcome = _drive_apart(service.port, [request.raw for request in requests], rate)
    finals = _finals(folder / "db.sqlite", requests, outcome)
    spent = {name: _cpu(tree) - before[name] for name, tree in watched.items()}
    return _result(requests, outcome, finals, spent, began, (memory, _memory(watched["service"])))


def _drive_apart(port: int, raw: list[bytes], rate: float) -> Outcome:
    """Drive the load from a process of its own, as clients are."""
    return asyncio.run(drive(port, raw, rate))


def _finals(database: Path, requests: list[Request], outcome: Outcome, patience: float = 60.0) -> dict[str, float]:
    """When each accepted payment was final, by digest: waits until all have ended."""
    accepted = {r.digest for r, status in zip(requests, outcome.statuses, strict=True) if status in (200, 202)}
    give_up = time.time() + patience
    with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as connection:
        while True:
            open_ones = connection.execute(
                "SELECT count(*) FROM operation WHERE state NOT IN ('final', 'failed', 'expired', 'rejected')"
            ).fetchone()[0]
            if not open_ones or time.time() > give_up:
                break
            time.sleep(0.25)
        rows = connection.execute("SELECT id, changed_at FROM operation WHERE state = 'final'").fetchall()
    return {digest: at for digest, at in rows if digest in accepted}


def _result(
    requests: list[Request],
    outcome: Outcome,
    finals: dict[str, float],
    spent: dict[str, float],
    began: float,
    memory: tuple[int, int],
) -> Result:
    answers = sorted(a - s for a, s in zip(outcome.answered, outcome.sent, strict=True) if a)
    waits = sorted(
        finals[r.digest] - a for r, a in zip(requests, outcome.answered, strict=True) if a and r.digest in finals
    )
    seconds = max(finals.values(), default=began) - began
    return Result(
        asked=len(requests),
        settled=len(finals),
        refused=outcome.refusals,
        seconds=round(seconds, 2),
        per_second=round(len(finals) / seconds, 1) if seconds else 0.0,
        answer_p50=_at(answers, 0.5),
        answer_p95=_at(answers, 0.95),
        final_p50=_at(waits, 0.5),
        final_p95=_at(waits, 0.95),
        final_p99=_at(waits, 0.99),
        cpu_ms_per_payment={name: round(1000 * s / max(1, len(finals)), 3) for name, s in spent.items()},
        memory_start=memory[0],
        memory_end=memory[1],
    )


def _at(values: list[float], share: float) -> float:
    return round(values[min(len(values) - 1, int(share * len(values)))], 3) if values else 0.0


def _tree(pid: int) -> list[int]:
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *(one for child in children for one in _tree(int(child)))]


def _cpu(tree: list[int]) -> float:
    """Seconds of processor time."""
    ticks = 0
    for pid in tree:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def _memory(tree: list[int]) -> int:
    """Bytes that are resident."""
    pages = sum(int(Path(f"/proc/{pid}/statm").read_text().split()[1]) for pid in tree)
    return pages * os.sysconf("SC_PAGE_SIZE")


if __name__ == "__main__":
    seconds, rate = float(sys.argv[1]), float(sys.argv[2])
    with tempfile.TemporaryDirectory() as name:
        print(json.dumps(asdict(run(Path(name), seconds=seconds, rate=rate)), indent=2))
