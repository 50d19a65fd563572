# SPDX-License-Identifier: EUPL-1.2
"""Sessions: a reader that cannot write, and a writer that whoever opened it commits.

A service is handed a session and never commits. It says by its parameter's type whether it writes.

One writer at a time, whichever database and however many processes: what a transaction reads, nobody changes until it
is committed. Everything that is read first and written later rests on that: what a payer may still spend, nonces and
their gaps, idempotency keys, the allotment of nonces, the cursor; and rows are numbered in the order in which they
become visible. On SQLite a writer begins with `BEGIN IMMEDIATE`; on PostgreSQL its first statement takes an advisory
lock, which the end of the transaction gives back, also when the process is killed. Many requests share a transaction,
so taking turns costs little.

What is committed survives a loss of power: `synchronous=FULL` on SQLite, PostgreSQL's own default there.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

import asyncpg
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from heitje.store import migrate

_BUSY_MS: Final = 10_000
_READERS: Final = 8

_WRITER: Final = int.from_bytes(b"heitje")
"""The number of PostgreSQL's advisory lock; such locks are each database's own."""

_STUCK_MS: Final = 10_000
"""After how long PostgreSQL undoes the transaction of a process that stands still, so that others can write."""

_STATEMENT_SECONDS: Final = 60.0
"""After how long a statement without an answer is given up, because PostgreSQL's machine may be gone."""


class Channel(StrEnum):
    """What processes tell one another of."""

    WORK = "heitje_work"
    """Operations were stored, or can go again."""
    NEWS = "heitje_news"
    """Blocks were indexed, or taken back."""


class CannotConnect(Exception):
    """The database does not let us in; the message says what it said."""


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

    def __init__(self, connection: AsyncConnection, teller: str) -> None:
        super().__init__(connection)
        self._teller = teller

    async def tell(self, channel: Channel) -> None:
        """Wake other processes when this is committed. On SQLite they look by themselves; see `heitje.store.watch`."""
        if self._connection.dialect.name == "postgresql":
            await self._connection.execute(sa.select(sa.func.pg_notify(channel, self._teller)))

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

    def __init__(self, url: str | sa.URL, *, statement_seconds: float | None = _STATEMENT_SECONDS) -> None:
        """Take an SQLAlchemy URL: `sqlite+aiosqlite:///…` or `postgresql+asyncpg://…`.

        Args:
            url: Where the database is.
            statement_seconds: Longest that one statement may take, on PostgreSQL; None for as long as it takes.
        """
        self.url: Final = sa.make_url(url)
        self.is_sqlite: Final = self.url.get_backend_name() == "sqlite"
        self.name: Final = str(uuid.uuid4())
        """Of this one's connections, among all that look at the database."""
        if self.is_sqlite:
            self._writer = create_async_engine(self.url, pool_size=1, max_overflow=0)
            self._reader = create_async_engine(self.url, pool_size=_READERS, max_overflow=0)
            _prepare_sqlite(self._writer, begin="BEGIN IMMEDIATE", query_only=False)
            _prepare_sqlite(self._reader, begin="BEGIN", query_only=True)
        else:
            self._writer, reader = (
                create_async_engine(
                    self.url,
                    pool_size=size,
                    max_overflow=0,
                    pool_pre_ping=True,
                    isolation_level=isolation,
                    connect_args={"command_timeout": statement_seconds, "server_settings": _SERVER_SETTINGS},
                )
                # A writer looks anew with each statement, because the first one waits for its turn.
                for size, isolation in ((1, "READ COMMITTED"), (_READERS, "REPEATABLE READ"))
            )
            self._reader = reader.execution_options(postgresql_readonly=True)
        # Those who wait here neither spin on SQLite's lock nor keep connections.
        self._turn = asyncio.Lock()

    @classmethod
    def at(cls, path: Path) -> Store:
        """An SQLite file."""
        return cls(_sqlite_url(path))

    @classmethod
    def of(cls, place: str, *, statement_seconds: float | None = _STATEMENT_SECONDS) -> Store:
        """What `--database` says: the path of an SQLite file, whose folder is made, or PostgreSQL's URL.

        Raises:
            ValueError: It is neither.
        """
        if "://" not in place:
            path = Path(place)
            path.parent.mkdir(parents=True, exist_ok=True)
            return cls(_sqlite_url(path))
        try:
            url = sa.make_url(place)
        except sa.exc.ArgumentError:
            raise ValueError("it is not a URL that can be read") from None
        if url.drivername not in ("postgresql", "postgresql+asyncpg"):
            raise ValueError(f"it is of the kind {url.drivername}")
        return cls(url.set(drivername="postgresql+asyncpg"), statement_seconds=statement_seconds)

    async def create_tables(self) -> None:
        """Make the tables of an empty database, by migrating; leave one that has tables as it is.

        Raises:
            CannotConnect: There is no database.
            WrongSchema: It has, but they are not those of this version.
        """
        async with self._first_change() as connection:
            await connection.run_sync(migrate.prepare)

    async def migrate(self, to: str) -> tuple[str | None, str | None]:
        """Bring the tables to another revision; see `heitje.store.migrate.change`.

        Raises:
            CannotConnect: There is no database.
            CannotMigrate: Nothing was changed.
        """
        async with self._first_change() as connection:
            return await connection.run_sync(migrate.change, to)

    async def revision(self) -> str | None:
        """The revision of the tables; None where there are none.

        Raises:
            CannotConnect: There is no database.
        """
        try:
            async with self._reader.connect() as connection:
                return await connection.run_sync(migrate.revision)
        except (OSError, sa.exc.SQLAlchemyError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            where = self.url.render_as_string(hide_password=True)
            raise CannotConnect(f"the database {where} cannot be used ({error})") from error

    async def close(self) -> None:
        """Close all connections."""
        await self._writer.dispose()
        await self._reader.dispose()

    @asynccontextmanager
    async def read(self) -> AsyncIterator[ReadSession]:
        """Look, in one consistent view."""
        async with self._reader.connect() as connection:
            yield ReadSession(connection)

    @asynccontextmanager
    async def write(self) -> AsyncIterator[WriteSession]:
        """Change things: all of it when the block ends well, nothing when it raises. Nobody else writes meanwhile."""
        async with self._change() as connection:
            yield WriteSession(connection, self.name)

    @asynccontextmanager
    async def _first_change(self) -> AsyncIterator[AsyncConnection]:
        try:
            async with self._change() as connection:
                yield connection
        except (OSError, sa.exc.SQLAlchemyError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            where = self.url.render_as_string(hide_password=True)
            said = getattr(error, "orig", None) or error
            raise CannotConnect(f"the database {where} cannot be used ({said})") from error

    @asynccontextmanager
    async def _change(self) -> AsyncIterator[AsyncConnection]:
        async with self._turn, self._writer.begin() as connection:
            if not self.is_sqlite:
                await connection.execute(_TAKE_TURN)
            yield connection


_TAKE_TURN: Final = sa.select(sa.func.pg_advisory_xact_lock(sa.literal(_WRITER, sa.BigInteger)))

_SERVER_SETTINGS: Final = {
    "application_name": "heitje",
    "idle_in_transaction_session_timeout": str(_STUCK_MS),
    # As SQLite's busy timeout: whoever waits longer for its turn fails, and is started again.
    "lock_timeout": str(3 * _BUSY_MS),
}


def _sqlite_url(path: Path) -> sa.URL:
    return sa.URL.create("sqlite+aiosqlite", database=str(path))


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
