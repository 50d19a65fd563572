# SPDX-License-Identifier: EUPL-1.2
"""Forgets what has been kept long enough: idempotency keys, and the bytes of transactions that are long final."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Final, TypeAlias

import structlog
from sqlalchemy.exc import SQLAlchemyError

from heitje.relay import lane_repository as lanes
from heitje.relay.intake import forget_keys
from heitje.store.session import Store, WriteSession

log = structlog.get_logger(__name__)

_EVERY: Final = 60.0
"""Seconds between two looks for keys."""

_EVERY_BYTES: Final = 3_600.0
"""Seconds between two looks for bytes, which take a walk through all transactions of the days that are kept."""

_MOST: Final = 2_000
"""Rows changed in one transaction, so that others are not kept waiting."""

_DAY: Final = 86_400

Forget: TypeAlias = Callable[[WriteSession, float, int], Awaitable[int]]
"""Deletes what is older than a time, so many rows at most, and says how many it were."""


class Tidier:
    """Tidies up until cancelled.

    Args:
        store: What is tidied.
        clock: Unix time.
        keep_keys: Days for which idempotency keys are kept.
        keep_bytes: Days for which the bytes of transactions are kept, from when they were sent.
        others: What else is forgotten, and after how many days.
    """

    def __init__(
        self,
        store: Store,
        clock: Callable[[], float],
        *,
        keep_keys: int,
        keep_bytes: int,
        others: Sequence[tuple[Forget, int]] = (),
    ) -> None:
        self._store = store
        self._clock = clock
        self._kept: Sequence[tuple[Forget, int]] = ((forget_keys, keep_keys), *others)
        self._keep_bytes = keep_bytes
        self._forgotten_to = 0
        self._next_bytes = 0.0

    async def run(self) -> None:
        """Tidy up, again and again. A database that does not answer is tidied later."""
        while True:
            try:
                await self.tidy()
            except SQLAlchemyError as error:
                log.warning("tidying up waits for the database", error=type(error).__name__)
            await asyncio.sleep(_EVERY)

    async def tidy(self) -> None:
        """Forget all that has been kept long enough."""
        now = self._clock()
        for forget, days in self._kept:
            deleted = _MOST
            while deleted >= _MOST:
                async with self._store.write() as session:
                    deleted = await forget(session, now - _DAY * days, _MOST)
                await asyncio.sleep(0.1)
        if now >= self._next_bytes:
            await self._forget_bytes(now - _DAY * self._keep_bytes)
            self._next_bytes = now + _EVERY_BYTES

    async def _forget_bytes(self, before: float) -> None:
        async with self._store.read() as session:
            last = await lanes.last_sent_before(session, before, self._forgotten_to)
        while self._forgotten_to < last:
            upto = min(last, self._forgotten_to + _MOST)
            async with self._store.write() as session:
                await lanes.forget_bytes(session, self._forgotten_to, upto)
            self._forgotten_to = upto
            await asyncio.sleep(0.1)
