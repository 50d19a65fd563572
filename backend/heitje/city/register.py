# SPDX-License-Identifier: EUPL-1.2
"""The registrar's register of members: number, class, address, a personal secret and what attesters noted.

The chain never sees a name, and it never sees the secret. What an attester knows of somebody's part in an activity goes
on the chain only as a commitment, `keccak256(salt | evidence)`, whose salt is made from the personal secret. The words
themselves are kept here, so that a commitment can be opened before an auditor or a court. Whoever destroys the secret
destroys every salt of that person, and with them the last way to tell what was committed to: that is how a member is
erased, while the books stay whole. A number that was erased stays here, with nothing but the moment of its erasure, so
that it is never given out again.

The file is JSON: how the key was made from the passphrase (scrypt), a nonce, and the members, encrypted with
AES-256-GCM, with everything in front of them authenticated too. It is written whole, beside the old one, and then put
in its place, readable by its owner only. Who would write over what somebody else has written meanwhile is refused.
"""

import base64
import fcntl
import hashlib
import hmac
import json
import os
import secrets
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from eth_utils.crypto import keccak

SECRET_BYTES: Final = 32
_FORMAT: Final = "heitje register 2"
_READABLE: Final = ("heitje register 1", _FORMAT)
"""The first had neither notes nor the moment of an erasure."""
_SCRYPT: Final = {"n": 2**17, "r": 8, "p": 1}
"""OWASP Password Storage Cheat Sheet: scrypt with N = 2^17, r = 8, p = 1. Takes about half a second and 128 MiB."""
_KEY_BYTES: Final = 32
_NONCE_BYTES: Final = 12


class RegisterError(ValueError):
    """The register cannot be opened or written; nothing was changed."""


@dataclass(frozen=True, slots=True)
class Member:
    """One person or shop.

    Of a member who was erased nothing is left but the number and `erased_at` (Unix time; 0 where nobody noted it).
    `notes` is what attesters wrote down, by activity; several where an activity was attested with other words again.
    """

    number: int
    member_class: str
    address: str
    secret: bytes
    notes: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    erased_at: int = 0

    @property
    def is_erased(self) -> bool:
        """Whether this is no member any more, but the mark that the number has been used."""
        return not self.secret

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
        self._seen = b""

    def __repr__(self) -> str:
        return f"Register({str(self._path)!r}, {len(self)} members)"

    def __len__(self) -> int:
        return len(self._members)

    def __iter__(self) -> Iterator[Member]:
        return iter(self._members.values())

    def __contains__(self, number: object) -> bool:
        return number in self._members

    @property
    def sha256(self) -> bytes:
        """The hash of the file as it was read or written last; empty while there is none."""
        return self._seen

    def get(self, number: int) -> Member | None:
        """A member by number; one that was erased is still found, see `Member.is_erased`."""
        return self._members.get(number)

    def by_address(self, address: str) -> Member | None:
        """A member by address, in any case."""
        number = self._by_address.get(address.lower())
        return None if number is None else self._members[number]

    def add(self, number: int, member_class: str, address: str) -> Member:
        """A new member, with a new secret. Not on disk before `save`.

        Raises:
            RegisterError: the number or the address is somebody else's, or the number was erased.
        """
        if number in self._members or address.lower() in self._by_address:
            raise RegisterError(f"member {number} or address {address} is in the register already")
        return self._put(Member(number, member_class, address, new_secret()))

    def move(self, number: int, address: str) -> Member:
        """A member whose wallet was replaced. Secret and notes stay. Not on disk before `save`.

        Raises:
            RegisterError: there is no such member, they were erased, or the address is somebody else's.
        """
        member = self._members.get(number)
        if member is None or member.is_erased:
            raise RegisterError(f"member {number} {'was erased' if member else 'is not in the register'}")
        if self._by_address.get(address.lower(), number) != number:
            raise RegisterError(f"address {address} is in the register as member {self._by_address[address.lower()]}")
        del self._by_address[member.address.lower()]
        return self._put(replace(member, address=address))

    def note(self, number: int, activity: int, evidence: str) -> bool:
        """Keeps what an attester wrote down, so that the commitment can be opened; whether that was new.

        Empty words are not kept. Not on disk before `save`.

        Raises:
            KeyError: there is no such member.
            RegisterError: this member was erased.
        """
        member = self._members[number]
        if member.is_erased:
            raise RegisterError(f"member {number} was erased: nothing is kept about this number any more")
        known = member.notes.get(activity, ())
        if not evidence or evidence in known:
            return False
        self._put(replace(member, notes={**member.notes, activity: (*known, evidence)}))
        return True

    def erase(self, number: int, at: int) -> None:
        """Destroys what is known of a member; a mark without personal data stays, so that nobody gets the number again.

        Nobody can tell any more what was committed to on the chain for this number. Copies of the register, backups
        too, must go as well. Not on disk before `save`.

        Args:
            number: the member's.
            at: now, Unix time.

        Raises:
            KeyError: there is no such member.
        """
        self._by_address.pop(self._members[number].address.lower(), None)
        self._members[number] = Member(number, "", "", b"", {}, at)

    def _put(self, member: Member) -> Member:
        self._members[member.number] = member
        if not member.is_erased:
            self._by_address[member.address.lower()] = member.number
        return member

    def sealed(self) -> str:
        """The contents of the file, encrypted anew; `save` writes them."""
        head = {"format": _FORMAT, "kdf": {"name": "scrypt", **_SCRYPT, "salt": _text(self._salt)}}
        nonce = secrets.token_bytes(_NONCE_BYTES)
        members = json.dumps([_as_item(member) for member in self]).encode()
        sealed = AESGCM(self._key).encrypt(nonce, members, _head_bytes(head))
        return json.dumps({**head, "nonce": _text(nonce), "members": _text(sealed)}) + "\n"

    def save(self, sealed: str | None = None) -> None:
        """Writes the register, whole or not at all; readable by its owner only.

        Args:
            sealed: what `sealed` gave, where its hash had to be known before.

        Raises:
            RegisterError: somebody else wrote it since it was read; nothing was changed.
            OSError: it could not be written. The old file is still there.
        """
        text = sealed or self.sealed()
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with _only_one(self._path.parent) as folder:
            if _hash_of(self._path) != self._seen:
                raise RegisterError(
                    f"{self._path} was changed by somebody else since it was read; run the same command again"
                )
            _write_private(self._path, text)
            os.fsync(folder)
        self._seen = hashlib.sha256(text.encode()).digest()

    def refresh(self) -> None:
        """Reads the file again, with the same key; what was not saved is forgotten. See `open`.

        Raises:
            RegisterError: as `open`; also where another register has taken its place.
        """
        document = _Sealed.read(self._path)
        if document.salt != self._salt:
            raise RegisterError(f"{self._path} was replaced by another register since it was read")
        self._members, self._by_address = {}, {}
        self._fill(document)

    @classmethod
    def open(cls, path: Path, passphrase: str) -> "Register":
        """Reads a register.

        Raises:
            RegisterError: there is none, the passphrase is wrong, or the file was changed or damaged.
        """
        document = _Sealed.read(path)
        register = cls(path, passphrase, salt=document.salt)
        register._fill(document)
        return register

    def _fill(self, document: "_Sealed") -> None:
        head = _head_bytes(document.head)
        try:
            members = json.loads(AESGCM(self._key).decrypt(document.nonce, document.members, head))
        except InvalidTag as error:
            raise RegisterError(f"{self._path}: wrong passphrase, or the file was damaged") from error
        for item in members:
            self._put(_from_item(item))
        self._seen = document.sha256

    @classmethod
    def open_or_new(cls, path: Path, passphrase: str) -> "Register":
        """Reads the register, or begins one if there is no file yet. See `open`."""
        return cls.open(path, passphrase) if path.exists() else cls(path, passphrase)


