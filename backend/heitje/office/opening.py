# SPDX-License-Identifier: EUPL-1.2
"""From what programme staff fill in to an activity as the registry takes it, and its public description."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from heitje.city.openings import COLUMNS, OPTIONAL, description_hash, read_openings
from heitje.city.profile import Profile
from heitje.city.table import Row

_NUMBERS: Final = ("programme", "month", "centsPerHour", "maxMinutes", "opensAt", "closesAt", "neighbourhood")


class CannotOpen(ValueError):
    """The activity cannot be opened as it was filled in; the columns that are wrong."""

    def __init__(self, columns: tuple[str, ...]) -> None:
        super().__init__(", ".join(columns))
        self.columns = columns


def opened(filled: Mapping[str, str], profile: Profile) -> tuple[dict[str, str], dict[str, Any]]:
    """The particulars of the act `open-activity`, and the description to publish.

    Args:
        filled: By the columns of an activities file.
        profile: Of the city.

    Raises:
        CannotOpen: Something is missing or wrong.
    """
    cells = {column: filled.get(column, "").strip() for column in (*COLUMNS, *OPTIONAL)}
    openings, problems = read_openings([Row(1, cells)], profile)
    if problems:
        raise CannotOpen(tuple(problem.text.partition(":")[0].partition(" ")[0] for problem in problems))
    (opening,) = openings
    struct = opening.struct
    particulars = {name: str(struct[name]) for name in _NUMBERS}
    particulars |= {"adult": "true" if struct["adult"] else "", "noDisplacement": "true"}
    return {**particulars, "description": "0x" + description_hash(opening.description).hex()}, opening.description
