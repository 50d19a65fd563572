# SPDX-License-Identifier: EUPL-1.2
"""Keeps what the contracts cost, in snapshots/gas.json: the compiler and the tests are deterministic, so it is exact.

Reads what `make gas` prints (gas and name, a tab between). Usage: `make gas | python tools/gas_snapshot.py [--check]`.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TextIO

SNAPSHOT = Path(__file__).resolve().parent.parent / "snapshots" / "gas.json"
RENEW = "make gas-snapshot"


def measured(lines: TextIO) -> dict[str, int]:
    """Gas by name.

    Raises:
        ValueError: a line is not a number, a tab and a name.
    """
    pairs = (line.rstrip("\n").split("\t") for line in lines)
    return {name: int(gas) for gas, name in pairs}


def differences(kept: dict[str, int], now: dict[str, int]) -> list[str]:
    """What has changed, a line each."""
    names = sorted({*kept, *now})
    return [f"{name}: {kept.get(name)} is now {now.get(name)}" for name in names if kept.get(name) != now.get(name)]


def main() -> int:
    """Writes the snapshot, or with `--check` compares it."""
    now = measured(sys.stdin)
    if not now:
        print("Nothing was measured: the gas tests did not run. See `make test-contracts`.", file=sys.stderr)
        return 1
    if "--check" not in sys.argv[1:]:
        SNAPSHOT.parent.mkdir(exist_ok=True)
        SNAPSHOT.write_text(json.dumps(now, indent=1, sort_keys=True) + "\n", encoding="utf-8")
        print(f"Wrote {SNAPSHOT.name}: {len(now)} figures.")
        return 0
    kept = json.loads(SNAPSHOT.read_text(encoding="utf-8"))
    if changed := differences(kept, now):
        print("\n".join(changed), file=sys.stderr)
        print(f"Gas has changed. If that is meant, `{RENEW}` renews snapshots/gas.json.", file=sys.stderr)
        return 1
    print(f"Gas is as in snapshots/gas.json: {len(now)} figures.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
