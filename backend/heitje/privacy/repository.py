# SPDX-License-Identifier: EUPL-1.2
"""What the service's database holds of a member that is not on the chain: told on request, and erased on request.

The register and the chain are the other two places; `ape run access` and `ape run erase` are about those.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

import sqlalchemy as sa

from heitje.store.session import ReadSession, WriteSession
from heitje.store.tables import claim, claim_photo, complaint, invitation, sign_up

FORMAT: Final = "heitje held 1"

_HEADINGS: Final[Mapping[str, sa.Table]] = {
    "signUps": sign_up,
    "claims": claim,
    "invitations": invitation,
    "complaints": complaint,
}
_UNTOLD: Final = ("seq", "code")
"""Numbers of rows, and what would let a code be tried."""

_TIMES: Final = (
    "at",
    "handed_in_at",
    "decided_at",
    "made_at",
    "expires_at",
    "revoked_at",
    "accepted_at",
    "lodged_at",
    "answered_at",
)


async def held(session: ReadSession, number: int) -> dict[str, Any]:
    """Everything about a member, as JSON can hold it; photos in base 64."""
    told: dict[str, Any] = {"format": FORMAT, "member": number}
    for heading, table in _HEADINGS.items():
        rows = await session.rows(sa.select(table).where(table.c.number == number).order_by(table.c.seq))
        told[heading] = [_told(row) for row in rows]
    photos = {row.claim_id: row for row in await session.rows(_photos(number))}
    for one in told["claims"]:
        photo = photos.get(one["id"])
        one["photo"] = None if photo is None else _photo(photo)
    return told


async def erase(session: WriteSession, number: int) -> dict[str, int]:
    """Delete everything about a member; how many rows of what. What is on the chain stays there."""
    claims = sa.select(claim.c.id).where(claim.c.number == number)
    counts = {"photos": await session.run(sa.delete(claim_photo).where(claim_photo.c.claim_id.in_(claims)))}
    for heading, table in _HEADINGS.items():
        counts[heading] = await session.run(sa.delete(table).where(table.c.number == number))
    return counts


def _photos(number: int) -> sa.Select[Any]:
    return sa.select(claim_photo).join(claim, claim.c.id == claim_photo.c.claim_id).where(claim.c.number == number)


def _photo(row: sa.Row[Any]) -> dict[str, str]:
    return {"mediaType": row.media_type, "content": base64.b64encode(row.content).decode()}


def _told(row: sa.Row[Any]) -> dict[str, Any]:
    columns = row._asdict()
    return {name: _time(value) if name in _TIMES else value for name, value in columns.items() if name not in _UNTOLD}


def _time(seconds: float | None) -> str | None:
    return None if seconds is None else datetime.fromtimestamp(int(seconds), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
