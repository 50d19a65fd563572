# SPDX-License-Identifier: EUPL-1.2
"""Compares the index with the chain once a day, and notes what came of it where everybody who looks can see it.

Every process that indexes looks whether it is time; the one that takes the lease compares. What came of it stands
beside the position of the index: `/readyz` and the metrics of every process read it there, and reading the chain anew
clears it. A day on which no process ran at that time is made up for when one does.
"""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import structlog
from sqlalchemy.exc import SQLAlchemyError

from heitje.chain.node import Node, NodeUnreachable, RpcError
from heitje.index import repository
from heitje.index.check import CannotCheck, Comparison, compare
from heitje.index.rows import Places
from heitje.store import leases
from heitje.store.leases import Lease, LeaseLost, while_kept
from heitje.store.session import Store

log = structlog.get_logger(__name__)

LEASE: Final = "check"
"""The name of the right to compare."""

_LOOK: Final = 10.0
"""Seconds between two looks whether it is time."""

_AGAIN: Final = 300.0
"""Seconds after which it is tried again when it could not be made."""

_NAMED: Final = 5
"""Differences that are written down; `heitje check` names all of them."""


@dataclass(frozen=True, slots=True)
class NightlySettings:
    """When, and how.

    Attributes:
        at: Time of day, UTC.
        lease: Seconds for which the right to compare lasts without being renewed.
    """

    at: dt.time
    lease: float = 6.0


def last_due(now: float, at: dt.time) -> float:
    """The last moment, not after now, at which it was that time of day; Unix seconds."""
    today = dt.datetime.combine(dt.datetime.fromtimestamp(now, dt.UTC), at, dt.UTC).timestamp()
    return today if today <= now else today - 86_400


class Nightly:
    """Compares when it is time."""

    def __init__(
        self,
        store: Store,
        node: Node,
        places: Places,
        settings: NightlySettings,
        *,
        clock: Callable[[], float],
        owner: str,
    ) -> None:
        self._store = store
        self._node = node
        self._places = places
        self._settings = settings
        self._clock = clock
        self._owner = owner
        self._began = clock()
        self._not_before = 0.0

    async def run(self) -> None:
        """Look until cancelled. A database that does not answer is asked again."""
        while True:
            try:
                if await self.is_due():
                    await self.check_alone()
            except (LeaseLost, SQLAlchemyError) as error:
                log.warning("the database is not compared with the chain now", reason=str(error))
            await asyncio.sleep(_LOOK)

    async def is_due(self) -> bool:
        """Whether that time of day came since the last comparison; since the start of this process if there is none."""
        now = self._clock()
        if now < self._not_before:
            return False
        async with self._store.read() as session:
            at = await repository.position(session)
        if at is None:
            return False
        return (self._began if at.checked_at is None else at.checked_at) < last_due(now, self._settings.at)

    async def check_alone(self) -> None:
        """Compare, unless another process does or has done so meanwhile.

        Raises:
            LeaseLost: This process stood still, and another has taken over; nothing is noted.
        """
        async with self._store.write() as session:
            lease = await leases.take(session, LEASE, self._owner, self._clock(), self._settings.lease)
        if lease is None:
            return
        try:
            if await self.is_due():
                await while_kept(self._check(lease), lambda: self._renew(lease), self._settings.lease / 3)
        finally:
            async with self._store.write() as session:
                await leases.renew(session, lease, 0.0)

    async def _renew(self, lease: Lease) -> None:
        async with self._store.write() as session:
            await leases.renew(session, lease, self._clock() + self._settings.lease)

    async def _check(self, lease: Lease) -> None:
        try:
            found = await compare(self._store, self._node, self._places)
        except (CannotCheck, NodeUnreachable, RpcError) as error:
            self._not_before = self._clock() + _AGAIN
            log.warning("the database could not be compared with the chain", reason=str(error), again_in=_AGAIN)
            return
        told = "; ".join(map(str, found.differences[:_NAMED])) or None
        async with self._store.write() as session:
            await leases.renew(session, lease, self._clock() + self._settings.lease)
            await repository.note_check(session, self._clock(), found.block, len(found.differences), told)
        _log(found, told)


def _log(found: Comparison, told: str | None) -> None:
    counted = {"block": found.block, "accounts": found.accounts, "redemptions": found.redemptions}
    if told is None:
        log.info("the database says what the chain says", **counted)
    else:
        log.error(
            "the database differs from the chain, which is right: do not pay out from it; "
            "see docs/runbooks/reorganisation.md",
            differences=len(found.differences),
            first=told,
            **counted,
        )
