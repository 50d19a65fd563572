# SPDX-License-Identifier: EUPL-1.2
"""Sessions, challenges and API keys in the database. Of a token only its SHA-256 is kept: each has 256 random bits."""

from __future__ import annotations

import sqlalchemy as sa

from heitje.store.session import ReadSession, WriteSession
from heitje.store.tables import api_key, challenge, login_session


async def add_challenge(session: WriteSession, nonce: str, expires_at: int, now: float) -> None:
    """Remember a nonce that was given out, and forget those that are too old."""
    await session.run(sa.delete(challenge).where(challenge.c.expires_at < now))
    await session.put_many(challenge, [{"nonce": nonce, "expires_at": expires_at}])


async def use_challenge(session: WriteSession, nonce: str, now: float) -> bool:
    """Whether a nonce was given out, is still good, and was not used before. Afterwards it is used."""
    fitting = sa.and_(challenge.c.nonce == nonce, challenge.c.expires_at >= now)
    return bool(await session.run(sa.delete(challenge).where(fitting)))


async def open_session(session: WriteSession, digest: str, address: str, now: float, expires_at: int) -> None:
    """Begin a session, and forget those that have ended."""
    await session.run(sa.delete(login_session).where(login_session.c.expires_at < now))
    row = {"digest": digest, "address": address, "created_at": now, "expires_at": expires_at}
    await session.put_many(login_session, [row])


async def session_of(session: ReadSession, digest: str, now: float) -> sa.Row[tuple[str, int]] | None:
    """Whose session this is: address and end."""
    columns = sa.select(login_session.c.address, login_session.c.expires_at)
    return await session.first(columns.where(login_session.c.digest == digest, login_session.c.expires_at >= now))


async def end_session(session: WriteSession, digest: str) -> None:
    """End a session."""
    await session.run(sa.delete(login_session).where(login_session.c.digest == digest))


async def add_key(session: WriteSession, values: dict[str, object]) -> None:
    """Store a key."""
    await session.put_many(api_key, [values])


async def key_of(session: ReadSession, prefix: str, now: float) -> sa.Row[tuple[str, str]] | None:
    """Address and digest of a key that is good."""
    good = sa.or_(api_key.c.expires_at.is_(None), api_key.c.expires_at >= now)
    columns = sa.select(api_key.c.address, api_key.c.digest)
    return await session.first(columns.where(api_key.c.prefix == prefix, good))


async def keys_of(session: ReadSession, address: str) -> list[sa.Row[tuple[str, str, float, int | None]]]:
    """The keys of an address, the newest first: prefix, name, when it was made, when it ends."""
    columns = (api_key.c.prefix, api_key.c.name, api_key.c.created_at, api_key.c.expires_at)
    order = api_key.c.created_at.desc()
    return list(await session.rows(sa.select(*columns).where(api_key.c.address == address).order_by(order)))


async def delete_key(session: WriteSession, address: str, prefix: str) -> bool:
    """Whether the address had such a key; it has not any more."""
    mine = sa.and_(api_key.c.address == address, api_key.c.prefix == prefix)
    return bool(await session.run(sa.delete(api_key).where(mine)))
