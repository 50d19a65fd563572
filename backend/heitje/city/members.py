# SPDX-License-Identifier: EUPL-1.2
"""Member numbers: one per person or shop, for life, with a check digit, so that a slip of the pen is noticed.

A member number is the number the token knows (an unsigned integer of 32 bits). Its last digit is the check digit of
ISO/IEC 7064, MOD 11,10: the hybrid system that finds every wrong digit and nearly all swaps of two neighbours.
"""

import secrets
from collections.abc import Container
from typing import Final

LARGEST: Final = 2**32 - 1
"""The token stores a number in 32 bits."""

_ALLOTTED_DIGITS: Final = 7
_MODULUS: Final = 10


class MemberNumberError(ValueError):
    """This is no member number; the message says why, for whoever typed it."""


def check_digit(digits: str) -> int:
    """The check digit that belongs behind these digits (ISO/IEC 7064:2003, MOD 11,10).

    Raises:
        ValueError: there is something else than the digits 0 to 9.
    """
    if not digits.isascii() or not digits.isdigit():
        raise ValueError(f"not digits: {digits!r}")
    product = _MODULUS
    for digit in digits:
        total = (int(digit) + product) % _MODULUS or _MODULUS
        product = 2 * total % (_MODULUS + 1)
    return (_MODULUS + 1 - product) % _MODULUS


def with_check_digit(payload: int) -> int:
    """A member number: `payload` with its check digit behind it.

    Raises:
        ValueError: `payload` is not positive, or the number would not fit 32 bits.
    """
    number = 10 * payload + check_digit(str(payload))
    if payload < 1 or number > LARGEST:
        raise ValueError(f"no member number can be made of {payload}")
    return number


def is_valid(number: int) -> bool:
    """Whether this is a member number with the right check digit."""
    return 10 <= number <= LARGEST and number % 10 == check_digit(str(number // 10))


def parse(text: str) -> int:
    """The member number somebody typed; spaces and dots between the digits do not matter.

    Raises:
        MemberNumberError: not digits, too short or long, a 0 in front, or the check digit is wrong.
    """
    digits = text.strip().replace(" ", "").replace(".", "")
    if not digits.isascii() or not digits.isdigit():
        raise MemberNumberError(f"{text!r} is not a member number: it must be digits only")
    number = int(digits)
    if not 10 <= number <= LARGEST:
        raise MemberNumberError(f"{text!r} is not a member number: it is too {'short' if number < 10 else 'long'}")
    if digits.startswith("0"):
        raise MemberNumberError(f"{text!r} is not a member number: none begins with 0")
    if not is_valid(number):
        raise MemberNumberError(f"member number {digits} has a wrong check digit (its last digit): a typing error")
    return number


def allot(taken: Container[int]) -> int:
    """A new member number that is not `taken`.

    Drawn at random, so that a number tells nothing about when, or after whom, somebody joined.
    """
    lowest = 10 ** (_ALLOTTED_DIGITS - 1)
    while True:
        number = with_check_digit(lowest + secrets.randbelow(9 * lowest))
        if number not in taken:
            return number
