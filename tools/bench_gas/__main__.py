# SPDX-License-Identifier: EUPL-1.2
"""Measures what our operations and their peers' cost, on one chain: `make bench-gas`.

Usage: python -m tools.bench_gas [--write] [--keep] [--size N] [--out FILE]
       python -m tools.bench_gas --check FILE [--url URL]
"""

from __future__ import annotations

import argparse
import contextlib
import signal
import sys
from pathlib import Path
from typing import Final

from tests.support.anvil import ANVIL, Anvil
from tools.bench_gas.accounts import measure_accounts
from tools.bench_gas.attestations import measure_attestations
from tools.bench_gas.chain import PAYERS, Chain
from tools.bench_gas.ours import measure_ours
from tools.bench_gas.record import Mismatch, Record, faults, keep_state
from tools.bench_gas.table import renew, text
from tools.bench_gas.tokens import measure_tokens
from tools.compile import ROOT

OUT: Final = ROOT / "build" / "bench-gas.json"
DOCUMENT: Final = ROOT / "docs" / "gas-peers.md"
COMMITTED: Final = ROOT / "docs" / "gas-peers.json"
_SMALLEST: Final = 4


def state_of(file: Path) -> Path:
    """Where the chain of a record is kept, beside it."""
    return file.with_suffix(".state.json")


def measure(url: str, size: int) -> Record:
    """Measures everything on an anvil that nobody else uses."""
    chain = Chain(url, size)
    measure_ours(chain)
    measure_tokens(chain)
    measure_attestations(chain)
    measure_accounts(chain)
    return Record.of(chain)


def run(out: Path, size: int, *, write: bool, keep: bool) -> int:
    """Measures, writes down, prints."""
    with Anvil() as anvil:
        record = measure(anvil.url, size)
        record.write(out)
        keep_state(anvil.url, state_of(out))
        print(text(record))
        for fault in faults(record.rows):
            print(f"\nOver a limit of ours: {fault}", end="")
        print(f"\n\nWritten to {out}, with the hash of every transaction, and its chain to {state_of(out)}.")
        print(f"Fetch every receipt again:  {sys.executable} -m tools.bench_gas --check {out}")
        print(f"Look at the chain yourself: {ANVIL} --hardfork osaka --load-state {state_of(out)}")
        if write:
            record.write(COMMITTED)
            renew(DOCUMENT, record)
            print(f"Renewed {COMMITTED.relative_to(ROOT)} and the tables of {DOCUMENT.relative_to(ROOT)}.")
        if keep:
            print(f"\nThe chain answers at {anvil.url} until Ctrl-C.", flush=True)
            with contextlib.suppress(KeyboardInterrupt):
                signal.pause()
    return 0


def check(file: Path, url: str | None) -> int:
    """Compares a record with its chain: the one at the URL, or the one that was kept beside the record."""
    try:
        record = Record.read(file)
        seen = record.check(url) if url is not None else _check_kept(record, state_of(file))
    except (Mismatch, OSError) as error:
        print(f"Not as written down: {error}", file=sys.stderr)
        return 1
    print(f"All {seen} receipts say what {file} says, and all {len(record.rows)} figures follow from them.")
    return 0


def _check_kept(record: Record, state: Path) -> int:
    if not state.exists():
        raise Mismatch(f"the chain of this record is not kept in {state}; name one that runs with --url")
    with Anvil(f"--load-state={state}") as anvil:
        return record.check(anvil.url)


def main(arguments: list[str] | None = None) -> int:
    """Returns 0, or 1 where a record is not what its chain says."""
    parser = argparse.ArgumentParser(prog="tools.bench_gas", description="What we and our peers cost, on one chain.")
    parser.add_argument("--out", type=Path, default=OUT, help="where to write the record")
    parser.add_argument("--size", type=int, default=PAYERS, help="how many items a batch has")
    parser.add_argument("--write", action="store_true", help="renew the committed record and the document")
    parser.add_argument("--keep", action="store_true", help="let the chain run until Ctrl-C")
    parser.add_argument("--check", type=Path, metavar="FILE", help="compare a record with its chain, measure nothing")
    parser.add_argument("--url", help="of a chain that runs, for --check")
    given = parser.parse_args(arguments)
    if given.check is not None:
        return check(given.check, given.url)
    if not _SMALLEST <= given.size <= PAYERS:
        parser.error(f"a batch has {_SMALLEST} to {PAYERS} items")
    if given.write and given.size != PAYERS:
        parser.error(f"the document shows batches of {PAYERS}")
    return run(given.out, given.size, write=given.write, keep=given.keep)


if __name__ == "__main__":
    # A chain must not outlive us.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    sys.exit(main())
