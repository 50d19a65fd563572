# SPDX-License-Identifier: EUPL-1.2
"""The officials file: which addresses hold which role when a city is deployed.

    [roles]
    admin = ["0x…"]
    treasurer = ["0x…", "0x…"]

Every role needs at least one member, treasurer two: who locks a redemption does not settle it.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import Any, Final

from heitje.city.fields import FieldError, parse_address
from heitje.city.roles import OFFICES, SEPARATE, Role

_LEAST: Final = {Role.TREASURER: 2}


class OfficialsError(ValueError):
    """The officials file cannot be used. The message names the file and everything that is wrong."""


@dataclass(frozen=True)
class Officials:
    """Members by role, EIP-55, in the order of the file."""

    members: Mapping[Role, tuple[str, ...]]

    def roles_of(self, address: str) -> list[Role]:
        """The roles an address holds."""
        return [role for role, members in self.members.items() if address in members]


def parse_officials(text: str, file: str) -> Officials:
    """Reads an officials file.

    Raises:
        OfficialsError: no TOML (with line and column), unknown or missing roles, wrong addresses, too few members, or
            somebody in two roles of which one checks the other.
    """
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise OfficialsError(f"{file}: not valid TOML: {error}") from error
    roles = document.get("roles")
    if not isinstance(roles, dict) or set(document) != {"roles"}:
        raise OfficialsError(f'{file}: it must hold one table, [roles], with lines such as admin = ["0x…"]')
    wrong: list[str] = []
    members: dict[Role, tuple[str, ...]] = {
        role: _members(role, roles.get(role.name.lower(), []), wrong) for role in OFFICES
    }
    names = {role.name.lower() for role in OFFICES}
    wrong += [
        f"there is no role {name!r}; the roles are {', '.join(sorted(names))}" for name in roles if name not in names
    ]
    for one, other in SEPARATE:
        both = sorted(set(members[one]) & set(members[other]))
        wrong += [f"{address} is {one.name} and {other.name}; one checks the other" for address in both]
    if wrong:
        raise OfficialsError("\n  ".join([f"{file}: {len(wrong)} things are wrong", *wrong]))
    return Officials(members)


def _members(role: Role, value: Any, wrong: list[str]) -> tuple[str, ...]:
    name = role.name.lower()
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        wrong.append(f'{name} must be a list of addresses: {name} = ["0x…"]')
        return ()
    found: list[str] = []
    for item in value:
        try:
            found.append(parse_address(item))
        except FieldError as error:
            wrong.append(f"{name}: {error}")
    if any(one == other for one, other in combinations(found, 2)):
        wrong.append(f"{name}: an address stands there twice")
    least = _LEAST.get(role, 1)
    if len(set(value)) < least:
        wrong.append(f"{name} needs at least {least} {'different addresses' if least > 1 else 'address'}")
    return tuple(found)
