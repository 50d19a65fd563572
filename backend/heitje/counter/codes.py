# SPDX-License-Identifier: EUPL-1.2
"""Codes that are written on a letter: four groups of four, without characters that look alike.

Sixteen of 31 characters are 79 random bits. Nobody guesses one, so the SHA-256 that is kept of it needs no salt.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from typing import Final

ALPHABET: Final = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
"""Without 0 and O, 1 and I and L."""

_LENGTH: Final = 16
_BETWEEN: Final = re.compile(r"[\s-]+")


def new_code() -> str:
    """A code, as it is shown: `ABCD-EFGH-JKMN-PQRS`."""
    letters = "".join(secrets.choice(ALPHABET) for _ in range(_LENGTH))
    return "-".join(letters[i : i + 4] for i in range(0, _LENGTH, 4))


def code_hash(code: str) -> bytes:
    """SHA-256 of the sixteen characters, in capitals, however somebody has typed and parted them."""
    return hashlib.sha256(_BETWEEN.sub("", code).upper().encode()).digest()
