# SPDX-License-Identifier: EUPL-1.2
"""The role that delivers: from committed rows, one event after the other for each webhook, at least once.

A webhook's `cursor` is the last event it was told. It moves in the transaction that notes the delivery, after the
receiver has said yes; who is killed in between tells it again, with the same `webhook-id`. Nothing overtakes: while an
event fails, those behind it wait. Several processes can do this: whoever claims a webhook first tells it.
"""

from __future__ import annotations

import asyncio
import random
import uuid
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from typing import Any, Final

import sqlalchemy as sa
import structlog
from sqlalchemy.exc import SQLAlchemyError

from heitje import metrics, tracing
from heitje.events import repository as events
from heitje.events.rendering import Renderer
from heitje.index.telling import KEPT
from heitje.store.bell import Gong, first_of
from heitje.store.session import Store
from heitje.webhooks import repository, signing
from heitje.webhooks.repository import DeliveryState
from heitje.webhooks.sending import GONE, TIMEOUT, Outcome, Sender

log = structlog.get_logger(__name__)

RETRIES: Final = (5.0, 30.0, 120.0, 600.0, 3_600.0, 21_600.0, 86_400.0)
"""Seconds after each failure. After the last one the webhook is disabled."""

_JITTER: Final = 0.2
"""Each of them is longer or shorter by up to so much, so that receivers that fell together are not hit together."""

_CLAIM: Final = TIMEOUT + 5
"""Seconds for which a webhook belongs to who claimed it; renewed with every message."""

_LOOK: Final = 1.0
"""Most seconds between two looks for something to deliver."""

_AT_ONCE: Final = 64
"""Webhooks told at a time, so that some that hang do not hold up the others."""

_IN_A_ROW: Final = 50
"""Events told to one webhook before others get their turn."""

_TIDY: Final = 3_600.0
"""Seconds between two looks for what need not be kept any more."""

_HOW_TO_GO_ON: Final = (
    "No money moved or is lost by this, and nothing was sent since. Mend the receiver, then POST to "
    "/v1/webhooks/{id}/resumption: it goes on from there, with what is kept (30 days)."
)


def delay(failures: int, retries: Sequence[float], jitter: float) -> float | None:
    """Seconds until the next attempt after so many failures in a row; None if there is none.

    Args:
        failures: At least 1.
        retries: Seconds after each.
        jitter: From -1 (shorter) to 1 (longer).
    """
    return retries[failures - 1] * (1 + _JITTER * jitter) if failures <= len(retries) else None


