# SPDX-License-Identifier: EUPL-1.2
"""The statistics as of the last final block, read once and then only what is new.

What is read stays in this process: after a restart it is read again, which takes a second for each hundred thousand
moves of credits. No table of its own, so nothing that could disagree with the ledger.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from heitje.chain.calendar import month_text
from heitje.problems import Code, Problem
from heitje.rest.fields import rfc3339
from heitje.statistics import repository
from heitje.statistics.fold import Fold, Month
from heitje.statistics.tables import NAMES, Table, make
from heitje.store.session import Store

_PAUSE: Final = 5.0
"""Seconds for which what was read is good enough."""

_CHUNK: Final = 2_000
"""Rows read before others get their turn."""


@dataclass(frozen=True, slots=True)
class Statistics:
    """What is published, as of a final block."""

    block: int
    time: str
    months: tuple[Month, ...]
    tables: Mapping[str, Table]

    @property
    def through(self) -> str | None:
        """The last month that is over, as `2026-03`; None before there is one."""
        over = [month.month for month in self.months if month.is_over]
        return month_text(over[-1]) if over else None


class StatisticsService:
    """What the API and the pages tell of months."""

    def __init__(self, store: Store, neighbourhoods: Mapping[int, str], clock: Callable[[], float]) -> None:
        """Take the names of neighbourhoods by their codes; those without a name are shown by code."""
        self._store = store
        self._names = neighbourhoods
        self._clock = clock
        self._turn = asyncio.Lock()
        self._fold = Fold()
        self._after: repository.Place = (-1, -1)
        self._known_to = 0
        self._looked = float("-inf")
        self._found: Statistics | None = None

    async def current(self) -> Statistics:
        """The statistics, at most some seconds old.

        Raises:
            Problem: The index has not begun.
        """
        async with self._turn:
            now = self._clock()
            if self._found is None or not 0 <= now - self._looked < _PAUSE:
                self._found = await self._read()
                self._looked = now
            return self._found

    async def table(self, name: str) -> tuple[Statistics, Table]:
        """One table, by its name.

        Raises:
            Problem: There is none of that name, or the index has not begun.
        """
        if name not in NAMES:
            raise Problem(Code.NOT_FOUND, f"There is no table {name}; there are {', '.join(NAMES)}.")
        statistics = await self.current()
        return statistics, statistics.tables[name]

    async def _read(self) -> Statistics:
        async with self._store.read() as session:
            at = await repository.position(session)
        if at is None:
            raise Problem(Code.NOT_READY, "The index has not read the chain yet.")
        if self._found is not None and self._found.block == at.final_number:
            return self._found
        await self._catch_up(at.final_number)
        months = tuple(self._fold.months(at.final_time))
        return Statistics(at.final_number, rfc3339(at.final_time), months, make(months, self._names))

    async def _catch_up(self, last_block: int) -> None:
        """Fold in what has become final. Cut short, it goes on where it was."""
        async with self._store.read() as session:
            for row in await repository.accounts(session, self._known_to):
                self._fold.directory.learn(row.address, int(row.word, 16))
            rows = await repository.moves(session, self._after, last_block, _CHUNK)
        while rows:
            for row in rows:
                self._fold.take(row)
                self._after = (row.block_number, row.log_index)
            await asyncio.sleep(0)
            async with self._store.read() as session:
                rows = await repository.moves(session, self._after, last_block, _CHUNK)
        self._known_to = last_block + 1
