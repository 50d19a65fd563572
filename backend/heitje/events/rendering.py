# SPDX-License-Identifier: EUPL-1.2
"""An event as it is told: what happened, and the operation as the API shows it when it is told."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import orjson
import sqlalchemy as sa

from heitje.problems import Problem
from heitje.relay import repository as operations
from heitje.rest.fields import Answer, rfc3339
from heitje.rest.operations import render
from heitje.store.session import Store

Show = Callable[[str], Awaitable[dict[str, Any]]]
"""An operation of one kind, by its id, as the API shows it. Raises `Problem` when there is none."""


class EventBody(Answer):
    """What happened. `operation` is how it stands when it is told, which may be further on; null if it is gone."""

    type: str
    id: str
    time: str
    subject: str
    block: int
    operation: dict[str, Any] | None


class Renderer:
    """Puts events into JSON.

    Args:
        store: Where operations are.
        shows: How the API shows them, by kind; of other kinds what was sent here is shown.
    """

    def __init__(self, store: Store, shows: Mapping[str, Show]) -> None:
        self._store = store
        self._shows = shows

    async def json(self, row: sa.Row[Any]) -> bytes:
        """An event's bytes."""
        body = EventBody(
            type=row.type,
            id=str(row.seq),
            time=rfc3339(row.time),
            subject=row.subject,
            block=row.block_number,
            operation=await self._operation(row.type.partition(".")[0], row.subject),
        )
        return orjson.dumps(body.model_dump(by_alias=True))

    async def _operation(self, kind: str, identity: str) -> dict[str, Any] | None:
        show = self._shows.get(kind)
        if show is not None:
            try:
                return await show(identity)
            except Problem:
                return None
        async with self._store.read() as session:
            found = await operations.find(session, identity)
        return render(found) if found is not None else None
