# SPDX-License-Identifier: EUPL-1.2
"""What was measured, part by part: kept as JSON, shown as a table, compared with what others do.

Parts can be measured at different times: a new figure takes the place of the old one, and the rest stays.
"""

from __future__ import annotations

import json
import os
import platform
import statistics
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, is_dataclass
from pathlib import Path
from typing import Any, Final

BEGIN: Final = "<!-- made by `make bench WRITE=1`; do not edit by hand -->"
END: Final = "<!-- end of what is made -->"


@dataclass(frozen=True)
class Line:
    """A line of the table: what, measured, and what it is held against: a budget, or somebody else."""

    what: str
    measured: str
    against: str = ""


def record(file: Path, name: str, size: Any, found: Mapping[str, Any], lines: Sequence[Line]) -> dict[str, Any]:
    """Add what a part has shown to what is known; all of it."""
    known = read(file)
    known["parts"][name] = {
        "measured": time.strftime("%Y-%m-%dT%H:%MZ", time.gmtime()),
        "machine": machine(),
        "size": plain(size),
        "found": plain(found),
        "table": plain(lines),
    }
    known["ratios"] = ratios(known["parts"])
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(known, indent=2) + "\n")
    return known


def read(file: Path) -> dict[str, Any]:
    """What was measured before; nothing if there is no such file, or one of another form."""
    if file.exists():
        known: dict[str, Any] = json.loads(file.read_text())
        if "parts" in known:
            return known
    return {"parts": {}, "ratios": {}}


def machine() -> dict[str, Any]:
    """Where it is measured; `load` is how busy the machine was already."""
    system = f"{platform.system()} {platform.machine()}"
    return {
        "cores": os.cpu_count(),
        "system": system,
        "python": platform.python_version(),
        "load": round(os.getloadavg()[0], 2),
    }


def ratios(parts: Mapping[str, Any]) -> dict[str, float]:
    """How many times as much we do as others do, by medians; those that can be told from what was measured."""
    found = {name: part["found"] for name, part in parts.items()}
    payments = _of(found, ("payments", "saturated"), "per_second")
    made = {
        "x402: settled per second, in times of the library's": _per(
            _of(found, ("peers", "ours_many"), "per_second"), _of(found, ("peers", "published_many"), "per_second")
        ),
        "x402: processor time of a payment, in times of the library's": _per(
            _of(found, ("peers", "ours"), "cpu_ms"), _of(found, ("peers", "published"), "cpu_ms")
        ),
        "payments per second, in times of a plain web3.py sender's": _per(
            payments, _of(found, ("peers", "plain"), "per_second")
        ),
        "payments per second, in times of the x402 library's": _per(
            payments, _of(found, ("peers", "published"), "per_second")
        ),
        "transfers indexed per second, in times of Ponder's": _per(
            _of(found, ("ponder", "ours"), "transfers_per_second"),
            _of(found, ("ponder", "ponder"), "transfers_per_second"),
        ),
    }
    return {what: ratio for what, ratio in made.items() if ratio is not None}


def _of(found: Mapping[str, Any], where: tuple[str, str], name: str) -> float | None:
    runs = found.get(where[0], {}).get(where[1]) or []
    return statistics.median(run[name] for run in runs) if runs else None


def _per(ours: float | None, theirs: float | None) -> float | None:
    return round(ours / theirs, 2) if ours and theirs else None


def table(known: Mapping[str, Any], order: Sequence[str]) -> str:
    """All that is known as one table, and the comparisons as another."""
    parts = known["parts"]
    lines = ["| what | measured | held against |", "|---|---|---|"]
    for name in order:
        shown = parts.get(name, {}).get("table", [])
        lines += [f"| {line['what']} | {line['measured']} | {line['against']} |" for line in shown]
    if known["ratios"]:
        lines += ["", "| compared, in the same run | times |", "|---|---|"]
        lines += [f"| {what} | {ratio:g} |" for what, ratio in known["ratios"].items()]
    return "\n".join(lines)


def described(known: Mapping[str, Any], order: Sequence[str]) -> str:
    """The table, and when and where its parts were measured."""
    rows = [(name, known["parts"][name]) for name in order if name in known["parts"]]
    told = ["| part | measured | cores | Python | load before |", "|---|---|---|---|---|"]
    for name, part in rows:
        here = part["machine"]
        told.append(f"| {name} | {part['measured']} | {here['cores']} | {here['python']} | {here['load']:g} |")
    return table(known, order) + "\n\n" + "\n".join(told)


def renew(document: Path, text: str) -> None:
    """Put a text between the marks of a document.

    Raises:
        ValueError: It has no marks.
    """
    before, begin, rest = document.read_text().partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"{document} has no place for the table: {BEGIN} … {END}")
    document.write_text(f"{before}{BEGIN}\n\n{text}\n\n{END}{after}")


def plain(value: Any) -> Any:
    """The same of what JSON has."""
    if is_dataclass(value) and not isinstance(value, type):
        return plain(asdict(value))
    if isinstance(value, Mapping):
        return {str(key): plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [plain(one) for one in value]
    return value


def median(runs: Sequence[Any], name: str) -> str:
    """The median of a figure, as a whole number with groups of three digits."""
    return number(statistics.median(getattr(run, name) for run in runs))


def number(value: float) -> str:
    """A whole number with groups of three digits."""
    return f"{value:,.0f}".replace(",", " ")


def tenths(runs: Sequence[Any], name: str) -> str:
    """The median of a figure, with one decimal."""
    return f"{statistics.median(getattr(run, name) for run in runs):.1f}"


def seconds(runs: Sequence[Any], *names: str) -> str:
    """The medians of some times."""
    return " / ".join(f"{statistics.median(getattr(run, name) for run in runs):.2f}" for name in names) + " s"
