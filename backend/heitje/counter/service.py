# SPDX-License-Identifier: EUPL-1.2
"""Invitations: the registrar hands out a code for a number, and a phone that has the code says which wallet it is.

Nothing here enrols anybody: that is the registrar's transaction, for the address that is shown here.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any, Final

import sqlalchemy as sa
from limits import RateLimitItemPerHour
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import MovingWindowRateLimiter

from heitje.chain.account import Class
from heitje.chain.typed_data import Domain, join_digest
from heitje.city.roles import Role
from heitje.counter import repository
from heitje.counter.codes import code_hash, new_code
from heitje.counter.schemas import AcceptanceRequest, InvitationRequest, InvitationState, Kind
from heitje.problems import Code, Problem
from heitje.relay.signatures import Signatures
from heitje.rest import cursors
from heitje.rest.fields import rfc3339
from heitje.rest.members import account_of
from heitje.rest.offices import Offices
from heitje.store.session import ReadSession, Store

GOOD_FOR: Final = 14 * 86_400
"""Seconds for which a code can be used."""

_WHY_NOT: Final = {
    InvitationState.EXPIRED: Code.INVITATION_EXPIRED,
    InvitationState.REVOKED: Code.INVITATION_REVOKED,
}


class InvitationService:
    """What the API does with invitations."""

    def __init__(
        self,
        store: Store,
        signatures: Signatures,
        offices: Offices,
        domain: Domain,
        clock: Callable[[], float],
        *,
        wrong_codes: int,
    ) -> None:
        """Set how many wrong codes an hour may come from one network address; 0: any number."""
        self._store = store
        self._signatures = signatures
        self._offices = offices
        self._domain = domain
        self._clock = clock
        self._wrong = MovingWindowRateLimiter(MemoryStorage())
        self._most_wrong = RateLimitItemPerHour(wrong_codes) if wrong_codes else None

    async def make(self, address: str, request: InvitationRequest) -> dict[str, Any]:
        """A new code for a number. This is the only time that it is shown.

        Raises:
            Problem: It is no registrar who asks, or the number cannot have one.
        """
        await self._offices.need(address, Role.REGISTRAR)
        code, identity, now = new_code(), str(uuid.uuid4()), self._clock()
        values = {
            "id": identity,
            "code": "0x" + code_hash(code).hex(),
            "number": request.number,
            "holder_class": Class[request.holder_class.upper()],
            "kind": request.kind,
            "made_by": address,
            "made_at": now,
            "expires_at": int(now) + GOOD_FOR,
        }
        async with self._store.write() as session:
            await self._check(session, request, now)
            await repository.add(session, values)
            row = await repository.find(session, identity, now)
        assert row is not None
        return {"code": code, **_body(row)}

    async def page(self, address: str, state: InvitationState | None, cursor: str | None, limit: int) -> dict[str, Any]:
        """Invitations without their codes, the last first.

        Raises:
            Problem: It is neither a registrar nor a replacer who asks, or the cursor is not of this list.
        """
        key = cursors.decode(cursor, 1)
        await self._offices.need(address, Role.REGISTRAR, Role.REPLACER)
        async with self._store.read() as session:
            rows = await repository.page(session, self._clock(), state, key[0] if key else None, limit + 1)
        more = cursors.encode((rows[limit - 1].seq,)) if len(rows) > limit else None
        return {"items": [_body(row) for row in rows[:limit]], "next": more}

    async def revoke(self, address: str, identity: str) -> dict[str, Any]:
        """Take an invitation back, used or not: the wallet that accepted it will not be enrolled by it.

        Raises:
            Problem: It is no registrar who asks, or there is none, or the wallet has been enrolled.
        """
        await self._offices.need(address, Role.REGISTRAR)
        now = self._clock()
        async with self._store.write() as session:
            row = await repository.find(session, identity, now)
            if row is None:
                raise Problem(Code.NOT_FOUND, f"There is no invitation {identity}.")
            if row.state == InvitationState.DONE:
                raise Problem(Code.INVITATION_USED, "Its wallet is the member's now.")
            if row.revoked_at is None:
                await repository.change(session, identity, {"revoked_at": now})
            row = await repository.find(session, identity, now)
        assert row is not None
        return _body(row)

    async def accept(self, request: AcceptanceRequest, client: str) -> dict[str, Any]:
        """Say which wallet joins by a code. The same wallet may ask again; no other can.

        Args:
            request: Code, wallet and signature.
            client: The network address that it comes from.

        Raises:
            Problem: The code is good for nothing, or the wallet did not sign, or too many were wrong.
        """
        await self._count_wrong(client, is_wrong=False)
        hashed, now = code_hash(request.code), self._clock()
        await self._signatures.check(
            join_digest(self._domain, request.address, hashed), request.signature, request.address
        )
        async with self._store.write() as session:
            row = await repository.by_code(session, "0x" + hashed.hex(), now)
            if row is not None and row.state == InvitationState.OPEN:
                if await account_of(session, request.address) is not None:
                    raise Problem(Code.ADDRESS_TAKEN)
                await repository.change(session, row.id, {"account": request.address, "accepted_at": now})
                row = await repository.find(session, row.id, now)
        if row is None:
            await self._count_wrong(client, is_wrong=True)
            raise Problem(Code.INVITATION_UNKNOWN)
        if row.state in _WHY_NOT:
            raise Problem(_WHY_NOT[InvitationState(row.state)])
        if row.account != request.address:
            raise Problem(Code.INVITATION_USED)
        body = _body(row)
        return {name: body[name] for name in ("number", "class", "kind", "state", "account")}

    async def _count_wrong(self, client: str, *, is_wrong: bool) -> None:
        if self._most_wrong is None:
            return
        ask = self._wrong.hit if is_wrong else self._wrong.test
        if not await ask(self._most_wrong, client):
            raise Problem(Code.TOO_MANY_WRONG_CODES, f"At most {self._most_wrong.amount} an hour.")

    async def _check(self, session: ReadSession, request: InvitationRequest, now: float) -> None:
        holder = await repository.holder_of(session, request.number)
        if request.kind is Kind.JOIN and holder is not None:
            raise Problem(Code.NUMBER_TAKEN, f"Member {request.number} has one.")
        if request.kind is Kind.REPLACEMENT and holder is None:
            raise Problem(Code.ACCOUNT_UNKNOWN, f"Nobody has the number {request.number}.")
        if await repository.pending(session, request.number, now):
            raise Problem(Code.INVITATION_OPEN)


def _body(row: sa.Row[Any]) -> dict[str, Any]:
    return {
        "id": row.id,
        "number": row.number,
        "class": Class(row.holder_class).name.lower(),
        "kind": row.kind,
        "state": row.state,
        "account": row.account,
        "madeBy": row.made_by,
        "madeAt": rfc3339(row.made_at),
        "expiresAt": rfc3339(row.expires_at),
        "acceptedAt": None if row.accepted_at is None else rfc3339(row.accepted_at),
    }
