# SPDX-License-Identifier: EUPL-1.2
"""Residents hand in what they did; attesters of the programme confirm it or decline.

A confirmed claim gets a salt, once: what the chain will hold of it is `keccak256(salt | text)`, as of every report.
"""

from __future__ import annotations

import hashlib
import json
import secrets
import uuid
from collections.abc import Callable
from typing import Any, Literal

import sqlalchemy as sa
from eth_utils.crypto import keccak

from heitje.activities import claim_repository, repository
from heitje.activities.claim_schemas import ClaimRequest, ClaimState, Confirmation, Refusal
from heitje.activities.photos import NoPhoto, strip
from heitje.problems import Code, Problem
from heitje.rest import cursors
from heitje.rest.fields import rfc3339
from heitje.rest.members import account_of, resident_of
from heitje.store.session import ReadSession, Store, WriteSession

Scope = Literal["mine", "programme"]


class ClaimService:
    """What the API does with claims."""

    def __init__(self, store: Store, clock: Callable[[], float]) -> None:
        self._store = store
        self._clock = clock

    async def hand_in(self, address: str, activity: int, request: ClaimRequest) -> dict[str, Any]:
        """Hand in minutes for an activity that has been held.

        Raises:
            Problem: It is no resident, or not the time, or too much, or handed in already.
        """
        now = self._clock()
        async with self._store.write() as session:
            number = await resident_of(session, address)
            held = await _held(session, activity, now)
            if request.minutes > held.max_minutes:
                raise Problem(Code.TOO_MANY_MINUTES, f"That is {held.max_minutes} minutes.")
            before = await claim_repository.last_of(session, activity, number)
            rewarded = await repository.find_reward(session, activity, number)
            if rewarded is not None or (before is not None and before.state != ClaimState.DECLINED):
                raise Problem(Code.CLAIM_EXISTS)
            identity = str(uuid.uuid4())
            values = {"id": identity, "activity": activity, "number": number, "state": ClaimState.HANDED_IN}
            said = {"minutes": request.minutes, "note": request.note, "handed_in_at": now}
            await claim_repository.add(session, {**values, **said})
            return claim_body(await _one(session, identity))

    async def put_photo(self, address: str, identity: str, raw: bytes) -> dict[str, Any]:
        """Keep a photo with a claim, without what the camera wrote beside the picture.

        Raises:
            Problem: It is somebody else's claim, or decided, or no photo.
        """
        try:
            media_type, content = strip(raw)
        except NoPhoto as error:
            raise Problem(Code.PHOTO_REFUSED, f"{str(error)[0].upper()}{str(error)[1:]}.") from None
        async with self._store.write() as session:
            number = await resident_of(session, address)
            row = await _one(session, identity)
            if row.number != number:
                raise _unknown(identity)
            if row.state != ClaimState.HANDED_IN:
                raise Problem(Code.CLAIM_DECIDED)
            await claim_repository.put_photo(session, identity, media_type, content, self._clock())
            hashed = "0x" + hashlib.sha256(content).hexdigest()
            await claim_repository.change(session, [identity], {"photo_hash": hashed})
            return claim_body(await _one(session, identity))

    async def photo(self, address: str, identity: str) -> tuple[str, bytes]:
        """Media type and bytes of a claim's photo, for the one who handed in and for the programme's attesters.

        Raises:
            Problem: There is none, or not any more, or it is none of theirs.
        """
        async with self._store.read() as session:
            await self._visible(session, address, identity)
            photo = await claim_repository.photo_of(session, identity)
        if photo is None:
            raise Problem(Code.NOT_FOUND, "This claim has no photo, or not any more.")
        return photo.media_type, bytes(photo.content)

    async def show(self, address: str, identity: str) -> dict[str, Any]:
        """One claim, for the one who handed in and for the programme's attesters.

        Raises:
            Problem: There is none, or it is none of theirs.
        """
        async with self._store.read() as session:
            return claim_body(await self._visible(session, address, identity))

    async def page(
        self,
        address: str,
        *,
        scope: Scope,
        activity: int | None,
        state: ClaimState | None,
        cursor: str | None,
        limit: int,
    ) -> dict[str, Any]:
        """Claims, the last first: one's own, or those of the programmes that one attests for.

        Raises:
            Problem: The activity is somebody else's to attest, or the cursor is not of this list.
        """
        key = cursors.decode(cursor, 1)
        chosen: dict[str, Any] = {
            "activity_id": activity,
            "state": state,
            "before": key[0] if key else None,
            "limit": limit + 1,
        }
        async with self._store.read() as session:
            if scope == "mine":
                account = await account_of(session, address)
                if account is None or account.is_dead:
                    return {"items": [], "next": None}
                rows = await claim_repository.page(session, number=account.number, **chosen)
            else:
                if activity is not None:
                    await repository.need_attester(session, address, activity)
                programmes = await repository.programmes_of(session, address)
                rows = await claim_repository.page(session, programmes=programmes, **chosen)
        more = cursors.encode((rows[limit - 1].seq,)) if len(rows) > limit else None
        return {"items": [claim_body(row) for row in rows[:limit]], "next": more}

    async def decide(self, address: str, identity: str, decision: Confirmation | Refusal) -> dict[str, Any]:
        """Confirm a claim, or decline it.

        Raises:
            Problem: It is somebody else's to decide, or decided already, or about oneself.
        """
        values: dict[str, Any] = {"decided_by": address, "decided_at": self._clock(), "state": decision.state}
        async with self._store.write() as session:
            row = await _one(session, identity)
            held = await repository.need_attester(session, address, row.activity)
            account = await account_of(session, address)
            if account is not None and account.number == row.number:
                raise Problem(Code.NOT_AN_ATTESTER, "Nobody decides about what they handed in themselves.")
            if row.state != ClaimState.HANDED_IN:
                raise Problem(Code.CLAIM_DECIDED)
            if isinstance(decision, Refusal):
                values["reason"] = decision.reason
            else:
                if decision.minutes > held.max_minutes:
                    raise Problem(Code.TOO_MANY_MINUTES, f"That is {held.max_minutes} minutes.")
                salt = secrets.token_bytes(32)
                commitment = keccak(salt + evidence_text(row).encode())
                values |= {"confirmed_minutes": decision.minutes}
                values |= {"salt": "0x" + salt.hex(), "evidence": "0x" + commitment.hex()}
            await claim_repository.change(session, [identity], values)
            return claim_body(await _one(session, identity))

    async def _visible(self, session: ReadSession, address: str, identity: str) -> sa.Row[Any]:
        row = await _one(session, identity)
        account = await account_of(session, address)
        if account is not None and not account.is_dead and account.number == row.number:
            return row
        await repository.need_attester(session, address, row.activity)
        return row


