# SPDX-License-Identifier: EUPL-1.2
"""Refunds, vouchers and withdrawals: taken on, looked up."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from heitje.authorizations import repository
from heitje.authorizations.admission import AuthorizationAdmitter
from heitje.authorizations.schemas import AuthorizationRequest, CancellationRequest, RefundRequest
from heitje.chain.typed_data import (
    Domain,
    cancel_authorization_digest,
    refund_nonce,
    transfer_with_authorization_digest,
)
from heitje.problems import Code, Problem
from heitje.relay import lane_repository as lanes
from heitje.relay import repository as operations
from heitje.relay.intake import Acknowledgement, Key
from heitje.relay.operation import Kind, Operation, State, Submission
from heitje.relay.reception import Reception
from heitje.rest.fields import LAST_SECOND
from heitje.rest.operations import render
from heitje.store.tables import cursor


class AuthorizationService:
    """What the API does with authorizations."""

    def __init__(self, reception: Reception, domain: Domain) -> None:
        self._at = reception
        self._domain = domain

    async def refund(self, request: RefundRequest, key: str) -> Acknowledgement:
        """Take a shop's refund on.

        Raises:
            Problem: It is not taken on, and why.
        """
        nonce = "0x" + refund_nonce(bytes.fromhex(request.payment[2:]), request.k).hex()
        wanted = await self._authorized(Kind.REFUND, request, nonce)
        return await self._at.intake.submit(wanted, Key("POST /v1/refunds", key), f"/v1/refunds/{wanted.id}")

    async def authorize(self, request: AuthorizationRequest, key: str) -> Acknowledgement:
        """Take a voucher on.

        Raises:
            Problem: It is not taken on, and why.
        """
        wanted = await self._authorized(Kind.AUTHORIZATION, request, request.nonce)
        at = f"/v1/authorizations/{wanted.id}"
        return await self._at.intake.submit(wanted, Key("POST /v1/authorizations", key), at)

    async def judge(self, request: AuthorizationRequest, now: float) -> None:
        """Say whether a voucher would be taken on now. Nothing is stored.

        Raises:
            Problem: It would not, and why.
        """
        wanted = await self._authorized(Kind.AUTHORIZATION, request, request.nonce)
        async with self._at.store.read() as session:
            if await session.scalar(sa.select(cursor.c.halted)):
                raise Problem(Code.NOT_READY, "The index has stopped, so nothing new can be carried from here.")
            (decision,) = await AuthorizationAdmitter().admit(session, [wanted], now)
        if isinstance(decision, Problem):
            raise decision

    async def recall(self, request: AuthorizationRequest) -> Operation | None:
        """What was taken on before with this very signature, which then needs no check any more."""
        found = await self.find(self.digest(request))
        if found is None or found.state is State.REJECTED or found.payload["signature"] != request.signature:
            return None
        return found

    async def is_new(self, request: AuthorizationRequest) -> bool:
        """Whether nothing is known of a voucher, here or on the chain."""
        return not await self._at.intake.known(self.digest(request))

    async def sent_as(self, operation: Operation) -> str | None:
        """The transaction it was carried in, or else is on its way in, if there is one."""
        if operation.state in (State.MINED, State.FINAL):
            return operation.tx_hash
        async with self._at.store.read() as session:
            return await lanes.hash_of(session, operation.id)

    def digest(self, request: AuthorizationRequest) -> str:
        """What a voucher is known by."""
        return "0x" + self._digest(request, request.nonce).hex()

    def _digest(self, request: RefundRequest | AuthorizationRequest, nonce: str) -> bytes:
        valid = (request.valid_after, request.valid_before)
        fields = (request.sender, request.to, int(request.value), *valid, bytes.fromhex(nonce[2:]))
        return transfer_with_authorization_digest(self._domain, *fields)

    async def cancel(self, request: CancellationRequest, key: str) -> Acknowledgement:
        """Take a withdrawal on.

        Raises:
            Problem: It is not taken on, and why.
        """
        digest = cancel_authorization_digest(self._domain, request.authorizer, bytes.fromhex(request.nonce[2:]))
        wanted = Submission(
            id="0x" + digest.hex(),
            kind=Kind.AUTHORIZATION_CANCELLATION,
            actor=request.authorizer,
            nonce=None,
            value=0,
            deadline=LAST_SECOND,
            payload=request.model_dump(by_alias=True),
            subject=request.nonce,
            wallets=await self._at.signatures.check(digest, request.signature, request.authorizer),
        )
        if not await self._at.intake.known(wanted.id):
            await self._refuse_strangers(request.authorizer)
            await self._at.attempt(wanted)
        location = f"/v1/authorizations/cancellations/{wanted.id}"
        return await self._at.intake.submit(wanted, Key("POST /v1/authorizations/cancellations", key), location)

    async def find(self, digest: str) -> Operation | None:
        """What was sent here."""
        async with self._at.store.read() as session:
            return await operations.find(session, digest)

    async def show(self, digest: str, kind: Kind) -> dict[str, Any]:
        """A refund, a voucher or a withdrawal; a voucher also if somebody else carried it.

        Raises:
            Problem: There is none.
        """
        async with self._at.store.read() as session:
            found = await operations.find(session, digest)
            row = await repository.carried(session, digest) if kind is Kind.AUTHORIZATION else None
            state = await operations.state_in(session, row.block_number) if row is not None else None
        if found is not None and found.kind is kind:
            return render(found)
        if row is None or found is not None:
            raise Problem(Code.NOT_FOUND, "It was not sent here.")
        return {
            "id": digest,
            "kind": Kind.AUTHORIZATION,
            "state": state,
            "from": row.sender,
            "to": row.recipient,
            "value": str(row.value),
            "validAfter": None,
            "validBefore": None,
            "nonce": row.nonce,
            "transaction": {"hash": row.tx_hash, "block": row.block_number},
            "failure": None,
            "underWayUntil": None,
        }

    async def refunds(self, payment: str) -> dict[str, Any]:
        """What was given back of a payment.

        Raises:
            Problem: No such payment was carried out.
        """
        async with self._at.store.read() as session:
            paid = await repository.find_paid(session, payment)
            if paid is None:
                raise Problem(Code.NOT_FOUND, f"No payment {payment} has been carried out.")
            items = [
                {
                    "id": row.digest,
                    "k": k,
                    "value": str(row.value),
                    "state": await operations.state_in(session, row.block_number),
                }
                for k, row in paid.used
                if row.digest is not None
            ]
        items += [{"id": one.id, "k": k, "value": str(one.value), "state": one.state} for k, one in paid.under_way]
        free = (k for k in range(repository.REFUNDS) if k not in paid.taken)
        return {
            "payment": payment,
            "value": str(paid.value),
            "refunded": str(paid.refunded),
            "underWay": str(paid.waiting),
            "left": str(paid.left),
            "nextK": next(free, None),
            "items": sorted(items, key=lambda item: int(str(item["k"]))),
        }

    async def _authorized(self, kind: Kind, request: RefundRequest | AuthorizationRequest, nonce: str) -> Submission:
        """What was signed, checked but for what the database knows."""
        digest = self._digest(request, nonce)
        return Submission(
            id="0x" + digest.hex(),
            kind=kind,
            actor=request.sender,
            nonce=None,
            value=int(request.value),
            deadline=max(request.valid_before - 1, 0),  # EIP-3009: valid strictly before
            payload={**request.model_dump(by_alias=True), "nonce": nonce},
            payee=request.to,
            subject=nonce,
            wallets=await self._at.signatures.check(digest, request.signature, request.sender),
        )

    async def _refuse_strangers(self, authorizer: str) -> None:
        """Only who has a number here has anything to withdraw."""
        async with self._at.store.read() as session:
            numbers = await repository.numbers_of(session, [authorizer])
        if not numbers.get(authorizer):
            raise Problem(Code.ACCOUNT_UNKNOWN)
