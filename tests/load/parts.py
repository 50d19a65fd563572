# SPDX-License-Identifier: EUPL-1.2
"""The parts of `make bench`: each measures something by itself and gives what it found, and lines for the table."""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeVar

from heitje.store.session import Store
from tests.load import ponder, vouchers
from tests.load.indexing import Backfill, backfill, long_past, reading
from tests.load.payments import BLOCK_GAS, Result, mints, payments
from tests.load.report import Line, median, number, seconds, tenths
from tests.load.soak import Soak, soak
from tests.support.anvil import Anvil
from tests.support.databases import place_of
from tools.postgres import VARIABLE, NoPostgres, postgres

T = TypeVar("T")
Found = tuple[dict[str, Any], list[Line]]


@dataclass(frozen=True)
class Size:
    """How much is measured.

    Attributes:
        runs: Of each thing; medians are shown.
        seconds: For which payments are asked for at a steady rate.
        rate: Payments per second that are asked for then.
        most: The same where more is asked than can be.
        most_seconds: For how long.
        reports: Of a hundred rewards each.
        past: Payments on the chain that the index has missed.
        vouchers: Payments that we and others carry one by one.
        soak: Payments of the soak, at `soak_rate` per second; 0 for none.
    """

    runs: int = 3
    seconds: float = 60
    rate: float = 1_000
    most: float = 2_500
    most_seconds: float = 30
    reports: int = 600
    past: int = 200_000
    vouchers: int = 400
    soak: int = 1_000_000
    soak_rate: float = 1_200


FULL: Final = Size()
QUICK: Final = Size(runs=1, seconds=15, most_seconds=15, reports=150, past=50_000, soak=0)


def steady_and_saturated(size: Size) -> Found:
    """Payments, as many as are hoped for and more than can be carried."""
    steady, full = _both(size)
    lines = [
        Line(f"payments asked per second, for {size.seconds:g} s", number(size.rate)),
        *_steady_lines(steady),
        Line(f"payments settled per second when {number(size.most)} are asked", median(full, "per_second"), "1 000"),
        Line("... accepted to final, p95", seconds(full, "final_p95"), "2.5 s"),
        Line("... processor time per payment: service, node", _ms(full)),
    ]
    return {"steady": steady, "saturated": full}, lines


def rewards(size: Size) -> Found:
    """Reports of a hundred rewards."""
    runs = _runs(size.runs, "rewards", lambda at: mints(at, reports=size.reports, rate=14))
    return {"runs": runs}, [
        Line("rewards per second, in reports of 100", median(runs, "per_second"), "1 000"),
        Line("... accepted to final, p95", seconds(runs, "final_p95"), "2.5 s"),
    ]


def index(size: Size) -> Found:
    """A past that was missed, read into SQLite, and accounts read from that."""
    say(f"index: {size.past} payments in the past")
    with tempfile.TemporaryDirectory() as name, Anvil(f"--gas-limit={BLOCK_GAS}") as anvil:
        folder = Path(name)
        town = long_past(anvil, size.past)
        fills = [backfill(town, Store.at(folder / f"{run}.sqlite"), "SQLite") for run in range(size.runs)]
        (folder / "0.sqlite").rename(folder / "db.sqlite")
        anvil.rpc("evm_setIntervalMining", 1)
        read = reading(folder, town, size.past)
    return {"backfill": fills, "reading": read}, [
        _fill_line(fills),
        Line(
            f"reading an account with {number(size.past)} transfers stored, p99", f"{1000 * read.p99:.1f} ms", "20 ms"
        ),
    ]


def on_postgres(size: Size) -> Found:
    """The same payments and the same reading of a past with a PostgreSQL, which keeps what it commits."""
    try:
        with _postgres():
            steady, full = _both(size)
            fills = _fills_on_postgres(size)
    except NoPostgres as error:
        say(str(error))
        return {"missing": str(error)}, [Line("PostgreSQL", "not measured: Debian's package postgresql is not here")]
    return {"steady": steady, "saturated": full, "backfill": fills}, [
        Line(f"PostgreSQL: payments asked per second, for {size.seconds:g} s", number(size.rate)),
        *_steady_lines(steady),
        Line(
            f"PostgreSQL: payments settled per second when {number(size.most)} are asked",
            median(full, "per_second"),
            "1 000",
        ),
        Line("... accepted to final, p95", seconds(full, "final_p95"), "2.5 s"),
        Line("... processor time per payment: service, node", _ms(full)),
        _fill_line(fills),
    ]


