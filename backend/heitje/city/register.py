# SPDX-License-Identifier: EUPL-1.2
"""The registrar's register of members: number, class, address and a personal secret, encrypted in one file.

The chain never sees a name, and it never sees the secret. What an attester knows of somebody's part in an activity goes
on the chain only as a commitment, `keccak256(salt | evidence)`, whose salt is made from the personal secret. Whoever
destroys the secret destroys every salt of that person, and with them the last way to tell what was committed to: that
is how a member is erased, while the books stay whole.

The file is JSON: how the key was made from the passphrase (scrypt), a nonce, and the members, encrypted with
AES-256-GCM, with everything in front of them authenticated too. It is written whole, beside the old one, and then put
in its place, readable by its owner only.
"""

import base64
import hashlib
import hmac
import json
import os
import secrets
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from eth_utils.crypto import keccak

SECRET_BYTES: Final = 32
_FORMAT: Final = "heitje register 1"
_SCRYPT: Final = {"n": 2**17, "r": 8, "p": 1}
"""OWASP Password Storage Cheat Sheet: scrypt with N = 2^17, r = 8, p = 1. Takes about half a second and 128 MiB."""
_KEY_BYTES: Final = 32
_NONCE_BYTES: Final = 12


class RegisterError(ValueError):
    """The register cannot be opened or written; nothing was changed."""


@dataclass(frozen=True, slots=True)
class Member:
    """One person or shop. `secret` is empty once the member has been erased."""

    number: int
    member_class: str
    address: str
    secret: bytes

    def __repr__(self) -> str:
        return f"Member(number={self.number}, member_class={self.member_class!r}, address={self.address!r})"


def new_secret() -> bytes:
    """A personal secret, of 32 random bytes."""
    return secrets.token_bytes(SECRET_BYTES)


def evidence_salt(secret: bytes, activity: int) -> bytes:
    """The salt of one person's evidence in one activity: HMAC-SHA256(personal secret, activity as 32 bytes)."""
    return hmac.new(secret, activity.to_bytes(32, "big"), hashlib.sha256).digest()


def evidence_commitment(secret: bytes, activity: int, evidence: bytes) -> bytes:
    """What goes on the chain for a line of a report: `keccak256(salt | evidence)`, see `evidence_salt`.

    Args:
        secret: the person's secret of 32 bytes.
        activity: the activity's number.
        evidence: what the attester wrote down, in UTF-8; empty where nothing was.

    Raises:
        RegisterError: this member was erased.
    """
    if len(secret) != SECRET_BYTES:
        raise RegisterError("this member was erased: nothing can be attested in this number any more")
    return keccak(evidence_salt(secret, activity) + evidence)


class Register:
    """The members, by number and by address, and the file they are kept in."""

    def __init__(self, path: Path, passphrase: str, *, salt: bytes | None = None) -> None:
        if not passphrase:
            raise RegisterError("the register needs a passphrase")
        self._path = path
        self._salt = salt or secrets.token_bytes(16)
        self._key = hashlib.scrypt(passphrase.encode(), salt=self._salt, **_SCRYPT, dklen=_KEY_BYTES, maxmem=2**28)
        self._members: dict[int, Member] = {}
        self._by_address: dict[str, int] = {}

    def __repr__(self) -> str:
        return f"Register({str(self._path)!r}, {len(self)} members)"

    def __len__(self) -> int:
        return len(self._members)

    def __iter__(self) -> Iterator[Member]:
        return iter(self._members.values())

    def __contains__(self, number: object) -> bool:
        return number in self._members

    def get(self, number: int) -> Member | None:
        """A member by number."""
        return self._members.get(number)

    def by_address(self, address: str) -> Member | None:
        """A member by address, in any case."""
        number = self._by_address.get(address.lower())
        return None if number is None else self._members[number]

    def add(self, number: int, member_class: str, address: str) -> Member:
        """A new member, with a new secret. Not on disk before `save`.

        Raises:
            RegisterError: the number or the address is somebody else's.
        """
        if number in self._members or address.lower() in self._by_address:
            raise RegisterError(f"member {number} or address {address} is in the register already")
        return self._put(Member(number, member_class, address, new_secret()))

    def erase(self, number: int) -> None:
        """Destroys a member's secret: nobody can tell any more what was committed to on the chain for this number.

        Copies of the register, backups too, must go as well. Not on disk before `save`.

        Raises:
            KeyError: there is no such member.
        """
        member = self._members[number]
        self._put(Member(member.number, member.member_class, member.address, b""))

    def _put(self, member: Member) -> Member:
        self._members[member.number] = member
        self._by_address[member.address.lower()] = member.number
        return member

    def save(self) -> None:
        """Writes the register, whole or not at all; readable by its owner only.

        Raises:
            OSError: it could not be written. The old file is still there.
        """
        head = {"format": _FORMAT, "kdf": {"name": "scrypt", **_SCRYPT, "salt": _text(self._salt)}}
        members = [
            {"number": m.number, "class": m.member_class, "address": m.address, "secret": _text(m.secret)} for m in self
        ]
        nonce = secrets.token_bytes(_NONCE_BYTES)
        sealed = AESGCM(self._key).encrypt(nonce, json.dumps(members).encode(), _head_bytes(head))
        _write_private(self._path, json.dumps({**head, "nonce": _text(nonce), "members": _text(sealed)}) + "\n")

    @classmethod
    def open(cls, path: Path, passphrase: str) -> "Register":
        """Reads a register.

        Raises:
            RegisterError: there is none, the passphrase is wrong, or the file was changed or damaged.
        """
        try:
            document = json.loads(path.read_text(encoding="utf-8"))
            head = {"format": document["format"], "kdf": document["kdf"]}
            salt, nonce, sealed = (
                base64.b64decode(v)
                for v in (
                    document["kdf"]["salt"],
                    document["nonce"],
                    document["members"],
                )
            )
        except FileNotFoundError as error:
            raise RegisterError(f"there is no register at {path}") from error
        except (ValueError, KeyError, TypeError) as error:
            raise RegisterError(f"{path} is not a register of members") from error
        if head["format"] != _FORMAT or {**head["kdf"], "salt": ""} != {"name": "scrypt", **_SCRYPT, "salt": ""}:
            raise RegisterError(f"{path} was written by another version of this program")
        register = cls(path, passphrase, salt=salt)
        try:
            members: list[dict[str, Any]] = json.loads(AESGCM(register._key).decrypt(nonce, sealed, _head_bytes(head)))
        except InvalidTag as error:
            raise RegisterError(f"{path}: wrong passphrase, or the file was damaged") from error
        for item in members:
            register._put(Member(item["number"], item["class"], item["address"], base64.b64decode(item["secret"])))
        return register

    @classmethod
    def open_or_new(cls, path: Path, passphrase: str) -> "Register":
        """Reads the register, or begins one if there is no file yet. See `open`."""
        return cls.open(path, passphrase) if path.exists() else cls(path, passphrase)


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode("ascii")


def _head_bytes(head: dict[str, Any]) -> bytes:
    return json.dumps(head, sort_keys=True, separators=(",", ":")).encode()


def _write_private(path: Path, text: str) -> None:
    """Puts a file in place, whole or not at all, with mode 600."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
