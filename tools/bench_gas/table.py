# SPDX-License-Identifier: EUPL-1.2
"""The bench's tables, for a terminal and for the document: always made from a record, never typed."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from tools.bench_gas.record import Record, faults
from tools.bench_gas.rows import OURS, Kind, Row, ratios

BEGIN: Final = "<!-- made by `make bench-gas WRITE=1`; do not edit by hand -->"
END: Final = "<!-- end of what is made -->"
HEAD: Final = ("project", "operation", "gas per item", "ours = 1", "budget", "gas of the whole", "calldata, bytes")


def cells(rows: Sequence[Row], kind: Kind) -> list[tuple[str, ...]]:
    """A section's lines, ours first, then the peers', each by what they cost."""
    against = ratios(rows)
    chosen = sorted((row for row in rows if row.kind is kind), key=lambda row: (row.project != OURS, row.per_item))
    return [
        (
            row.project,
            row.operation,
            _number(row.per_item),
            f"{against[row]:.2f}" if row in against else "-",
            _budget(row),
            _number(row.gas_used),
            _number(sum(each.calldata for each in row.transactions)),
        )
        for row in chosen
    ]


def _number(value: int) -> str:
    return f"{value:,}".replace(",", " ")


def _budget(row: Row) -> str:
    if row.budget is None:
        return "-"
    over = row.gas_used - row.budget * row.items
    return f"{_number(row.budget)}{'' if over <= 0 else ', over'}"


def text(record: Record) -> str:
    """For a terminal."""
    lines = []
    for kind in Kind:
        block = [HEAD, *cells(record.rows, kind)]
        widths = [max(len(line[i]) for line in block) for i in range(len(HEAD))]
        lines.append(f"\n{kind}")
        lines += [
            "  ".join(
                cell.ljust(width) if i < 2 else cell.rjust(width)
                for i, (cell, width) in enumerate(zip(line, widths, strict=True))
            ).rstrip()
            for line in block
        ]
    return "\n".join(lines).lstrip("\n")


def markdown(record: Record) -> str:
    """For the document, with the two marks around it."""
    lines = [BEGIN, ""]
    for kind in Kind:
        lines += [f"### {kind}", "", _line(HEAD), "|---|---|--:|--:|--:|--:|--:|"]
        lines += [_line(cell) for cell in cells(record.rows, kind)]
        lines.append("")
    lines += ["### What it was measured with", "", *_versions(record), ""]
    found = faults(record.rows)
    lines += ["### Limits of ours that are not kept", "", *(f"- {fault}" for fault in found or ["None."]), "", END]
    return "\n".join(lines)


def _line(parts: Sequence[str]) -> str:
    return f"| {' | '.join(parts)} |"


def _versions(record: Record) -> list[str]:
    made, peers = record.made_with, record.made_with["peers"]
    node = made["node"]
    lines = [f"- The chain: {node['program']}, {node['fork']} rules, gas at a price of {node['gas_price']}."]
    for whose, given in ((OURS, made[OURS]), ("The peers that are compiled here", peers["compiled_here"])):
        settings = given["settings"]
        runs, pipeline = settings["optimizer"]["runs"], "via-IR" if settings["viaIR"] else "legacy pipeline"
        how = f"{pipeline}, {runs} optimizer runs, for {settings['evmVersion']}"
        lines.append(f"- {whose}: solc {given['solc']}, {how}.")
    lines += [f"- {peer}: `{package}`." for peer, package in peers["packages"].items()]
    shipped = ", ".join(f"{name} (solc {solc})" for name, solc in peers["compiled_by_their_makers"].items())
    lines.append(f"- As their makers compiled them, from the same packages: {shipped}.")
    return lines


def renewed(document: str, record: Record) -> str:
    """The document with the record's tables between the two marks.

    Raises:
        ValueError: the marks are not there, once each and in order.
    """
    if document.count(BEGIN) != 1 or document.count(END) != 1 or document.index(BEGIN) > document.index(END):
        raise ValueError(f"the document must have {BEGIN} and {END} once each, in this order")
    before, _, rest = document.partition(BEGIN)
    return before + markdown(record) + rest.partition(END)[2]


def renew(file: Path, record: Record) -> None:
    """Writes the record's tables into the document."""
    file.write_text(renewed(file.read_text(encoding="utf-8"), record), encoding="utf-8")
