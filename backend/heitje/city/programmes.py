# SPDX-License-Identifier: EUPL-1.2
"""The programmes file: what the council voted, and who may attest in it.

    [[programme]]
    name = "Clean streets 2026"     # for people; never on the chain
    budget_euros = 25000
    from = "2026-01"
    to = "2026-12"
    attesters = ["0x…"]

With `number = 1` the table is about a programme that is open already: its budget is set, and attesters are added;
`dismiss = ["0x…"]` takes attesters away.
"""

import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from heitje.city.fields import FieldError, parse_address, parse_month

_FIELDS: Final = {"name", "number", "budget_euros", "from", "to", "attesters", "dismiss"}
_MOST_EUROS: Final = (2**48 - 1) // 100
_Value = TypeVar("_Value")


class ProgrammesError(ValueError):
    """The programmes file cannot be used. The message names the file and everything that is wrong."""


@dataclass(frozen=True)
class ProgrammeWish:
    """A programme as it shall be. The cap is in cents, months are `12 * year + (month - 1)`."""

    name: str
    number: int | None
    cap: int | None
    from_month: int | None
    to_month: int | None
    attesters: tuple[str, ...]
    dismiss: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OpenedProgramme:
    """A programme as it was opened on the chain."""

    number: int
    cap: int
    from_month: int
    to_month: int


def parse_programmes(text: str, file: str) -> list[ProgrammeWish]:
    """Reads a programmes file.

    Raises:
        ProgrammesError: no TOML (with line and column), or fields are missing, wrong or unknown.
    """
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ProgrammesError(f"{file}: not valid TOML: {error}") from error
    tables = document.get("programme")
    if set(document) != {"programme"} or not isinstance(tables, list) or not tables:
        raise ProgrammesError(f"{file}: it must hold tables that begin with [[programme]], and nothing else")
    wrong: list[str] = []
    wishes = [_wish(table, f"programme {index}", wrong) for index, table in enumerate(tables, 1)]
    if wrong:
        raise ProgrammesError("\n  ".join([f"{file}: {len(wrong)} things are wrong", *wrong]))
    return wishes


def _wish(table: Mapping[str, Any], where: str, wrong: list[str]) -> ProgrammeWish:
    wrong += [f"{where}: there is no field {name!r}" for name in table if name not in _FIELDS]
    number = table.get("number")
    needed = [] if number is not None else [name for name in ("budget_euros", "from", "to") if name not in table]
    wrong += [f"{where}: {name} is missing" for name in needed]
    if number is not None and ("from" in table or "to" in table):
        wrong.append(f"{where}: the months of a programme that is open cannot change; leave out from and to")
    if number is not None and (type(number) is not int or number < 1):
        wrong.append(f"{where}: number must be the number of a programme")
    euros = table.get("budget_euros")
    if euros is not None and (type(euros) is not int or not 0 <= euros <= _MOST_EUROS):
        wrong.append(f"{where}: budget_euros must be whole euros, such as 25000")
        euros = None
    months = [_each(parse_month, [table[name]], f"{where}: {name}", wrong) for name in ("from", "to") if name in table]
    first, last = ([m[0] if m else None for m in months] + [None, None])[:2]
    if first is not None and last is not None and first > last:
        wrong.append(f"{where}: from must not be after to")
    attesters, dismiss = (
        tuple(_each(parse_address, table.get(name, []), f"{where}: {name}", wrong)) for name in ("attesters", "dismiss")
    )
    return ProgrammeWish(
        str(table.get("name", "")), number, None if euros is None else 100 * euros, first, last, attesters, dismiss
    )


def _each(read: Callable[[str], _Value], items: Any, where: str, wrong: list[str]) -> list[_Value]:
    if not isinstance(items, list) or not all(isinstance(item, str) for item in items):
        wrong.append(f"{where} must be text in quotation marks, or a list of such")
        return []
    values = []
    for item in items:
        try:
            values.append(read(item))
        except FieldError as error:
            wrong.append(f"{where}: {error}")
    return values


def match_open(wishes: Sequence[ProgrammeWish], opened: Sequence[OpenedProgramme]) -> list[int | None]:
    """For each wish the number of the programme that is open already, or None where it must be opened.

    A programme has no name on the chain. One that was opened with the same budget and months is taken for the same, so
    that running a file again opens nothing twice; of two alike in one file each is matched with one on the chain.
    """
    free = list(opened)
    found: list[int | None] = []
    for wish in wishes:
        match = None
        for candidate in free:
            same = (candidate.cap, candidate.from_month, candidate.to_month) == (
                wish.cap,
                wish.from_month,
                wish.to_month,
            )
            if candidate.number == wish.number or (wish.number is None and same):
                match = candidate
                break
        if match:
            free.remove(match)
        found.append(match.number if match else None)
    return found
