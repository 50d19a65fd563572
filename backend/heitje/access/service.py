# SPDX-License-Identifier: EUPL-1.2
"""Who is who: challenges, sessions, keys, and the roles an address holds on the chain."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

from heitje.access import repository
from heitje.access.message import Login, NoLogin, digest
from heitje.access.schemas import WalletSessionRequest
from heitje.chain.addresses import to_address
from heitje.chain.typed_data import Domain, login_digest
from heitje.problems import Code, Problem
from heitje.relay.signatures import Signatures
from heitje.rest.fields import rfc3339
from heitje.rest.offices import Offices
from heitje.rest.principal import Means, Principal
from heitje.store.session import Store

CHALLENGE_SECONDS: Final = 300
SESSION_SECONDS: Final = 12 * 3_600
MAX_KEYS: Final = 20
SESSION_MARK: Final = "hs_"
KEY_MARK: Final = "hk_"
_SLACK: Final = 60
"""Seconds that a client's clock may be ahead."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where people log in: what their wallet shows them, and what the message must name.

    Attributes:
        url: Of the service, as people reach it.
        city: Its name.
        chain_id: Of the city's chain.
        token_domain: Under which wallets sign.
    """

    url: str
    city: str
    chain_id: int
    token_domain: Domain

    @property
    def origin(self) -> str:
        """Scheme, host and port, as browsers write them."""
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.netloc}"

    @property
    def domain(self) -> str:
        """Host and port."""
        return urlsplit(self.url).netloc

    @property
    def statement(self) -> str:
        """What a login is for."""
        return f"Log in to Heitje {self.city}. This moves no money."


class AccessService:
    """What the API does about who asks."""

    def __init__(
        self, store: Store, offices: Offices, signatures: Signatures, place: Place, clock: Callable[[], float]
    ) -> None:
        self._store = store
        self._offices = offices
        self._signatures = signatures
        self._place = place
        self._clock = clock
        self.secure: Final = place.url.startswith("https:")
        """Whether people reach the service by TLS only."""

    async def challenge(self, address: str) -> dict[str, Any]:
        """A message for this address to sign, good once and for five minutes."""
        now = int(self._clock())
        nonce, expires_at = secrets.token_hex(16), now + CHALLENGE_SECONDS
        place = self._place
        login = Login(
            place.domain, address, place.statement, place.url, place.chain_id, nonce, now, now + CHALLENGE_SECONDS
        )
        async with self._store.write() as session:
            await repository.add_challenge(session, nonce, expires_at, now)
        return {"message": login.text, "expiresAt": rfc3339(expires_at)}

    async def log_in(self, message: str, signature: str) -> dict[str, Any]:
        """Begin a session for who signed a challenge.

        Raises:
            Problem: The message is not one of ours, or too old, or used, or signed by somebody else.
        """
        login = self._read(message)
        await self._signatures.check(digest(message), signature, login.address)
        return await self._begin(login.address, login.nonce)

    async def nonce(self) -> dict[str, Any]:
        """A number for a wallet's login to name, good once and for five minutes."""
        now = int(self._clock())
        nonce, expires_at = secrets.token_hex(32), now + CHALLENGE_SECONDS
        async with self._store.write() as session:
            await repository.add_challenge(session, nonce, expires_at, now)
        return {"nonce": "0x" + nonce, "expiresAt": rfc3339(expires_at)}

    async def log_in_wallet(self, login: WalletSessionRequest) -> dict[str, Any]:
        """Begin a session for a wallet that signed the typed data `Login`: its own client made it, not a server.

        Raises:
            Problem: It is for elsewhere, of another time, used, or signed by somebody else.
        """
        now, here = self._clock(), self._place.origin
        if login.origin != here:
            raise Problem(Code.LOGIN_REFUSED, f"It is for {login.origin}, and this is {here}.")
        if login.issued_at > now + CHALLENGE_SECONDS:
            raise Problem(Code.LOGIN_REFUSED, "It is from the future: look at your clock.")
        if login.issued_at < now - CHALLENGE_SECONDS:
            raise Problem(Code.LOGIN_REFUSED, "It is too old: sign anew, and look at your clock.")
        nonce = bytes.fromhex(login.nonce[2:])
        signed = login_digest(self._place.token_domain, login.account, login.origin, nonce, login.issued_at)
        await self._signatures.check(signed, login.signature, login.account)
        return await self._begin(login.account, nonce.hex())

    async def _begin(self, address: str, nonce: str) -> dict[str, Any]:
        """A session for who has signed this nonce."""
        now = self._clock()
        token, ends = SESSION_MARK + secrets.token_hex(32), int(now) + SESSION_SECONDS
        async with self._store.write() as session:
            if not await repository.use_challenge(session, nonce, now):
                raise Problem(Code.LOGIN_REFUSED, "Its nonce was not given out here, is too old, or has been used.")
            await repository.open_session(session, _digest(token), address, now, ends)
        return {"token": token, "address": address, "expiresAt": rfc3339(ends)}

    async def log_out(self, who: Principal) -> None:
        """End a session."""
        async with self._store.write() as session:
            await repository.end_session(session, who.session)

    async def authenticate(self, token: str) -> Principal | None:
        """See `heitje.rest.principal.Authenticate`."""
        now = self._clock()
        async with self._store.read() as session:
            if token.startswith(SESSION_MARK):
                hashed = _digest(token)
                mine = await repository.session_of(session, hashed, now)
                return Principal(mine.address, Means.SESSION, hashed) if mine is not None else None
            if token.startswith(KEY_MARK):
                prefix = token.removeprefix(KEY_MARK).partition("_")[0]
                row = await repository.key_of(session, prefix, now)
                if row is not None and hmac.compare_digest(row.digest, _digest(token)):
                    return Principal(row.address, Means.KEY, prefix)
        return None

    async def whoami(self, who: Principal) -> dict[str, Any]:
        """An address and its roles, as the chain has them now.

        Raises:
            Problem: The node cannot be asked.
        """
        held = await self._offices.roles_of(who.address)
        roles = [{"role": role.name.lower(), "delay": delay} for role, delay in held.items()]
        return {"address": who.address, "by": who.by, "roles": roles}

    async def make_key(self, who: Principal, name: str, days: int | None) -> dict[str, Any]:
        """A new key for a machine. This is the only time that it is shown.

        Raises:
            Problem: There are too many.
        """
        now = self._clock()
        prefix = secrets.token_hex(6)
        key = f"{KEY_MARK}{prefix}_{secrets.token_hex(32)}"
        ends = None if days is None else int(now) + days * 86_400
        row = {"prefix": prefix, "digest": _digest(key), "address": who.address, "name": name}
        async with self._store.write() as session:
            if len(await repository.keys_of(session, who.address)) >= MAX_KEYS:
                raise Problem(Code.TOO_MANY_KEYS, f"It has {MAX_KEYS}.")
            await repository.add_key(session, {**row, "created_at": now, "expires_at": ends})
        return {"key": key, **_key(prefix, name, now, ends)}

    async def keys(self, who: Principal) -> list[dict[str, Any]]:
        """The keys of an address, without their secrets."""
        async with self._store.read() as session:
            rows = await repository.keys_of(session, who.address)
        return [_key(row.prefix, row.name, row.created_at, row.expires_at) for row in rows]

    async def delete_key(self, who: Principal, prefix: str) -> None:
        """A key is good no longer.

        Raises:
            Problem: The address has no such key.
        """
        async with self._store.write() as session:
            if not await repository.delete_key(session, who.address, prefix):
                raise Problem(Code.NOT_FOUND)

    def _read(self, message: str) -> Login:
        """A message that can be answered with a session, if it is signed."""
        try:
            login = Login.parse(message)
        except NoLogin as error:
            raise Problem(Code.LOGIN_REFUSED, f"The message cannot be read: {error}.") from None
        place, now = self._place, self._clock()
        wrong = (
            (login.domain != place.domain, f"It is for {login.domain}, and this is {place.domain}."),
            (login.uri != place.url, f"It is for {login.uri}, and this is {place.url}."),
            (login.chain_id != place.chain_id, f"It is for chain {login.chain_id}, and this is {place.chain_id}."),
            (login.address != to_address(login.address), "The checksum of its address is wrong (EIP-55)."),
            (login.issued_at > now + _SLACK, "It is from the future: look at your clock."),
            (login.expires_at < now, "It is too old."),
        )
        for holds, detail in wrong:
            if holds:
                raise Problem(Code.LOGIN_REFUSED, detail)
        return login


def _digest(token: str) -> str:
    return "0x" + hashlib.sha256(token.encode()).hexdigest()


def _key(prefix: str, name: str, created_at: float, expires_at: int | None) -> dict[str, Any]:
    ends = None if expires_at is None else rfc3339(expires_at)
    return {"prefix": prefix, "name": name, "createdAt": rfc3339(created_at), "expiresAt": ends}
