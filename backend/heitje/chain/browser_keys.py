# SPDX-License-Identifier: EUPL-1.2
"""A browser's P-256 keys: what contracts/libraries/Signatures.sol takes, checked without a node.

A signature carries its key, and the address follows from the key under a tag for its kind:

- A device key (WebCrypto) signs the 32 bytes of the digest as a message: x | y | r | s, 128 bytes. WebCrypto always
  hashes what it is given to sign, so what is verified is SHA-256 of the digest.
- A passkey (WebAuthn level 2) asserts the digest as its challenge: x | y | r | s, two bytes with the length of the
  authenticator data, the authenticator data, the client data. The relying party is part of the address.

Numbers are 32 bytes, big-endian. Low s only: browsers do not care, so whoever has them sign makes s low afterwards.
"""

from base64 import urlsafe_b64encode
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, EllipticCurvePublicNumbers
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed, encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from eth_utils.crypto import keccak

from heitje.chain.addresses import checksummed
from heitje.chain.signing import SIGNATURE_LENGTH, SignatureError, recover

DEVICE_KEY_LENGTH: Final = 128
"""Bytes of a device key's signature; a passkey's is longer, any other is no browser's."""

ORDER: Final = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
"""Of the group of P-256 (NIST SP 800-186, 3.2.1.3)."""

_FIELD: Final = 0xFFFFFFFF00000001000000000000000000000000FFFFFFFFFFFFFFFFFFFFFFFF
_DEVICE_TAG: Final = keccak(b"Heitje device key, P-256")
_PASSKEY_TAG: Final = keccak(b"Heitje passkey, WebAuthn P-256")

_HEAD: Final = DEVICE_KEY_LENGTH + 2
_AUTHENTICATOR_DATA: Final = 37
"""Fewest bytes: the relying party's hash, the flags, the counter (WebAuthn level 2, 6.1)."""
_FLAGS_AT: Final = 32
_PRESENT, _VERIFIED, _MAY_BE_BACKED_UP, _BACKED_UP = 0x01, 0x04, 0x08, 0x10

_TYPE: Final = b'"type":"webauthn.get"'
_TYPE_AT: Final = 1
_CHALLENGE_AT: Final = 23
"""Browsers write type and challenge first, in this order and without spaces (WebAuthn level 2, 5.8.1.1)."""


