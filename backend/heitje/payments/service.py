# SPDX-License-Identifier: EUPL-1.2
"""Payments: taken on, looked up, listed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from heitje.chain.typed_data import Domain, payment_digest
from heitje.payments import repository
from heitje.payments.admission import judge
from heitje.payments.schemas import PaymentRequest
from heitje.problems import Code, Problem
from heitje.relay import repository as operations
from heitje.relay.intake import Acknowledgement, Intake, Key
from heitje.relay.operation import Kind, Operation, State, Submission
from heitje.relay.signatures import Signatures
from heitje.relay.standing import accounts_of, rules_now, standings_of
from heitje.rest import cursors
from heitje.rest.operations import render
from heitje.store.session import Store, WriteSession

ROUTE = "POST /v1/payments"


class PaymentAdmitter:
    """Decides about payments inside the transaction that stores them."""

    async def admit(self, session: WriteSession, wanted: Sequence[Submission], now: float) -> list[State | Problem]:
        """See `heitje.relay.intake.Admitter`."""
        rules = await rules_now(session)
        if rules is None:
            return [Problem(Code.NOT_READY, "The index has not read the chain yet.")] * len(wanted)
        payers = await standings_of(session, (payment.actor for payment in wanted))
        payees = await accounts_of(session, (payment.payload["to"] for payment in wanted))
        decisions: list[State | Problem] = []
        for payment in wanted:
            payer = payers.get(payment.actor)
            decision = judge(payment, payer, payees.get(payment.payload["to"]), rules, now)
            if payer is not None and isinstance(decision, State):
                payer.take_on(payment.id, payment.value, payment.nonce)
            decisions.append(decision)
        return decisions


class PaymentService:
    """What the API does with payments."""

    def __init__(self, store: Store, intake: Intake, signatures: Signatures, domain: Domain) -> None:
        self._store = store
        self._intake = intake
        self._signatures = signatures
        self._domain = domain

    async def submit(self, request: PaymentRequest, key: str) -> Acknowledgement:
        """Take a payment on.

        Raises:
            Problem: It is not taken on, and why.
        """
        wanted = await self._check(request)
        return await self._intake.submit(wanted, Key(ROUTE, key), f"/v1/payments/{wanted.id}")

    async def find(self, digest: str) -> Operation | None:
        """A payment that was sent here."""
        async with self._store.read() as session:
            found = await operations.find(session, digest)
        return found if found is not None and found.kind is Kind.PAYMENT else None

    async def show(self, digest: str) -> dict[str, Any]:
        """A payment, sent here or carried by somebody else.

        Raises:
            Problem: Neither.
        """
        found = await self.find(digest)
        if found is not None:
            return render(found)
        async with self._store.read() as session:
            row = await repository.carried(session, digest)
            state = await operations.state_in(session, row.block_number) if row is not None else None
        if row is None:
            raise Problem(Code.NOT_FOUND, "This payment was not sent here, and was not carried out by anybody else.")
        return {
            "id": digest,
            "kind": Kind.PAYMENT,
            "state": state,
            "from": row.sender,
            "to": row.recipient,
            "value": str(row.value),
            "nonce": None,
            "deadline": None,
            "requestId": None,
            "transaction": {"hash": row.tx_hash, "block": row.block_number},
            "failure": None,
            "underWayUntil": None,
        }

    async def page(self, account: str | None, cursor: str | None, limit: int) -> dict[str, Any]:
        """Payments that were sent here, the newest first.

        Raises:
            Problem: The cursor is not of this list.
        """
        key = cursors.decode(cursor, 1)
        async with self._store.read() as session:
            rows = await repository.page(session, account, key[0] if key else None, limit + 1)
        items = [render(operations.to_operation(row)) for row in rows[:limit]]
        return {"items": items, "next": cursors.encode((rows[limit - 1].seq,)) if len(rows) > limit else None}

    async def _check(self, request: PaymentRequest) -> Submission:
        value, nonce = int(request.value), int(request.nonce)
        request_id = bytes.fromhex(request.request_id[2:])
        digest = payment_digest(self._domain, request.sender, request.to, value, nonce, request.deadline, request_id)
        wallets = await self._signatures.check(digest, request.signature, request.sender)
        return Submission(
            id="0x" + digest.hex(),
            kind=Kind.PAYMENT,
            actor=request.sender,
            nonce=nonce,
            value=value,
            deadline=request.deadline,
            payload=request.model_dump(by_alias=True),
            payee=request.to,
            wallets=wallets,
        )
