# SPDX-License-Identifier: EUPL-1.2
"""The certificate of erasure: that one member's secrets were destroyed, when and by whom, signed by the registrar.

It names a member number and nothing else of the person. The registrar signs it as EIP-712, under a domain of its own
that no contract has; the struct holds a hash of the whole certificate, so that nothing in it can be changed:

`Erasure(uint32 number,uint256 erasedAt,address registrar,bytes32 registerBefore,bytes32 registerAfter,
bytes32 contents)`
"""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from eth_utils.crypto import keccak
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from heitje.chain.addresses import to_address
from heitje.chain.signing import SignatureError, recover
from heitje.chain.typed_data import Domain, erasure_digest

FORMAT: Final = "heitje erasure 1"
DOMAIN_NAME: Final = "Heitje Erasure"
_HASH: Final = r"^0x[0-9a-f]{64}$"
_ADDRESS: Final = r"^0x[0-9a-fA-F]{40}$"
_UINT32: Final = 2**32

DESTROYED: Final = (
    (
        "The personal secret, and with it the salt of every commitment to evidence that stands on the chain for this "
        "number: nobody can open one any more, or tell whether a text belongs to it."
    ),
    "What attesters noted about this person's part in activities, as far as it was kept in the register.",
    "The address, the class and every other entry of this person in the register.",
)
REMAINS: Final = (
    (
        "On the chain, for good, because nothing can be deleted there: the number, the addresses it had, its rewards, "
        "payments and redemptions, and commitments that are random to everybody from now on. They name nobody."
    ),
    "These are also the financial records that the law makes the municipality keep for years.",
    (
        "In the register: the number, marked as erased, and the moment of the erasure, so that the number is never "
        "given out again."
    ),
)
BY_HAND: Final = (
    "Every backup and other copy of the register: who has one and its passphrase can undo this erasure.",
    "The list in which the municipality keeps which name belongs to which member number: the entry of this person.",
    "The line of this person in the attesters' own lists (the files that were attested) and in files for enrolling.",
    "Answers to earlier requests for access, and proofs of evidence, about this number.",
)


class CertificateError(ValueError):
    """This file is no certificate of erasure, or cannot be read."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class RegisterHashes(_Strict):
    """SHA-256 of the register's file, around the erasure."""

    before: str = Field(pattern=_HASH)
    after: str = Field(pattern=_HASH)


class Contents(_Strict):
    """Everything the certificate says. `erased_at` is Unix time, `owed` whether credits or redemptions were left."""

    format: str = Field(pattern=f"^{FORMAT}$")
    city: str
    chain_id: int = Field(alias="chainId")
    token: str = Field(pattern=_ADDRESS)
    number: int = Field(ge=1, lt=_UINT32, alias="member")
    erased_at: int = Field(ge=0, alias="erasedAt")
    registrar: str = Field(pattern=_ADDRESS)
    register_sha256: RegisterHashes = Field(alias="registerSha256")
    notes: int = Field(ge=0, alias="notesDestroyed")
    owed: bool = Field(alias="somethingWasOwed")
    destroyed: list[str]
    remains: list[str]
    by_hand: list[str] = Field(alias="toBeDestroyedByHand")

    @property
    def hash(self) -> bytes:
        """keccak256 of its JSON with sorted keys and no spaces, in UTF-8."""
        document = self.model_dump(mode="json", by_alias=True)
        return keccak(json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode())

    @property
    def domain(self) -> Domain:
        """Under which it is signed."""
        return Domain(DOMAIN_NAME, "1", self.chain_id, to_address(self.token))

    @property
    def message(self) -> dict[str, Any]:
        """The signed struct."""
        before, after = (bytes.fromhex(text[2:]) for text in (self.register_sha256.before, self.register_sha256.after))
        fields = {"number": self.number, "erasedAt": self.erased_at, "registrar": to_address(self.registrar)}
        return {**fields, "registerBefore": before, "registerAfter": after, "contents": self.hash}

    @property
    def digest(self) -> bytes:
        """What the registrar signs."""
        number, at, registrar, before, after, contents = self.message.values()
        return erasure_digest(self.domain, number, at, registrar, before, after, contents)


class Certificate(_Strict):
    """The contents with the registrar's signature."""

    contents: Contents
    digest: str = Field(pattern=_HASH)
    signature: str = Field(pattern=r"^0x[0-9a-f]{130}$")

    def problems(self) -> list[str]:
        """What is wrong with it, in words; whether the signer was a registrar only the chain can say."""
        actual = self.contents.digest
        if "0x" + actual.hex() != self.digest:
            return ["it was changed after it was signed"]
        try:
            signer = recover(actual, bytes.fromhex(self.signature[2:]))
        except SignatureError as error:
            return [f"its signature is broken: {error}"]
        if signer != to_address(self.contents.registrar):
            return [f"it is signed by {signer}, not by the registrar it names"]
        return []

    def as_json(self) -> dict[str, Any]:
        """The contents of its file."""
        return self.model_dump(mode="json", by_alias=True)

    def as_text(self, time_zone: Any) -> str:
        """The same for people, on the clock of the city."""
        said = self.contents
        when = datetime.fromtimestamp(said.erased_at, UTC).astimezone(time_zone)
        owed = "Something was still owed, and the registrar erased the member all the same (--forfeit)."
        lines = [
            f"CERTIFICATE OF ERASURE: {said.city}, member number {said.number}",
            "",
            f"Erased on {when.day} {when:%B %Y at %H:%M} ({time_zone}) by the registrar {said.registrar}.",
            f"City {said.city}, chain {said.chain_id}, token {said.token}.",
            owed if said.owed else "Nothing was owed to this member.",
            "",
            *_listed("Destroyed", said.destroyed),
            f"Notes of attesters that were destroyed: {said.notes}.",
            "",
            *_listed("What remains, and why", said.remains),
            "",
            *_listed("To be destroyed by hand, which this program cannot do", said.by_hand),
            "",
            f"SHA-256 of the register before: {said.register_sha256.before[2:]}",
            f"SHA-256 of the register after:  {said.register_sha256.after[2:]}",
            f"Signed (EIP-712): {self.digest}",
            f"Signature: {self.signature}",
            "Check it with: ape run verify certificate, and the file of the same name that ends in .json",
        ]
        return "\n".join(lines) + "\n"


def _listed(title: str, items: Sequence[str]) -> list[str]:
    return [f"{title}:", *(f"  - {item}" for item in items)]


def read_certificate(path: Path) -> Certificate:
    """Reads a certificate.

    Raises:
        CertificateError: it cannot be read, or is none.
    """
    try:
        return Certificate.model_validate(json.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise CertificateError(f"{path}: {error.strerror}") from error
    except ValidationError as error:
        raise CertificateError(f"{path} is not a certificate of erasure, or a damaged one") from error
    except ValueError as error:
        raise CertificateError(f"{path} is not a certificate of erasure") from error