@dataclass(frozen=True, slots=True)
class BrowserSignature:
    """A device key's or a passkey's signature, taken apart. What it is worth, `verify` says.

    Attributes:
        x: Of the public key, as y.
        r: Of the signature, as s.
        authenticator_data: Of a passkey's assertion; empty for a device key.
        client_data: The same, JSON.
    """

    x: bytes
    y: bytes
    r: bytes
    s: bytes
    authenticator_data: bytes = b""
    client_data: bytes = b""

    @classmethod
    def parse(cls, signature: bytes) -> "BrowserSignature":
        """Takes a signature apart.

        Raises:
            SignatureError: its lengths do not fit together.
        """
        if len(signature) < DEVICE_KEY_LENGTH:
            raise SignatureError(f"{_LENGTHS}, not {len(signature)}")
        x, y, r, s = (signature[at : at + 32] for at in range(0, DEVICE_KEY_LENGTH, 32))
        if len(signature) == DEVICE_KEY_LENGTH:
            return cls(x, y, r, s)
        end = _HEAD + int.from_bytes(signature[DEVICE_KEY_LENGTH:_HEAD], "big")
        if not _HEAD + _AUTHENTICATOR_DATA <= end <= len(signature):
            raise SignatureError("the length of a passkey's authenticator data does not fit the signature's")
        return cls(x, y, r, s, signature[_HEAD:end], signature[end:])

    @property
    def is_passkey(self) -> bool:
        """Or else a device key."""
        return bool(self.authenticator_data)

    @property
    def address(self) -> str:
        """Whose signature it is if it is good, EIP-55."""
        if self.is_passkey:
            return passkey_address(self.authenticator_data[:_FLAGS_AT], self.x, self.y)
        return device_key_address(self.x, self.y)

    def verify(self, digest: bytes) -> None:
        """Checks that the key signed a digest.

        Raises:
            SignatureError: it did not, and what is wrong.
        """
        message = self._assertion(digest) if self.is_passkey else digest
        _verify(sha256(message).digest(), self)

    def to_bytes(self) -> bytes:
        """As the contracts take it."""
        key = self.x + self.y + self.r + self.s
        if not self.is_passkey:
            return key
        return key + len(self.authenticator_data).to_bytes(2, "big") + self.authenticator_data + self.client_data

    def _assertion(self, digest: bytes) -> bytes:
        """What a passkey signs, once it is an assertion of this digest (WebAuthn level 2, 7.2)."""
        if not self._stands_at(_TYPE_AT, _TYPE):
            raise SignatureError("the client data is not of an assertion, or begins otherwise than browsers write it")
        if not self._stands_at(_CHALLENGE_AT, b'"challenge":"' + challenge(digest) + b'"'):
            raise SignatureError("the passkey was given another challenge than the digest")
        flags = self.authenticator_data[_FLAGS_AT]
        if not (flags & _PRESENT and flags & _VERIFIED):
            raise SignatureError("the passkey did not make sure who held it: user verification must be required")
        if flags & _BACKED_UP and not flags & _MAY_BE_BACKED_UP:
            raise SignatureError("the passkey says that it is backed up and that it cannot be")
        return self.authenticator_data + sha256(self.client_data).digest()

    def _stands_at(self, index: int, text: bytes) -> bool:
        return self.client_data[index : index + len(text)] == text


def device_key_address(x: bytes, y: bytes) -> str:
    """The address of a browser's device key."""
    return checksummed(keccak(_DEVICE_TAG + x + y)[12:].hex())


def passkey_address(rp_id_hash: bytes, x: bytes, y: bytes) -> str:
    """The address of a passkey. `rp_id_hash` is SHA-256 of the relying party's id, such as its domain."""
    return checksummed(keccak(_PASSKEY_TAG + rp_id_hash + x + y)[12:].hex())


def challenge(digest: bytes) -> bytes:
    """A digest as client data write it: base64url without padding (WebAuthn level 2, 5.8.1)."""
    return urlsafe_b64encode(digest).rstrip(b"=")


def signer_of(digest: bytes, signature: bytes) -> str:
    """Whose key of any kind signed a digest, EIP-55. The length says which kind it is.

    Raises:
        SignatureError: nobody's, and why.
    """
    if len(signature) == SIGNATURE_LENGTH:
        return recover(digest, signature)
    found = BrowserSignature.parse(signature)
    found.verify(digest)
    return found.address


def _verify(hashed: bytes, signed: BrowserSignature) -> None:
    x, y, r, s = (int.from_bytes(word, "big") for word in (signed.x, signed.y, signed.r, signed.s))
    if not (0 < r < ORDER and 0 < s < ORDER):
        raise SignatureError("r or s is not within the curve's order")
    if s > ORDER // 2:
        raise SignatureError("s is in the upper half of the curve's order")
    try:
        # Each coordinate has one notation: the contracts take no number beyond the field.
        key = EllipticCurvePublicNumbers(x, y, SECP256R1()).public_key() if max(x, y) < _FIELD else None
    except ValueError:
        key = None
    if key is None:
        raise SignatureError("x and y are no point of the curve P-256")
    try:
        key.verify(encode_dss_signature(r, s), hashed, ECDSA(Prehashed(SHA256())))
    except InvalidSignature:
        raise SignatureError("the key did not sign this") from None


_LENGTHS: Final = (
    f"a signature has {SIGNATURE_LENGTH} bytes, a device key's {DEVICE_KEY_LENGTH}, a passkey's at least "
    f"{_HEAD + _AUTHENTICATOR_DATA}"
)
