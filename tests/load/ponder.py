# SPDX-License-Identifier: EUPL-1.2
"""Ponder, the indexer that npm carries, reading the same chain as our index. It is installed when it is asked for."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import threading
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from heitje.chain.logs import TRANSFER
from tests.load.traffic import Town
from tests.support.anvil import Anvil, free_port, rpc
from tools.compile import ROOT

HOME: Final = ROOT / "build" / "ponder"
SOURCE: Final = Path(__file__).with_name("ponder")
PATIENCE: Final = 90.0
"""Seconds that one run may take, start included."""

INSTALLS_WITHIN: Final = 300.0
FINALITY: Final = 64
"""Blocks beyond the last that is read: Ponder takes no younger block into its backfill."""

_DONE: Final = "Completed backfill indexing across all chains"


class NoPonder(Exception):
    """It cannot be installed or run here; the message says why."""


@dataclass(frozen=True)
class Indexed:
    """One reading of a chain into an empty database. Seconds are of the backfill, without what starts before it."""

    transfers: int
    seconds: float
    transfers_per_second: float


def install() -> None:
    """Put it into `build/ponder`, once.

    Raises:
        NoPonder: That is not possible.
    """
    mark, wanted = HOME / "installed.json", (SOURCE / "package.json").read_text()
    if not mark.exists() or mark.read_text() != wanted:
        shutil.rmtree(HOME, ignore_errors=True)
        HOME.mkdir(parents=True)
        shutil.copy(SOURCE / "package.json", HOME)
        words = (
            "npm",
            "install",
            "--no-package-lock",
            "--ignore-scripts",
            "--no-audit",
            "--no-fund",
            "--loglevel=error",
        )
        try:
            done = subprocess.run(words, cwd=HOME, capture_output=True, text=True, timeout=INSTALLS_WITHIN, check=False)
        except (OSError, subprocess.TimeoutExpired) as error:
            raise NoPonder(f"npm did not install it: {error}") from error
        if done.returncode:
            raise NoPonder(f"npm did not install it: {done.stderr.strip()[-500:]}")
        mark.write_text(wanted)
    shutil.copytree(SOURCE, HOME, dirs_exist_ok=True)


def settle_blocks(anvil: Anvil) -> int:
    """Make all there is old enough for a backfill; the last block with anything in it."""
    last = int(anvil.rpc("eth_blockNumber"), 16)
    anvil.mine(FINALITY)
    return last


def index(town: Town, last_block: int) -> Indexed:
    """Read all transfers up to a block, from nothing.

    Raises:
        NoPonder: It did not end in time, or left something out.
    """
    shutil.rmtree(HOME / ".ponder", ignore_errors=True)
    port = free_port()
    given = {
        "BENCH_CHAIN": str(town.city.chain_id),
        "BENCH_RPC": town.city.url,
        "BENCH_TOKEN": town.city.addresses["token"],
        "BENCH_LAST_BLOCK": str(last_block),
        "PONDER_TELEMETRY_DISABLED": "true",
        "DATABASE_SCHEMA": "bench",
    }
    with _running(port, given) as lines:
        seconds = _seconds_of(lines)
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/stored", timeout=30) as answer:
            stored = json.load(answer)["transfers"]
    expected = transfers_of(town, last_block)
    if stored != expected:
        raise NoPonder(f"it stored {stored} of {expected} transfers")
    return Indexed(stored, round(seconds, 2), round(stored / seconds))


@contextmanager
def _running(port: int, given: dict[str, str]) -> Iterator[Iterator[dict[str, Any]]]:
    """What it says, line after line, until its time is up; then it is ended with all it has started."""
    command = (str(HOME / "node_modules/.bin/ponder"), "start", "--log-format=json", f"--port={port}")
    process = subprocess.Popen(
        command,
        cwd=HOME,
        env={**os.environ, **given},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )

    def end() -> None:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)

    clock = threading.Timer(PATIENCE, end)
    clock.start()
    try:
        assert process.stdout is not None
        with process.stdout as output:
            yield (json.loads(line) for line in output if line.startswith("{"))
    finally:
        clock.cancel()
        end()
        process.wait()


def _seconds_of(lines: Iterator[dict[str, Any]]) -> float:
    said = ""
    for line in lines:
        said = str(line.get("msg", ""))
        if said == _DONE:
            return float(line["duration"]) / 1_000
    raise NoPonder(f"its backfill did not end within {PATIENCE:g} s; the last it said: {said or 'nothing'}")


def transfers_of(town: Town, last_block: int) -> int:
    """How many transfers there are, counted by the node in portions of blocks."""
    count = 0
    for first in range(0, last_block + 1, 20):
        span = {"fromBlock": hex(first), "toBlock": hex(min(last_block, first + 19))}
        wanted = {**span, "address": town.city.addresses["token"], "topics": [TRANSFER]}
        count += len(rpc(town.city.url, "eth_getLogs", wanted))
    return count
