# SPDX-License-Identifier: EUPL-1.2
"""How a process notices what another has committed.

PostgreSQL tells it (LISTEN, NOTIFY). SQLite has a number that changes with every commit of another connection, which
is looked at ten times a second. Either only rings; who hears it looks in the database.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any, Final

from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from heitje.store.session import Channel, Store

_LOOK: Final = 0.1
"""Seconds between two looks at an SQLite file."""

_ASK: Final = 10.0
"""Seconds between two questions whether PostgreSQL is still there."""

Bells = Mapping[Channel, Callable[[], None]]


async def watch(store: Store, bells: Bells) -> None:
    """Ring when another process has committed, until cancelled.

    Raises:
        ConnectionError: PostgreSQL is gone; begin again, which rings for what was missed.
    """
    await (_watch_file(store, bells) if store.is_sqlite else _listen(store, bells))


async def _watch_file(store: Store, bells: Bells) -> None:
    engine = create_async_engine(store.url, poolclass=NullPool)
    try:
        async with engine.connect() as connection:
            seen = None
            while True:
                version = (await connection.exec_driver_sql("PRAGMA data_version")).scalar()
                if version != seen:
                    _ring_all(bells)
                seen = version
                await asyncio.sleep(_LOOK)
    finally:
        await engine.dispose()


async def _listen(store: Store, bells: Bells) -> None:
    def heard(_connection: Any, _pid: int, channel: str, teller: str) -> None:
        if teller != store.name:
            bells[Channel(channel)]()

    engine = create_async_engine(store.url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    try:
        async with engine.connect() as connection:
            driver: Any = (await connection.get_raw_connection()).driver_connection
            gone = asyncio.Event()
            driver.add_termination_listener(lambda _connection: gone.set())
            for channel in bells:
                await driver.add_listener(channel, heard)
            _ring_all(bells)
            while not gone.is_set():
                await driver.fetchval("SELECT 1", timeout=_ASK)
                try:
                    await asyncio.wait_for(gone.wait(), _ASK)
                except TimeoutError:
                    continue
            raise ConnectionError("the database closed the connection that listens")
    finally:
        await engine.dispose()


def _ring_all(bells: Bells) -> None:
    for ring in bells.values():
        ring()
