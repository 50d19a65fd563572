# SPDX-License-Identifier: EUPL-1.2
"""What people write in a cell: addresses, amounts in euros, months, dates, yes and no."""

import re
from datetime import date, datetime, time
from typing import Final

from eth_utils.address import is_checksum_address, to_checksum_address

_YES: Final = {"yes": True, "ja": True, "y": True, "j": True, "true": True, "1": True}
_NO: Final = {"no": False, "nee": False, "n": False, "false": False, "0": False}


class FieldError(ValueError):
    """This cell cannot be understood; the message says why."""


def parse_address(text: str) -> str:
    """An address, as EIP-55.

    Raises:
        FieldError: no address, a wrong checksum, or the zero address.
    """
    if not re.fullmatch(r"0[xX][0-9a-fA-F]{40}", text):
        raise FieldError(f"{text!r} is not an address: it must be 0x and 40 digits")
    digits = text[2:]
    if digits not in (digits.lower(), digits.upper()) and not is_checksum_address("0x" + digits):
        raise FieldError(f"address {text} has a wrong checksum (its capitals, EIP-55): a typing error")
    if not int(digits, 16):
        raise FieldError("the zero address belongs to nobody")
    return str(to_checksum_address("0x" + digits))


def parse_euros(text: str) -> int:
    """An amount such as `5.60`, `5,60` or `12`, in cents.

    Raises:
        FieldError: not an amount.
    """
    match = re.fullmatch(r"(\d{1,12})(?:[.,](\d{2}))?", text.removeprefix("€").strip())
    if not match:
        raise FieldError(f"{text!r} is not an amount in euros such as 5.60")
    return 100 * int(match[1]) + int(match[2] or 0)


def parse_month(text: str) -> int:
    """A month such as `2026-03`, as `12 * year + (month - 1)`.

    Raises:
        FieldError: not a month.
    """
    match = re.fullmatch(r"(\d{4})-(0[1-9]|1[0-2])", text)
    if not match:
        raise FieldError(f"{text!r} is not a month such as 2026-03")
    return 12 * int(match[1]) + int(match[2]) - 1


def parse_date(text: str) -> date:
    """A day such as `2026-03-14` or `14-3-2026`.

    Raises:
        FieldError: not a day.
    """
    for form in ("%Y-%m-%d", "%d-%m-%Y"):
        try:
            return datetime.strptime(text, form).date()  # noqa: DTZ007 -- a day has no time zone
        except ValueError:
            continue
    raise FieldError(f"{text!r} is not a day such as 2026-03-14")


def parse_time(text: str) -> time:
    """A time such as `16:30`.

    Raises:
        FieldError: not a time.
    """
    match = re.fullmatch(r"([01]?\d|2[0-3])[:.]([0-5]\d)", text)
    if not match:
        raise FieldError(f"{text!r} is not a time such as 16:30")
    return time(int(match[1]), int(match[2]))


def parse_yes(text: str) -> bool:
    """Yes or no, in English or Dutch.

    Raises:
        FieldError: neither.
    """
    known = {**_YES, **_NO}.get(text.lower())
    if known is None:
        raise FieldError(f"{text!r} is neither yes nor no")
    return known


def parse_whole(text: str, least: int, most: int) -> int:
    """A whole number within bounds.

    Raises:
        FieldError: no number, or out of bounds.
    """
    if not re.fullmatch(r"\d{1,20}", text) or not text.isascii() or not least <= int(text) <= most:
        raise FieldError(f"{text!r} is not a whole number from {least} to {most}")
    return int(text)
