# SPDX-License-Identifier: EUPL-1.2
"""From rows of a table to claims: this person, this activity, so many minutes. What cannot be read is a problem."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from eth_utils.address import is_checksum_address

from heitje.city.members import MemberNumberError, is_valid, parse
from heitje.city.table import Row
from heitje.reports.problems import Fault, Problem

COLUMNS: Final = ("activity", "resident", "minutes", "evidence")
SYNONYMS: Final = {
    "activiteit": "activity",
    "inwoner": "resident",
    "deelnemer": "resident",
    "minuten": "minutes",
    "bewijs": "evidence",
}
LARGEST_MINUTES: Final = 2**16 - 1


@dataclass(frozen=True, slots=True)
class Claim:
    """One readable line. `resident` is a member number, or an address as it was written."""

    line: int
    activity: int
    resident: int | str
    minutes: int
    evidence: str

    @property
    def name(self) -> str:
        """The resident as the file names them."""
        return f"member {self.resident}" if isinstance(self.resident, int) else f"address {self.resident}"


def read_claims(rows: Sequence[Row]) -> tuple[list[Claim], list[Problem]]:
    """The claims in a table, and everything that cannot be read. A row that has a problem gives no claim."""
    claims: list[Claim] = []
    problems: list[Problem] = []
    for row in rows:
        found = _row_problems(row)
        problems += found
        if not found:
            cells = row.cells
            claims.append(
                Claim(
                    row.line,
                    int(cells["activity"]),
                    _resident(cells["resident"]),
                    int(cells["minutes"]),
                    unicodedata.normalize("NFC", cells.get("evidence", "")),
                )
            )
    return claims, problems


def _row_problems(row: Row) -> list[Problem]:
    if row.misfit:
        return [Problem(row.line, Fault.CELLS, row.misfit)]
    found = []
    activity, minutes = row.cells["activity"], row.cells["minutes"]
    if not _is_whole(activity) or int(activity) == 0:
        found.append(Problem(row.line, Fault.ACTIVITY_UNREADABLE, f"{activity!r} is not the number of an activity"))
    resident = _resident_problem(row.line, row.cells["resident"])
    if resident:
        found.append(resident)
    if not _is_whole(minutes):
        text = f"{minutes!r} is not a whole number of minutes" if minutes else "the minutes are missing"
        found.append(Problem(row.line, Fault.MINUTES_UNREADABLE, text))
    elif int(minutes) > LARGEST_MINUTES:
        found.append(Problem(row.line, Fault.MINUTES_UNREADABLE, f"{minutes} minutes is more than anybody can do"))
    return found


def _is_whole(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 18


def _resident(text: str) -> int | str:
    return text if text[:2].lower() == "0x" else parse(text)


def _resident_problem(line: int, text: str) -> Problem | None:
    if not text:
        return Problem(line, Fault.RESIDENT_UNREADABLE, "the resident is missing: a member number or an address")
    if text[:2].lower() == "0x":
        return _address_problem(line, text)
    try:
        parse(text)
    except MemberNumberError as error:
        digits = text.replace(" ", "").replace(".", "")
        typo = digits.isascii() and digits.isdigit() and 10 <= int(digits) < 2**32 and not is_valid(int(digits))
        return Problem(line, Fault.RESIDENT_CHECKSUM if typo else Fault.RESIDENT_UNREADABLE, str(error))
    return None


def _address_problem(line: int, text: str) -> Problem | None:
    """EIP-55: an address all in lower or all in upper case has no checksum; any other must have the right one."""
    digits = text[2:]
    if len(digits) != 40 or any(c not in "0123456789abcdefABCDEF" for c in digits):
        return Problem(line, Fault.RESIDENT_UNREADABLE, f"{text!r} is not an address: it must be 0x and 40 digits")
    if digits in (digits.lower(), digits.upper()) or is_checksum_address("0x" + digits):
        return None
    return Problem(
        line, Fault.RESIDENT_CHECKSUM, f"address {text} has a wrong checksum (its capitals, EIP-55): a typing error"
    )
