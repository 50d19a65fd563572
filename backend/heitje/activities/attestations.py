# SPDX-License-Identifier: EUPL-1.2
"""Attestations: what became of a reward, and the reductions attesters sign."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from heitje.activities import repository
from heitje.activities.repository import Standing
from heitje.activities.schemas import ReductionRequest
from heitje.chain.typed_data import Domain, reduce_digest
from heitje.chain.words import uid_of
from heitje.problems import Code, Problem
from heitje.relay import repository as operations
from heitje.relay.intake import Acknowledgement, Key
from heitje.relay.operation import Kind, Operation, State, Submission
from heitje.relay.reception import Reception
from heitje.rest.fields import rfc3339
from heitje.rest.operations import render
from heitje.store.session import WriteSession


class ReductionAdmitter:
    """Decides about reductions inside the transaction that stores them."""

    async def admit(self, session: WriteSession, wanted: Sequence[Submission], now: float) -> list[State | Problem]:
        """See `heitje.relay.intake.Admitter`."""
        pairs = [_pair(one.payload["uid"]) for one in wanted]
        standings = await repository.standings(session, pairs)
        return [
            Problem(Code.DEADLINE_PASSED) if one.deadline < now + 1 else _possible(standings[pair], one)
            for pair, one in zip(pairs, wanted, strict=True)
        ]


class AttestationService:
    """What the API does with attestations."""

    def __init__(self, reception: Reception, domain: Domain) -> None:
        self._at = reception
        self._domain = domain

    async def show(self, uid: str) -> dict[str, Any]:
        """An attestation, and everything that was struck of it.

        Raises:
            Problem: There is none.
        """
        activity, number = _pair(uid)
        async with self._at.store.read() as session:
            row = await repository.find_reward(session, activity, number)
            if row is None:
                raise Problem(Code.NOT_FOUND, f"Member {number} has not been rewarded for activity {activity}.")
            standing = (await repository.standings(session, [(activity, number)]))[activity, number]
        return {**attested(row, standing), "corrections": [_correction(one) for one in standing.corrections]}

    async def reduce(self, uid: str, request: ReductionRequest, key: str) -> Acknowledgement:
        """Take a reduction on.

        Raises:
            Problem: It is not taken on, and why.
        """
        digest = reduce_digest(self._domain, request.attester, int(uid), request.minutes, request.deadline)
        await self.show(uid)
        wallets = await self._at.signatures.check(digest, request.signature, request.attester)
        wanted = Submission(
            id="0x" + digest.hex(),
            kind=Kind.REDUCTION,
            actor=request.attester,
            nonce=None,
            value=0,
            deadline=request.deadline,
            payload={"uid": uid, **request.model_dump(by_alias=True)},
            subject=hex(int(uid)),
            wallets=wallets,
        )
        if not await self._at.intake.known(wanted.id):
            await self._at.attempt(wanted)
        location = f"/v1/attestations/{uid}/reductions/{wanted.id}"
        return await self._at.intake.submit(wanted, Key("POST /v1/attestations/*/reductions", key), location)

    async def find(self, digest: str) -> Operation | None:
        """A reduction that was sent here."""
        async with self._at.store.read() as session:
            return await operations.find(session, digest)

    async def show_reduction(self, uid: str, digest: str) -> dict[str, Any]:
        """A reduction and what became of it.

        Raises:
            Problem: It was not sent here.
        """
        found = await self.find(digest)
        if found is None or found.kind is not Kind.REDUCTION or found.payload["uid"] != uid:
            raise Problem(Code.NOT_FOUND, "No such reduction of this reward was sent here.")
        return render(found)


def attested(row: sa.Row[Any], standing: Standing) -> dict[str, Any]:
    """A reward as the API shows it, with what is left of it."""
    return {
        "uid": str(uid_of(row.activity, row.number)),
        "report": row.report,
        "activity": row.activity,
        "number": row.number,
        "minutes": row.minutes,
        "amount": str(row.amount),
        "status": standing.status,
        "kept": row.minutes if standing.kept is None else standing.kept,
        "struck": str(standing.struck),
        "clawbackFrom": None if standing.clawback_from is None else rfc3339(standing.clawback_from),
        "burned": str(standing.burned),
        "writtenOff": str(standing.written_off),
        "time": rfc3339(row.time),
        "transaction": row.tx_hash,
        "block": row.block_number,
    }


def _correction(row: sa.Row[Any]) -> dict[str, Any]:
    taken = row.minutes is None
    return {
        "kind": "clawback" if taken else "reduction",
        "attester": row.attester,
        "kept": row.minutes,
        "struck": None if taken else str(row.struck),
        "burned": str(row.burned) if taken else None,
        "writtenOff": str(row.written_off) if taken else None,
        "time": rfc3339(row.time),
        "transaction": row.tx_hash,
    }


def _possible(standing: Standing, wanted: Submission) -> State | Problem:
    if standing.status == "clawed_back":
        return Problem(Code.REWARD_FINAL, "It was taken back.")
    if standing.kept is not None and wanted.payload["minutes"] >= standing.kept:
        return Problem(Code.REWARD_FINAL, f"{standing.kept} minutes count now.")
    return State.QUEUED


def _pair(uid: str) -> tuple[int, int]:
    return int(uid) >> 32, int(uid) & 0xFFFFFFFF