def evidence_text(row: sa.Row[Any]) -> str:
    """What a claim says, as it is committed to: JSON with sorted keys and no spaces."""
    said = {
        "activity": row.activity,
        "handedInAt": rfc3339(row.handed_in_at),
        "minutes": row.minutes,
        "note": row.note,
        "number": row.number,
        "photo": row.photo_hash,
    }
    return json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def claim_body(row: sa.Row[Any]) -> dict[str, Any]:
    """A claim as the API shows it."""
    evidence = None if row.salt is None else {"commitment": row.evidence, "salt": row.salt, "text": evidence_text(row)}
    return {
        "id": row.id,
        "activity": row.activity,
        "number": row.number,
        "minutes": row.minutes,
        "note": row.note,
        "hasPhoto": row.media_type is not None,
        "signedUp": row.signed_up_at is not None,
        "state": claim_repository.state_of(row),
        "confirmedMinutes": row.confirmed_minutes,
        "reason": row.reason,
        "amount": None if row.amount is None or row.state != ClaimState.CONFIRMED else str(row.amount),
        "evidence": evidence,
        "report": row.report,
        "handedInAt": rfc3339(row.handed_in_at),
        "decidedAt": None if row.decided_at is None else rfc3339(row.decided_at),
    }


async def _one(session: ReadSession | WriteSession, identity: str) -> sa.Row[Any]:
    row = await claim_repository.find(session, identity)
    if row is None:
        raise _unknown(identity)
    return row


def _unknown(identity: str) -> Problem:
    return Problem(Code.NOT_FOUND, f"You know of no claim {identity}.")


async def _held(session: ReadSession, activity: int, now: float) -> sa.Row[Any]:
    """An activity that has been held, and whose reports are still taken."""
    row = await repository.find_activity(session, activity)
    if row is None:
        raise Problem(Code.NOT_FOUND, f"There is no activity {activity}.")
    if row.opens_at > now:
        raise Problem(Code.ACTIVITY_NOT_HELD, f"It will have been on {rfc3339(row.opens_at)}.")
    if row.closes_at < now:
        raise Problem(Code.ACTIVITY_CLOSED, f"It closed on {rfc3339(row.closes_at)}.")
    return row
