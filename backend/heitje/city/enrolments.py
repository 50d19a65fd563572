# SPDX-License-Identifier: EUPL-1.2
"""The members file: who is to be enrolled. CSV with the columns member, class, address.

`member` may be empty: a number is allotted then. `class` is resident or merchant, or what the city calls them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from heitje.city.fields import FieldError, parse_address
from heitje.city.members import MemberNumberError, parse
from heitje.city.profile import ClassNames
from heitje.city.register import Register
from heitje.city.table import LineProblem, Row

COLUMNS: Final = ("member", "class", "address")
SYNONYMS: Final = {"lidnummer": "member", "lid": "member", "klasse": "class", "soort": "class", "adres": "address"}
CLASSES: Final = {"resident": 1, "merchant": 2}
_CLASS_WORDS: Final = {"inwoner": "resident", "ondernemer": "merchant", "winkel": "merchant", "shop": "merchant"}


@dataclass(frozen=True, slots=True)
class Wish:
    """One line: somebody to enrol. `number` is None where one must be allotted."""

    line: int
    number: int | None
    member_class: str
    address: str


def class_words(classes: ClassNames) -> dict[str, str]:
    """What a city calls residents and merchants, in any of its languages and in small letters, to what we call them."""
    return {text.casefold(): name for name in CLASSES for text in getattr(classes, name).values()}


def read_wishes(
    rows: Sequence[Row], words: Mapping[str, str] = MappingProxyType({})
) -> tuple[list[Wish], list[LineProblem]]:
    """Whom to enrol, and everything that cannot be read or stands in the file twice.

    Args:
        rows: of the table.
        words: the city's own, as `class_words` gives them.
    """
    wishes: list[Wish] = []
    problems: list[LineProblem] = []
    for row in rows:
        if row.misfit:
            problems.append(LineProblem(row.line, row.misfit))
            continue
        wish, wrong = _wish(row, {**_CLASS_WORDS, **words})
        problems += [LineProblem(row.line, text) for text in wrong]
        if wish:
            wishes.append(wish)
    return wishes, problems + _doubles(wishes)


def _wish(row: Row, words: Mapping[str, str]) -> tuple[Wish | None, list[str]]:
    wrong: list[str] = []
    number: int | None = None
    address = ""
    word = row.cells["class"].casefold()
    member_class = words.get(word, word)
    try:
        number = parse(row.cells["member"]) if row.cells["member"] else None
    except MemberNumberError as error:
        wrong.append(str(error))
    try:
        address = parse_address(row.cells["address"])
    except FieldError as error:
        wrong.append(str(error))
    if member_class not in CLASSES:
        wrong.append(f"{row.cells['class']!r} is not a class: {' or '.join(dict.fromkeys([*CLASSES, *words]))}")
    return (None if wrong else Wish(row.line, number, member_class, address)), wrong


def _doubles(wishes: Sequence[Wish]) -> list[LineProblem]:
    found: list[LineProblem] = []
    numbers: dict[int, int] = {}
    addresses: dict[str, int] = {}
    for wish in wishes:
        if wish.number is not None and numbers.setdefault(wish.number, wish.line) != wish.line:
            text = f"member number {wish.number} is in line {numbers[wish.number]} too"
            found.append(LineProblem(wish.line, text))
        if addresses.setdefault(wish.address, wish.line) != wish.line:
            text = f"address {wish.address} is in line {addresses[wish.address]} too; everybody needs their own"
            found.append(LineProblem(wish.line, text))
    return found


def register_problems(wishes: Sequence[Wish], register: Register) -> list[LineProblem]:
    """Where the file and the register contradict each other. The same member again is no contradiction."""
    found = []
    for wish in wishes:
        by_address = register.by_address(wish.address)
        by_number = register.get(wish.number) if wish.number is not None else by_address
        if by_number and by_number.is_erased:
            text = f"member number {wish.number} was erased, and is never given out again"
            found.append(LineProblem(wish.line, text))
        elif by_number and by_number.address != wish.address:
            text = f"member {wish.number} is in the register with another address; a new phone is a replacement"
            found.append(LineProblem(wish.line, text))
        elif by_address and wish.number is not None and by_address.number != wish.number:
            text = f"address {wish.address} is in the register as member {by_address.number}"
            found.append(LineProblem(wish.line, text))
        elif by_address and by_address.member_class != wish.member_class:
            text = f"member {by_address.number} is in the register as {by_address.member_class}"
            found.append(LineProblem(wish.line, text))
    return found
