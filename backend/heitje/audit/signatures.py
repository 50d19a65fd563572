# SPDX-License-Identifier: EUPL-1.2
"""Whether somebody signed something. The one place to add other kinds of signature when the contracts take them."""

from heitje.chain.signing import SignatureError, recover


def signed_by(signer: str, digest: bytes, signature: bytes) -> bool:
    """Whether this is `signer`'s secp256k1 signature (65 bytes, low s) of the digest."""
    try:
        return recover(digest, signature) == signer
    except SignatureError:
        return False