class Deliverer:
    """Tells webhooks what happened.

    Args:
        store: Where they, and the events, are.
        renderer: Puts events into JSON.
        news: Rings when there may be something new.
        clock: Unix time.
        retries: Seconds after each failure in a row.
        loopback: Whether this machine itself may be told, without TLS.
    """

    def __init__(
        self,
        store: Store,
        renderer: Renderer,
        news: Gong,
        clock: Callable[[], float],
        *,
        retries: Sequence[float] = RETRIES,
        loopback: bool = False,
    ) -> None:
        self._store = store
        self._renderer = renderer
        self._news = news
        self._clock = clock
        self._retries = retries
        self._loopback = loopback
        self._name = str(uuid.uuid4())
        self._telling: dict[str, asyncio.Task[None]] = {}
        self._free = Gong()

    async def run(self) -> None:
        """Deliver until cancelled."""
        async with Sender(loopback=self._loopback) as sender:
            tidying = asyncio.create_task(self._tidy())
            try:
                while True:
                    rung = (self._news.listen(), self._free.listen())
                    await self._begin(sender)
                    await first_of(rung, _LOOK)
            finally:
                tasks = [tidying, *self._telling.values()]
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)

    async def _begin(self, sender: Sender) -> None:
        """Begin to tell all that can be told, and are not being told."""
        free = _AT_ONCE - len(self._telling)
        if free <= 0:
            return
        async with self._store.read() as session:
            due = await repository.due(session, self._clock(), free)
        for identity in due:
            if identity not in self._telling:
                task = asyncio.create_task(self._tell_safely(sender, identity))
                self._telling[identity] = task
                task.add_done_callback(partial(self._end, identity))

    def _end(self, identity: str, _task: asyncio.Task[None]) -> None:
        del self._telling[identity]
        self._free.ring()  # there may be more for it, or others that found no place

    async def _tell_safely(self, sender: Sender, identity: str) -> None:
        try:
            await self._tell(sender, identity)
        except SQLAlchemyError as error:
            log.warning("a webhook waits for the database", webhook=identity, error=type(error).__name__)
            await asyncio.sleep(_LOOK)

    async def _tell(self, sender: Sender, identity: str) -> None:
        """Tell one webhook what waits for it, as far as it goes."""
        now = self._clock()
        name = f"{uuid.uuid4()}"
        async with self._store.write() as session:
            hook = await repository.claim(session, identity, name, now, now + _CLAIM)
            asked = await repository.waiting(session, identity) if hook is not None else []
        if hook is None:
            return
        for row in asked:
            if not await self._again(sender, hook, name, row):
                return
        if hook.disabled is None and hook.next_at <= self._clock():
            for _ in range(_IN_A_ROW):
                if not await self._next(sender, hook, name):
                    break
                async with self._store.read() as session:
                    hook = await repository.find(session, identity)  # the secret may be another now
                if hook is None:
                    return
        async with self._store.write() as session:
            await repository.settle(session, identity, name, {"claim": None, "claimed_until": 0.0})

    async def _next(self, sender: Sender, hook: sa.Row[Any], name: str) -> bool:
        """Tell the next event; whether to go on with the one after it."""
        wanted, after = hook.types.split(), hook.cursor
        async with self._store.read() as session:
            row = await repository.next_event(session, hook, after)
            for _ in range(_IN_A_ROW):
                if row is None or not wanted or row.type in wanted:
                    break
                after = row.seq
                row = await repository.next_event(session, hook, after)
        if row is None or (wanted and row.type not in wanted):
            async with self._store.write() as session:
                return await repository.settle(session, hook.id, name, {"cursor": after}) and row is not None
        outcome = await self._send(sender, hook, row)
        now = self._clock()
        values = self._consequence(hook, row, outcome, now)
        async with self._store.write() as session:
            if not await repository.settle(session, hook.id, name, values):
                return False  # deleted meanwhile, or another process has it by now
            await repository.add_delivery(
                session, hook.id, _told(row), {**_result(outcome, now), "attempt": hook.failures + 1}
            )
        if values.get("disabled"):
            log.warning("webhook disabled", webhook=hook.id, owner=hook.owner, reason=values["disabled"])
        return outcome.error is None

    def _consequence(self, hook: sa.Row[Any], row: sa.Row[Any], outcome: Outcome, now: float) -> dict[str, Any]:
        """What a delivery changes of its webhook."""
        held = {"claimed_until": now + _CLAIM}
        if outcome.error is None:
            return {**held, "cursor": row.seq, "failures": 0, "next_at": now}
        failures = hook.failures + 1
        jitter = random.uniform(-1, 1)  # noqa: S311 - it keeps nothing secret
        seconds = delay(failures, self._retries, jitter)
        if outcome.status == GONE or seconds is None:
            times = "" if outcome.status == GONE else f", {failures} times in a row"
            return {**held, "failures": failures, "disabled": f"{outcome.error}{times}. {_HOW_TO_GO_ON}"}
        return {**held, "failures": failures, "next_at": now + seconds}

    async def _again(self, sender: Sender, hook: sa.Row[Any], name: str, waiting: sa.Row[Any]) -> bool:
        """Make a delivery that was asked for by hand; whether this process still has the webhook."""
        async with self._store.read() as session:
            row = await events.find(session, waiting.event_seq)
        if row is None:
            outcome = Outcome(None, "", "nothing was sent: the event is not kept any more", 0.0)
        else:
            outcome = await self._send(sender, hook, row)
        now = self._clock()
        async with self._store.write() as session:
            if not await repository.settle(session, hook.id, name, {"claimed_until": now + _CLAIM}):
                return False
            await repository.change_delivery(session, waiting.id, _result(outcome, now))
        return True

    async def _send(self, sender: Sender, hook: sa.Row[Any], row: sa.Row[Any]) -> Outcome:
        body = await self._renderer.json(row)
        now = self._clock()
        keys = [hook.secret]
        if hook.old_secret is not None and hook.old_until > now:
            keys.append(hook.old_secret)
        # The same for every attempt, so that a receiver knows what it has had; another for each webhook.
        message = f"evt_{hook.id}_{row.seq}"
        with tracing.span("deliver webhook", event=row.type, attempt=hook.failures + 1) as traced:
            outcome = await sender.send(hook.url, signing.headers(message, int(now), body, keys), body)
            traced.note(status=outcome.status or 0)
            if outcome.error is not None:
                traced.failed("refused" if outcome.status else "unanswered")
        metrics.WEBHOOKS.labels("delivered" if outcome.error is None else "failed").inc()
        return outcome

    async def _tidy(self) -> None:
        """Forget what has been kept long enough."""
        while True:
            before, more = self._clock() - KEPT, True
            while more:
                more = False
                with suppress(SQLAlchemyError):
                    async with self._store.write() as session:
                        more = await events.forget(session, before) | await repository.forget(session, before)
                await asyncio.sleep(0.1)
            await asyncio.sleep(_TIDY)


def _told(row: sa.Row[Any]) -> dict[str, Any]:
    return {"event_seq": row.seq, "type": row.type, "subject": row.subject}


def _result(outcome: Outcome, now: float) -> dict[str, Any]:
    return {
        "state": DeliveryState.DELIVERED if outcome.error is None else DeliveryState.FAILED,
        "at": now,
        "seconds": outcome.seconds,
        "http_status": outcome.status,
        "response": outcome.response,
        "error": outcome.error,
    }
