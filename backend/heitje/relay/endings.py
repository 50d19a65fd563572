# SPDX-License-Identifier: EUPL-1.2
"""Who waits for operations to end is told here: one look in the database serves all who wait."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from contextlib import suppress
from typing import Final

from heitje.relay import repository
from heitje.store.bell import Gong
from heitje.store.session import Store

_LOOK: Final = 0.1
"""Seconds between two looks without a ring, as long as anybody waits: who came after the ring is told so late."""


class Endings:
    """Those who wait in this process, by operation.

    Args:
        store: Where the operations are.
        news: Rings when the index has written.
    """

    def __init__(self, store: Store, news: Gong) -> None:
        self._store = store
        self._news = news
        self._waiting: defaultdict[str, set[asyncio.Event]] = defaultdict(set)

    async def wait(self, operation_id: str, seconds: float) -> bool:
        """Wait until an operation has ended, at most so long; whether it has."""
        ended = asyncio.Event()
        self._waiting[operation_id].add(ended)
        try:
            with suppress(TimeoutError):
                await asyncio.wait_for(ended.wait(), seconds)
            return ended.is_set()
        finally:
            self._waiting[operation_id].discard(ended)
            if not self._waiting[operation_id]:
                del self._waiting[operation_id]

    async def run(self) -> None:
        """Look whenever there is news, until cancelled."""
        while True:
            rung = self._news.listen()
            for operation_id in await self._look(list(self._waiting)):
                for ended in self._waiting.get(operation_id, ()):
                    ended.set()
            with suppress(TimeoutError):
                await asyncio.wait_for(rung.wait(), _LOOK)

    async def _look(self, ids: list[str]) -> set[str]:
        """Those of these that have ended."""
        if not ids:
            return set()
        async with self._store.read() as session:
            return await repository.ended(session, ids)
