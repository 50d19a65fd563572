# SPDX-License-Identifier: EUPL-1.2
"""`make bench` and `make bench-quick`: measure, print a table, and write all of it as JSON."""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, is_dataclass
from pathlib import Path
from typing import Any

from heitje.store.session import Store
from tests.load.indexing import backfill, long_past, reading
from tests.load.payments import BLOCK_GAS, Result, mints, payments
from tests.load.soak import soak
from tests.support.anvil import Anvil


@dataclass(frozen=True)
class Size:
    """How much is measured. `rate` is payments per second, `reports` are of a hundred rewards."""

    runs: int
    seconds: float
    rate: float
    most: float
    reports: int
    past: int
    soak: int


QUICK = Size(runs=1, seconds=15, rate=1_000, most=2_500, reports=150, past=50_000, soak=0)
FULL = Size(runs=3, seconds=60, rate=1_000, most=2_500, reports=600, past=200_000, soak=1_000_000)


@dataclass(frozen=True)
class Line:
    """A line of the table: what, measured, and the budget it is held against, if there is one."""

    what: str
    measured: str
    budget: str = ""


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure; 0 if it could be done."""
    parser = argparse.ArgumentParser(prog="tests.load")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--soak", type=int, help="payments of the soak; 0 for none")
    parser.add_argument("--out", type=Path, default=Path("build/bench.json"))
    asked = parser.parse_args(arguments)
    size = QUICK if asked.quick else FULL
    found: dict[str, Any] = {"machine": _machine(), "size": asdict(size)}
    lines = _payments(size, found)
    lines += _mints(size, found)
    lines += _index(size, found)
    if count := size.soak if asked.soak is None else asked.soak:
        lines += _soak(count, found)
    asked.out.parent.mkdir(parents=True, exist_ok=True)
    asked.out.write_text(json.dumps({**found, "table": lines}, indent=2, default=_plain) + "\n")
    _say("\n" + _table(lines) + f"\n\nAll of it: {asked.out}\n")
    return 0


def _payments(size: Size, found: dict[str, Any]) -> list[Line]:
    steady = _runs(
        size.runs, "payments at a steady rate", lambda at: payments(at, seconds=size.seconds, rate=size.rate)
    )
    full = _runs(size.runs, "payments, more than it can", lambda at: payments(at, seconds=size.seconds, rate=size.most))
    found["payments"] = {"steady": steady, "saturated": full}
    refused = sum(run.asked - run.settled for run in steady)
    final = _seconds(steady, "final_p50", "final_p95", "final_p99")
    return [
        Line(f"payments asked per second, {size.seconds:g} s", f"{size.rate:g}"),
        Line("... settled and final per second", _median(steady, "per_second")),
        Line("... not settled", str(refused), "0"),
        Line(
            "... accepted to final, p50 / p95 / p99",
            final,
            "p95 2.5 s",
        ),
        Line("... asked to accepted, p50 / p95", _seconds(steady, "answer_p50", "answer_p95")),
        Line("payments per second when more is asked than can be", _median(full, "per_second"), "1 000"),
        Line("... accepted to final, p95", _seconds(full, "final_p95"), "2.5 s"),
        Line("... processor time per payment: service, node", _ms(full)),
    ]


def _mints(size: Size, found: dict[str, Any]) -> list[Line]:
    runs = _runs(size.runs, "rewards", lambda at: mints(at, reports=size.reports, rate=14))
    found["mints"] = runs
    return [
        Line("rewards per second, reports of 100", _median(runs, "per_second"), "1 000"),
        Line("... accepted to final, p95", _seconds(runs, "final_p95"), "2.5 s"),
    ]


def _index(size: Size, found: dict[str, Any]) -> list[Line]:
    _say(f"index: {size.past} payments in the past\n")
    with tempfile.TemporaryDirectory() as name, Anvil(f"--gas-limit={BLOCK_GAS}") as anvil:
        town = long_past(anvil, size.past)
        fills = [backfill(town, Store.at(Path(name) / f"{run}.sqlite"), "SQLite") for run in range(size.runs)]
        (Path(name) / "0.sqlite").rename(Path(name) / "db.sqlite")
        anvil.rpc("evm_setIntervalMining", 1)
        read = reading(Path(name), town, size.past)
    found["index"] = {"backfill": fills, "reading": read}
    return [
        Line("events per second into an empty index, SQLite", _median(fills, "events_per_second"), "20 000"),
        Line(f"GET account, p99, {size.past} transfers stored", f"{1000 * read.p99:.1f} ms", "20 ms"),
    ]


def _soak(count: int, found: dict[str, Any]) -> list[Line]:
    _say(f"soak: {count} payments\n")
    with tempfile.TemporaryDirectory() as name:
        seen = soak(Path(name), count)
    found["soak"] = seen
    return [
        Line(f"{count} payments: settled and final", str(seen.run.settled), str(count)),
        Line("... per second", f"{seen.run.per_second:g}"),
        Line("... last tenth, in times of the second", f"{seen.slowdown:g}"),
        Line("... memory, first tenth and end", f"{_early(seen.megabytes)} and {seen.megabytes[-1]} MB", "< 300 MB"),
        Line("... audit of the chain", f"{seen.audit_seconds:g} s, passed", "60 s"),
        Line("... events per second into an empty index, SQLite", f"{seen.backfill.events_per_second}", "20 000"),
        Line("... GET account, p99", f"{1000 * seen.reading.p99:.1f} ms", "20 ms"),
    ]


def _runs(count: int, what: str, run: Callable[[Path], Result]) -> list[Result]:
    results = []
    for number in range(count):
        _say(f"{what}: run {number + 1} of {count}\n")
        with tempfile.TemporaryDirectory() as name:
            results.append(run(Path(name)))
    return results


def _median(runs: Sequence[Any], name: str) -> str:
    return f"{statistics.median(getattr(run, name) for run in runs):,.0f}".replace(",", " ")


def _seconds(runs: Sequence[Any], *names: str) -> str:
    return " / ".join(f"{statistics.median(getattr(run, name) for run in runs):.2f}" for name in names) + " s"


def _ms(runs: Sequence[Result]) -> str:
    service = statistics.median(run.service_cpu_ms for run in runs)
    return f"{service:.2f} ms, {statistics.median(run.node_cpu_ms for run in runs):.2f} ms"


def _early(megabytes: Sequence[int]) -> int:
    return megabytes[len(megabytes) // 10]


def _plain(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    raise TypeError(f"not for JSON: {value!r}")


def _machine() -> dict[str, Any]:
    return {"cores": os.cpu_count(), "python": platform.python_version(), "load": os.getloadavg()[0]}


def _table(lines: Sequence[Line]) -> str:
    rows = [(line.what, line.measured, line.budget) for line in lines]
    return "\n".join(
        [
            "| what | measured | budget |",
            "|---|---|---|",
            *(f"| {what} | {seen} | {held} |" for what, seen, held in rows),
        ]
    )


def _say(text: str) -> None:
    sys.stderr.write(text)
    sys.stderr.flush()


if __name__ == "__main__":
    sys.exit(main())
