# SPDX-License-Identifier: EUPL-1.2
"""Puts many mutants into one build, each behind a switch that a test run turns on.

The switch is the block's coinbase address, which no contract of the house reads and which forge takes on its command
line: address zero is the program as it is. A switch must not make a pure function a view, so it is read through a
function pointer whose mutability was cast away.
"""

from __future__ import annotations

import os
from dataclasses import dataclass

from tools.mutants.operators import Mutant, Region
from tools.mutants.project import SWITCH, BuildFailed, Json, Project

#: Far from every address that means something to the machine.
OFFSET = 0x4D00_0000_0000_0000_0000

SWITCH_SOURCE = f"""// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.37;

library MutantSwitch {{
    function on(uint256 number) internal pure returns (bool) {{
        return _asPure(_isOn)(number);
    }}

    function _isOn(uint256 number) private view returns (bool) {{
        return uint160(address(block.coinbase)) == {OFFSET} + number;
    }}

    function _asPure(function(uint256) view returns (bool) reads)
        private
        pure
        returns (function(uint256) pure returns (bool) asPure)
    {{
        assembly {{
            asPure := reads
        }}
    }}
}}
"""


def coinbase(mutant: Mutant | None) -> str:
    """The address that turns this mutant on; that of none."""
    return f"0x{OFFSET + mutant.number if mutant else 0:040x}"


@dataclass(frozen=True)
class _Span:
    """Where a mutant's switch is in a woven source."""

    start: int
    end: int
    number: int


class _Weaver:
    """Writes one file anew with all its switches."""

    def __init__(self, file: str, source: bytes, mutants: list[Mutant]) -> None:
        self.source = source
        self.spans: list[_Span] = []
        regions: dict[tuple[int, int], list[tuple[Region, int]]] = {}
        for mutant in mutants:
            for region in (region for region in mutant.woven if region.file == file):
                regions.setdefault((region.start, region.end), []).append((region, mutant.number))
        # Outer before inner, so that each region's inside is what follows it.
        self.order = sorted(regions.items(), key=lambda item: (item[0][0], -item[0][1]))

    def write(self) -> bytes:
        text, _ = self._range(0, len(self.source), 0, 0)
        return text

    def _range(self, start: int, end: int, index: int, at: int) -> tuple[bytes, int]:
        """The source between two offsets, woven; `at` is where it will stand, `index` the first region inside."""
        out = b""
        while index < len(self.order) and self.order[index][0][0] < end:
            (first, last), switches = self.order[index]
            out += self.source[start:first]
            text, index = self._region(first, last, switches, index + 1, at + len(out))
            out += text
            start = last
        return out + self.source[start:end], index

    def _region(
        self, first: int, last: int, switches: list[tuple[Region, int]], index: int, at: int
    ) -> tuple[bytes, int]:
        head, tail = b"", b""
        starts = []
        for region, number in reversed(switches):
            starts.append((at + len(head), number))
            head += _head(region, number)
            tail = _tail(region, number) + tail
        inner, index = self._range(first, last, index, at + len(head))
        whole = head + inner + tail
        for offset, number in starts:
            self.spans.append(_Span(offset, at + len(whole), number))
        return whole, index


def _head(region: Region, number: int) -> bytes:
    if region.form == "statement":
        return f"{{ if (MutantSwitch.on({number})) {{ {region.text} }} else {{ ".encode()
    if region.form == "assembly":
        return b"add("
    # A number must stay one of 256 bits: a choice between two literals would be of 8.
    return f"{'uint256' if region.form == 'number' else ''}(MutantSwitch.on({number}) ? {region.text} : ".encode()


def _tail(region: Region, number: int) -> bytes:
    if region.form == "assembly":
        # What an instruction reads is one more where the switch is on.
        return f", eq(coinbase(), {OFFSET + number}))".encode()
    return b" } }" if region.form == "statement" else b")"


def weave(project: Project, sources: dict[str, bytes], mutants: list[Mutant]) -> tuple[dict[str, bytes], set[int]]:
    """The sources with every mutant behind its switch that fits behind one.

    Returns:
        The sources by path, the switch's own included, and the numbers of the mutants in them.
    """
    inside = {mutant.number: mutant for mutant in mutants if mutant.woven}
    while True:
        woven: dict[str, bytes] = {SWITCH: SWITCH_SOURCE.encode()}
        spans: dict[str, list[_Span]] = {}
        for file, source in sources.items():
            weaver = _Weaver(file, source, list(inside.values()))
            # At the end, so that nothing before it moves.
            way = os.path.relpath(SWITCH, os.path.dirname(file))  # noqa: PTH120  -- paths of the compiler's, not files
            way = way if way.startswith(".") else f"./{way}"
            woven[file] = weaver.write() + f'\nimport {{MutantSwitch}} from "{way}";\n'.encode()
            spans[file] = weaver.spans
        try:
            project.analyse(woven)
        except BuildFailed as failure:
            blamed = _blamed(failure.errors, spans)
            if not blamed:
                raise
            for number in blamed:
                inside.pop(number, None)
        else:
            return woven, set(inside)


def _blamed(errors: list[Json], spans: dict[str, list[_Span]]) -> set[int]:
    """The switches that the compiler's complaints are about: the innermost around each, else those inside."""
    blamed: set[int] = set()
    for error in errors:
        place = error.get("sourceLocation")
        if place is None or place["file"] not in spans:
            continue
        start, end = place["start"], place["end"]
        around = [span for span in spans[place["file"]] if span.start <= start and end <= span.end]
        within = [span for span in spans[place["file"]] if start <= span.start and span.end <= end]
        if within:
            longest = max(within, key=lambda span: span.end - span.start)
            blamed |= {span.number for span in within if span.end == longest.end}
        elif around:
            shortest = min(around, key=lambda span: span.end - span.start)
            blamed |= {span.number for span in around if span.end == shortest.end}
    return blamed
