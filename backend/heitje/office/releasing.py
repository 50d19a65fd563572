# SPDX-License-Identifier: EUPL-1.2
"""Looks at a report the way the registry will, before an issuer signs its release: line by line."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from heitje.chain.abi import Revert
from heitje.office.chain import Chain, Question
from heitje.reports.check import Checker, Entry
from heitje.reports.problems import SKIPPABLE, Fault
from heitje.reports.state import Call, Subject, read_state


@dataclass(frozen=True)
class CheckedLine:
    """A line of a report: whom, how long, the cents it comes to, and what is wrong with it."""

    number: int
    minutes: int
    amount: int
    faults: tuple[Fault, ...]


@dataclass(frozen=True)
class CheckedReport:
    """A report as the registry sees it now.

    Attributes:
        lines: In its order.
        faults: What stops all of it.
    """

    lines: tuple[CheckedLine, ...]
    faults: tuple[Fault, ...]

    @property
    def skip(self) -> int:
        """Bit i leaves line i out."""
        return sum(1 << index for index, line in enumerate(self.lines) if line.faults)

    @property
    def good(self) -> list[CheckedLine]:
        """The lines that will be rewarded."""
        return [line for line in self.lines if not line.faults]

    @property
    def total(self) -> int:
        """Cents in all."""
        return sum(line.amount for line in self.good)

    @property
    def can_be_released(self) -> bool:
        """Whether the registry would take it, with what is wrong left out."""
        return not self.faults and bool(self.good) and all(set(line.faults) <= SKIPPABLE for line in self.lines)


class _Reads:
    """The contracts, asked from a thread of its own: the check of reports was written for the terminal and waits."""

    def __init__(self, chain: Chain, loop: asyncio.AbstractEventLoop, now: int) -> None:
        self._chain = chain
        self._loop = loop
        self.timestamp = now

    def read_many(self, calls: Sequence[Call]) -> list[Any]:
        """See `heitje.reports.state.Reads`."""
        asked = self._chain.ask_many([Question(*call) for call in calls])
        answers = asyncio.run_coroutine_threadsafe(asked, self._loop).result()
        return [None if isinstance(answer, Revert) else answer for answer in answers]


async def look_at(chain: Chain, report: Mapping[str, Any], issuer: str | None, time_zone: str) -> CheckedReport:
    """What the registry would say to a report, as the API has it, if this issuer released it now.

    Raises:
        Problem: The node cannot be asked.
    """
    attester, activity = report["attester"], int(report["activity"])
    entries = [Entry(i, activity, one["number"], one["minutes"]) for i, one in enumerate(report["lines"])]
    signers = [attester] if issuer is None else [attester, issuer]
    reads = _Reads(chain, asyncio.get_running_loop(), await chain.now())
    subjects = [Subject(activity, entry.number) for entry in entries]
    state = await asyncio.to_thread(read_state, reads, subjects, signers)
    checker = Checker(state, time_zone)
    faults = [
        *(problem.fault for problem in checker.city()),
        *(fault for fault, _ in checker.activity(activity, attester)),
    ]
    if issuer == attester:
        faults.append(Fault.ATTESTER_IS_ISSUER)
    if state.now > report["deadline"]:
        faults.append(Fault.DEADLINE)
    if activity not in state.activities:
        return CheckedReport((), tuple(faults))
    lines = []
    for entry in entries:
        found = tuple(dict.fromkeys(problem.fault for problem in checker.line(entry, signers)))
        amount = entry.minutes * state.activities[activity].rate // 60
        lines.append(CheckedLine(entry.number, entry.minutes, amount, found))
    return CheckedReport(tuple(lines), tuple(faults))
