# SPDX-License-Identifier: EUPL-1.2
"""Sessions: a reader that cannot write, and a writer that whoever opened it commits.

A service is handed a session and never commits. It says by its parameter's type whether it writes. On SQLite a writer
begins with `BEGIN IMMEDIATE`: a transaction that reads first and writes later would otherwise fail at once when another
wrote in between, however long the busy timeout. `synchronous=FULL` makes what is committed survive a loss of power.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from heitje.store.tables import metadata

_BUSY_MS: Final = 10_000
_READERS: Final = 8


class ReadSession:
    """One consistent view of the database."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def rows(self, statement: sa.Select[Any], values: Mapping[str, Any] | None = None) -> Sequence[sa.Row[Any]]:
        """All rows."""
        found: Sequence[sa.Row[Any]] = (await self._connection.execute(statement, values)).all()
        return found

    async def first(self, statement: sa.Select[Any], values: Mapping[str, Any] | None = None) -> sa.Row[Any] | None:
        """The first row, or None."""
        found: sa.Row[Any] | None = (await self._connection.execute(statement, values)).first()
        return found

    async def scalar(self, statement: sa.Select[Any], values: Mapping[str, Any] | None = None) -> Any:
        """The first column of the first row, or None."""
        return (await self._connection.execute(statement, values)).scalar()


class WriteSession(ReadSession):
    """A transaction. It is committed when the block that opened it ends, and undone when that raises."""

    async def run(self, statement: sa.UpdateBase, values: Mapping[str, Any] | None = None) -> int:
        """Change rows; how many."""
        return (await self._connection.execute(statement, values)).rowcount

    async def run_many(self, statement: sa.UpdateBase, values: Sequence[Mapping[str, Any]]) -> None:
        """The same change with each of these values. Nothing at all when there are none."""
        if values:
            await self._connection.execute(statement, list(values))

    async def add(self, table: sa.Table, values: Mapping[str, Any]) -> int:
        """Insert a row; its key."""
        result = await self._connection.execute(sa.insert(table).values(**values))
        key = result.inserted_primary_key
        return int(key[0]) if key is not None else 0

    async def put_many(self, table: sa.Table, rows: Sequence[Mapping[str, Any]]) -> None:
        """Insert rows, or replace those whose key is there."""
        if not rows:
            return
        keys = [column.name for column in table.primary_key]
        dialect = sqlite if self._connection.dialect.name == "sqlite" else postgresql
        insert = dialect.insert(table)
        others = {name: insert.excluded[name] for name in rows[0] if name not in keys}
        await self._connection.execute(insert.on_conflict_do_update(index_elements=keys, set_=others), list(rows))


class Store:
    """The database."""

    def __init__(self, url: str) -> None:
        """Take an SQLAlchemy URL: `sqlite+aiosqlite:///…` or `postgresql+asyncpg://…`."""
        self._is_sqlite = url.startswith("sqlite")
        if self._is_sqlite:
            self._writer = create_async_engine(url, pool_size=1, max_overflow=0)
            self._reader = create_async_engine(url, pool_size=_READERS, max_overflow=0)
            _prepare_sqlite(self._writer, begin="BEGIN IMMEDIATE", query_only=False)
            _prepare_sqlite(self._reader, begin="BEGIN", query_only=True)
        else:
            self._writer = self._reader = create_async_engine(url, pool_size=_READERS)
        # One writer at a time is all SQLite can do: those who wait here do not spin on its lock.
        self._turn = asyncio.Lock()

    @classmethod
    def at(cls, path: Path) -> Store:
        """An SQLite file."""
        return cls(f"sqlite+aiosqlite:///{path}")

    async def create_tables(self) -> None:
        """Create what is missing."""
        async with self._writer.begin() as connection:
            await connection.run_sync(metadata.create_all)

    async def close(self) -> None:
        """Close all connections."""
        await self._writer.dispose()
        if self._reader is not self._writer:
            await self._reader.dispose()

    @asynccontextmanager
    async def read(self) -> AsyncIterator[ReadSession]:
        """Look, in one consistent view."""
        async with self._reader.connect() as connection:
            yield ReadSession(connection)

    @asynccontextmanager
    async def write(self) -> AsyncIterator[WriteSession]:
        """Change things: all of it when the block ends well, nothing when it raises."""
        turn: AbstractAsyncContextManager[Any] = self._turn if self._is_sqlite else nullcontext()
        async with turn, self._writer.begin() as connection:
            yield WriteSession(connection)


def _prepare_sqlite(engine: AsyncEngine, *, begin: str, query_only: bool) -> None:
    """Set what each connection needs, and begin transactions ourselves: the driver begins them too late."""

    def connected(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        for pragma in (
            f"busy_timeout={_BUSY_MS}",
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            f"query_only={'ON' if query_only else 'OFF'}",
        ):
            cursor = connection.cursor()
            cursor.execute(f"PRAGMA {pragma}")
            cursor.close()

    def began(connection: sa.Connection) -> None:
        connection.exec_driver_sql(begin)

    sa.event.listen(engine.sync_engine, "connect", connected)
    sa.event.listen(engine.sync_engine, "begin", began)
