# SPDX-License-Identifier: EUPL-1.2
"""How one part tells another, in this process, that there are new committed rows.

A bell carries no data and may ring for nothing: who hears it looks in the database. Waiting always has a time-out, so
that rows written by another process are found as well, only later.
"""

import asyncio
from collections.abc import Iterable
from contextlib import suppress


class Bell:
    """Rings for everybody who is waiting, and for whoever comes next if nobody is."""

    def __init__(self) -> None:
        self._rung = asyncio.Event()

    def ring(self) -> None:
        """There is something new."""
        self._rung.set()

    async def wait(self, seconds: float) -> None:
        """Wait until it rings, at most so long. For the one part that works on what rang."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._rung.wait(), seconds)
        self._rung.clear()


class Gong:
    """Rings for everybody who is waiting now, and for nobody else."""

    def __init__(self) -> None:
        self._next = asyncio.Event()

    def ring(self) -> None:
        """There is something new."""
        rung, self._next = self._next, asyncio.Event()
        rung.set()

    def listen(self) -> asyncio.Event:
        """Begin to listen: what is set when it rings next. Listen first, then look, then wait."""
        return self._next


async def first_of(rung: Iterable[asyncio.Event], seconds: float) -> None:
    """Wait until one of several gongs rings, at most so long."""
    waits = [asyncio.ensure_future(event.wait()) for event in rung]
    try:
        await asyncio.wait(waits, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for wait in waits:
            wait.cancel()
