# SPDX-License-Identifier: EUPL-1.2
"""The message that logs somebody in: Sign-In with Ethereum (ERC-4361).

Only the form that this service itself proposes is read, in which every field stands on its line: a stranger's message
with other fields is refused, not guessed at. `text` and `parse` are each other's inverse.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from eth_utils.crypto import keccak

_FORM: Final = re.compile(
    r"(?P<domain>[^\s/?#]{1,253}) wants you to sign in with your Ethereum account:\n"
    r"(?P<address>0x[0-9a-fA-F]{40})\n\n"
    r"(?P<statement>[^\n]{0,200})\n\n"
    r"URI: (?P<uri>[^\s]{1,300})\n"
    r"Version: 1\n"
    r"Chain ID: (?P<chain_id>[0-9]{1,19})\n"
    r"Nonce: (?P<nonce>[0-9a-zA-Z]{8,64})\n"
    r"Issued At: (?P<issued>[0-9T:.Z+-]{20,35})\n"
    r"Expiration Time: (?P<expires>[0-9T:.Z+-]{20,35})",
    re.ASCII,
)


class NoLogin(ValueError):
    """The text is no message that logs in here, and why."""


@dataclass(frozen=True, slots=True)
class Login:
    """What a message says. Times are Unix seconds."""

    domain: str
    address: str
    statement: str
    uri: str
    chain_id: int
    nonce: str
    issued_at: int
    expires_at: int

    @property
    def text(self) -> str:
        """The message that is shown and signed."""
        return (
            f"{self.domain} wants you to sign in with your Ethereum account:\n{self.address}\n\n{self.statement}\n\n"
            f"URI: {self.uri}\nVersion: 1\nChain ID: {self.chain_id}\nNonce: {self.nonce}\n"
            f"Issued At: {_rfc3339(self.issued_at)}\nExpiration Time: {_rfc3339(self.expires_at)}"
        )

    @classmethod
    def parse(cls, text: str) -> Login:
        """Read a message.

        Raises:
            NoLogin: It has another form.
        """
        found = _FORM.fullmatch(text)
        if found is None:
            raise NoLogin("it is not of the form that /v1/sessions/challenge gives")
        return cls(
            found["domain"],
            found["address"],
            found["statement"],
            found["uri"],
            int(found["chain_id"]),
            found["nonce"],
            _seconds(found["issued"]),
            _seconds(found["expires"]),
        )


def digest(text: str) -> bytes:
    """The 32 bytes that a wallet signs for a text (EIP-191, version 0x45). No typed data has a digest of this form."""
    raw = text.encode()
    return keccak(b"\x19Ethereum Signed Message:\n" + str(len(raw)).encode() + raw)


def _rfc3339(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _seconds(text: str) -> int:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise NoLogin(f"{text} is no time (RFC 3339)") from None
    if moment.tzinfo is None:
        raise NoLogin(f"{text} names no time zone")
    return int(moment.timestamp())
