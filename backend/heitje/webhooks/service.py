# SPDX-License-Identifier: EUPL-1.2
"""Webhooks: registered, rotated, taken up again, by the account whose events they are told of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa

from heitje.problems import Code, Problem
from heitje.relay.standing import accounts_of
from heitje.rest import cursors
from heitje.rest.fields import rfc3339
from heitje.store.bell import Gong
from heitje.store.session import ReadSession, Store
from heitje.webhooks import repository
from heitje.webhooks.guard import Refused, check_url
from heitje.webhooks.repository import DeliveryState
from heitje.webhooks.schemas import WebhookRequest, WebhookState
from heitje.webhooks.signing import new_secret

MOST: Final = 5
"""Webhooks of one account."""

OVERLAP: Final = 86_400
"""Seconds for which an old secret signs beside the new one."""

_MOST_WAITING: Final = 20
"""Deliveries of one webhook that can be asked for by hand at a time."""


@dataclass(frozen=True, slots=True)
class Changed:
    """A webhook as the API shows it, with what is shown only once."""

    id: str
    body: dict[str, Any]


class WebhookService:
    """What the API does with webhooks. Others' webhooks are not there.

    Args:
        store: Where they are.
        news: Rung when there is something to deliver.
        clock: Unix time.
        loopback: Whether this machine itself may be told, without TLS.
    """

    def __init__(self, store: Store, news: Gong, clock: Callable[[], float], *, loopback: bool) -> None:
        self._store = store
        self._news = news
        self._clock = clock
        self._loopback = loopback

    async def register(self, owner: str, request: WebhookRequest) -> Changed:
        """Make a webhook of an account.

        Raises:
            Problem: It is not made, and why.
        """
        try:
            check_url(request.url, loopback=self._loopback)
        except Refused as refusal:
            raise Problem(Code.WEBHOOK_URL_REFUSED, f"This URL cannot be told anything: {refusal}.") from None
        secret = new_secret()
        async with self._store.write() as session:
            known = (await accounts_of(session, [owner])).get(owner)
            if known is None or not known.number:
                raise Problem(Code.ACCOUNT_UNKNOWN)
            if known.is_dead:
                raise Problem(Code.WALLET_REPLACED)
            if len(await repository.of(session, owner)) >= MOST:
                raise Problem(Code.TOO_MANY_WEBHOOKS, f"An account can have {MOST}.")
            types = sorted({str(kind) for kind in request.types})
            identity = await repository.add(session, owner, request.url, types, secret, now=self._clock())
            row = await self._own(session, owner, identity)
        return Changed(identity, {**self._body(row), "secret": secret})

    async def page(self, owner: str) -> dict[str, Any]:
        """All webhooks of an account."""
        async with self._store.read() as session:
            return {"items": [self._body(row) for row in await repository.of(session, owner)]}

    async def show(self, owner: str, identity: str) -> dict[str, Any]:
        """One webhook.

        Raises:
            Problem: The account has no such webhook.
        """
        async with self._store.read() as session:
            return self._body(await self._own(session, owner, identity))

    async def remove(self, owner: str, identity: str) -> None:
        """Delete a webhook: from now on nothing is sent there.

        Raises:
            Problem: The account has no such webhook.
        """
        async with self._store.write() as session:
            await self._own(session, owner, identity)
            await repository.remove(session, identity)

    async def rotate(self, owner: str, identity: str) -> dict[str, Any]:
        """Give a webhook a new secret. The one before goes on signing for a day, so that no message is refused.

        Raises:
            Problem: The account has no such webhook.
        """
        secret = new_secret()
        async with self._store.write() as session:
            row = await self._own(session, owner, identity)
            values = {"secret": secret, "old_secret": row.secret, "old_until": self._clock() + OVERLAP}
            await repository.change(session, identity, values)
            row = await self._own(session, owner, identity)
        return {**self._body(row), "secret": secret}

    async def resume(self, owner: str, identity: str) -> dict[str, Any]:
        """Go on where a webhook was disabled, or try at once what waits for another attempt.

        Raises:
            Problem: The account has no such webhook.
        """
        async with self._store.write() as session:
            await self._own(session, owner, identity)
            anew = {"disabled": None, "failures": 0, "next_at": self._clock()}
            await repository.change(session, identity, anew)
            row = await self._own(session, owner, identity)
        self._news.ring()
        return self._body(row)

    async def deliveries(self, owner: str, identity: str, cursor: str | None, limit: int) -> dict[str, Any]:
        """What was sent to a webhook, the newest first.

        Raises:
            Problem: The account has no such webhook, or the cursor is not of this list.
        """
        key = cursors.decode(cursor, 1)
        async with self._store.read() as session:
            await self._own(session, owner, identity)
            rows = await repository.deliveries(session, identity, key[0] if key else None, limit + 1)
        more = cursors.encode((rows[limit - 1].seq,)) if len(rows) > limit else None
        return {"items": [_delivery(row) for row in rows[:limit]], "next": more}

    async def redeliver(self, owner: str, identity: str, delivery: str) -> dict[str, Any]:
        """Have an event sent once more, also to a webhook that is disabled.

        Raises:
            Problem: There is no such delivery, or too many wait.
        """
        async with self._store.write() as session:
            await self._own(session, owner, identity)
            row = await repository.find_delivery(session, identity, delivery)
            if row is None:
                raise Problem(Code.NOT_FOUND, "This webhook has no such delivery.")
            if len(await repository.waiting(session, identity)) >= _MOST_WAITING:
                raise Problem(Code.TOO_MANY_DELIVERIES, f"{_MOST_WAITING} wait already.")
            told = {"event_seq": row.event_seq, "type": row.type, "subject": row.subject}
            asked = {"state": DeliveryState.WAITING, "attempt": 0, "at": self._clock()}
            made = await repository.add_delivery(session, identity, told, asked)
            again = await repository.find_delivery(session, identity, made)
        assert again is not None
        self._news.ring()
        return _delivery(again)

    async def _own(self, session: ReadSession, owner: str, identity: str) -> sa.Row[Any]:
        row = await repository.find(session, identity)
        if row is None or row.owner != owner:
            raise Problem(Code.NOT_FOUND, "This account has no such webhook.")
        return row

    def _body(self, row: sa.Row[Any]) -> dict[str, Any]:
        overlaps = row.old_until is not None and row.old_until > self._clock()
        waits = row.failures and row.disabled is None
        return {
            "id": row.id,
            "url": row.url,
            "types": row.types.split(),
            "state": WebhookState.DISABLED if row.disabled else WebhookState.ACTIVE,
            "disabledBecause": row.disabled,
            "failures": row.failures,
            "nextAttemptAt": rfc3339(row.next_at) if waits else None,
            "oldSecretUntil": rfc3339(row.old_until) if overlaps else None,
            "createdAt": rfc3339(row.created_at),
        }


def _delivery(row: sa.Row[Any]) -> dict[str, Any]:
    return {
        "id": row.id,
        "event": str(row.event_seq),
        "type": row.type,
        "subject": row.subject,
        "state": row.state,
        "attempt": row.attempt,
        "at": rfc3339(row.at),
        "seconds": None if row.seconds is None else round(row.seconds, 3),
        "status": row.http_status,
        "response": row.response,
        "error": row.error,
    }
