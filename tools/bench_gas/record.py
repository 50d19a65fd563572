# SPDX-License-Identifier: EUPL-1.2
"""What the bench writes down, and how that is checked against the chain it was measured on."""

from __future__ import annotations

import gzip
import json
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from tests.support.anvil import ANVIL, rpc
from tools.bench_gas.chain import Chain, read_transaction
from tools.bench_gas.peers import SETTINGS, SHIPPED_BY_THEIR_MAKERS, compiler_of, installed, versions
from tools.bench_gas.rows import OURS, Row
from tools.compile import SETTINGS as OUR_SETTINGS
from tools.compile import SOLC_VERSION, fingerprint, sources

FORMAT: Final = 1


class Mismatch(Exception):
    """The chain, or the arithmetic, says something else than the file."""


@dataclass(frozen=True)
class Record:
    """A run: what was measured, and what with."""

    made_with: dict[str, Any]
    rows: tuple[Row, ...]

    @classmethod
    def of(cls, chain: Chain) -> Record:
        """What a chain has measured."""
        return cls(_made_with(chain), tuple(chain.rows))

    @classmethod
    def read(cls, file: Path) -> Record:
        """From a file.

        Raises:
            Mismatch: it is no such file, or a figure in it does not follow from its own transactions.
            FileNotFoundError: there is none.
        """
        try:
            given = json.loads(file.read_text(encoding="utf-8"))
            if given["format"] != FORMAT:
                raise Mismatch(f"{file} has format {given['format']}; this bench reads {FORMAT}")
            return cls(given["made_with"], tuple(map(Row.from_json, given["rows"])))
        except (KeyError, TypeError, ValueError) as error:
            raise Mismatch(f"{file}: {error}") from error

    def write(self, file: Path) -> None:
        """Into a file."""
        file.parent.mkdir(parents=True, exist_ok=True)
        content = {"format": FORMAT, "made_with": self.made_with, "rows": [row.to_json() for row in self.rows]}
        file.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")

    def check(self, url: str) -> int:
        """Fetches every receipt again and compares; returns how many there were.

        Raises:
            Mismatch: the chain does not say what the file says.
        """
        seen = 0
        for row in self.rows:
            for written in row.transactions:
                try:
                    found = read_transaction(url, written.hash)
                except (LookupError, ValueError) as error:
                    raise Mismatch(f"{row.project}: {row.operation}: {error}") from error
                if found != written:
                    raise Mismatch(f"{row.project}: {row.operation}: the file says {written}, the chain {found}")
                seen += 1
        return seen


def keep_state(url: str, file: Path) -> None:
    """Writes a chain into a file that `anvil --load-state` takes."""
    packed = bytes.fromhex(rpc(url, "anvil_dumpState")[2:])
    file.write_bytes(gzip.decompress(packed))


def _made_with(chain: Chain) -> dict[str, Any]:
    command = [str(ANVIL), "--version"]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout  # noqa: S603  -- our own node
    shipped = {name: compiler_of(name) for name in SHIPPED_BY_THEIR_MAKERS}
    return {
        "node": {
            "program": f"anvil {said.splitlines()[0].rpartition(' ')[2]}",
            "fork": "osaka",
            "chain_id": chain.chain_id,
            "gas_price": 0,
        },
        OURS: {"solc": SOLC_VERSION, "settings": OUR_SETTINGS, "sources": fingerprint(sources())},
        "peers": {
            "packages": versions(),
            "compiled_here": {"solc": SOLC_VERSION, "settings": SETTINGS},
            "compiled_by_their_makers": shipped,
        },
        "our_openzeppelin": installed("@openzeppelin/contracts"),
        "batch": chain.size,
    }


def faults(rows: Sequence[Row]) -> list[str]:
    """Which limits are broken, in words."""
    return [fault for row in rows for fault in row.faults()]
