# SPDX-License-Identifier: EUPL-1.2
"""A browser's keys in a test: what WebCrypto and a passkey would sign. They sign like any key of a test.

city.wallets["member 7"] = DeviceKey("phone of 7")
city.wallets["issuer"] = Passkey("security key of the office")
"""

import json
import subprocess
from hashlib import sha256
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, derive_private_key
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from eth_utils.crypto import keccak

from heitje.chain.browser_keys import ORDER, BrowserSignature, challenge, device_key_address, passkey_address

USER_PRESENT, USER_VERIFIED, BACKUP_ELIGIBLE, BACKED_UP = 0x01, 0x04, 0x08, 0x10

_NODE: Final = """
const {subtle} = require("node:crypto").webcrypto;
(async () => {
  const named = {name: "ECDSA", namedCurve: "P-256"};
  const pair = await subtle.generateKey(named, false, ["sign", "verify"]);
  const point = await subtle.exportKey("raw", pair.publicKey);
  const digest = Buffer.from(process.argv[1], "hex");
  const signature = await subtle.sign({name: "ECDSA", hash: "SHA-256"}, pair.privateKey, digest);
  const hex = (bytes) => Buffer.from(bytes).toString("hex");
  console.log(JSON.stringify({point: hex(point), signature: hex(signature)}));
})();
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
        self._rp_id, self._more = rp_id, more
        self.rp_id_hash = sha256(rp_id.encode()).digest()
        self.authenticator_data = self.rp_id_hash + bytes([flags]) + (9).to_bytes(4, "big")

    @property
    def address(self) -> str:
        """Follows from the key and the relying party."""
        return passkey_address(self.rp_id_hash, self.x, self.y)

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
    """What WebCrypto itself signs, once, with a key it makes for that: Node brings the same API as browsers."""

    def __init__(self, digest: bytes) -> None:
        output = subprocess.run(["node", "-e", _NODE, digest.hex()], capture_output=True, text=True, check=True)
        told = {name: bytes.fromhex(value) for name, value in json.loads(output.stdout).items()}
        x, y, r, s = told["point"][1:33], told["point"][33:], told["signature"][:32], told["signature"][32:]
        self.address = device_key_address(x, y)
        self.signature = BrowserSignature(x, y, *low(int.from_bytes(r, "big"), int.from_bytes(s, "big"))).to_bytes()


def low(r: int, s: int) -> tuple[bytes, bytes]:
    """A signature with the s of the two that contracts take."""
    return r.to_bytes(32, "big"), min(s, ORDER - s).to_bytes(32, "big")


def twin(signature: bytes) -> bytes:
    """The same with the s that they do not take."""
    high = ORDER - int.from_bytes(signature[96:128], "big")
    return signature[:96] + high.to_bytes(32, "big") + signature[128:]
