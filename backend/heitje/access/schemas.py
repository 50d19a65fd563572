# SPDX-License-Identifier: EUPL-1.2
"""Logging in, in JSON."""

from typing import Annotated

from pydantic import Field, StringConstraints

from heitje.rest.fields import Address, Answer, Days, Hash, Model, Seconds, Signature
from heitje.rest.principal import Means


class ChallengeBody(Answer):
    """What to sign."""

    message: str
    expires_at: str


class SessionRequest(Model):
    """A challenge, signed: the text by EIP-191, as wallets do with `personal_sign`."""

    message: Annotated[str, StringConstraints(min_length=1, max_length=2_000, strict=True)]
    signature: Signature


class NonceBody(Answer):
    """What a wallet's login must name, once."""

    nonce: Annotated[str, Field(description="32 bytes.")]
    expires_at: str


class WalletSessionRequest(Model):
    """A wallet's signature of `Login(account, origin, nonce, issuedAt)` under the token's domain."""

    account: Address
    origin: Annotated[
        str,
        StringConstraints(pattern=r"^https?://[^\s/?#]{1,253}$", strict=True),
        Field(description="Scheme, host and port of this service, as people reach it."),
    ]
    nonce: Annotated[Hash, Field(description="From /v1/sessions/nonce.")]
    issued_at: Annotated[Seconds, Field(description="Now, in Unix time.")]
    signature: Signature


class SessionBody(Answer):
    """A session. The token is shown once; send it as `Authorization: Bearer …`. A browser also gets it as a cookie."""

    token: str
    address: str
    expires_at: str


class RoleBody(Answer):
    """A role on the chain, and the seconds between announcing and doing."""

    role: str
    delay: int


class WhoBody(Answer):
    """Who asks."""

    address: str
    by: Means
    roles: list[RoleBody]


class KeyRequest(Model):
    """A key for a machine, such as a till."""

    name: Annotated[str, StringConstraints(pattern=r"^[\x20-\x7e]{1,60}$", strict=True)]
    days: Annotated[Days | None, Field(description="Good for so long; null: until it is deleted.")]


class KeyBody(Answer):
    """A key without its secret."""

    prefix: str
    name: str
    created_at: str
    expires_at: str | None


class NewKeyBody(KeyBody):
    """A key. It is shown once."""

    key: str


class KeysBody(Answer):
    """The keys of an address."""

    items: list[KeyBody]
