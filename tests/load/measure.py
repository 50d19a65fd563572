# SPDX-License-Identifier: EUPL-1.2
"""What is measured of a process, and how numbers are summed up. Times are seconds, memory is bytes."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Watch:
    """A process and its children, from the moment it was made."""

    pids: tuple[int, ...]
    cpu_before: float
    memory_before: int

    @classmethod
    def over(cls, pid: int) -> Watch:
        """Begin to watch."""
        pids = tuple(_tree(pid))
        return cls(pids, _cpu(pids), _memory(pids))

    @property
    def cpu(self) -> float:
        """Processor seconds since then."""
        return _cpu(self.pids) - self.cpu_before

    @property
    def memory(self) -> int:
        """Resident bytes now."""
        return _memory(self.pids)


def at(values: Sequence[float], share: float) -> float:
    """The value below which this share of the values lies; 0 when there are none."""
    ordered = sorted(values)
    return round(ordered[min(len(ordered) - 1, int(share * len(ordered)))], 4) if ordered else 0.0


def _tree(pid: int) -> list[int]:
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *(one for child in children for one in _tree(int(child)))]


def _cpu(pids: Sequence[int]) -> float:
    ticks = 0
    for pid in pids:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def _memory(pids: Sequence[int]) -> int:
    pages = sum(int(Path(f"/proc/{pid}/statm").read_text().split()[1]) for pid in pids)
    return pages * os.sysconf("SC_PAGE_SIZE")
