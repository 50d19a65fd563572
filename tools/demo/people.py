# SPDX-License-Identifier: EUPL-1.2
"""Who lives and works in the demo city. All names are made up; all keys are new at each run and worth nothing."""

from __future__ import annotations

import csv
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from eth_account import Account
from eth_typing import HexStr

from tools.demo.place import Place

PASSPHRASE = "demo-passphrase-for-keys-without-value"  # noqa: S105  -- a clearly marked demo secret
_ROUNDS = 4096
"""Of the key derivation. Few, because these keys guard nothing and a day has many log-ins."""


@dataclass(frozen=True)
class Person:
    """Somebody with a key. Members have a number, and `called` is what the city calls them; officials have neither."""

    name: str
    role: str
    member: int | None = None
    called: str = ""
    key: str = field(default_factory=lambda: "0x" + secrets.token_hex(32), repr=False)

    @property
    def address(self) -> str:
        """EIP-55."""
        return str(Account.from_key(self.key).address)

    def entry(self) -> dict[str, object]:
        """As `demo.json` lists them."""
        return {
            "name": self.name,
            "role": self.role,
            "member": self.member,
            "address": self.address,
            "privateKey": self.key,
        }


class MembersUnreadable(ValueError):
    """The members file is not of the form it must have."""


class City:
    """All people of one run.

    Args:
        place: the city.
        members: CSV (`;` or `,`) with the columns member, class, name: everybody the registrar knows.

    Raises:
        MembersUnreadable: The file has not these columns, or no resident, or no shop.
    """

    def __init__(self, place: Place, members: Path) -> None:
        self.place = place
        self.officials = {alias: Person(name, alias.rstrip("2")) for alias, name in place.officials.items()}
        people = _read(members, place.class_words())
        self.residents = [person for person in people if person.role == "resident"]
        self.merchants = [person for person in people if person.role == "merchant"]
        if not self.residents or not self.merchants:
            raise MembersUnreadable(f"{members} must name residents and merchants.")

    @property
    def members(self) -> list[Person]:
        """Everybody with a member number."""
        return [*self.residents, *self.merchants]

    def everyone(self) -> list[Person]:
        """Officials and members."""
        return [*self.officials.values(), *self.members]

    def write_keyfiles(self, folder: Path) -> None:
        """One keyfile per official, as ape keeps them."""
        folder.mkdir(parents=True, exist_ok=True)
        for alias, person in self.officials.items():
            keyfile = Account.encrypt(HexStr(person.key), PASSPHRASE, kdf="pbkdf2", iterations=_ROUNDS)
            path = folder / f"{alias}.json"
            path.touch(mode=0o600)
            path.write_text(json.dumps(keyfile))

    def write_members(self, path: Path) -> None:
        """The file the registrar enrols from: no names, only numbers, classes as the city calls them, and addresses."""
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, delimiter=";")
            writer.writerow(["member", "class", "address"])
            writer.writerows([person.member, person.called, person.address] for person in self.members)


def _read(members: Path, classes: Mapping[str, str]) -> list[Person]:
    text = members.read_text(encoding="utf-8-sig")
    separator = ";" if ";" in text.partition("\n")[0] else ","
    try:
        rows = list(csv.DictReader(text.splitlines(), delimiter=separator))
        return [
            Person(row["name"], classes.get(row["class"].casefold(), row["class"]), int(row["member"]), row["class"])
            for row in rows
        ]
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise MembersUnreadable(f"{members} must have the columns member, class and name ({error!r}).") from error
