# SPDX-License-Identifier: EUPL-1.2
"""`make bench` and `make bench-quick`: measure, print a table, and write all of it as JSON."""

from __future__ import annotations

import argparse
import logging
import signal
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from tests.load.parts import FULL, IN_QUICK, PARTS, QUICK, Size, say
from tests.load.report import described, read, record, renew
from tools.compile import ROOT

log = logging.getLogger(__name__)

OUT: Final = ROOT / "build" / "bench.json"
OUT_QUICK: Final = ROOT / "build" / "bench-quick.json"
DOCUMENT: Final = ROOT / "docs" / "performance.md"


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure; 0 if all of it could be done."""
    parser = argparse.ArgumentParser(prog="tests.load", description="How fast the service is, and others beside it.")
    parser.add_argument(
        "parts", nargs="*", metavar="PART", help=f"which ones, of {', '.join(PARTS)}; all if none is named"
    )
    parser.add_argument("--quick", action="store_true", help="one short run each, of the first three")
    parser.add_argument("--soak", type=int, help="payments of the soak; 0 for none")
    parser.add_argument("--runs", type=int, help="of each thing")
    parser.add_argument("--seconds", type=float, help="of each run of payments")
    parser.add_argument("--out", type=Path, help="where to keep the figures; those of other parts stay there")
    parser.add_argument("--write", action="store_true", help="renew the document with all that is kept")
    asked = parser.parse_args(arguments)
    if unknown := set(asked.parts) - set(PARTS):
        parser.error(f"there is no part {', '.join(sorted(unknown))}: {', '.join(PARTS)}")
    if asked.quick and asked.write:
        parser.error("the document shows what `make bench` measures")
    size = _size(asked)
    names = [name for name in PARTS if name in (asked.parts or (IN_QUICK if asked.quick else PARTS))]
    out = asked.out or (OUT_QUICK if asked.quick else OUT)
    failed = _measure([name for name in names if name != "soak" or size.soak], size, out)
    known = read(out)
    _print(f"\n{described(known, tuple(PARTS))}\n\nAll of it: {out}")
    if asked.write:
        renew(DOCUMENT, described(known, tuple(PARTS)))
        _print(f"Renewed the table of {DOCUMENT.relative_to(ROOT)}.")
    if failed:
        _print(f"\nFailed, see above: {', '.join(failed)}. What was measured of them before is kept.")
    return 1 if failed else 0


def _size(asked: argparse.Namespace) -> Size:
    size = QUICK if asked.quick else FULL
    if asked.soak is not None:
        size = replace(size, soak=asked.soak)
    if asked.runs is not None:
        size = replace(size, runs=asked.runs)
    if asked.seconds is not None:
        size = replace(size, seconds=asked.seconds, most_seconds=min(asked.seconds, size.most_seconds))
    return size


def _measure(names: Sequence[str], size: Size, out: Path) -> list[str]:
    """Measure these parts, and keep each as soon as it is done; those that failed, which do not stop the others."""
    failed, began = [], time.monotonic()
    for place, name in enumerate(names, 1):
        minutes = (time.monotonic() - began) / 60
        say(f"[{place} of {len(names)}, {minutes:.0f} minutes so far] {name}")
        try:
            found, lines = PARTS[name](size)
        except Exception:  # whatever it is, the other parts can be measured
            log.exception("%s failed", name)
            failed.append(name)
            continue
        record(out, name, size, found, lines)
        for line in lines:
            say(f"    {line.what}: {line.measured}")
    return failed


def _print(text: str) -> None:
    sys.stdout.write(text + "\n")


if __name__ == "__main__":
    # Chains and services must not outlive us.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    sys.exit(main())