def peers(size: Size) -> Found:
    """EIP-3009 payments one by one: our x402 facilitator, the library's, and a plain sender."""
    count, many = size.vouchers, 4 * vouchers.AT_ONCE
    ways: dict[str, Callable[[Path], vouchers.Carried]] = {
        "ours": lambda at: vouchers.ours(at, count),
        "published": lambda _: vouchers.published(count),
        "plain": lambda _: vouchers.plain(count),
        "ours_many": lambda at: vouchers.ours(at, count, many),
        "published_many": lambda _: vouchers.published(count, many),
        "plain_many": lambda _: vouchers.plain(count, many),
    }
    # Turn by turn, so that all of them meet the machine as it is at the time.
    found: dict[str, list[vouchers.Carried]] = {name: [] for name in ways}
    for turn in range(size.runs):
        for name, way in ways.items():
            found[name] += _runs(1, f"{name}, turn {turn + 1} of {size.runs}", way)
    names = {"ours": "our x402 facilitator", "published": "the x402 library's", "plain": "a plain web3.py sender"}
    lines = [Line(f"EIP-3009 payments, one transaction each, {count} of {vouchers.BUYERS} buyers", "")]
    for suffix, at_once in (("", vouchers.AT_ONCE), ("_many", many)):
        for name, told in names.items():
            runs = found[name + suffix]
            failed = sum(run.failed for run in runs)
            times = f"{tenths(runs, 'per_second')}; p50 / p95 {seconds(runs, 'p50', 'p95')}; {_cpu(runs)}"
            lines.append(
                Line(f"... {at_once} at a time: {told}, per second", times + (f"; {failed} failed" if failed else ""))
            )
    return dict(found), lines


def beside_ponder(size: Size) -> Found:
    """Transfers indexed by us and by Ponder, from the same chain."""
    past = min(size.past, 50_000)
    try:
        say("Ponder: installing it into build/ponder, if it is not there")
        ponder.install()
        with tempfile.TemporaryDirectory() as name, Anvil(f"--gas-limit={BLOCK_GAS}") as anvil:
            town = long_past(anvil, past)
            last = ponder.settle_blocks(anvil)
            transfers = ponder.transfers_of(town, last)
            ours, theirs = [], []
            for run in range(size.runs):
                say(f"the index and Ponder: run {run + 1} of {size.runs}")
                fill = backfill(town, Store.at(Path(name) / f"{run}.sqlite"), "SQLite")
                ours.append(ponder.Indexed(transfers, fill.seconds, round(transfers / fill.seconds)))
                theirs.append(ponder.index(town, last))
    except ponder.NoPonder as error:
        say(f"Ponder is left out: {error}")
        return {"missing": str(error)}, [Line("Ponder", "not measured: it could not be installed or run here")]
    return {"ours": ours, "ponder": theirs}, [
        Line(
            f"transfers indexed per second, of {number(transfers)}: our index, SQLite",
            median(ours, "transfers_per_second"),
        ),
        Line("... Ponder 0.16, its own database, start not counted", median(theirs, "transfers_per_second")),
    ]


def long_run(size: Size) -> Found:
    """Very many payments through one service."""
    with tempfile.TemporaryDirectory() as name:
        seen = soak(Path(name), size.soak, size.soak_rate, say)
    return {"soak": seen}, _soak_lines(size, seen)


PARTS: Final[Mapping[str, Callable[[Size], Found]]] = {
    "payments": steady_and_saturated,
    "rewards": rewards,
    "index": index,
    "postgres": on_postgres,
    "peers": peers,
    "ponder": beside_ponder,
    "soak": long_run,
}
"""In the order in which they are run and shown."""

IN_QUICK: Final = ("payments", "rewards", "index")


def say(text: str) -> None:
    """Tell people what is being done."""
    sys.stderr.write(f"  {text}\n")
    sys.stderr.flush()


