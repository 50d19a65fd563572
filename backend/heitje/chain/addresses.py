# SPDX-License-Identifier: EUPL-1.2
"""Addresses, always written with their EIP-55 checksum."""

from functools import lru_cache
from typing import Final

from eth_utils.crypto import keccak

ZERO_ADDRESS: Final = "0x0000000000000000000000000000000000000000"


@lru_cache(maxsize=1 << 17)
def checksummed(hex40: str) -> str:
    """Forty hexadecimal digits without `0x`, in any case, as an EIP-55 address.

    Kept for the last 131 072 addresses, because a Keccak hash per log would be most of an index's work.
    """
    lower = hex40.lower()
    digest = keccak(lower.encode("ascii")).hex()
    return "0x" + "".join(c.upper() if h >= "8" else c for c, h in zip(lower, digest, strict=False))


def to_address(value: str | bytes) -> str:
    """Any notation of an address (hex text, 20 bytes, or a left-padded 32-byte word) as EIP-55.

    Raises:
        ValueError: it is not an address.
    """
    text = value.hex() if isinstance(value, bytes) else value.removeprefix("0x").removeprefix("0X")
    if len(text) == 64 and text.startswith("0" * 24):
        text = text[24:]
    if len(text) != 40:
        raise ValueError(f"not an address: {value!r}")
    int(text, 16)
    return checksummed(text.lower())
