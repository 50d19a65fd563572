# SPDX-License-Identifier: EUPL-1.2
"""Keeps those metrics up to date that are a state, and not a count: they are read from the database now and then."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final

import sqlalchemy as sa
import structlog
from sqlalchemy.exc import SQLAlchemyError

from heitje import metrics
from heitje.relay.lane_repository import IN_FLIGHT
from heitje.relay.operation import UNDER_WAY, Kind, State
from heitje.store.session import Store
from heitje.store.tables import batch, cursor, lane, operation

log = structlog.get_logger(__name__)

_EVERY: Final = 2.0
"""Seconds between two looks."""


class Gauges:
    """Looks until cancelled."""

    def __init__(self, store: Store, clock: Callable[[], float]) -> None:
        self._store = store
        self._clock = clock

    async def run(self) -> None:
        """Look, and look again. A database that does not answer leaves the gauges as they are."""
        while True:
            try:
                await self.look()
            except SQLAlchemyError as error:
                log.warning("metrics: the database does not answer", error=type(error).__name__)
            await asyncio.sleep(_EVERY)

    async def look(self) -> None:
        """Read all of them once."""
        can_go = operation.c.state.in_((State.QUEUED, State.BATCHED, State.SUBMITTED))
        async with self._store.read() as session:
            counted = await session.rows(
                sa.select(operation.c.kind, operation.c.state, sa.func.count().label("number"))
                .where(operation.c.state.in_((*UNDER_WAY, State.MINED)))
                .group_by(operation.c.kind, operation.c.state)
            )
            oldest = await session.scalar(sa.select(sa.func.min(operation.c.received_at)).where(can_go))
            in_flight = sa.select(sa.func.count()).select_from(batch).where(batch.c.state.in_(IN_FLIGHT))
            metrics.LANE_IN_FLIGHT.set(await session.scalar(in_flight))
            frozen = sa.select(sa.func.count()).select_from(lane).where(lane.c.frozen.is_not(None))
            metrics.LANE_FROZEN.set(await session.scalar(frozen))
            at = await session.first(sa.select(cursor))
        numbers = {(row.kind, row.state): row.number for row in counted}
        for kind in Kind:
            for state in (*UNDER_WAY, State.MINED):
                metrics.OPERATIONS.labels(kind, state).set(numbers.get((kind, state), 0))
        now = self._clock()
        metrics.OLDEST_SECONDS.set(now - oldest if oldest is not None else 0)
        if at is not None:
            metrics.INDEX_BLOCK.set(at.number)
            metrics.INDEX_FINAL_BLOCK.set(at.final_number)
            metrics.INDEX_HALTED.set(at.halted is not None)
            metrics.INDEX_SECONDS_OLD.set(max(0.0, now - at.time))
            metrics.CHECK_TIME.set(at.checked_at or 0)
            metrics.CHECK_DIFFERENCES.set(at.differences or 0)
