# SPDX-License-Identifier: EUPL-1.2
"""Who signs in a test, and what is signed but not yet carried."""

from dataclasses import dataclass
from typing import Any

from eth_utils.crypto import keccak

from heitje.chain.signing import KeySigner
from heitje.chain.typed_data import Line


def signer_of(name: str) -> KeySigner:
    """The key of a person in a test, made from a name. Worth nothing anywhere else."""
    return KeySigner(keccak(f"heitje test key, worth nothing: {name}".encode()))


@dataclass(frozen=True)
class Payment:
    """A payment and its signature, ready to be carried by anyone."""

    sender: str
    recipient: str
    value: int
    nonce: int
    deadline: int
    request_id: bytes
    digest: bytes
    signature: bytes

    @property
    def struct(self) -> dict[str, Any]:
        """As `payBatch` takes it."""
        return {
            "from": self.sender,
            "to": self.recipient,
            "value": self.value,
            "nonce": self.nonce,
            "deadline": self.deadline,
            "requestId": self.request_id,
        }


@dataclass(frozen=True)
class Report:
    """A report with the attester's signature, and a release with the issuer's."""

    attester: str
    activity: int
    lines: tuple[Line, ...]
    deadline: int
    serial: int
    digest: bytes
    attester_signature: bytes
    issuer: str
    issuer_signature: bytes
    skip: int

    @property
    def arguments(self) -> tuple[Any, ...]:
        """As the registry's `issue` takes them."""
        report = (self.attester, self.activity, [tuple(line) for line in self.lines], self.deadline, self.serial)
        return report, self.attester_signature, self.issuer, self.issuer_signature, self.skip
