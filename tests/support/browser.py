# SPDX-License-Identifier: EUPL-1.2
"""A browser's keys in a test: what WebCrypto and a passkey would sign. They sign like any key of a test.

city.wallets["member 7"] = DeviceKey("phone of 7")
city.wallets["issuer"] = Passkey("security key of the office")
"""

import json
import subprocess
from base64 import urlsafe_b64decode
from hashlib import sha256
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, derive_private_key
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed, decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from eth_utils.crypto import keccak

from heitje.chain.browser_keys import ORDER, BrowserSignature, challenge, device_key_address, passkey_address

USER_PRESENT, USER_VERIFIED, BACKUP_ELIGIBLE, BACKED_UP = 0x01, 0x04, 0x08, 0x10

_NODE: Final = """
const {subtle} = require("node:crypto").webcrypto;
const ecdsa = {name: "ECDSA", namedCurve: "P-256", hash: "SHA-256"};
const [key, message] = process.argv.slice(1);
(async () => {
  if (!key) {
    const pair = await subtle.generateKey(ecdsa, true, ["sign", "verify"]);
    return JSON.stringify(await subtle.exportKey("jwk", pair.privateKey));
  }
  const signer = await subtle.importKey("jwk", JSON.parse(key), ecdsa, false, ["sign"]);
  return Buffer.from(await subtle.sign(ecdsa, signer, Buffer.from(message, "hex"))).toString("hex");
})().then(console.log);
"""


class _Key:
    def __init__(self, name: str) -> None:
        seed = int.from_bytes(keccak(f"heitje test P-256 key, worth nothing: {name}".encode()), "big")
        self._key = derive_private_key(1 + seed % (ORDER - 1), SECP256R1())
        point = self._key.public_key().public_numbers()
        self.x, self.y = point.x.to_bytes(32, "big"), point.y.to_bytes(32, "big")

    def _sign(self, message: bytes) -> tuple[bytes, bytes]:
        """Signs SHA-256 of a message, as browsers do; then makes s low."""
        return low(*decode_dss_signature(self._key.sign(message, ECDSA(SHA256()))))


class DeviceKey(_Key):
    """A key of WebCrypto that never leaves its browser."""

    @property
    def address(self) -> str:
        """Follows from the key."""
        return device_key_address(self.x, self.y)

    def sign_digest(self, digest: bytes) -> bytes:
        """As the contracts take it."""
        return BrowserSignature(self.x, self.y, *self._sign(digest)).to_bytes()

    def sign_without_hashing(self, digest: bytes) -> bytes:
        """What no browser does."""
        raw = self._key.sign(digest, ECDSA(Prehashed(SHA256())))
        return BrowserSignature(self.x, self.y, *low(*decode_dss_signature(raw))).to_bytes()


class Passkey(_Key):
    """A passkey of one relying party.

    Args:
        name: whose.
        rp_id: the relying party's domain.
        flags: what the authenticator says of its user.
        more: further members of the client data, as browsers append them.
    """

    def __init__(
        self,
        name: str,
        *,
        rp_id: str = "heitje.example",
        flags: int = USER_PRESENT | USER_VERIFIED,
        more: str = ',"crossOrigin":false',
    ) -> None:
        super().__init__(name)
        self._name, self._rp_id, self._more = name, rp_id, more
        self.rp_id_hash = sha256(rp_id.encode()).digest()
        self.authenticator_data = self.rp_id_hash + bytes([flags]) + (9).to_bytes(4, "big")

    @property
    def address(self) -> str:
        """Follows from the key and the relying party."""
        return passkey_address(self.rp_id_hash, self.x, self.y)

    def without_verification(self) -> "Passkey":
        """The same passkey, which only saw that somebody touched it."""
        return Passkey(self._name, rp_id=self._rp_id, flags=USER_PRESENT, more=self._more)

    def client_data(self, digest: bytes) -> bytes:
        """What a browser has the passkey sign (WebAuthn level 2, 5.8.1.1)."""
        given = challenge(digest).decode()
        origin = f"https://{self._rp_id}"
        return f'{{"type":"webauthn.get","challenge":"{given}","origin":"{origin}"{self._more}}}'.encode()

    def sign_digest(self, digest: bytes) -> bytes:
        """As the contracts take it."""
        return self.assert_client_data(self.client_data(digest))

    def assert_client_data(self, client_data: bytes) -> bytes:
        """Signs whatever client data it is given."""
        signed = self._sign(self.authenticator_data + sha256(client_data).digest())
        return BrowserSignature(self.x, self.y, *signed, self.authenticator_data, client_data).to_bytes()


class WebCryptoKey:
    """A device key that WebCrypto itself makes and signs with: Node brings the same API as browsers."""

    def __init__(self) -> None:
        self._key = self._node()
        words = json.loads(self._key)
        self.x, self.y = (urlsafe_b64decode(words[name] + "=") for name in ("x", "y"))

    @property
    def address(self) -> str:
        """Follows from the key."""
        return device_key_address(self.x, self.y)

    def sign_digest(self, digest: bytes) -> bytes:
        """As the contracts take it: the digest is the message, and of the two s the low one is taken."""
        raw = bytes.fromhex(self._node(self._key, digest.hex()))
        r, s = (int.from_bytes(half, "big") for half in (raw[:32], raw[32:]))
        return BrowserSignature(self.x, self.y, *low(r, s)).to_bytes()

    @staticmethod
    def _node(*arguments: str) -> str:
        command = ("node", "-e", _NODE, *arguments)
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def low(r: int, s: int) -> tuple[bytes, bytes]:
    """A signature with the s of the two that contracts take."""
    return r.to_bytes(32, "big"), min(s, ORDER - s).to_bytes(32, "big")


def twin(signature: bytes) -> bytes:
    """The same with the s that they do not take."""
    high = ORDER - int.from_bytes(signature[96:128], "big")
    return signature[:96] + high.to_bytes(32, "big") + signature[128:]
