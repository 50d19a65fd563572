# SPDX-License-Identifier: EUPL-1.2
"""Keys and signatures on secp256k1.

A signature is 65 bytes, r | s | v with v 27 or 28 and s in the lower half (EIP-2), as the contracts want it.
"""

from collections.abc import Mapping
from typing import Any, Final, Protocol

from coincurve import PrivateKey, PublicKey
from eth_account import Account as EthAccount
from eth_keys.backends import get_backend
from eth_utils.crypto import keccak

from heitje.chain.addresses import checksummed

SIGNATURE_LENGTH: Final = 65
_HALF_ORDER: Final = 0x7FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF5D576E7357A4501DDFE92F46681B20A0


class SignatureError(ValueError):
    """These bytes are no signature of anybody."""


class Signer(Protocol):
    """A key that can sign. Implementations may keep it in a file, a vault or a hardware module, and may block."""

    @property
    def address(self) -> str:
        """Whose signatures these are, EIP-55."""

    def sign_digest(self, digest: bytes) -> bytes:
        """Signs 32 bytes; returns r | s | v."""

    def sign_transaction(self, transaction: Mapping[str, Any]) -> bytes:
        """Signs a transaction with all its fields filled in; returns the bytes to send."""


class KeySigner:
    """A key held in memory."""

    def __init__(self, key: bytes) -> None:
        """Takes the 32 bytes of a private key.

        Raises:
            RuntimeError: the fast secp256k1 library is missing, so signing would be ten times slower.
        """
        require_coincurve()
        self._key = PrivateKey(key)
        self._account = EthAccount.from_key(key)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.address})"

    @property
    def address(self) -> str:
        """Whose signatures these are, EIP-55."""
        return str(self._account.address)

    def sign_digest(self, digest: bytes) -> bytes:
        """Signs 32 bytes; returns r | s | v. The library makes s low and the nonce deterministic (RFC 6979)."""
        if len(digest) != 32:
            raise ValueError("a digest has 32 bytes")
        signature: bytes = self._key.sign_recoverable(digest, hasher=None)
        return signature[:64] + bytes([signature[64] + 27])

    def sign_transaction(self, transaction: Mapping[str, Any]) -> bytes:
        """Signs a transaction with all its fields filled in; returns the bytes to send."""
        return bytes(self._account.sign_transaction(dict(transaction)).raw_transaction)


class KeystoreSigner(KeySigner):
    """A key from a Web3 Secret Storage file (the format of `geth account new` and `ape accounts generate`)."""

    def __init__(self, keystore: dict[str, Any] | str, passphrase: str) -> None:
        """Decrypts the key.

        Args:
            keystore: the file's JSON, as text or parsed.
            passphrase: what opens it.

        Raises:
            ValueError: the passphrase does not open this file, or it is no keystore.
        """
        super().__init__(bytes(EthAccount.decrypt(keystore, passphrase)))


def recover(digest: bytes, signature: bytes) -> str:
    """Who signed these 32 bytes, EIP-55.

    Raises:
        SignatureError: not 65 bytes, v not 27 or 28, s in the upper half, or no key gives this signature.
    """
    if len(signature) != SIGNATURE_LENGTH:
        raise SignatureError(f"a signature has {SIGNATURE_LENGTH} bytes, not {len(signature)}")
    if signature[64] not in (27, 28):
        raise SignatureError(f"v must be 27 or 28, not {signature[64]}")
    if int.from_bytes(signature[32:64], "big") > _HALF_ORDER:
        raise SignatureError("s is in the upper half of the curve's order")
    try:
        key = PublicKey.from_signature_and_message(
            signature[:64] + bytes([signature[64] - 27]), digest, hasher=None
        ).format(compressed=False)
    except Exception as error:
        # coincurve raises a bare Exception when no public key exists for r and s.
        raise SignatureError("no key gives this signature") from error
    return checksummed(keccak(key[1:])[12:].hex())


def require_coincurve() -> None:
    """Checks that eth-account signs through coincurve as well.

    Raises:
        RuntimeError: it does not.
    """
    backend = type(get_backend()).__name__
    if backend != "CoinCurveECCBackend":
        raise RuntimeError(f"coincurve is not in use but {backend}: reinstall the package's requirements")