def _both(size: Size) -> tuple[list[Result], list[Result]]:
    """Payments at a steady rate, and more than can be."""
    return (
        _runs(size.runs, "payments at a steady rate", lambda at: payments(at, seconds=size.seconds, rate=size.rate)),
        _runs(
            size.runs, "more payments than it can", lambda at: payments(at, seconds=size.most_seconds, rate=size.most)
        ),
    )


def _steady_lines(runs: Sequence[Result]) -> list[Line]:
    return [
        Line("... settled and final per second", median(runs, "per_second")),
        Line("... not settled", str(sum(run.asked - run.settled for run in runs)), "0"),
        Line(
            "... accepted to final, p50 / p95 / p99", seconds(runs, "final_p50", "final_p95", "final_p99"), "p95 2.5 s"
        ),
        Line("... asked to accepted, p50 / p95", seconds(runs, "answer_p50", "answer_p95")),
        Line("... memory of the service, before and after", _memory(runs)),
    ]


def _soak_lines(size: Size, seen: Soak) -> list[Line]:
    second, last = seen.second, seen.last
    early = seen.megabytes[len(seen.megabytes) // 10]
    return [
        Line(f"soak at {number(size.soak_rate)} per second: settled", number(seen.run.settled), number(size.soak)),
        Line("... settled per second", number(seen.run.per_second)),
        Line(
            "... second and last tenth: accepted to final, p95",
            f"{second.final_p95:.2f} s and {last.final_p95:.2f} s",
            "2.5 s",
        ),
        Line(
            "... second and last tenth: processor time per payment",
            f"{second.cpu_ms:.2f} ms and {last.cpu_ms:.2f} ms",
        ),
        Line(
            "... memory of the service after a tenth, and at the end",
            f"{early} MB and {seen.megabytes[-1]} MB",
            "300 MB",
        ),
        Line("... the database, the node's memory", f"{seen.disk_megabytes} MB, {seen.node_megabytes} MB"),
        Line("... audit of the chain, passed", f"{seen.audit_seconds:g} s", "60 s"),
        Line("... events per second into an empty index, SQLite", number(seen.backfill.events_per_second), "20 000"),
        Line("... reading an account, p99", f"{1000 * seen.reading.p99:.1f} ms", "20 ms"),
    ]


def _fills_on_postgres(size: Size) -> list[Backfill]:
    say(f"PostgreSQL: {size.past} payments in the past")
    with tempfile.TemporaryDirectory() as name, Anvil(f"--gas-limit={BLOCK_GAS}") as anvil:
        town = long_past(anvil, size.past)
        places = [place_of(Path(name), f"past {run}") for run in range(size.runs)]
        return [backfill(town, Store.of(place, statement_seconds=None), "PostgreSQL") for place in places]


@contextmanager
def _postgres() -> Iterator[None]:
    """The services of this process have their databases there."""
    with postgres(durable=True) as folder:
        os.environ[VARIABLE] = str(folder)
        try:
            yield
        finally:
            del os.environ[VARIABLE]


def _fill_line(fills: Sequence[Backfill]) -> Line:
    told = f"events per second into an empty index, {fills[0].database}"
    return Line(told, median(fills, "events_per_second"), "20 000")


def _runs(count: int, what: str, run: Callable[[Path], T]) -> list[T]:
    results = []
    for place in range(count):
        say(what if count == 1 else f"{what}: run {place + 1} of {count}")
        with tempfile.TemporaryDirectory() as name:
            results.append(run(Path(name)))
    return results


def _ms(runs: Sequence[Result]) -> str:
    service = statistics.median(run.service_cpu_ms for run in runs)
    return f"{service:.2f} ms, {statistics.median(run.node_cpu_ms for run in runs):.2f} ms"


def _cpu(runs: Sequence[vouchers.Carried]) -> str:
    return f"{statistics.median(run.cpu_ms for run in runs):.1f} ms processor time each"


def _memory(runs: Sequence[Result]) -> str:
    before, after = (statistics.median(getattr(run, f"memory_{when}") for run in runs) for when in ("before", "after"))
    return f"{before / 1e6:.0f} MB, {after / 1e6:.0f} MB"
