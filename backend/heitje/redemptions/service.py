# SPDX-License-Identifier: EUPL-1.2
"""Redemptions and their cancellations: taken on, looked up, listed."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import sqlalchemy as sa

from heitje.chain.account import Class
from heitje.chain.addresses import ZERO_ADDRESS
from heitje.chain.browser_keys import signer_of
from heitje.chain.signing import SignatureError
from heitje.chain.typed_data import Domain, cancel_digest, receive_with_authorization_digest, redemption_id
from heitje.chain.words import RedemptionStatus
from heitje.problems import Code, Problem
from heitje.redemptions import repository
from heitje.redemptions.schemas import CancellationRequest, RedemptionRequest, Status
from heitje.relay import repository as operations
from heitje.relay.intake import Acknowledgement, Key
from heitje.relay.operation import Kind, Operation, State, Submission, reclaim_id
from heitje.relay.reception import Reception
from heitje.relay.standing import accounts_of, rules_now, standings_of, why_frozen
from heitje.rest import cursors
from heitje.rest.city import TermsBody
from heitje.rest.fields import LAST_SECOND, rfc3339
from heitje.rest.operations import render
from heitje.store.session import ReadSession, WriteSession

_REDEEMERS = (Class.MERCHANT, Class.CLOSING)


class RedemptionAdmitter:
    """Decides about redemptions inside the transaction that stores them."""

    async def admit(self, session: WriteSession, wanted: Sequence[Submission], now: float) -> list[State | Problem]:
        """See `heitje.relay.intake.Admitter`. Until when one can redeem, the desk says: some have a time of grace."""
        rules = await rules_now(session)
        if rules is None:
            return [Problem(Code.NOT_READY, "The index has not read the chain yet.")] * len(wanted)
        signers = await standings_of(session, (one.actor for one in wanted))
        decisions: list[State | Problem] = []
        for one in wanted:
            signer = signers.get(one.actor)
            if signer is None or signer.account.holder_class not in _REDEEMERS:
                decisions.append(Problem(Code.NOT_ALLOWED, "Only shops that take part can redeem."))
            elif signer.account.is_frozen:
                decisions.append(Problem(Code.ACCOUNT_FROZEN, why_frozen(signer.account)))
            elif one.deadline < now + 1:
                decisions.append(Problem(Code.DEADLINE_PASSED))
            elif one.value > (free := signer.spendable(now, rules)):
                detail = f"{max(free, 0)} cents can be redeemed, {one.value} are asked for."
                decisions.append(Problem(Code.INSUFFICIENT, detail, spendable=str(max(free, 0))))
            else:
                signer.take_on(one.id, one.value)
                decisions.append(State.QUEUED)
        return decisions


class CancellationAdmitter:
    """Decides about cancellations inside the transaction that stores them."""

    async def admit(
        self,
        session: WriteSession,
        wanted: Sequence[Submission],
        now: float,  # noqa: ARG002 - a cancellation has no deadline
    ) -> list[State | Problem]:
        """See `heitje.relay.intake.Admitter`."""
        steps = await repository.steps(session, (one.payload["redemption"] for one in wanted))
        return [_cancellable(steps.get(one.payload["redemption"])) for one in wanted]


class ReclaimAdmitter:
    """Decides about reclaims inside the transaction that stores them."""

    async def admit(
        self,
        session: WriteSession,
        wanted: Sequence[Submission],
        now: float,  # noqa: ARG002 - the desk itself says from when on; it was asked
    ) -> list[State | Problem]:
        """See `heitje.relay.intake.Admitter`."""
        steps = await repository.steps(session, (one.payload["redemption"] for one in wanted))
        return [_open(steps.get(one.payload["redemption"])) for one in wanted]


class RedemptionService:
    """What the API does with redemptions."""

    def __init__(self, reception: Reception, domains: tuple[Domain, Domain], terms: TermsBody) -> None:
        self._at = reception
        self._token_domain, self._desk_domain = domains
        self._terms = terms

    async def submit(self, request: RedemptionRequest, key: str) -> Acknowledgement:
        """Take a redemption on.

        Raises:
            Problem: It is not taken on, and why.
        """
        wanted = await self._check(request)
        if not await self._at.intake.known(wanted.id):
            await self._try(wanted)
        return await self._at.intake.submit(wanted, Key("POST /v1/redemptions", key), f"/v1/redemptions/{wanted.id}")

    async def cancel(self, identity: str, request: CancellationRequest, key: str) -> Acknowledgement:
        """Take a cancellation on.

        Raises:
            Problem: It is not taken on, and why.
        """
        digest = cancel_digest(self._desk_domain, bytes.fromhex(identity[2:]))
        async with self._at.store.read() as session:
            row = await repository.find(session, identity)
            holder = await repository.holder_of(session, row.number) if row is not None else None
            steps = (await repository.steps(session, [identity])).get(identity)
        if row is None or holder is None:
            raise Problem(Code.NOT_FOUND, "The desk has no such redemption at the indexed block.")
        try:
            wallets = await self._at.signatures.check(digest, request.signature, holder)
        except Problem:
            await self._refuse_replaced(row.number, digest, request.signature)
            raise
        payload = {"redemption": identity, "signature": request.signature}
        wanted = Submission(
            id="0x" + digest.hex(),
            kind=Kind.CANCELLATION,
            actor=holder,
            nonce=None,
            value=0,
            deadline=LAST_SECOND,
            payload=payload,
            subject=identity,
            wallets=wallets,
        )
        if not await self._at.intake.known(wanted.id):
            if isinstance(refusal := _cancellable(steps), Problem):
                raise refusal
            await self._try(wanted)
        location = f"/v1/redemptions/{identity}/cancellation"
        return await self._at.intake.submit(wanted, Key("POST /v1/redemptions/*/cancellation", key), location)

    async def reclaim(self, identity: str, key: str) -> Acknowledgement:
        """Take on that a redemption is given back which the municipality did not end in time. Nobody need sign that.

        Raises:
            Problem: It is not taken on, and why.
        """
        async with self._at.store.read() as session:
            steps = (await repository.steps(session, [identity])).get(identity)
        if steps is None:
            raise Problem(Code.NOT_FOUND, "The desk has no such redemption at the indexed block.")
        wanted = Submission(
            id="0x" + reclaim_id(bytes.fromhex(identity[2:])).hex(),
            kind=Kind.RECLAIM,
            actor=ZERO_ADDRESS,
            nonce=None,
            value=0,
            deadline=LAST_SECOND,
            payload={"redemption": identity},
            subject=identity,
        )
        if not await self._at.intake.known(wanted.id):
            if isinstance(refusal := _open(steps), Problem):
                raise refusal
            await self._try(wanted)
        location = f"/v1/redemptions/{identity}/reclaim"
        return await self._at.intake.submit(wanted, Key("POST /v1/redemptions/*/reclaim", key), location)

    async def show_reclaim(self, identity: str) -> dict[str, Any]:
        """The reclaim of a redemption.

        Raises:
            Problem: None was sent here.
        """
        found = await self.find("0x" + reclaim_id(bytes.fromhex(identity[2:])).hex())
        if found is None:
            raise Problem(Code.NOT_FOUND, "No reclaim of this redemption was sent here.")
        return render(found)

    async def find(self, identity: str) -> Operation | None:
        """A redemption or cancellation that was sent here."""
        async with self._at.store.read() as session:
            return await operations.find(session, identity)

    async def show(self, identity: str) -> dict[str, Any]:
        """A redemption, sent here or carried by somebody else.

        Raises:
            Problem: Neither.
        """
        async with self._at.store.read() as session:
            row = await repository.find(session, identity)
            shown = await self._bodies(session, [identity], {} if row is None else {identity: row})
        if not shown:
            raise Problem(Code.NOT_FOUND, "This redemption was not sent here, and is not at the desk.")
        return shown[0]

    async def show_cancellation(self, identity: str) -> dict[str, Any]:
        """The cancellation of a redemption.

        Raises:
            Problem: None was sent here.
        """
        digest = "0x" + cancel_digest(self._desk_domain, bytes.fromhex(identity[2:])).hex()
        found = await self.find(digest)
        if found is None:
            raise Problem(Code.NOT_FOUND, "No cancellation of this redemption was sent here.")
        return render(found)

    async def page(self, number: int | None, status: Status | None, cursor: str | None, limit: int) -> dict[str, Any]:
        """Redemptions on the chain, the newest first.

        Raises:
            Problem: The cursor is not of this list.
        """
        key = cursors.decode(cursor, 2)
        code = status.code if status is not None else None
        async with self._at.store.read() as session:
            rows = await repository.page(session, number=number, status=code, before=key, limit=limit + 1)
            shown = {row.id: row for row in rows[:limit]}
            items = await self._bodies(session, list(shown), shown)
        last = rows[limit - 1] if len(rows) > limit else None
        more = None if last is None else cursors.encode((last.block_number, last.log_index))
        return {"items": items, "next": more}

    async def _bodies(
        self, session: ReadSession, ids: Sequence[str], at_desk: dict[str, sa.Row[Any]]
    ) -> list[dict[str, Any]]:
        """Redemptions as the API shows them, in this order; those that are nowhere are left out."""
        sent = await operations.find_many(session, ids)
        steps = await repository.steps(session, at_desk)
        bodies = []
        for identity in ids:
            row, operation = at_desk.get(identity), sent.get(identity)
            chain = _step(row, steps[identity], self._terms) if row is not None else None
            if operation is not None and operation.kind is Kind.REDEMPTION:
                bodies.append({**render(operation), "onChain": chain})
            elif row is not None:
                state = await operations.state_in(session, row.block_number)
                bodies.append({**_foreign(row, steps[identity][0], state), "onChain": chain})
        return bodies

    async def _check(self, request: RedemptionRequest) -> Submission:
        async with self._at.store.read() as session:
            known = (await accounts_of(session, [request.sender])).get(request.sender)
        if known is None or not known.number:
            raise Problem(Code.ACCOUNT_UNKNOWN)
        if known.is_dead:
            raise Problem(Code.WALLET_REPLACED)
        amount = int(request.amount)
        if not amount:
            raise Problem(Code.ZERO_VALUE)
        hashes = (bytes.fromhex(request.payout_commitment[2:]), bytes.fromhex(request.salt[2:]))
        identity = redemption_id(known.number, amount, *hashes)
        digest = receive_with_authorization_digest(
            self._token_domain,
            request.sender,
            self._at.contracts.desk,
            amount,
            request.valid_after,
            request.valid_before,
            identity,
        )
        wallets = await self._at.signatures.check(digest, request.signature, request.sender)
        return Submission(
            id="0x" + identity.hex(),
            kind=Kind.REDEMPTION,
            actor=request.sender,
            nonce=None,
            value=amount,
            deadline=max(request.valid_before - 1, 0),  # EIP-3009: valid strictly before
            payload=request.model_dump(by_alias=True),
            wallets=wallets,
        )

    async def _refuse_replaced(self, number: int, digest: bytes, signature: str) -> None:
        """Say so when the signature is by a wallet that this merchant has no more."""
        with suppress(SignatureError):
            signer = signer_of(digest, bytes.fromhex(signature[2:]))
            async with self._at.store.read() as session:
                known = (await accounts_of(session, [signer])).get(signer)
            if known is not None and known.is_dead and known.number == number:
                raise Problem(Code.WALLET_REPLACED)

    async def _try(self, wanted: Submission) -> None:
        await self._at.attempt(wanted)


def _open(steps: Sequence[sa.Row[Any]] | None) -> State | Problem:
    if steps and steps[-1].status in (RedemptionStatus.REQUESTED, RedemptionStatus.LOCKED):
        return State.QUEUED
    return _cancellable(steps)


def _cancellable(steps: Sequence[sa.Row[Any]] | None) -> State | Problem:
    if steps and steps[-1].status == RedemptionStatus.REQUESTED:
        return State.QUEUED
    status = Status.of(steps[-1].status) if steps else "unknown"
    return Problem(Code.REDEMPTION_ENDED, f"It is {status}.")


def _foreign(row: sa.Row[Any], first: sa.Row[Any], state: State) -> dict[str, Any]:
    """A redemption that somebody else carried."""
    return {
        "id": row.id,
        "kind": Kind.REDEMPTION,
        "state": state,
        "from": None,
        "amount": str(row.amount),
        "validAfter": None,
        "validBefore": None,
        "payoutCommitment": row.payout_commitment,
        "salt": row.salt,
        "transaction": {"hash": first.tx_hash, "block": row.block_number},
        "failure": None,
        "underWayUntil": None,
    }


def _step(row: sa.Row[Any], steps: Sequence[sa.Row[Any]], terms: TermsBody) -> dict[str, Any]:
    last = steps[-1]
    # A lock is the last step while it holds; before it, the request is.
    patience = {RedemptionStatus.REQUESTED: terms.reclaim_after, RedemptionStatus.LOCKED: terms.locked_reclaim_after}
    wait = patience.get(RedemptionStatus(last.status))
    locks = [step.detail for step in steps if step.status == RedemptionStatus.LOCKED]
    settled = [step.detail for step in steps if step.status == RedemptionStatus.SETTLED]
    given_back = [step.detail for step in steps if step.status == RedemptionStatus.REFUNDED]
    return {
        "status": Status.of(last.status),
        "number": row.number,
        "requestedAt": rfc3339(row.requested_at),
        "changedAt": rfc3339(last.time),
        "lockId": int(locks[-1]) if locks else None,
        "payoutReference": settled[-1] if settled else None,
        "reason": int(given_back[-1]) if given_back else None,
        "reclaimableFrom": None if wait is None else rfc3339(last.time + wait),
        "transaction": last.tx_hash,
    }
