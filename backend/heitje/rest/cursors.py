# SPDX-License-Identifier: EUPL-1.2
"""Opaque cursors: where a list goes on. They hold the key of the last row, so nothing is skipped or shown twice."""

import base64
import binascii
from collections.abc import Sequence

from heitje.problems import Code, Problem


def encode(key: Sequence[int]) -> str:
    """A cursor after the row with this key."""
    return base64.urlsafe_b64encode(".".join(map(str, key)).encode()).decode().rstrip("=")


def decode(cursor: str | None, parts: int) -> tuple[int, ...] | None:
    """The key in a cursor of this many parts; None without a cursor.

    Raises:
        Problem: It is no cursor of this list.
    """
    if cursor is None:
        return None
    try:
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode("ascii")
        key = tuple(int(part) for part in text.split("."))
    except (binascii.Error, ValueError):
        raise Problem(Code.INVALID_CURSOR) from None
    if len(key) != parts or any(not 0 <= part < 1 << 63 for part in key):
        raise Problem(Code.INVALID_CURSOR)
    return key
