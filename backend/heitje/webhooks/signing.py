# SPDX-License-Identifier: EUPL-1.2
"""Signatures of the Standard Webhooks specification, version 1 (symmetric): HMAC-SHA256 over id, time and body."""

from __future__ import annotations

import base64
import hmac
import secrets
from collections.abc import Iterable
from hashlib import sha256
from typing import Final

_PREFIX: Final = "whsec_"
_BYTES: Final = 32
"""Of a secret; the specification asks for 24 to 64."""


def new_secret() -> str:
    """A secret as the specification writes it."""
    return _PREFIX + base64.b64encode(secrets.token_bytes(_BYTES)).decode()


def headers(message: str, now: int, body: bytes, keys: Iterable[str]) -> dict[str, str]:
    """The headers of a message, signed with each of these secrets: exactly these bytes are to be sent."""
    signed = b"%b.%d.%b" % (message.encode(), now, body)
    return {
        "webhook-id": message,
        "webhook-timestamp": str(now),
        "webhook-signature": " ".join(f"v1,{_sign(key, signed)}" for key in keys),
    }


def _sign(secret: str, signed: bytes) -> str:
    key = base64.b64decode(secret.removeprefix(_PREFIX))
    return base64.b64encode(hmac.digest(key, signed, sha256)).decode()
