# SPDX-License-Identifier: EUPL-1.2
"""Who follows what happens to an account, and the one task that looks for all of them.

One question to the database serves all who listen, however many they are. A listener who lags behind by more than its
queue holds is let go: it connects again and goes on from the last event it has.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager, suppress
from typing import Any, Final

import sqlalchemy as sa

from heitje import metrics
from heitje.events import repository
from heitje.events.rendering import Renderer
from heitje.problems import Code, Problem
from heitje.store.bell import Gong
from heitje.store.session import Store

_LOOK: Final = 0.5
"""Most seconds between two looks: the index may be another process, which rings no gong here."""

_PAGE: Final = 200
_MOST_WAITING: Final = 1_000
"""Events a listener can be behind."""


class Listener:
    """One who follows an account."""

    def __init__(self, account: str, after: int) -> None:
        self.account = account
        self.after = after
        self.is_over = False
        self._waiting: asyncio.Queue[tuple[int, bytes] | None] = asyncio.Queue(_MOST_WAITING)

    def put(self, seq: int, body: bytes) -> None:
        """Something happened."""
        try:
            self._waiting.put_nowait((seq, body))
        except asyncio.QueueFull:
            self.is_over = True
        self.after = seq

    def end(self) -> None:
        """Nothing more comes: the service stops."""
        self.is_over = True
        with suppress(asyncio.QueueFull):
            self._waiting.put_nowait(None)

    async def next(self, seconds: float) -> tuple[int, bytes] | None:
        """What comes next, if it comes in time."""
        with suppress(TimeoutError):
            return await asyncio.wait_for(self._waiting.get(), seconds)
        return None


class Tail:
    """Follows the events for all who listen.

    Args:
        store: Where they are.
        renderer: Puts them into JSON.
        news: Rings when the index, in this process, has written.
        most: Listeners at a time.
    """

    def __init__(self, store: Store, renderer: Renderer, news: Gong, most: int) -> None:
        self._store = store
        self._renderer = renderer
        self._news = news
        self._most = most
        self._places = 0
        self._listeners: set[Listener] = set()
        self._seen = -1

    async def run(self) -> None:
        """Look whenever there is news, until cancelled."""
        while True:
            rung = self._news.listen()
            await self._look()
            with suppress(TimeoutError):
                await asyncio.wait_for(rung.wait(), _LOOK)

    @contextmanager
    def place(self) -> Iterator[None]:
        """A place among those who listen.

        Raises:
            Problem: All are taken.
        """
        if self._places >= self._most:
            raise Problem(Code.TOO_MANY_STREAMS)
        self._places += 1
        metrics.STREAMS.inc()
        try:
            yield
        finally:
            self._places -= 1
            metrics.STREAMS.dec()

    async def bounds(self) -> tuple[int, int]:
        """The first and the last event that are kept."""
        async with self._store.read() as session:
            return await repository.oldest(session), await repository.newest(session)

    async def since(self, account: str, after: int, upto: int) -> AsyncIterator[tuple[int, bytes]]:
        """What happened to an account in between."""
        while after < upto:
            async with self._store.read() as session:
                rows = await repository.about(session, [account], after, upto, _PAGE)
            for row in rows:
                yield row.seq, await self._renderer.json(row)
            after = rows[-1].seq if len(rows) == _PAGE else upto

    @contextmanager
    def listen(self, account: str, after: int) -> Iterator[Listener]:
        """Follow an account from an event on."""
        listener = Listener(account, after)
        self._listeners.add(listener)
        self._seen = -1
        try:
            yield listener
        finally:
            self._listeners.discard(listener)

    def close(self) -> None:
        """Let all go."""
        self._most = 0
        for listener in self._listeners:
            listener.end()

    async def _look(self) -> None:
        if not self._listeners:
            return
        async with self._store.read() as session:
            upto = await repository.newest(session)
            if upto == self._seen:
                return
            listeners = list(self._listeners)
            after, accounts = min(one.after for one in listeners), {one.account for one in listeners}
            rows = await repository.about(session, accounts, after, upto, _PAGE)
        for row in rows:
            await self._tell(row, listeners)
        is_full = len(rows) == _PAGE
        for listener in listeners:
            listener.after = max(listener.after, rows[-1].seq if is_full else upto)
        if not is_full:
            if len(self._listeners) == len(listeners) and self._listeners.issuperset(listeners):
                self._seen = upto  # nobody has come meanwhile, who may lack some of them
        else:
            self._news.ring()  # there is more: look again at once

    async def _tell(self, row: sa.Row[Any], listeners: list[Listener]) -> None:
        concerned = [one for one in listeners if one.account in (row.sender, row.recipient) and one.after < row.seq]
        if concerned:
            body = await self._renderer.json(row)
            for listener in concerned:
                listener.put(row.seq, body)