@dataclass(frozen=True)
class _Sealed:
    """A register's file, still shut."""

    head: dict[str, Any]
    salt: bytes
    nonce: bytes
    members: bytes
    sha256: bytes

    @classmethod
    def read(cls, path: Path) -> "_Sealed":
        """Reads the file; see `Register.open`."""
        try:
            raw = path.read_bytes()
            document = json.loads(raw)
            head = {"format": document["format"], "kdf": document["kdf"]}
            texts = (document["kdf"]["salt"], document["nonce"], document["members"])
            salt, nonce, members = map(base64.b64decode, texts)
        except FileNotFoundError as error:
            raise RegisterError(f"there is no register at {path}") from error
        except (ValueError, KeyError, TypeError) as error:
            raise RegisterError(f"{path} is not a register of members") from error
        if head["format"] not in _READABLE or {**head["kdf"], "salt": ""} != {"name": "scrypt", **_SCRYPT, "salt": ""}:
            raise RegisterError(f"{path} was written by another version of this program")
        return cls(head, salt, nonce, members, hashlib.sha256(raw).digest())


def _as_item(member: Member) -> dict[str, Any]:
    """A member as the file has it, before it is encrypted."""
    if member.is_erased:
        return {"number": member.number, "erasedAt": member.erased_at}
    notes = {str(activity): list(words) for activity, words in member.notes.items()}
    item = {"number": member.number, "class": member.member_class, "address": member.address}
    return {**item, "secret": _text(member.secret), "notes": notes}


def _from_item(item: Mapping[str, Any]) -> Member:
    if "erasedAt" in item:
        return Member(item["number"], "", "", b"", {}, item["erasedAt"])
    notes = {int(activity): tuple(words) for activity, words in item.get("notes", {}).items()}
    secret = base64.b64decode(item["secret"])
    if not secret:
        return Member(item["number"], "", "", b"")
    return Member(item["number"], item["class"], item["address"], secret, notes)


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode("ascii")


def _head_bytes(head: dict[str, Any]) -> bytes:
    return json.dumps(head, sort_keys=True, separators=(",", ":")).encode()


def _hash_of(path: Path) -> bytes:
    """SHA-256 of a file; empty while there is none."""
    return hashlib.sha256(path.read_bytes()).digest() if path.exists() else b""


@contextmanager
def _only_one(folder: Path) -> Iterator[int]:
    """Keeps other writers of a folder waiting; gives the open folder."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield descriptor
    finally:
        os.close(descriptor)


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
